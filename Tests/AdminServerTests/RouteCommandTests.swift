import AdminProtocol
import AdminServer
import Administration
import Foundation
import Synchronization
import Testing

@Suite("The route commands against a running appliance")
struct RouteCommandTests {
    private static func run(_ test: TestServer, _ arguments: [String]) async throws -> Program.Outcome {
        try await Program.run(
            try Program.yizhan, ["route"] + arguments, environment: ["YIZHAN_ADMIN_SOCKET": test.path])
    }

    @Test func `a route is added with all its settings, and set with what is given`() async throws {
        try await TestServer.run { test in
            let add = try await Self.run(
                test,
                [
                    "add", "vip", "--channel", "a:5", "--channel", "b", "--account", "j10003,J10004", "--carrier",
                    "mobile,unicom", "--carrier", "broadnet", "--prefix", "1380,1381", "--prefix", "00852",
                    "--priority", "-2", "--retry-on", "MK:0001,UNDELIV",
                ])
            #expect(add.status == 0, "\(add.errors)")
            let settings = try #require(test.handler.routes.state.withLock { $0.settings })
            #expect(settings["channels"] == .list(["a:5", "b"]))
            #expect(settings["accounts"] == .list(["j10003", "J10004"]))
            #expect(settings["networks"] == .list(["mobile", "unicom", "broadnet"]))
            #expect(settings["prefixes"] == .list(["1380", "1381", "00852"]))
            #expect(settings["priority"] == .integer(-2))
            #expect(settings["retry_on"] == .list(["MK:0001", "UNDELIV"]))
            let set = try await Self.run(test, ["set", "vip", "--account", "any", "--retry-on", "none"])
            #expect(set.status == 0, "\(set.errors)")
            let second = try #require(test.handler.routes.state.withLock { $0.settings })
            #expect(second.map(\.key) == ["accounts", "retry_on"])
            #expect(second["accounts"] == .list([]) && second["retry_on"] == .list([]))
        }
    }

    @Test func `routes are shown for people and for programs`() async throws {
        try await TestServer.run { test in
            for arguments in [["list"], ["show", "vip"], ["enable", "vip"], ["disable", "vip"], ["remove", "vip"]] {
                let outcome = try await Self.run(test, arguments)
                #expect(outcome.status == 0, "\(outcome.errors)")
                #expect(outcome.output.contains("vip") && outcome.output.contains("a:5"))
            }
            let json = try JSONNode(try await Self.run(test, ["list", "--json"]).output)
            let route = try #require(json["routes"].array.first)
            #expect(route["priority"].integer == -2)
            #expect(route["channels"].array.map { $0["channel"].string } == ["a", "b"])
            #expect(route["channels"].array[0]["priority"].integer == 5)
            #expect(route["retry_on"].array.map(\.string) == ["MK:0001"])
        }
    }

    @Test func `an explanation names the number's network, the route, and every channel's verdict`() async throws {
        try await TestServer.run { test in
            let text = try await Self.run(test, ["explain", "J10003", "13800138000"])
            #expect(
                text.output == """
                    account      J10003
                    number       13800138000
                    network      unicom, by portability
                    route        vip, for account J10003, prefix 1380
                    passed over  night: all channels are off
                    goes to      b

                    CHANNEL  VERDICT                      PRIORITY  WEIGHT  QUEUED
                    a        failing: connection refused         0       3       0
                    b        chosen                              0       3       0
                    c        not in route                        0       3       0

                    """)
            let json = try JSONNode(try await Self.run(test, ["explain", "J10003", "13800138000", "--json"]).output)
            #expect(json["channel"].string == "b")
            #expect(json["outcome"].string == "channel")
            #expect(json["channels"].array.map { $0["verdict"].string } == ["failing", "chosen", "not-in-route"])
        }
    }

    @Test func `ported numbers are read from a file, all of it or nothing`() async throws {
        try await TestServer.run { test in
            let file = FileManager.default.temporaryDirectory.appending(path: "ported-\(UUID().uuidString).csv").path
            defer { try? FileManager.default.removeItem(atPath: file) }
            let lines = (0..<25_000).map { "\(13_800_000_000 + $0),unicom" }
            let text = "\u{FEFF}\"number\",\"carrier\"\r\n" + lines.joined(separator: "\r\n") + "\r\n"
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            let outcome = try await Self.run(test, ["ported", "import", file])
            #expect(outcome.output == "25000 changed, 25000 ported numbers\n", "\(outcome.errors)")
            #expect(test.handler.routes.state.withLock { $0.requests } == 2)
            try "13800138000,unicom\n13800138001,pigeon\n".write(toFile: file, atomically: true, encoding: .utf8)
            let bad = try await Self.run(test, ["ported", "import", file])
            #expect(bad.status == 1)
            #expect(bad.errors.contains("Line 2 of \(file)"))
            #expect(test.handler.routes.state.withLock { $0.requests } == 2)
            #expect(try await Self.run(test, ["ported", "import", "/nonexistent/file"]).status == 1)
            let list = try await Self.run(test, ["ported", "list"])
            #expect(list.output == "NUMBER       NETWORK\n13800138000  unicom\n13800138001  unicom\n")
        }
    }

    @Test(arguments: [
        ["add", "x"], ["add", "x", "--channel", ":5"], ["add", "x", "--channel", "a:high"],
        ["add", "x", "--channel", "a", "--prefix", "0138"], ["add", "x", "--channel", "a", "--carrier", "pigeon"],
        ["add", "x", "--channel", "a", "--account", "TOO/LONG"], ["set", "x"], ["explain", "J10003"],
        ["ported", "add", "13800138000", "international"], ["ported", "add", "0085212345678", "unicom"],
        ["ported", "remove"],
    ])
    func `wrong arguments are a sentence and exit 64`(_ arguments: [String]) async throws {
        let outcome = try await Program.run(
            try Program.yizhan, ["route"] + arguments, environment: ["YIZHAN_ADMIN_SOCKET": "/nonexistent/socket"])
        #expect(outcome.status == 64, "\(outcome.errors)")
        #expect(outcome.errors.hasPrefix("Error: "))
    }
}
