import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// More connections than there are descriptors or places.
    @Suite struct ConnectionLimitTests {
        /// A command of a shell with these limits of descriptors; it becomes the program.
        private func limited(
            soft: Int, hard: Int, _ arguments: [String], name: String, in directory: TemporaryDirectory,
            environment: [String: String] = [:]
        ) throws -> ChildProcess {
            try ChildProcess(
                ["-c", "ulimit -Sn \(soft) && ulimit -Hn \(hard) && exec \"$0\" \"$@\"", ChildProcess.program]
                    + arguments,
                name: name, in: directory, environment: environment, running: "/bin/sh")
        }

        private func serve(_ directory: TemporaryDirectory) -> [String] {
            [
                "serve", "--state", directory.path("state"), "--listen", "front=127.0.0.1:0", "--listen",
                "callback=127.0.0.1:0", "--admin-socket", directory.path("admin.sock"),
            ]
        }

        @Test func `settings that need more descriptors than there are do not start`() async throws {
            let directory = try TemporaryDirectory()
            let process = try limited(soft: 500, hard: 2000, serve(directory), name: "serve", in: directory)
            #expect(try await process.waitForExit() != 0)
            let said = process.errorOutput
            #expect(said.contains("http.connections_max 10000"))
            #expect(said.contains("callback.connections_max 1000"))
            #expect(said.contains("2000"))
            #expect(!FileManager.default.fileExists(atPath: directory.path("state/yizhan.sqlite")))
        }

        @Test func `with every place taken commands and customers still get in`() async throws {
            let directory = try TemporaryDirectory()
            let environment = [
                "YIZHAN_HTTP_CONNECTIONS_MAX": "200", "YIZHAN_HTTP_CONNECTIONS_PER_ADDRESS_MAX": "1000",
                "YIZHAN_CALLBACK_CONNECTIONS_MAX": "20", "YIZHAN_HTTP_FIRST_BYTE_TIMEOUT": "10m",
            ]
            let process = try limited(
                soft: 64, hard: 830, serve(directory), name: "serve", in: directory, environment: environment)
            let port = try ChildProcess.port(of: "front", in: try await process.waitUntilReady())
            let admin = ["YIZHAN_ADMIN_SOCKET": directory.path("admin.sock")]
            // More than the listener serves.
            var crowd: [Socket] = []
            for _ in 0..<600 { crowd.append(try Socket.connected(to: port)) }
            let added = try await yizhan(
                ["account", "add", "J10003", "--api-password", "Vq7-kettle-31", "--price", "0", "--balance", "10"],
                environment: admin)
            #expect(added.exitCode == 0, "\(added.errorOutput)")
            let customer = Customer(account: "J10003", password: "Vq7-kettle-31", port: port)
            try await eventually("a place for a customer") {
                (try? customer.call("get_balance", [:]))?.text.contains("\"result\":0") ?? false
            }
            #expect(try await yizhan(["status", "--json"], environment: admin).json()["pid"] != nil)
            crowd = []
            process.signal(SIGTERM)
            #expect(try await process.waitForExit() == 0)
        }

        @Test func `a listener without descriptors pauses instead of spinning`() async throws {
            let directory = try TemporaryDirectory()
            let process = try limited(
                soft: 40, hard: 40, ["simulate", "--listen", "127.0.0.1:0"], name: "carrier", in: directory)
            let lines = try await process.waitUntilReady()
            let port = try #require(lines.first?.split(separator: ":").last.flatMap { UInt16($0) })
            var crowd: [Socket] = []
            for _ in 0..<80 { crowd.append(try Socket.connected(to: port)) }
            try await eventually("the warning") { process.errorOutput.contains("connections cannot be accepted") }
            let start = ContinuousClock.now
            let before = try Self.processorTime(of: process.pid)
            try await Task.sleep(for: .seconds(2))
            let used = try Self.processorTime(of: process.pid) - before
            // A spinning loop uses all of it. A slow machine only lowers the figure.
            #expect(used < (ContinuousClock.now - start) / 4, "\(used)")
            crowd = []
            try await eventually("an answer") {
                let client = try? HTTPClient(port: port)
                return (try? client?.perform("GET", "/simulator/stats"))?.status == 200
            }
        }

        private static func processorTime(of pid: pid_t) throws -> Duration {
            let text = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
            let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
            let ticks = try [12, 13].reduce(0) { sum, place in sum + (try #require(Int(fields[place]))) }
            return .milliseconds(ticks * 1000 / sysconf(Int32(_SC_CLK_TCK)))
        }
    }
}
