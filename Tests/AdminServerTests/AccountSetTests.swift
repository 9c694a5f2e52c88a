import AdminProtocol
import AdminServer
import Administration
import Engine
import Messaging
import Synchronization
import Testing

/// `account set` of one thing changes that thing and nothing else.
struct AccountSetTests {
    struct Change: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// As `account set` is told.
        var arguments: [String]
        /// What the command asks for.
        var settings: @Sendable (inout [AdminSetting]) -> Void
        /// What it changes of what is shown, and of what is not.
        var shown: @Sendable (inout AdminAccount) -> Void
        var secrets: @Sendable (inout AccountSecrets) -> Void

        init(
            _ name: String, _ arguments: [String], settings: @escaping @Sendable (inout [AdminSetting]) -> Void,
            shown: @escaping @Sendable (inout AdminAccount) -> Void = { _ in },
            secrets: @escaping @Sendable (inout AccountSecrets) -> Void = { _ in }
        ) {
            testDescription = name
            (self.arguments, self.settings, self.shown, self.secrets) = (arguments, settings, shown, secrets)
        }
    }

    private static let plain = [
        Change(
            "name", ["--name", "另一个"], settings: { $0["name"] = .text("另一个") },
            shown: { $0.settings["name"] = .text("另一个") }),
        Change(
            "price", ["--price", "0.035"], settings: { $0["price_micro"] = .integer(35_000) },
            shown: { $0.settings["price_micro"] = .integer(35_000) }),
        Change(
            "payment", ["--payment", "prepaid"], settings: { $0["payment"] = .text("prepaid") },
            shown: { $0.settings["payment"] = .text("prepaid") }),
        Change(
            "credit", ["--credit", "12.5"], settings: { $0["credit_units"] = .integer(12_500_000) },
            shown: { $0.settings["credit_units"] = .integer(12_500_000) }),
        Change(
            "plain password", ["--no-allow-plain-password"], settings: { $0["allow_plain_password"] = .flag(false) },
            shown: { $0.settings["allow_plain_password"] = .flag(false) }),
        Change(
            "addresses", ["--allow-ip", "198.51.100.7", "--allow-ip", "2001:db8::/32"],
            settings: { $0["allow_ip"] = .list(["198.51.100.7/32", "2001:db8::/32"]) },
            shown: { $0.settings["allow_ip"] = .list(["198.51.100.7/32", "2001:db8::/32"]) }),
        Change(
            "extension", ["--extension", "77"], settings: { $0["extension"] = .text("77") },
            shown: { $0.settings["extension"] = .text("77") }),
        Change(
            "signature", ["--signature", "【新】"], settings: { $0["signature"] = .text("【新】") },
            shown: { $0.settings["signature"] = .text("【新】") }),
        Change(
            "refund", ["--refund", "never"], settings: { $0["refund"] = .text("never") },
            shown: { $0.settings["refund"] = .text("never") }),
        Change(
            "connections", ["--connections", "7"], settings: { $0["connection_limit"] = .integer(7) },
            shown: { $0.settings["connection_limit"] = .integer(7) }),
        Change(
            "enterprise id", ["--enterprise-id", "2002"], settings: { $0["enterprise_id"] = .text("2002") },
            shown: { $0.settings["enterprise_id"] = .text("2002") }),
        Change(
            "client id", ["--client-id", "c-2"], settings: { $0["client_id"] = .text("c-2") },
            shown: { $0.settings["client_id"] = .text("c-2") }),
        Change(
            "sp code", ["--sp-code", "100009"], settings: { $0["sp_code"] = .text("100009") },
            shown: { $0.settings["sp_code"] = .text("100009") }),
        Change(
            "strict serial", ["--no-strict-serial"], settings: { $0["strict_serial"] = .flag(false) },
            shown: { $0.settings["strict_serial"] = .flag(false) }),
        Change(
            "no-data code", ["--no-no-data-code"], settings: { $0["no_data_code"] = .flag(false) },
            shown: { $0.settings["no_data_code"] = .flag(false) }),
        Change(
            "report push", ["--push-report", "https://other.example/r"],
            settings: { $0["push_report"] = .text("https://other.example/r") },
            shown: { $0.settings["push_report"] = .text("https://other.example/r") }),
        Change(
            "reply push", ["--push-reply", ""], settings: { $0["push_reply"] = .text("") },
            shown: { $0.settings["push_reply"] = .text("") }),
        Change(
            "push dialect", ["--push-dialect", "guodu"], settings: { $0["push_dialect"] = .text("guodu") },
            shown: { $0.settings["push_dialect"] = .text("guodu") }),
        Change(
            "push format", ["--push-format", "json"], settings: { $0["push_format"] = .text("json") },
            shown: { $0.settings["push_format"] = .text("json") }),
        Change(
            "private push", ["--no-allow-private-push"], settings: { $0["allow_private_push"] = .flag(false) },
            shown: { $0.settings["allow_private_push"] = .flag(false) }),
    ]

    private static let secret = [
        Change(
            "password", ["--api-password", "an-0ther-Secret"],
            settings: { $0["api_password"] = .text("an-0ther-Secret") },
            secrets: { $0.apiPassword = "an-0ther-Secret" }),
        Change(
            "API key", ["--api-key", ""], settings: { $0["api_key"] = .text("") },
            shown: { $0.settings["api_key"] = .flag(false) },
            secrets: { $0.apiKey = nil }),
        Change(
            "client secret", ["--client-secret", "cs-2"], settings: { $0["client_secret"] = .text("cs-2") },
            secrets: { $0.clientSecret = "cs-2" }),
        Change(
            "app secret", ["--app-secret", "as-2"], settings: { $0["app_secret"] = .text("as-2") },
            secrets: { $0.appSecret = "as-2" }),
    ]

    /// All of it given, nothing as it is by itself.
    private static func everything(_ settings: inout [AdminSetting]) {
        settings["name"] = .text("驿站")
        settings["api_password"] = .text("a-l0ng-Secret")
        settings["api_key"] = .text("key-of-ali-baba-77")
        settings["price_micro"] = .integer(29_000)
        settings["payment"] = .text("postpaid")
        settings["credit_units"] = .integer(5_000_000)
        settings["allow_plain_password"] = .flag(true)
        settings["allow_ip"] = .list(["192.0.2.0/24", "203.0.113.9"])
        settings["extension"] = .text("61")
        settings["signature"] = .text("【站】")
        settings["refund"] = .text("failed")
        settings["connection_limit"] = .integer(42)
        settings["client_id"] = .text("c-1")
        settings["client_secret"] = .text("cs-1")
        settings["enterprise_id"] = .text("1001")
        settings["sp_code"] = .text("100001")
        settings["app_secret"] = .text("as-1")
        settings["strict_serial"] = .flag(true)
        settings["no_data_code"] = .flag(true)
        settings["push_report"] = .text("https://receiver.example/reports")
        settings["push_reply"] = .text("https://receiver.example/replies")
        settings["push_dialect"] = .text("operator-v2")
        settings["push_format"] = .text("form")
        settings["allow_private_push"] = .flag(true)
    }

    private static func set(
        _ bridge: TestBridge, _ change: (inout [AdminSetting]) -> Void
    ) async throws -> AdminAccount {
        var set = AdminAccountSet()
        set.id = "J10003"
        change(&set.settings)
        set.settings["allow_weak_password"] = .flag(true)
        guard case .account(let account) = try await bridge.handle(.accountSet(set)) else {
            throw AdminClient.unexpected
        }
        return account
    }

    @Test func `each setting changes alone, and all others stay as they were`() async throws {
        try await RouteBridgeTests.withEngine { bridge, engine in
            var shown = try await Self.set(bridge, Self.everything)
            #expect(
                shown.settings["credit_units"] == .integer(5_000_000) && shown.settings["app_secret"] == .flag(true))
            var secrets = try #require(engine.accounts.directory.account(id: "J10003")).secrets
            for change in Self.plain + Self.secret {
                let before = shown
                let secretsBefore = secrets
                let answer = try await Self.set(bridge, change.settings)
                change.shown(&shown)
                change.secrets(&secrets)
                #expect(shown != before || secrets != secretsBefore, "\(change.testDescription) is no change")
                #expect(answer == shown, "\(change.testDescription)")
                let stored = try #require(engine.accounts.directory.account(id: "J10003"))
                #expect(stored.secrets == secrets, "\(change.testDescription)")
                // Otherwise the next comparison would only repeat this one's.
                (shown, secrets) = (answer, stored.secrets)
            }
        }
    }

    @Test(arguments: plain + secret)
    func `the command asks for what it is told to, and for nothing else`(change: Change) async throws {
        try await TestServer.run { test in
            let outcome = try await Program.run(
                try Program.yizhan, ["account", "set", "J10003"] + change.arguments,
                environment: ["YIZHAN_ADMIN_SOCKET": test.path])
            #expect(outcome.status == 0, "\(outcome.errors)")
            var expected: [AdminSetting] = []
            change.settings(&expected)
            #expect(test.handler.state.withLock { $0.lastSettings } == expected)
        }
    }

    @Test(arguments: [("money", "count"), ("count", "money")])
    func `what an account is charged by is fixed, and the same again is no change`(
        unit: String, other: String
    ) async throws {
        try await RouteBridgeTests.withEngine { bridge, engine in
            var add = AdminAccountAdd()
            add.id = "R1"
            add.settings["api_password"] = .text("a-l0ng-Secret")
            add.settings["charge_by"] = .text(unit)
            add.balanceUnits = 100
            _ = try await bridge.handle(.accountAdd(add))
            var set = AdminAccountSet()
            set.id = "R1"
            set.settings["name"] = .text("N")
            set.settings["charge_by"] = .text(other)
            let wrong = set
            let error = await #expect(throws: AdminError.self) { try await bridge.handle(.accountSet(wrong)) }
            #expect(error?.code == .invalidArgument)
            #expect(error?.field == "settings.charge_by")
            let before = try #require(engine.accounts.directory.account(id: "R1"))
            #expect(before.account.chargeUnit.rawValue == unit && before.account.name.isEmpty)
            set.settings["charge_by"] = .text(unit)
            let right = set
            _ = try await bridge.handle(.accountSet(right))
            let after = try #require(engine.accounts.directory.account(id: "R1"))
            #expect(after.account.chargeUnit.rawValue == unit && after.account.name == "N")
            #expect(after.runtime.balance == 100)
        }
    }

    @Test(arguments: [AdminChargeBy.money, .count])
    func `a recharge in another unit than the account's is refused, and changes nothing`(
        unit: AdminChargeBy
    ) async throws {
        try await RouteBridgeTests.withEngine { bridge, engine in
            var add = AdminAccountAdd()
            add.id = "R1"
            add.settings["api_password"] = .text("a-l0ng-Secret")
            add.settings["charge_by"] = .text(unit == .money ? "money" : "count")
            add.balanceUnits = 100
            _ = try await bridge.handle(.accountAdd(add))
            var recharge = AdminAccountRecharge()
            recharge.id = "R1"
            recharge.amountUnits = 5_000_000
            recharge.chargeBy = unit == .money ? .count : .money
            let wrong = recharge
            let error = await #expect(throws: AdminError.self) {
                try await bridge.handle(.accountRecharge(wrong))
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.field == "charge_by")
            #expect(engine.accounts.directory.account(id: "R1")?.runtime.balance == 100)
            recharge.chargeBy = unit
            let right = recharge
            _ = try await bridge.handle(.accountRecharge(right))
            #expect(engine.accounts.directory.account(id: "R1")?.runtime.balance == 5_000_100)
        }
    }
}
