import AdminProtocol
import Foundation
import Testing

@Suite("The client, when all is not well")
struct AdminClientTests {
    private final class Folder {
        let path: String

        init() throws {
            path = FileManager.default.temporaryDirectory.appending(path: "admin-\(UUID().uuidString)").path
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func socket(listening: Bool) throws -> (path: String, descriptor: Int32) {
            let file = path + "/socket"
            let address = try #require(sockaddr_un(path: file))
            let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            #expect(address.withSocketAddress { bind(descriptor, $0, $1) } == 0)
            if listening { #expect(listen(descriptor, 1) == 0) }
            return (file, descriptor)
        }
    }

    private static func failure(_ path: String, timeout: Duration = .seconds(10)) -> AdminClientError? {
        #expect(throws: AdminClientError.self) { _ = try AdminClient(path: path, software: "test", timeout: timeout) }
    }

    @Test func `a socket that is not there is named`() throws {
        let folder = try Folder()
        let failure = Self.failure(folder.path + "/none")
        #expect(
            failure?.description.hasPrefix("cannot connect to \(folder.path)/none: there is no such socket") == true)
    }

    @Test func `a socket that nobody listens on is named`() throws {
        let folder = try Folder()
        let (path, descriptor) = try folder.socket(listening: false)
        close(descriptor)
        #expect(Self.failure(path)?.description.contains("no process listens on it") == true)
    }

    @Test func `a path too long for a socket is named`() {
        let path = "/" + String(repeating: "x", count: 200)
        #expect(Self.failure(path) == .cannotConnect(socket: path, reason: "a socket's path has 1 to 107 bytes"))
    }

    @Test func `a server that says nothing is given up`() throws {
        let folder = try Folder()
        let (path, descriptor) = try folder.socket(listening: true)
        defer { close(descriptor) }
        let reason = "no answer came in time; does the service run? (systemctl status yizhan, journalctl -u yizhan)"
        #expect(Self.failure(path, timeout: .milliseconds(50)) == .cannotConnect(socket: path, reason: reason))
    }

    @Test(arguments: [
        ([0xFF, 0xFF, 0xFF, 0xFF], "a frame of 4294967295 bytes is longer than 1048576"),
        ([0, 0, 0, 1, 0xFF], "a frame does not hold an envelope"),
        ([0, 0, 0, 4, 0x08, 0x07, 0x1A, 0x00], "the answer belongs to another request"),
        ([0, 0, 0, 4, 0x08, 0x01, 0x2A, 0x00], "the answer to hello is not a welcome"),
    ])
    func `an answer that is not the protocol is called so`(_ answer: [UInt8], _ reason: String) throws {
        let folder = try Folder()
        let (path, descriptor) = try folder.socket(listening: true)
        let server = Thread {
            let connection = accept(descriptor, nil, nil)
            send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
            var rest = [UInt8](repeating: 0, count: 1024)
            while recv(connection, &rest, rest.count, 0) > 0 {}
            close(connection)
            close(descriptor)
        }
        server.start()
        #expect(Self.failure(path) == .protocolViolation(reason: reason))
    }
}
