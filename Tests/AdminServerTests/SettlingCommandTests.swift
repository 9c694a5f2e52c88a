import AdminProtocol
import AdminServer
import Administration
import Synchronization
import Testing

@Suite("Settling and replaying on the command line")
struct SettlingCommandTests {
    private static func run(_ test: TestServer, _ arguments: String...) async throws -> Program.Outcome {
        try await Program.run(try Program.yizhan, arguments, environment: ["YIZHAN_ADMIN_SOCKET": test.path])
    }

    @Test(arguments: [("0", 3, false), ("100", 3, false), ("2", 2, true), ("1", 1, true)])
    func `a list follows pages, also empty ones, up to its limit`(
        limit: String, count: Int, isCut: Bool
    ) async throws {
        try await TestServer.run { test in
            let outcome = try await Self.run(
                test, "message", "list", "--state", "uncertain", "--limit", limit, "--json")
            #expect(outcome.status == 0, "\(outcome.errors)")
            let messages = try JSONNode(outcome.output)["messages"].array
            #expect(messages.map { $0["msgid"].integer } == Array([7, 9, 10].prefix(count)))
            #expect(messages.first?["state"].string == "uncertain")
            #expect(messages.first?["reason"].string == "closed")
            #expect(outcome.errors.contains("there may be more") == isCut)
        }
    }

    @Test func `what could not be settled is named, and the exit code tells`() async throws {
        try await TestServer.run { test in
            let mixed = try await Self.run(test, "message", "settle", "7", "8", "--as", "failed")
            #expect(mixed.status == 1)
            #expect(mixed.output == "1 settled as failed\n")
            #expect(mixed.errors == "yizhan: 8: it is delivered, not uncertain\n")
            let good = try await Self.run(test, "message", "settle", "7", "--as", "resend", "--json")
            #expect(good.status == 0)
            #expect(good.output == "{\"settled\":1,\"refused\":[]}\n")
            let all = try await Self.run(test, "message", "settle", "--channel", "sim", "--all", "--as", "delivered")
            #expect(all.status == 0)
            #expect(all.output == "15 settled as delivered\n")
        }
    }

    private static let senseless = [
        ["message", "settle", "--as", "failed"], ["message", "settle", "7"],
        ["message", "settle", "7", "--as", "lost"], ["message", "settle", "7", "--all", "--as", "failed"],
        ["message", "settle", "--channel", "sim", "--as", "failed"], ["message", "settle", "--all", "--as", "failed"],
        ["message", "settle", "7", "--channel", "sim", "--as", "failed"], ["message", "settle", "0", "--as", "failed"],
        ["message", "list", "--state", "uncertain", "--day", "2026-11-21"], ["message", "list", "--state", "lost"],
        ["message", "list", "--day", "2026-02-30"], ["message", "list", "--number", "12"],
        ["message", "list", "--channel", "sim"], ["inbound", "replay"],
        ["inbound", "replay", "R1", "--all"], ["inbound", "replay", "X1"],
        ["inbound", "replay", "R1", "--kind", "body"],
        ["inbound", "show"], ["inbound", "list", "--kind", "thing"], ["inbound", "list", "--state", "lost"],
        ["channel", "set", "sim", "--uncertain", "drop"], ["channel", "set", "sim", "--uncertain-after", "100ms"],
        ["channel", "set", "sim", "--uncertain-after", "73h"],
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

    @Test func `a channel's rule travels`() async throws {
        try await TestServer.run { test in
            let outcome = try await Self.run(
                test, "channel", "set", "sim", "--uncertain", "resend", "--uncertain-after", "45m")
            #expect(outcome.status == 0, "\(outcome.errors)")
            let settings = try #require(test.handler.state.withLock { $0.lastChannel })
            #expect(settings["uncertain"] == .text("resend"))
            #expect(settings["uncertain_after_seconds"] == .integer(2700))
            _ = try await Self.run(test, "channel", "set", "sim", "--priority", "3")
            let others = try #require(test.handler.state.withLock { $0.lastChannel })
            #expect(others["uncertain"] == nil)
            #expect(others["uncertain_after_seconds"] == nil)
        }
    }

    @Test func `a body is fetched piece by piece`() async throws {
        try await TestServer.run { test in
            #expect(try await Self.run(test, "inbound", "show", "b3", "--raw").output == "0123456789")
            let shown = try await Self.run(test, "inbound", "show", "B3", "--json")
            #expect(try JSONNode(shown.output)["body"].string == "0123456789")
            let text = try await Self.run(test, "inbound", "show", "B3")
            #expect(text.output.hasSuffix("\n\n0123456789\n"))
        }
    }

    @Test func `replaying all goes on to the end`() async throws {
        try await TestServer.run { test in
            let all = try await Self.run(test, "inbound", "replay", "--all", "--kind", "report")
            #expect(all.output == "2 of 2 settled, 0 left\n")
            let some = try await Self.run(test, "inbound", "replay", "R1", "M2", "B3", "--json")
            #expect(some.output == "{\"tried\":3,\"settled\":3,\"parked\":0,\"left\":[]}\n")
        }
    }
}
