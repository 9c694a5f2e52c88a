import Engine
import Messaging
import Testing

@testable import Portal

/// The first page, bills and replies.
struct BillPageTests {
    private static let day = "2025-11-27"

    @Test func `the first page has the document's figures`() async throws {
        try await PortalHouse.with { house in
            try await house.report(try await house.send(["13800138000"]))
            try await house.report(try await house.send(["13800138001"]), DeliveryStatus("UNDELIV"))
            try await house.send(["13800138002"])
            let page = await house.get("")
            #expect(page.status == 200)
            for words in [
                "账户余额（元）", "今日发送总数", "今日发送成功数", "今日发送失败数", "今日发送未知数", "99.850", "成功率 33.3%",
                "5 秒内送达", "最近 30 天", "最近批次", "UNDELIV", "首次登录", "成功率 = 成功数 ÷ 发送总数",
            ] { #expect(page.text.contains(words), "\(words)") }
            #expect(page.text.contains("<dd><a href=\"/portal/records\">3</a>"))
            #expect(page.text.contains("<dd><a href=\"/portal/records?s=delivered\">1</a>"))
            #expect(page.text.contains("<dd><a href=\"/portal/records?s=failed\">1</a>"))
            #expect(page.text.contains("<dd><a href=\"/portal/records?s=unknown\">1</a>"))
        }
    }

    @Test func `a new customer is told how to begin, and operators have a page of their own`() async throws {
        try await PortalHouse.with { house in
            #expect(await house.get("").text.contains("还没有发过短信"))
            #expect(await house.get("", as: .operators()).location == "/portal/operator")
            #expect(await house.get("", as: .nobody).location.hasPrefix("/portal/login"))
            #expect(await house.get("", language: .english).text.contains("Delivered today"))
        }
    }

    @Test func `the bill of a day is the sum of the ledger`() async throws {
        try await PortalHouse.with { house in
            try await house.send(["13800138000", "13800138001", "13"])
            let due = PortalHouse.now.adding(milliseconds: 3_600_000)
            let scheduled = try await house.send(["13800138002"], due: due)
            _ = await house.post("records/batches/\(scheduled.rawValue)/cancel")
            var search = LedgerSearch(scope: AccountScope([house.shop.key]))
            search.kinds = [.charge, .refund]
            let sum = try await house.engine.records.ledger(search).items.reduce(0) { $0 + $1.amount }
            #expect(sum == -100_000)
            let page = await house.get("bills?f=\(Self.day)&t=\(Self.day)")
            for words in ["0.150", "0.050", "0.100", "合计", "shop"] { #expect(page.text.contains(words), "\(words)") }
            #expect(await house.get("bills?f=\(Self.day)&t=\(Self.day)", as: .stranger).text.contains("这段时间没有消费"))
            let ledger = await house.get("bills/ledger")
            for words in ["扣费", "退费", "充值", "-0.100", "+0.050"] { #expect(ledger.text.contains(words), "\(words)") }
            #expect(await house.get("bills/recharges").text.contains("+100.000"))
            #expect(try await house.engine.records.verifyLedger().differences.isEmpty)
        }
    }

    @Test func `a statement has the contract's figures`() async throws {
        try await PortalHouse.with { house in
            try await house.report(try await house.send(["13800138000"]))
            try await house.report(try await house.send(["13800138001"]), DeliveryStatus("UNDELIV"))
            try await house.send(["13"])
            for period in ["", "?p=2025-11", "?p=2025-Q4"] {
                let page = await house.get("bills/statement\(period)")
                for words in ["实际发送", "成功到达", "计费条", "结算金额", "5 秒内到达", "<dd>2</dd>", "50.0%", "100.0%"] {
                    #expect(page.text.contains(words), "\(period) \(words)")
                }
            }
            #expect(await house.get("bills/statement?p=2024-Q1").text.contains("这个账期没有消费"))
            #expect(await house.get("bills/statement?p=nonsense").status == 404)
        }
    }

    @Test(arguments: ["bills", "bills/statement", "bills/ledger", "bills/recharges"])
    func `bills take a right`(path: String) async throws {
        try await PortalHouse.with { house in
            #expect(await house.get(path).status == 200)
            #expect(await house.get(path, as: .customer([.records, .send])).status == 403)
            #expect(await house.get(path, as: .operators()).status == 404)
        }
    }

    @Test func `days that are none, and another's account, are refused`() async throws {
        try await PortalHouse.with { house in
            #expect(await house.get("bills?f=2026-13-01").status == 400)
            #expect(await house.get("bills?f=2025-11-28&t=2025-11-27").status == 400)
            #expect(await house.get("bills?a=other").status == 404)
            #expect(await house.get("bills/ledger?a=other").status == 404)
        }
    }

    @Test func `replies are listed with what they answer`() async throws {
        try await PortalHouse.with { house in
            let id = try await house.send(["13800138000"], "请回复")
            try await house.reply("<b>收到</b>\u{202E}", to: id)
            let page = await house.get("replies")
            #expect(page.text.contains("&lt;b&gt;收到&lt;/b&gt;U+202E"))
            #expect(page.text.contains("请回复"))
            #expect(await !house.get("replies", as: .stranger).text.contains("收到"))
            let asked = await house.post("replies", [("n", "13800138000")])
            #expect(!asked.location.contains("138001"))
            #expect(await house.get(String(asked.location.dropFirst(8))).text.contains("收到"))
            let none = await house.post("replies", [("c", "没有这句")])
            #expect(await house.get(String(none.location.dropFirst(8))).text.contains("这段时间没有回复"))
            #expect(await house.get("replies?n=12").status == 400)
        }
    }
}

/// Rules of the pages of records that need no house.
struct RecordRuleTests {
    @Test(
        arguments: [
            ("13800138000", "13800138000"), ("138-0013-8000", "13800138000"), (" +86 138 0013 8000 ", "13800138000"),
            ("0086 13800138000", "13800138000"), ("（138）", nil), ("１３８００１３８０００", "13800138000"), ("1380013800", nil),
            ("13800138000,13800138001", nil), ("", nil), ("\u{202A}13800138000\u{202C}", "13800138000"),
        ] as [(String, String?)])
    func `a number is tidied before it is read`(text: String, number: String?) {
        #expect(TidyNumber.read(text)?.text == number)
    }

    @Test(arguments: [
        ("2026-11-28", "2026-11-28 00:00:00", "2026-11-29 00:00:00"),
        ("2026-11-28T16:02", "2026-11-28 16:02:00", "2026-11-28 16:03:00"),
        ("2026-12-31", "2026-12-31 00:00:00", "2027-01-01 00:00:00"),
    ])
    func `a day or a minute is included as a whole`(text: String, start: String, end: String) {
        #expect(DateField.moment(text)?.chinaText == start)
        #expect(DateField.end(text)?.chinaText == end)
    }

    @Test(arguments: ["", "2026", "2026-02-30", "2026-11-28T", "2026-11-28T24:00", "2026-11-28 10:00", "28.11.2026"])
    func `what is no day is none`(text: String) {
        #expect(DateField.moment(text) == nil)
    }

    @Test(
        arguments: [(0, 1), (1, 1), (2, 2), (3, 5), (6, 10), (11, 20), (48_210, 50_000), (88_000, 100_000)]
            as [(Int64, Int64)])
    func `a chart ends at a round number`(greatest: Int64, top: Int64) {
        #expect(DayChart.scale(greatest) == top)
    }

    @Test func `a chart takes any figures`() {
        var total = AccountTotal()
        (total.messages, total.delivered, total.failed) = (.max, .max, .max)
        let chart = DayChart(l: .chinese, days: [(20_261_127, AccountTotal()), (20_261_128, total)])
        #expect(chart.html.markup.contains("<svg"))
    }

    @Test func `the pieces of a meter fill it`() {
        let meter = Meter([("c-good", "a", 1), ("c-bad", "b", 1), ("c-wait", "c", 1)]).html.markup
        for piece in ["x=\"0\" width=\"333\"", "x=\"333\" width=\"333\"", "x=\"666\" width=\"334\""] {
            #expect(meter.contains(piece), "\(piece)")
        }
        #expect(!Meter([]).html.markup.contains("<rect"))
    }
}
