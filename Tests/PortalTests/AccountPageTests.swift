import Administration
import Engine
import Messaging
import Testing

@testable import Portal

/// Sub-accounts and balance alerts, as customers work with them.
@Suite struct AccountPageTests {
    private static let password = "kX4m-9dQz-77Lp"

    /// The id of the form that the page shows.
    static func once(_ page: PortalHouse.Answer) throws -> String {
        let parts = page.text.split(separator: "name=\"once\" value=\"", omittingEmptySubsequences: false)
        return String(try #require(parts.dropFirst().first).prefix { $0 != "\"" })
    }

    private static func add(_ house: PortalHouse, _ id: String, _ more: [(String, String)] = []) async
        -> PortalHouse.Answer
    {
        await house.post(
            "accounts/new", [("_", "1"), ("id", id), ("api_password", password), ("price_micro", "0.05")] + more)
    }

    @Test func `a customer adds a sub-account that shares its balance, and finds it in the list`() async throws {
        try await PortalHouse.with { house in
            #expect(await house.get("accounts").text.contains("还没有子账户"))
            #expect(await house.get("accounts/new").status == 200)
            let added = await Self.add(house, "shop-2", [("name", "<b>渝北"), ("share_balance", "on")])
            #expect(added.status == 303 && added.location == "/portal/accounts/shop-2?done=added")
            let entry = try #require(house.engine.accounts.directory.account(id: "shop-2"))
            #expect(entry.parent?.key == house.shop.key && entry.sharesBalance && entry.balance == 100_000_000)
            let list = await house.get("accounts").text
            #expect(list.contains("shop-2") && list.contains("&lt;b&gt;渝北") && !list.contains("<b>渝北"))
            #expect(await house.get("accounts", language: .english).text.contains("shared"))
        }
    }

    @Test func `what is wrong is said at the field, and what was typed is kept`() async throws {
        try await PortalHouse.with { house in
            _ = try await house.engine.accounts.update(id: "shop") { account, _ in account.floorsSubPrices = true }
            let cheap = await house.post(
                "accounts/new",
                [("_", "1"), ("id", "shop-2"), ("api_password", Self.password), ("price_micro", "0.04")])
            #expect(cheap.status == 400 && cheap.text.contains("id=\"price_micro-error\""))
            #expect(cheap.text.contains("value=\"0.04\"") && cheap.text.contains("<title>错误："))
            #expect(!cheap.text.contains(Self.password))
            for id in ["", "a b", "any", "shop"] {
                let refused = await Self.add(house, id)
                #expect(refused.status == 400 && refused.text.contains("role=\"alert\""), "\(id)")
            }
            let weak = await house.post("accounts/new", [("_", "1"), ("id", "shop-3"), ("api_password", "111111")])
            #expect(weak.status == 400 && weak.text.contains("id=\"api_password-error\""))
            #expect(house.engine.accounts.directory.children(of: house.shop.key).isEmpty)
        }
    }

    @Test func `a sub-account is changed, disabled and enabled by its own parent alone`() async throws {
        try await PortalHouse.with { house in
            _ = await Self.add(house, "shop-2")
            let changed = await house.post(
                "accounts/shop-2", [("_", "1"), ("name", "二店"), ("price_micro", "0.06"), ("connection_limit", "7")])
            #expect(changed.status == 303)
            let account = try #require(house.engine.accounts.directory.account(id: "shop-2")?.account)
            #expect(account.name == "二店" && account.price.microYuan == 60_000 && account.connectionLimit == 7)
            #expect(await house.post("accounts/shop-2/enable", [("on", "0")]).status == 303)
            #expect(house.engine.accounts.directory.account(id: "shop-2")?.isEnabled == false)
            #expect(await house.post("accounts/shop-2/enable", [("on", "1")]).status == 303)
            #expect(house.engine.accounts.directory.account(id: "shop-2")?.isEnabled == true)
            for path in ["accounts/shop-2", "accounts/shop-2/transfer"] {
                #expect(await house.get(path, as: .stranger).status == 404, "\(path)")
                #expect(await house.post(path, [("_", "1")], as: .stranger).status == 404, "\(path)")
            }
            #expect(await house.post("accounts/shop-2/enable", [("on", "0")], as: .stranger).status == 404)
            for id in ["other", "shop", "nobody"] { #expect(await house.get("accounts/\(id)").status == 404) }
            #expect(house.engine.accounts.directory.account(id: "shop-2")?.isEnabled == true)
        }
    }

    @Test func `money moves once for each form, and only soon after the password`() async throws {
        try await PortalHouse.with { house in
            _ = await Self.add(house, "shop-2")
            let child = try #require(house.engine.accounts.directory.account(id: "shop-2"))
            #expect(await house.get("accounts/shop-2/transfer", isFresh: false).location.contains("/portal/confirm"))
            let form = await house.get("accounts/shop-2/transfer")
            let fields = [("once", try Self.once(form)), ("amount_units", "12.5")]
            let stale = await house.post("accounts/shop-2/transfer", fields, isFresh: false)
            #expect(stale.location.contains("/portal/confirm") && child.balance == 0)
            #expect(await house.post("accounts/shop-2/transfer", fields).status == 303)
            #expect(child.balance == 12_500_000 && house.shop.balance == 87_500_000)
            #expect(await house.post("accounts/shop-2/transfer", fields).status == 409)
            #expect(child.balance == 12_500_000)
            let more = [("once", try Self.once(form)), ("amount_units", "1000")]
            #expect(await house.post("accounts/shop-2/transfer", more).status == 409)
            let next = await house.get("accounts/shop-2/transfer")
            let tooMuch = await house.post(
                "accounts/shop-2/transfer", [("once", try Self.once(next)), ("amount_units", "1000")])
            #expect(tooMuch.status == 400 && tooMuch.text.contains("id=\"amount_units-error\""))
            #expect(try await house.engine.records.verifyLedger().differences.isEmpty)
        }
    }

    @Test func `a sub-account's own user has no sub-accounts, and the right to manage is needed`() async throws {
        try await PortalHouse.with { house in
            let rights = UserRights.ofCustomers.subtracting(.manage)
            for path in ["accounts", "accounts/new", "alerts"] {
                #expect(await house.get(path, as: .customer(rights)).status == 403)
                #expect(await house.get(path, as: .operators()).status == 404)
            }
        }
    }

    @Test func `a balance alert is set, kept and refused where it cannot work`() async throws {
        try await PortalHouse.with { house in
            #expect(await house.get("alerts").status == 200)
            let fields = [
                ("_", "1"), ("alert_below_units", "50"), ("alert_numbers", "13800138000\n13900139000"),
                ("alert_webhook", "https://qyapi.weixin.qq.com/x"), ("alert_form", "wecom"),
                ("alert_repeat_seconds", "12h"),
            ]
            #expect(await house.post("alerts", fields).location == "/portal/alerts?done=saved")
            let alert = try #require(house.engine.accounts.directory.account(id: "shop")?.account.alert)
            #expect(alert.threshold == 50_000_000 && alert.numbers.map(\.text) == ["13800138000", "13900139000"])
            #expect(alert.form == .wecom && alert.repeatAfter == 12 * 3_600_000)
            #expect(await house.get("alerts").text.contains("qyapi.weixin.qq.com"))
            let wrong = await house.post("alerts", fields.map { $0.0 == "alert_webhook" ? ($0.0, "ftp://x") : $0 })
            #expect(wrong.status == 400 && wrong.text.contains("id=\"alert_webhook-error\""))
            #expect(await house.post("alerts", fields, origin: "http://elsewhere").status == 400)
        }
    }
}
