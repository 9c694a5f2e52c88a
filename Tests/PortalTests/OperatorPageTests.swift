import Administration
import Messaging
import Store
import Synchronization
import Testing

@testable import Engine
@testable import Portal

/// The operators' pages over a real engine.
@Suite struct OperatorPageTests {
    /// Hands the first outcome on.
    private final class OneReply: SubmissionSink {
        private let continuation: CheckedContinuation<Result<Acceptance, Rejection>, Never>

        init(_ continuation: CheckedContinuation<Result<Acceptance, Rejection>, Never>) {
            self.continuation = continuation
        }

        func settle(_ outcomes: [SettledSubmission]) {
            for settled in outcomes { continuation.resume(returning: settled.outcome) }
        }
    }

    private static func send(_ house: PortalHouse, _ mobile: String = "13800138000") async throws -> MessageSequence {
        let part = Submission.Part(recipients: [Recipient(mobile)], content: "你好")
        let result = await withCheckedContinuation { continuation in
            let sink = OneReply(continuation)
            let refusal = house.engine.billing.submit(
                Submission(parts: [part]), by: house.shop, ticket: 1, sink: sink)
            if let refusal { continuation.resume(returning: .failure(refusal)) }
        }
        return try result.get().firstID.sequence
    }

    // MARK: Customers

    @Test func `an operator adds a customer, finds it, and recharges it once a form`() async throws {
        try await PortalHouse.with { house in
            let operators = PortalHouse.Role.operators()
            #expect(await house.get("operator/customers/new", as: operators).status == 200)
            let added = await house.post(
                "operator/customers/new",
                [
                    ("_", "1"), ("id", "J9"), ("name", "江北"), ("api_password", "kX4m-9dQz-77Lp"),
                    ("price_micro", "0.03"),
                    ("payment", "postpaid"), ("charge_by", "money"), ("credit_units", "10"), ("refund", "failed"),
                    ("logins", "operator-v2=J99999"),
                ], as: operators)
            #expect(added.location == "/portal/operator/customers/J9?done=added", "\(added.text)")
            let entry = try #require(house.engine.accounts.directory.account(id: "J9"))
            #expect(entry.account.creditLimit == 10_000_000 && entry.account.payment == .postpaid)
            #expect(entry.account.login(in: .operatorV2) == "J99999")
            #expect(await house.get("operator/customers?q=%E6%B1%9F", as: operators).text.contains("J9"))
            #expect(await house.get("operator/customers?q=zzz", as: operators).text.contains("没有符合的客户"))
            let page = await house.get("operator/customers/J9", as: operators).text
            #expect(page.contains("operator-v2=J99999") && !page.contains("kX4m"))
            let form = await house.get("operator/customers/J9/recharge", as: operators)
            let fields = [("once", try AccountPageTests.once(form)), ("amount_units", "88.5"), ("note", "发票 1")]
            #expect(await house.post("operator/customers/J9/recharge", fields, as: operators).status == 303)
            #expect(await house.post("operator/customers/J9/recharge", fields, as: operators).status == 409)
            #expect(entry.balance == 88_500_000)
            #expect(try await house.engine.records.verifyLedger().differences.isEmpty)
        }
    }

    @Test func `prices and recharges need the right to money and the password of lately, settings the other right`()
        async throws
    {
        try await PortalHouse.with { house in
            let (view, settings) = (PortalHouse.Role.operators(.view), PortalHouse.Role.operators([.view, .settings]))
            let money = PortalHouse.Role.operators([.view, .money])
            #expect(await house.get("operator/customers/shop/recharge", as: settings).status == 403)
            #expect(await house.get("operator/customers/shop/change", as: view).status == 403)
            #expect(await house.post("operator/customers/shop/enable", [("on", "0")], as: money).status == 403)
            // A field that the user may not change is not in the form, and is passed over where it is sent.
            let price = [("_", "1"), ("price_micro", "0.01"), ("name", "新名")]
            let shown = await house.get("operator/customers/shop/change", as: settings).text
            #expect(!shown.contains("name=\"price_micro\"") && shown.contains("name=\"signature\""))
            _ = await house.post("operator/customers/shop/change", price, as: settings)
            #expect(house.engine.accounts.directory.account(id: "shop")?.account.price.microYuan == 50_000)
            let whole = price + [("payment", "prepaid"), ("credit_units", "0"), ("refund", "refused")]
            let stale = await house.post("operator/customers/shop/change", whole, as: money, isFresh: false)
            #expect(stale.location.contains("/portal/confirm"))
            #expect(house.engine.accounts.directory.account(id: "shop")?.account.price.microYuan == 50_000)
        }
    }

