import AdminProtocol
import AdminServer
import Administration
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
            #expect(
                settings["client_id"] == .text("c-1") && settings["client_secret"] == .text("s1")
                    && settings["enterprise_id"] == .text("1001"))
            #expect(settings["sp_code"] == .text("100001") && settings["app_secret"] == .text("s2"))
            #expect(settings["strict_serial"] == .flag(true))
            #expect(settings["no_data_code"] == .flag(false))
            #expect(settings["name"] == nil && settings["api_password"] == nil)
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
            #expect(settings["client_id"] == .text("c-1") && settings["client_secret"] == .text("s1"))
            #expect(settings["enterprise_id"] == .text("1001") && settings["sp_code"] == .text("100001"))
            #expect(settings["password"] == nil)
        }
    }

    // MARK: A real engine

    private static func set(
        _ bridge: TestBridge, _ change: (inout [AdminSetting]) -> Void
    ) async throws -> AdminAccount {
        var set = AdminAccountSet()
        set.id = "J10003"
        set.settings["allow_weak_password"] = .flag(true)
        change(&set.settings)
        guard case .account(let account) = try await bridge.handle(.accountSet(set)) else {
            throw AdminClient.unexpected
        }
        return account
    }

    @Test func `an account keeps what it is given, and shows no secret`() async throws {
        try await RouteBridgeTests.with { bridge in
            let all = try await Self.set(bridge) {
                $0["client_id"] = .text("c-1")
                $0["client_secret"] = .text("s1")
                $0["enterprise_id"] = .text("1001")
                $0["sp_code"] = .text("100001")
                $0["app_secret"] = .text("s2")
                $0["strict_serial"] = .flag(true)
                $0["no_data_code"] = .flag(true)
            }
            #expect(
                all.settings["client_id"] == .text("c-1") && all.settings["enterprise_id"] == .text("1001")
                    && all.settings["sp_code"] == .text("100001"))
            #expect(
                ["client_secret", "app_secret", "strict_serial", "no_data_code"].allSatisfy {
                    all.settings[$0] == .flag(true)
                })
            let fewer = try await Self.set(bridge) {
                $0["client_secret"] = .text("")
                $0["strict_serial"] = .flag(false)
            }
            #expect(fewer.settings["client_secret"] == .flag(false) && fewer.settings["strict_serial"] == .flag(false))
            #expect(fewer.settings["client_id"] == .text("c-1"))
        }
    }

    @Test func `no two accounts have one client id`() async throws {
        try await RouteBridgeTests.with { bridge in
            _ = try await Self.set(bridge) { $0["client_id"] = .text("c-1") }
            var add = AdminAccountAdd()
            add.id = "OTHER"
            add.settings["api_password"] = .text("x")
            add.settings["allow_weak_password"] = .flag(true)
            add.settings["client_id"] = .text("c-1")
            await #expect(throws: AdminError.self) { try await bridge.handle(.accountAdd(add)) }
            add.settings["client_id"] = .text("c-2")
            _ = try await bridge.handle(.accountAdd(add))
        }
    }

    @Test(arguments: ["a b", "编号", String(repeating: "x", count: 65), "a\nb"])
    func `an id that no header could carry is refused`(_ name: String) async throws {
        try await RouteBridgeTests.with { bridge in
            let changes: [(inout [AdminSetting]) -> Void] = [
                { $0["client_id"] = .text(name) }, { $0["enterprise_id"] = .text(name) },
                { $0["sp_code"] = .text(name) },
            ]
            for change in changes {
                await #expect(throws: AdminError.self) { try await Self.set(bridge, change) }
            }
            var channel = AdminChannelSet()
            channel.name = "a"
            channel.settings["sp_code"] = .text(name)
            await #expect(throws: AdminError.self) { try await bridge.handle(.channelSet(channel)) }
        }
    }

    @Test func `a channel keeps what it is given, and shows no secret`() async throws {
        try await RouteBridgeTests.with { bridge in
            var set = AdminChannelSet()
            set.name = "a"
            set.settings["client_id"] = .text("c-1")
            set.settings["client_secret"] = .text("s1")
            set.settings["enterprise_id"] = .text("1001")
            set.settings["sp_code"] = .text("100001")
            guard case .channel(let channel) = try await bridge.handle(.channelSet(set)) else {
                throw AdminClient.unexpected
            }
            #expect(
                channel.settings["client_id"] == .text("c-1") && channel.settings["enterprise_id"] == .text("1001")
                    && channel.settings["sp_code"] == .text("100001"))
            #expect(channel.settings["client_secret"] == .flag(true) && channel.settings["user"] == .text("u"))
        }
    }
}
