import AdminProtocol
import AdminServer
import Administration
import Synchronization
import Testing

@Suite("Pushes on the command line")
struct PushCommandTests {
    private static func run(_ test: TestServer, _ arguments: String...) async throws -> Program.Outcome {
        try await Program.run(try Program.yizhan, arguments, environment: ["YIZHAN_ADMIN_SOCKET": test.path])
    }

    @Test func `lanes are listed page after page, or one account's`() async throws {
        try await TestServer.run { test in
            let all = try await Self.run(test, "push", "list", "--json")
            #expect(all.status == 0, "\(all.errors)")
            let lanes = try JSONNode(all.output)["lanes"].array
            #expect(lanes.map { $0["account"].string } == ["J10003", "J10004"])
            #expect(lanes.first?["waiting"].integer == 12)
            #expect(lanes.first?["requests"].integer == 1003)
            #expect(lanes.first?["answer"].string == "HTTP 503")
            let one = try await Self.run(test, "push", "list", "J10003")
            #expect(one.status == 0)
            #expect(one.output.contains("failing"))
            #expect(one.output.contains("2024-07-09 12:00:00"))
            #expect(!one.output.contains("J10004"))
        }
    }

    @Test func `a replay names an account and two times`() async throws {
        try await TestServer.run { test in
            let outcome = try await Self.run(
                test, "push", "replay", "j10003", "--from", "2024-07-09 12:00:00", "--to", "1720497601000", "--kind",
                "reports", "--json")
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output == "{\"reports\":7,\"replies\":0}\n")
            let replay = try #require(test.handler.state.withLock { $0.lastReplay })
            #expect(replay.account == "j10003")
            #expect(replay.fromMs == 1_720_497_600_000)
            #expect(replay.toMs == 1_720_497_601_000)
            #expect(replay.kind == "reports")
        }
    }

    private static let senseless = [
        ["push", "replay", "J10003"], ["push", "replay", "J10003", "--from", "2024-07-09 12:00:00"],
        ["push", "replay", "J10003", "--from", "yesterday", "--to", "2024-07-09 12:00:00"],
        ["push", "replay", "J10003", "--from", "2024-07-09 12:00:01", "--to", "2024-07-09 12:00:00"],
        ["push", "replay", "J10003", "--from", "2024-07-09 12:00:00", "--to", "2024-07-09 12:00:00", "--kind", "x"],
        ["push", "list", "NO/ID"], ["account", "set", "J10003", "--push-report", "ftp://a"],
        ["account", "set", "J10003", "--push-dialect", "yixintong"],
        ["account", "set", "J10003", "--push-format", "xml"],
    ]

    @Test func `arguments that make no sense are refused before anything is asked`() async throws {
        try await TestServer.run { test in
            for arguments in Self.senseless {
                let outcome = try await Program.run(
                    try Program.yizhan, arguments, environment: ["YIZHAN_ADMIN_SOCKET": test.path])
                #expect(outcome.status == 64, "\(arguments): \(outcome.errors)")
            }
            #expect(test.handler.state.withLock { $0.begun } == 0)
        }
    }

    @Test func `an account's push settings travel, and an empty address ends them`() async throws {
        try await TestServer.run { test in
            let outcome = try await Self.run(
                test, "account", "set", "J10003", "--push-report", "https://a.example/r", "--push-reply", "",
                "--push-dialect", "guodu", "--push-format", "json", "--allow-private-push")
            #expect(outcome.status == 0, "\(outcome.errors)")
            let settings = try #require(test.handler.state.withLock { $0.lastSettings })
            #expect(settings["push_report"] == .text("https://a.example/r"))
            #expect(settings["push_reply"] == .text(""))
            #expect(settings["push_dialect"] == .text("guodu"))
            #expect(settings["push_format"] == .text("json"))
            #expect(settings["allow_private_push"] == .flag(true))
            _ = try await Self.run(test, "account", "set", "J10003", "--no-allow-private-push")
            let others = try #require(test.handler.state.withLock { $0.lastSettings })
            #expect(others["allow_private_push"] == .flag(false))
            #expect(others["push_report"] == nil)
        }
    }
}
