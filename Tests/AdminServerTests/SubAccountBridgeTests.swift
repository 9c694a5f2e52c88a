import Administration
import Engine
import Messaging
import Testing

/// What the administration lets be done with sub-accounts.
struct SubAccountBridgeTests {
    private static let secret = [
        Setting("api_password", .text("111111")), Setting("allow_weak_password", .flag(true)),
    ]

    /// An administration whose account J10003 has the price 0.03 and lets no sub-account be cheaper.
    private static func with(_ body: (Administration, Engine) async throws -> Void) async throws {
        try await RouteBridgeTests.withEngine { _, engine in
            let administration = Administration(
                engine: engine, version: "test", logger: TestServer.logger, residentBytes: { 0 })
            _ = try await administration.setAccount(
                "J10003", [Setting("price_micro", .integer(30_000)), Setting("sub_price_floor", .flag(true))])
            _ = try await administration.recharge("J10003", amount: 1_000_000, unit: nil, note: "")
            try await body(administration, engine)
        }
    }

    private static func field(_ body: () async throws -> AccountDetail) async -> String {
        do {
            _ = try await body()
            return "(done)"
        } catch {
            return (error as? AdministrationError)?.field ?? "\(error)"
        }
    }

    @Test func `a sub-account is added with its parent's price and shows whom it is below`() async throws {
        try await Self.with { administration, _ in
            let added = try await administration.addAccount(
                "C1",
                Self.secret + [
                    Setting("parent", .text("j10003")), Setting("share_balance", .flag(true)),
                    Setting("price_micro", .integer(30_000)),
                ], openingBalance: 0)
            #expect(added.parent == "J10003" && added.balance == 1_000_000 && added.ownBalance == 0)
            #expect(added.settings["parent"] == .text("J10003") && added.settings["share_balance"] == .flag(true))
            #expect(try await administration.account("J10003").children == ["C1"])
            _ = try await administration.enableAccount("J10003", false)
            let shut = try await administration.account("C1")
            #expect(shut.isEnabled && shut.isParentDisabled)
        }
    }

    @Test func `each rule between parent and child is refused with the field to blame`() async throws {
        try await Self.with { administration, _ in
            func add(_ id: String, _ settings: [Setting], balance: Int64 = 0) async -> String {
                await Self.field {
                    try await administration.addAccount(id, Self.secret + settings, openingBalance: balance)
                }
            }
            let below = [Setting("parent", .text("J10003")), Setting("price_micro", .integer(30_000))]
            #expect(await add("X1", [Setting("parent", .text("NOBODY"))]) == "settings.parent")
            #expect(await add("X1", [Setting("share_balance", .flag(true))]) == "settings.share_balance")
            #expect(await add("X1", below + [Setting("charge_by", .text("count"))]) == "settings.charge_by")
            #expect(await add("X1", below + [Setting("price_micro", .integer(29_999))]) == "settings.price_micro")
            #expect(await add("X1", below + [Setting("share_balance", .flag(true))], balance: 5) == "balance_units")
            #expect(await add("C1", below) == "(done)")
            #expect(await add("X1", [Setting("parent", .text("C1"))] + below.suffix(1)) == "settings.parent")
            func set(_ id: String, _ settings: [Setting]) async -> String {
                await Self.field { try await administration.setAccount(id, settings) }
            }
            #expect(await set("C1", [Setting("parent", .text(""))]) == "settings.parent")
            #expect(await set("C1", [Setting("parent", .text("j10003"))]) == "(done)")
            #expect(await set("C1", [Setting("price_micro", .integer(29_999))]) == "settings.price_micro")
            #expect(await set("J10003", [Setting("price_micro", .integer(30_001))]) == "settings.price_micro")
            #expect(await set("C1", [Setting("price_micro", .integer(40_000))]) == "(done)")
            #expect(await set("J10003", [Setting("price_micro", .integer(40_000))]) == "(done)")
            // A child that shares the balance has none that could be recharged.
            #expect(await set("C1", [Setting("share_balance", .flag(true))]) == "(done)")
            let recharged = await Self.field {
                try await administration.recharge("C1", amount: 5, unit: nil, note: "")
            }
            #expect(recharged == "id")
        }
    }

