import AdminProtocol
import AdminServer
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
        var settings: @Sendable (inout AdminAccountSettings) -> Void
        /// What it changes of what is shown, and of what is not.
        var shown: @Sendable (inout AdminAccount) -> Void
        var secrets: @Sendable (inout AccountSecrets) -> Void

        init(
            _ name: String, _ arguments: [String], settings: @escaping @Sendable (inout AdminAccountSettings) -> Void,
            shown: @escaping @Sendable (inout AdminAccount) -> Void = { _ in },
            secrets: @escaping @Sendable (inout AccountSecrets) -> Void = { _ in }
        ) {
            testDescription = name
            (self.arguments, self.settings, self.shown, self.secrets) = (arguments, settings, shown, secrets)
        }
    }

    private static let plain = [
        Change("name", ["--name", "另一个"], settings: { $0.name = "另一个" }, shown: { $0.name = "另一个" }),
        Change("price", ["--price", "0.035"], settings: { $0.priceMicro = 35_000 }, shown: { $0.priceMicro = 35_000 }),
        Change(
            "payment", ["--payment", "prepaid"], settings: { $0.payment = .prepaid }, shown: { $0.payment = .prepaid }),
        Change(
            "credit", ["--credit", "12.5"], settings: { $0.creditUnits = 12_500_000 },
            shown: { $0.creditUnits = 12_500_000 }),
        Change(
            "plain password", ["--no-allow-plain-password"], settings: { $0.allowPlainPassword = false },
            shown: { $0.allowPlainPassword = false }),
        Change(
            "addresses", ["--allow-ip", "198.51.100.7", "--allow-ip", "2001:db8::/32"],
            settings: { $0.allowIp.cidrs = ["198.51.100.7/32", "2001:db8::/32"] },
            shown: { $0.allowIp = ["198.51.100.7/32", "2001:db8::/32"] }),
        Change("extension", ["--extension", "77"], settings: { $0.extension = "77" }, shown: { $0.extension = "77" }),
        Change(
            "signature", ["--signature", "【新】"], settings: { $0.signature = "【新】" }, shown: { $0.signature = "【新】" }),
        Change("refund", ["--refund", "never"], settings: { $0.refund = .never }, shown: { $0.refund = .never }),
        Change(
            "connections", ["--connections", "7"], settings: { $0.connectionLimit = 7 },
            shown: { $0.connectionLimit = 7 }),
        Change(
            "enterprise id", ["--enterprise-id", "2002"], settings: { $0.enterpriseID = "2002" },
            shown: { $0.enterpriseID = "2002" }),
        Change(
            "client id", ["--client-id", "c-2"], settings: { $0.clientID = "c-2" }, shown: { $0.clientID = "c-2" }),
        Change(
            "sp code", ["--sp-code", "100009"], settings: { $0.spCode = "100009" }, shown: { $0.spCode = "100009" }),
        Change(
            "strict serial", ["--no-strict-serial"], settings: { $0.strictSerial = false },
            shown: { $0.strictSerial = false }),
        Change(
            "no-data code", ["--no-no-data-code"], settings: { $0.noDataCode = false },
            shown: { $0.noDataCode = false }),
        Change(
            "report push", ["--push-report", "https://other.example/r"],
            settings: { $0.pushReport = "https://other.example/r" },
            shown: { $0.pushReport = "https://other.example/r" }),
        Change("reply push", ["--push-reply", ""], settings: { $0.pushReply = "" }, shown: { $0.pushReply = "" }),
        Change(
            "push dialect", ["--push-dialect", "guodu"], settings: { $0.pushDialect = "guodu" },
            shown: { $0.pushDialect = "guodu" }),
        Change(
            "push format", ["--push-format", "json"], settings: { $0.pushFormat = "json" },
            shown: { $0.pushFormat = "json" }),
        Change(
            "private push", ["--no-allow-private-push"], settings: { $0.allowPrivatePush = false },
            shown: { $0.allowPrivatePush = false }),
    ]

    private static let secret = [
        Change(
            "password", ["--api-password", "an-0ther-Secret"], settings: { $0.apiPassword = "an-0ther-Secret" },
            secrets: { $0.apiPassword = "an-0ther-Secret" }),
        Change(
            "API key", ["--api-key", ""], settings: { $0.apiKey = "" }, shown: { $0.hasApiKey_p = false },
            secrets: { $0.apiKey = nil }),
        Change(
            "client secret", ["--client-secret", "cs-2"], settings: { $0.clientSecret = "cs-2" },
            secrets: { $0.clientSecret = "cs-2" }),
        Change(
            "app secret", ["--app-secret", "as-2"], settings: { $0.appSecret = "as-2" },
            secrets: { $0.appSecret = "as-2" }),
    ]

    /// All of it given, nothing as it is by itself.
    private static func everything(_ settings: inout AdminAccountSettings) {
        settings.name = "驿站"
        settings.apiPassword = "a-l0ng-Secret"
        settings.apiKey = "key-of-ali-baba-77"
        settings.priceMicro = 29_000
        settings.payment = .postpaid
        settings.creditUnits = 5_000_000
        settings.allowPlainPassword = true
        settings.allowIp.cidrs = ["192.0.2.0/24", "203.0.113.9"]
        settings.extension = "61"
        settings.signature = "【站】"
        settings.refund = .failed
        settings.connectionLimit = 42
        settings.clientID = "c-1"
        settings.clientSecret = "cs-1"
        settings.enterpriseID = "1001"
        settings.spCode = "100001"
        settings.appSecret = "as-1"
        settings.strictSerial = true
        settings.noDataCode = true
        settings.pushReport = "https://receiver.example/reports"
        settings.pushReply = "https://receiver.example/replies"
        settings.pushDialect = "operator-v2"
        settings.pushFormat = "form"
        settings.allowPrivatePush = true
    }

    private static func set(
        _ bridge: EngineBridge, _ change: (inout AdminAccountSettings) -> Void
    ) async throws -> AdminAccount {
        var set = AdminAccountSet()
        set.id = "J10003"
        change(&set.settings)
        set.settings.allowWeakPassword = true
        guard case .account(let account) = try await bridge.handle(.accountSet(set)) else {
            throw AdminClient.unexpected
        }
        return account
    }

    @Test func `each setting changes alone, and all others stay as they were`() async throws {
        try await RouteBridgeTests.withEngine { bridge, engine in
            var shown = try await Self.set(bridge, Self.everything)
            #expect(shown.creditUnits == 5_000_000 && shown.allowIp.count == 2 && shown.hasAppSecret_p)
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
            var expected = AdminAccountSettings()
            change.settings(&expected)
            #expect(test.handler.state.withLock { $0.lastSettings } == expected)
        }
    }

    @Test(arguments: [AdminChargeBy.money, .count])
    func `a recharge in another unit than the account's is refused, and changes nothing`(
        unit: AdminChargeBy
    ) async throws {
        try await RouteBridgeTests.withEngine { bridge, engine in
            var add = AdminAccountAdd()
            add.id = "R1"
            add.settings.apiPassword = "a-l0ng-Secret"
            add.settings.chargeBy = unit
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
            #expect(engine.accounts.directory.account(id: "R1")?.gauges.balance == 100)
            recharge.chargeBy = unit
            let right = recharge
            _ = try await bridge.handle(.accountRecharge(right))
            #expect(engine.accounts.directory.account(id: "R1")?.gauges.balance == 5_000_100)
        }
    }
}