    @Test func `a customer is disabled and enabled, and its rules are changed`() async throws {
        try await PortalHouse.with { house in
            let operators = PortalHouse.Role.operators()
            _ = await house.post("operator/customers/shop/enable", [("on", "0")], as: operators)
            #expect(house.engine.accounts.directory.account(id: "shop")?.isEnabled == false)
            _ = await house.post("operator/customers/shop/enable", [("on", "1")], as: operators)
            #expect(house.engine.accounts.directory.account(id: "shop")?.isEnabled == true)
            let rules = await house.post(
                "operator/customers/shop/rules",
                [("_", "1"), ("blacklist", "on"), ("frequency", "5/1h"), ("words", "坏词\n 更坏的词 \n")], as: operators)
            #expect(rules.status == 303, "\(rules.text)")
            let stored = house.shop.runtime.screening.rules
            #expect(stored.usesBlacklist && stored.limits.count == 1 && Set(stored.words) == ["坏词", "更坏的词"])
            let wrong = await house.post(
                "operator/customers/shop/rules", [("_", "1"), ("frequency", "often")], as: operators)
            #expect(wrong.status == 400 && wrong.text.contains("id=\"frequency-error\""))
            #expect(await house.get("operator/customers/nobody", as: operators).status == 404)
        }
    }

    // MARK: Channels and routes

    @Test func `channels are listed with their health, added, changed, paused and disabled`() async throws {
        try await PortalHouse.with { house in
            let operators = PortalHouse.Role.operators()
            #expect(await house.get("operator/channels", as: operators).text.contains("/portal/operator/channels/sim"))
            let missing = await house.post("operator/channels/new", [("_", "1"), ("name", "two")], as: operators)
            #expect(missing.status == 400 && missing.text.contains("id=\"url-error\""))
            let added = await house.post(
                "operator/channels/new",
                [
                    ("_", "1"), ("name", "two"), ("dialect", "operator-v2"), ("url", "http://127.0.0.1:1"),
                    ("user", "U"), ("password", "hush-hush"), ("number", "1069"), ("networks", "mobile"),
                    ("networks", "unicom"), ("rate", "50"),
                ], as: operators)
            #expect(added.location == "/portal/operator/channels/two?done=added", "\(added.text)")
            let page = await house.get("operator/channels/two", as: operators).text
            #expect(page.contains("移动、联通") && !page.contains("hush-hush"))
            #expect(await !house.get("operator/channels/two", as: .operators(.view)).text.contains("/callback/"))
            _ = await house.post("operator/channels/two/pause", [("on", "1")], as: operators)
            #expect(await house.engine.channels.channel(named: "two")?.channel.pausedAt != nil)
            _ = await house.post("operator/channels/two/enable", [("on", "0")], as: operators)
            #expect(await house.engine.channels.channel(named: "two")?.channel.isEnabled == false)
            let rate = await house.post(
                "operator/channels/two/change",
                [
                    ("_", "1"), ("dialect", "operator-v2"), ("url", "http://127.0.0.1:1"), ("user", "U"),
                    ("number", "1069"), ("networks", "mobile"), ("rate", "7"), ("priority", "0"), ("weight", "1"),
                    ("uncertain", "hold"), ("uncertain_after_seconds", "30m"), ("connections", "8"),
                ], as: operators, isFresh: false)
            #expect(rate.status == 303, "\(rate.text)")
            #expect(await house.engine.channels.channel(named: "two")?.channel.ratePerSecond == 7)
        }
    }

