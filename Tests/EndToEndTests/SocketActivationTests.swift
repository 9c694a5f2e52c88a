import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// Started as systemd starts it: with listening sockets that somebody else opened.
    @Suite struct SocketActivationTests {
        /// The variable with the process's own number can only be set by the process itself.
        private static func serve(
            _ names: String, _ sockets: [Socket], in directory: TemporaryDirectory, _ arguments: [String] = []
        ) throws -> ChildProcess {
            let serve = [ChildProcess.program, "serve", "--state", directory.path("state")] + arguments
            return try ChildProcess(
                ["-c", "LISTEN_PID=$$; export LISTEN_PID; exec \"$@\"", "sh"] + serve, name: "serve", in: directory,
                environment: ["LISTEN_FDS": "\(sockets.count)", "LISTEN_FDNAMES": names], running: "/bin/sh",
                inheriting: sockets.map(\.descriptor))
        }

        /// As `yizhan-admin.socket` opens it.
        private static func adminSocket(at path: String) throws -> Socket {
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { throw Socket.Failure("socket") }
            let made = Socket(adopting: descriptor)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let bound = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            guard bound == 0, listen(descriptor, 16) == 0 else { throw Socket.Failure("bind \(path)") }
            return made
        }

        @Test(arguments: [["front", "callback", "admin"], ["admin", "callback", "front"]])
        func `each listener is the socket of its name, and who connected before the start is answered`(
            order: [String]
        ) async throws {
            let directory = try TemporaryDirectory()
            let (front, frontPort) = try Socket.listening()
            let (callback, callbackPort) = try Socket.listening()
            let admin = try Self.adminSocket(at: directory.path("own.sock"))
            let sockets = ["front": front, "callback": callback, "admin": admin]
            let early = try HTTPClient(port: frontPort)
            try early.socket.send(HTTPClient.request("GET", "/sms/v2/std/get_balance"))
            let earlyPush = try HTTPClient(port: callbackPort)
            try earlyPush.socket.send(HTTPClient.request("POST", "/callback/x/y", body: []))
            // Addresses of its own would be others; they are not used.
            let process = try Self.serve(
                order.joined(separator: ":"), order.compactMap { sockets[$0] }, in: directory,
                [
                    "--listen", "front=127.0.0.1:0", "--listen", "callback=127.0.0.1:0", "--admin-socket",
                    directory.path("unused.sock"),
                ])
            let lines = try await process.waitUntilReady()
            #expect(try ChildProcess.port(of: "front", in: lines) == frontPort)
            #expect(try ChildProcess.port(of: "callback", in: lines) == callbackPort)
            // Customers are answered in their dialect on the one, carriers on the other.
            #expect(try early.nextAnswer().text.contains("\"result\":-100"))
            #expect(try earlyPush.nextAnswer().status == 404)
            let crossed = try HTTPClient(port: callbackPort).perform("GET", "/sms/v2/std/get_balance")
            #expect(crossed.status == 404)
            #expect(!FileManager.default.fileExists(atPath: directory.path("unused.sock")))
            let status = try await yizhan(
                ["status", "--json"], environment: ["YIZHAN_ADMIN_SOCKET": directory.path("own.sock")])
            #expect(status.exitCode == 0, "\(status.errorOutput)")
            process.signal(SIGTERM)
            #expect(try await process.waitForExit() == 0)
        }

        @Test func `a listener without a socket of its name opens its own`() async throws {
            let directory = try TemporaryDirectory()
            let (front, frontPort) = try Socket.listening()
            let process = try Self.serve(
                "front", [front], in: directory,
                ["--listen", "callback=127.0.0.1:0", "--admin-socket", directory.path("admin.sock")])
            let lines = try await process.waitUntilReady()
            #expect(try ChildProcess.port(of: "front", in: lines) == frontPort)
            let callbackPort = try ChildProcess.port(of: "callback", in: lines)
            #expect(try HTTPClient(port: callbackPort).perform("POST", "/callback/x/y", body: []).status == 404)
            process.signal(SIGTERM)
            #expect(try await process.waitForExit() == 0)
        }
    }
}
