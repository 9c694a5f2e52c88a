import AdminProtocol
import AdminServer
import Administration
import Engine
import Messaging
import Synchronization
import Testing

/// What the administration tells the operator of a real engine.
struct OperatorWordsTests {
    private static func refusal(_ bridge: TestBridge, _ call: AdminRequest.OneOf_Call) async -> String {
        do {
            _ = try await bridge.handle(call)
            return ""
        } catch {
            return error.message
        }
    }

    private static func add(_ id: String, key: String? = nil, client: String? = nil) -> AdminRequest.OneOf_Call {
        var add = AdminAccountAdd()
        add.id = id
        add.settings["api_password"] = .text("111111")
        add.settings["allow_weak_password"] = .flag(true)
        if let key { add.settings["api_key"] = .text(key) }
        if let client { add.settings["client_id"] = .text(client) }
        return .accountAdd(add)
    }

    @Test func `what is taken is named`() async throws {
        try await RouteBridgeTests.with { bridge in
            #expect(
                await Self.refusal(bridge, Self.add("j10003"))
                    == "There is an account J10003 already: change it with yizhan account set J10003.")
            #expect(await Self.refusal(bridge, Self.add("A", key: "k", client: "c")).isEmpty)
            #expect(
                await Self.refusal(bridge, Self.add("B", key: "k"))
                    == "There is an account with this API key already.")
            #expect(
                await Self.refusal(bridge, Self.add("B", client: "c"))
                    == "There is an account with the client id c already.")
            var set = AdminAccountSet()
            set.id = "J10003"
            set.settings["client_id"] = .text("c")
            #expect(
                await Self.refusal(bridge, .accountSet(set)) == "There is an account with the client id c already.")
        }
    }

    @Test func `a balance that cannot be taken is told in figures`() async throws {
        try await RouteBridgeTests.with { bridge in
            var recharge = AdminAccountRecharge()
            recharge.id = "J10003"
            recharge.amountUnits = 5_000_000
            _ = try await bridge.handle(.accountRecharge(recharge))
            recharge.amountUnits = -7_500_000
            #expect(
                await Self.refusal(bridge, .accountRecharge(recharge))
                    == "Account J10003 has 5.000000 yuan and may not fall below 0.000000 yuan: 5.000000 yuan can be "
                    + "taken, not 7.500000 yuan.")
            recharge.amountUnits = .min
            #expect(
                await Self.refusal(bridge, .accountRecharge(recharge))
                    == "An amount is not 0 and at most 1000000000.000000 yuan at a time, not "
                    + "-9223372036854.775808 yuan.")
            guard case .accountAdd(var below) = Self.add("B") else { return }
            below.balanceUnits = -1
            #expect(
                await Self.refusal(bridge, .accountAdd(below))
                    == "The opening balance of -0.000001 yuan is not between 0.000000 yuan, the lowest that the "
                    + "account may reach, and 1000000000.000000 yuan.")
        }
    }

    @Test func `how long messages are worth sending is bounded, and taken away with 0`() async throws {
        try await RouteBridgeTests.with { bridge in
            func set(_ seconds: Int64) async throws -> Int64 {
                var set = AdminAccountSet()
                set.id = "J10003"
                set.settings["valid_for_seconds"] = .integer(seconds)
                guard case .account(let account) = try await bridge.handle(.accountSet(set)) else { return -1 }
                return account.settings["valid_for_seconds"].map { $0 == .integer(seconds) ? seconds : -1 } ?? -1
            }
            for seconds in [10, 300, 72 * 3600, 0] as [Int64] { #expect(try await set(seconds) == seconds) }
            for seconds in [1, 9, 72 * 3600 + 1, .max] as [Int64] {
                let error = await #expect(throws: AdminError.self) { try await set(seconds) }
                #expect(error?.field == "settings.valid_for_seconds")
                #expect(error?.message.contains("10 s to 259200 s") == true)
                #expect(error?.message.contains("not \(seconds) s") == true)
            }
            var rename = AdminAccountSet()
            rename.id = "J10003"
            rename.settings["name"] = .text("n")
            _ = try await set(300)
            guard case .account(let account) = try await bridge.handle(.accountSet(rename)) else { return }
            #expect(account.settings["valid_for_seconds"] == .integer(300))
        }
    }

    @Test func `a pause is shown, noted, explained and taken back`() async throws {
        try await RouteBridgeTests.withEngine { bridge, engine in
            func pause(_ paused: Bool) async throws -> AdminChannel {
                var pause = AdminChannelPause()
                pause.name = "a"
                pause.paused = paused
                guard case .channel(let channel) = try await bridge.handle(.channelPause(pause)) else {
                    throw AdminClient.unexpected
                }
                return channel
            }
            #expect(try await pause(true).pausedAtMs == 1_720_497_600_000)
            guard case .status(let status) = try await bridge.handle(.statusShow(AdminStatusShow())) else { return }
            #expect(
                status.notes == [
                    "Channel a is paused since 2024-07-09 12:00:00; messages waiting for it: 0. It goes on with: "
                        + "yizhan channel resume a."
                ])
            #expect(status.healthy)
            var ask = AdminChannelOutlook()
            ask.name = "b"
            guard case .channelOutlook(let outlook) = try await bridge.handle(.channelOutlook(ask)) else { return }
            #expect(outlook == AdminChannelPrognosis())
            #expect(try await pause(false).pausedAtMs == 0)
            ask.name = "c"
            #expect(
                await Self.refusal(bridge, .channelOutlook(ask)) == "There is no channel c: see yizhan channel list.")
        }
    }

    // MARK: The commands

    private static func run(_ test: TestServer, _ arguments: [String]) async throws -> Program.Outcome {
        try await Program.run(try Program.yizhan, arguments, environment: ["YIZHAN_ADMIN_SOCKET": test.path])
    }

    @Test func `status ends with 1 when it is not healthy and that is asked`() async throws {
        try await TestServer.run { test in
            for arguments in [["status"], ["status", "--check"]] {
                #expect(try await Self.run(test, arguments).status == 0)
            }
            test.handler.state.withLock { $0.isHealthy = false }
            #expect(try await Self.run(test, ["status"]).status == 0)
            let checked = try await Self.run(test, ["status", "--check"])
            #expect(checked.status == 1)
            #expect(checked.output.contains("not healthy"))
            #expect(
                try JSONNode(try await Self.run(test, ["status", "--check", "--json"]).output)["pid"].integer == 42)
        }
    }

    @Test func `status shows since when, the age of what waits and the last report`() async throws {
        try await TestServer.run { test in
            let text = try await Self.run(test, ["status"]).output
            #expect(text.contains("note      Channel sim is paused."))
            #expect(text.contains("healthy  2024-07-09 12:00:00"))
            #expect(text.contains("00:01:05"))
            #expect(text.contains("2024-07-09 12:01:01"))
            let shown = try await Self.run(test, ["channel", "show", "sim"]).output
            #expect(shown.contains("healthy since 2024-07-09 12:00:00"))
            #expect(shown.contains("0, the first for 00:01:05"))
            let json = try JSONNode(try await Self.run(test, ["channel", "pause", "sim", "--json"]).output)
            #expect(json["paused"].bool == true)
            #expect(json["paused_at_ms"].integer == 1_720_497_600_000)
            #expect(try await Self.run(test, ["channel", "pause", "sim"]).output.contains("paused since 2024-07-09"))
            let resumed = try JSONNode(try await Self.run(test, ["channel", "resume", "sim", "--json"]).output)
            #expect(resumed["paused"].bool == false)
        }
    }

    @Test func `disabling tells what will happen, and ends messages only with --yes`() async throws {
        try await TestServer.run { test in
            let harmless = try await Self.run(test, ["channel", "disable", "sim"])
            #expect(harmless.status == 0)
            #expect(harmless.errors.isEmpty)
            let refused = try await Self.run(test, ["channel", "disable", "last"])
            #expect(refused.status == 1)
            #expect(
                refused.errors == """
                    yizhan: Of 12 messages that wait for last, 5 go to other channels, 7 end as NOROUTE, since no \
                    other channel takes them. New messages to unicom, of some accounts at least, have no other channel \
                    and end as NOROUTE.
                    yizhan: Nothing was changed: give --yes to disable last all the same, or let its messages wait \
                    with yizhan channel pause last.

                    """)
            #expect(test.handler.state.withLock { $0.enabled } == nil)
            let done = try await Self.run(test, ["channel", "disable", "last", "--yes"])
            #expect(done.status == 0)
            #expect(done.errors.hasPrefix("yizhan: Of 12 messages"))
            #expect(test.handler.state.withLock { $0.enabled } == false)
        }
    }

    @Test func `how long messages are worth sending is set as a duration`() async throws {
        try await TestServer.run { test in
            for (text, seconds) in [("5m", 300), ("none", 0)] as [(String, Int64)] {
                #expect(try await Self.run(test, ["account", "set", "J10003", "--valid-for", text]).status == 0)
                let settings = try #require(test.handler.state.withLock { $0.lastSettings })
                #expect(settings["valid_for_seconds"] == .integer(seconds))
            }
            for text in ["5", "9s", "10500ms", "-5m", "soon"] {
                let outcome = try await Self.run(test, ["account", "set", "J10003", "--valid-for", text])
                #expect(outcome.status == 64)
                #expect(outcome.errors.contains("'\(text)'") && outcome.errors.contains("10s or more"))
            }
        }
    }
}