    @Test func `a route is made, tried without sending, switched and removed`() async throws {
        try await PortalHouse.with { house in
            let operators = PortalHouse.Role.operators()
            let wrong = await house.post(
                "operator/routes/new", [("_", "1"), ("name", "vip"), ("channels", "none-such")], as: operators)
            #expect(wrong.status == 400 && wrong.text.contains("id=\"channels-error\""))
            let made = await house.post(
                "operator/routes/new",
                [("_", "1"), ("name", "vip"), ("channels", "sim:5"), ("accounts", "shop"), ("prefixes", "1380")],
                as: operators)
            #expect(made.status == 303, "\(made.text)")
            #expect(await house.get("operator/routes", as: operators).text.contains("sim:5"))
            let tried = await house.post(
                "operator/routes/explain", [("account", "shop"), ("number", "13800138000")], as: operators
            ).text
            #expect(tried.contains("路由 vip 符合") && tried.contains("走 sim") && tried.contains("移动"))
            let other = await house.post(
                "operator/routes/explain", [("account", "other"), ("number", "13800138000")], as: operators
            ).text
            #expect(other.contains("没有符合的路由"))
            let nobody = await house.post(
                "operator/routes/explain", [("account", "x"), ("number", "1")], as: operators
            ).text
            #expect(nobody.contains("没有这个客户"))
            _ = await house.post("operator/routes/vip/enable", [("on", "0")], as: operators)
            #expect(await house.engine.routes.route(named: "vip")?.isEnabled == false)
            _ = await house.post("operator/routes/vip/remove", as: operators)
            #expect(await house.engine.routes.route(named: "vip") == nil)
            let sent = try await house.engine.records.grandTotal().messages
            #expect(sent == 0)
        }
    }

    @Test func `a template is approved and taken back`() async throws {
        try await PortalHouse.with { house in
            let operators = PortalHouse.Role.operators()
            let added = await house.post(
                "operator/templates", [("account", "shop"), ("text", "您的<验证码>是{1}")], as: operators)
            #expect(added.location.hasPrefix("/portal/operator/templates?account=shop"))
            let list = await house.get("operator/templates?account=shop", as: operators).text
            #expect(list.contains("您的&lt;验证码&gt;是{1}"))
            #expect(await !house.get("operator/templates?account=other", as: operators).text.contains("验证码"))
            for fields in [
                [("account", "nobody"), ("text", "a")], [("account", "shop"), ("text", "")],
                [("account", "shop"), ("id", "0"), ("text", "a")], [("account", "shop"), ("id", "1"), ("text", "a")],
            ] {
                #expect(await house.post("operator/templates", fields, as: operators).status == 400, "\(fields)")
            }
            _ = await house.post("operator/templates/remove", [("account", "shop"), ("id", "1")], as: operators)
            #expect(house.shop.runtime.screening.rules.templates.isEmpty)
        }
    }

    // MARK: What waits for a decision