    @Test func `a customer adds, changes and switches its own sub-accounts, and no other's`() async throws {
        try await Self.with { administration, _ in
            _ = try await administration.addAccount("OTHER", Self.secret, openingBalance: 0)
            let password = [Setting("api_password", .text("kX4m-9dQz-77Lp"))]
            let added = try await administration.addSubAccount(
                "C1", below: "J10003", password + [Setting("share_balance", .flag(true))])
            #expect(added.settings["price_micro"] == .integer(30_000) && added.parent == "J10003")
            for key in ["payment", "credit_units", "allow_private_push", "parent", "allow_weak_password"] {
                let field = await Self.field {
                    try await administration.setSubAccount("C1", of: "J10003", [Setting(key, .text("x"))])
                }
                #expect(field == "settings." + key)
            }
            for id in ["OTHER", "J10003", "NOBODY"] {
                await #expect(throws: AdministrationError.self) {
                    try await administration.subAccount(id, of: "J10003")
                }
                await #expect(throws: AdministrationError.self) {
                    try await administration.enableSubAccount(id, of: "J10003", false)
                }
                await #expect(throws: AdministrationError.self) {
                    try await administration.setSubAccount(id, of: "J10003", [Setting("name", .text("x"))])
                }
            }
            await #expect(throws: AdministrationError.self) {
                try await administration.enableSubAccount("C1", of: "OTHER", false)
            }
            #expect(try await !administration.enableSubAccount("c1", of: "j10003", false).isEnabled)
            #expect(try await administration.subAccounts(of: "J10003").map(\.id) == ["C1"])
        }
    }

    @Test func `money moves between parent and child, never more than there is`() async throws {
        try await Self.with { administration, engine in
            let password = [Setting("api_password", .text("kX4m-9dQz-77Lp"))]
            _ = try await administration.addSubAccount("C1", below: "J10003", password)
            let moved = try await administration.transfer(400_000, from: "J10003", to: "C1")
            #expect(moved.balance == 400_000)
            #expect(try await administration.account("J10003").balance == 600_000)
            for amount in [600_001, -400_001, 0, .max, .min] as [Int64] {
                let field = await Self.field { try await administration.transfer(amount, from: "J10003", to: "C1") }
                #expect(field == "amount_units")
            }
            #expect(try await administration.transfer(-400_000, from: "J10003", to: "C1").balance == 0)
            #expect(try await engine.records.verifyLedger().differences.isEmpty)
        }
    }

    @Test func `alerts are the customer's to set, within their bounds`() async throws {
        try await Self.with { administration, _ in
            let set = try await administration.setAlerts(
                of: "J10003",
                [
                    Setting("alert_below_units", .integer(5)), Setting("alert_numbers", .list(["+8613800138000"])),
                    Setting("alert_webhook", .text("https://example.com/hook")),
                    Setting("alert_form", .text("dingtalk")), Setting("alert_repeat_seconds", .integer(600)),
                ])
            #expect(set.settings["alert_numbers"] == .list(["13800138000"]))
            #expect(set.settings["alert_form"] == .text("dingtalk"))
            #expect(set.settings["alert_repeat_seconds"] == .integer(600))
            for (key, value) in [
                ("alert_numbers", .list(["12345"])), ("alert_webhook", .text("ftp://x")),
                ("alert_form", .text("fax")), ("alert_repeat_seconds", .integer(599)),
                ("alert_below_units", .integer(-1)), ("price_micro", .integer(1)),
            ] as [(String, SettingValue)] {
                let field = await Self.field { try await administration.setAlerts(of: "J10003", [Setting(key, value)]) }
                #expect(field == "settings." + key)
            }
            let tooMany = Setting("alert_numbers", .list((0...10).map { "1380013800\($0 % 10)" }))
            #expect(
                await Self.field { try await administration.setAlerts(of: "J10003", [tooMany]) }
                    == "settings.alert_numbers")
        }
    }
}
