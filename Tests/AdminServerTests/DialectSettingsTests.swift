import AdminProtocol
import AdminServer
import Synchronization
import Testing

@Suite("What the dialects want to know of accounts and channels")
struct DialectSettingsTests {
    // MARK: The command line

    private static func run(
        _ test: TestServer, _ arguments: [String], input: String = ""
    ) async throws -> Program.Outcome {
        try await Program.run(
            try Program.yizhan, arguments, input: input, environment: ["YIZHAN_ADMIN_SOCKET": test.path])
    }

    @Test func `an account's ids and secrets are sent, a secret from standard input too`() async throws {
        try await TestServer.run { test in
            let outcome = try await Self.run(
                test,
                [
                    "account", "set", "J10003", "--client-id", "c-1", "--client-secret", "-", "--enterprise-id", "1001",
                    "--sp-code", "100001", "--app-secret", "s2", "--strict-serial", "--no-no-data-code",
                ], input: "s1\n")
            #expect(outcome.status == 0, "\(outcome.errors)")
            let settings = try #require(test.handler.state.withLock { $0.lastSettings })
            #expect(settings.clientID == "c-1" && settings.clientSecret == "s1" && settings.enterpriseID == "1001")
            #expect(settings.spCode == "100001" && settings.appSecret == "s2")
            #expect(settings.hasStrictSerial && settings.strictSerial)
            #expect(settings.hasNoDataCode && !settings.noDataCode)
            #expect(!settings.hasName && !settings.hasApiPassword)
        }
    }

    @Test func `an account shows where each dialect is, with which credentials, and what it lacks`() async throws {
        try await TestServer.run { test in
            let text = try await Self.run(test, ["account", "show", "J10003"]).output
            for words in [
                "enterprise-oauth2  (needs --client-id, --client-secret)", "account = J10003; pwd = MD5 of",
                "account = J10003; password = MD5 of the interface password",
                "yixintong  (needs --sp-code, --app-secret)", "/HttpQuickProcess/submitJson", "OperID = J10003",
                "/info/sms/reply/confirm", "/sms/v2/std/single_send",
            ] {
                #expect(text.contains(words), "\(words)")
            }
            let json = try JSONNode(try await Self.run(test, ["account", "show", "J10003", "--json"]).output)
            let interfaces = json["interfaces"].array
            #expect(
                interfaces.map { $0["dialect"].string } == [
                    "enterprise-oauth2", "enterprise-json", "api-v1", "operator-v2", "guodu", "yixintong",
                ])
            #expect(interfaces[2]["credentials"]["account"].string == "J10003")
            #expect(interfaces[2]["missing"].array.isEmpty)
            #expect(interfaces[1]["missing"].array.map { $0.string } == ["--enterprise-id"])
        }
    }

    @Test func `a channel's ids and secret are sent`() async throws {
        try await TestServer.run { test in
            let outcome = try await Self.run(
                test,
                [
                    "channel", "set", "sim", "--client-id", "c-1", "--client-secret", "s1", "--enterprise-id", "1001",
                    "--sp-code", "100001",
                ])
            #expect(outcome.status == 0, "\(outcome.errors)")
            let settings = try #require(test.handler.state.withLock { $0.lastChannel })
            #expect(settings.clientID == "c-1" && settings.clientSecret == "s1")
            #expect(settings.enterpriseID == "1001" && settings.spCode == "100001")
            #expect(!settings.hasPassword)
        }
    }

    // MARK: A real engine

    private static func set(
        _ bridge: EngineBridge, _ change: (inout AdminAccountSettings) -> Void
    ) async throws -> AdminAccount {
        var set = AdminAccountSet()
        set.id = "J10003"
        set.settings.allowWeakPassword = true
        change(&set.settings)
        guard case .account(let account) = try await bridge.handle(.accountSet(set)) else {
            throw AdminClient.unexpected
        }
        return account
    }

    @Test func `an account keeps what it is given, and shows no secret`() async throws {
        try await RouteBridgeTests.with { bridge in
            let all = try await Self.set(bridge) {
                $0.clientID = "c-1"
                $0.clientSecret = "s1"
                $0.enterpriseID = "1001"
                $0.spCode = "100001"
                $0.appSecret = "s2"
                $0.strictSerial = true
                $0.noDataCode = true
            }
            #expect(all.clientID == "c-1" && all.enterpriseID == "1001" && all.spCode == "100001")
            #expect(all.hasClientSecret_p && all.hasAppSecret_p && all.strictSerial && all.noDataCode)
            let fewer = try await Self.set(bridge) {
                $0.clientSecret = ""
                $0.strictSerial = false
            }
            #expect(!fewer.hasClientSecret_p && fewer.hasAppSecret_p && !fewer.strictSerial && fewer.noDataCode)
            #expect(fewer.clientID == "c-1")
        }
    }

    @Test func `no two accounts have one client id`() async throws {
        try await RouteBridgeTests.with { bridge in
            _ = try await Self.set(bridge) { $0.clientID = "c-1" }
            var add = AdminAccountAdd()
            add.id = "OTHER"
            add.settings.apiPassword = "x"
            add.settings.allowWeakPassword = true
            add.settings.clientID = "c-1"
            await #expect(throws: AdminError.self) { try await bridge.handle(.accountAdd(add)) }
            add.settings.clientID = "c-2"
            _ = try await bridge.handle(.accountAdd(add))
        }
    }

    @Test(arguments: ["a b", "编号", String(repeating: "x", count: 65), "a\nb"])
    func `an id that no header could carry is refused`(_ name: String) async throws {
        try await RouteBridgeTests.with { bridge in
            let changes: [(inout AdminAccountSettings) -> Void] = [
                { $0.clientID = name }, { $0.enterpriseID = name }, { $0.spCode = name },
            ]
            for change in changes {
                await #expect(throws: AdminError.self) { try await Self.set(bridge, change) }
            }
            var channel = AdminChannelSet()
            channel.name = "a"
            channel.settings.spCode = name
            await #expect(throws: AdminError.self) { try await bridge.handle(.channelSet(channel)) }
        }
    }

    @Test func `a channel keeps what it is given, and shows no secret`() async throws {
        try await RouteBridgeTests.with { bridge in
            var set = AdminChannelSet()
            set.name = "a"
            set.settings.clientID = "c-1"
            set.settings.clientSecret = "s1"
            set.settings.enterpriseID = "1001"
            set.settings.spCode = "100001"
            guard case .channel(let channel) = try await bridge.handle(.channelSet(set)) else {
                throw AdminClient.unexpected
            }
            #expect(channel.clientID == "c-1" && channel.enterpriseID == "1001" && channel.spCode == "100001")
            #expect(channel.hasClientSecret_p && channel.user == "u")
        }
    }
}