    @Test func `what is uncertain is shown with its age and resolved, and sent again only after a second question`()
        async throws
    {
        try await PortalHouse.with { house in
            let operators = PortalHouse.Role.operators()
            _ = try await house.engine.updateChannel(name: "sim") { channel, _ in channel.isEnabled = false }
            let channel = try #require(await house.engine.channels.channel(named: "sim"))
            var ids: [MessageSequence] = []
            for mobile in ["13800138000", "13800138001"] { ids.append(try await Self.send(house, mobile)) }
            for id in ids {
                let begun = try await house.engine.store.begin(
                    [NewAttempt(channel: channel.key, messages: SequenceRuns([id]))], at: PortalHouse.now)
                _ = try await house.engine.store.settle(
                    [Settlement(attempt: try #require(begun.first).id, outcome: .uncertain(detail: "no <answer>"))],
                    at: PortalHouse.now)
            }
            let toDo = await house.get("operator", as: operators).text
            #expect(toDo.contains("结果未知") && toDo.contains("no &lt;answer&gt;") && toDo.contains("逐条核实"))
            let list = await house.get("operator/uncertain", as: .operators([.view, .settings])).text
            #expect(list.contains("138****8000") && !list.contains("13800138000"))
            let asked = await house.post(
                "operator/uncertain", [("m", "\(ids[0])"), ("do", "resend")], as: operators)
            #expect(asked.status == 200 && asked.text.contains("收件人可能收到两次"))
            #expect(try await house.engine.records.timeline(of: MessageID(sequence: ids[0])).status == nil)
            let failed = await house.post(
                "operator/uncertain", [("m", "\(ids[0])"), ("do", "delivered"), ("reason", "运营商确认")], as: operators)
            #expect(failed.status == 303)
            #expect(try await house.engine.records.timeline(of: MessageID(sequence: ids[0])).state == .delivered)
            let again = await house.post(
                "operator/uncertain", [("m", "\(ids[0])"), ("do", "failed")], as: operators)
            #expect(again.status == 200 && again.text.contains("1 条没有处理"))
            #expect(await house.post("operator/uncertain", [("do", "failed")], as: .operators(.view)).status == 403)
        }
    }

    @Test func `a body that cannot be read is shown, escaped, to whom may see numbers, and deleted after a question`()
        async throws
    {
        try await PortalHouse.with { house in
            let operators = PortalHouse.Role.operators()
            let channel = try #require(await house.engine.channels.channel(named: "sim"))
            _ = try await house.engine.inbound.keep(
                Array("<script>13800138000\u{202E}".utf8), of: .pushed, from: channel, refusal: "not JSON <b>")
            let toDo = await house.get("operator", as: operators).text
            #expect(toDo.contains("读不懂的报文"))
            let list = await house.get("operator/inbound?state=unreadable", as: operators).text
            #expect(list.contains("not JSON &lt;b&gt;"))
            let id = try #require(list.split(separator: "/portal/operator/inbound/B").last?.prefix { $0.isNumber })
            let shown = await house.get("operator/inbound/B\(id)", as: operators).text
            #expect(shown.contains("&lt;script&gt;13800138000U+202E") && !shown.contains("<script>138"))
            let hidden = await house.get("operator/inbound/B\(id)", as: .operators(.view)).text
            #expect(!hidden.contains("13800138000"))
            let asked = await house.post("operator/inbound", [("i", "B\(id)"), ("do", "discard")], as: operators)
            #expect(asked.status == 200 && asked.text.contains("不能恢复"))
            #expect(try await house.engine.unmatched.counts().unreadable == 1)
            _ = await house.post(
                "operator/inbound", [("i", "B\(id)"), ("do", "discard"), ("sure", "1")], as: operators)
            #expect(try await house.engine.unmatched.counts().unreadable == 0)
            for path in ["operator/inbound/B99", "operator/inbound/x"] {
                #expect(await house.get(path, as: operators).status == 404)
            }
        }
    }

    @Test func `nothing to do is said, and a low balance is there with a way to recharge`() async throws {
        try await PortalHouse.with { house in
            let operators = PortalHouse.Role.operators()
            #expect(await house.get("operator", as: operators).text.contains("没有要处理的"))
            _ = try await house.engine.accounts.update(id: "shop") { account, _ in
                account.alert.threshold = 200_000_000
            }
            try await house.engine.alerts.round()
            let page = await house.get("operator", as: operators).text
            #expect(page.contains("/portal/operator/customers/shop/recharge") && page.contains("200.000 元"))
            #expect(await !house.get("operator", as: .operators(.view)).text.contains("shop/recharge"))
        }
    }

    // MARK: Finance and settings

    @Test func `what finance shows is what the ledger has`() async throws {
        try await PortalHouse.with { house in
            let operators = PortalHouse.Role.operators()
            for _ in 0..<3 { _ = try await Self.send(house) }
            let day = BillingPeriod.day(PortalHouse.now.chinaDay).text
            for by in ["", "day", "month", "channel"] {
                let page = await house.get("operator/finance?by=\(by)&period=\(day)", as: operators)
                #expect(page.status == 200, "\(by)")
                if by != "channel" { #expect(page.text.contains("0.150"), "\(by)") }
            }
            #expect(
                await house.get("operator/finance?by=", as: operators).text.contains("/portal/operator/customers/shop"))
            #expect(await house.get("operator/finance?period=2020-01", as: operators).text.contains("这段时间没有发送"))
            #expect(await house.get("operator/finance?by=year", as: operators).status == 404)
            #expect(await house.get("operator/finance?period=soon", as: operators).status == 400)
        }
    }

    @Test func `settings are shown as they are`() async throws {
        try await PortalHouse.with { house in
            #expect(await house.get("operator/settings", as: .operators()).text.contains("没有"))
        }
    }
}
