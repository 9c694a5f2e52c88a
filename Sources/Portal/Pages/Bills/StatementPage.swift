import Engine
import Messaging

/// The settlement of a month or a quarter, to be printed.
struct StatementPage {
    private let page: PageContext
    private let period: BillingPeriod
    private let rows: [DailyTotal]

    private var l: Language { page.l }

    static func show(_ page: PageContext) async throws -> PortalResponse {
        let text = page.request.query["p"]
        let period: BillingPeriod
        if text.isEmpty {
            period = .month(of: page.now.chinaDay)
        } else {
            guard let asked = BillingPeriod(text) else { throw PageFailure.notFound }
            period = asked
        }
        let rows = try await page.engine.records.dailyTotals(
            of: try page.recordScope(), days: period.days, limit: .max)
        return .page(try StatementPage(page: page, period: period, rows: rows).content())
    }

    private func content() throws(PageFailure) -> Page {
        let account = try page.account().account
        let print: HTML = """
            <button type="button" class="plain" data-print hidden data-script>\(l("打印", "Print"))</button>
            """
        let byDay: HTML = """
            <section class="sheet"><div class="sheet-head"><h2>\(l("按日", "By day"))</h2></div>\(dayTable)</section>
            """
        return Page(
            title: title, section: .bills, lead: "\(account.name) \(account.id)", actions: print,
            crumbs: [(l("短信账单", "Bills"), "bills")],
            body: """
                \(BillPages.tabs(l, "bills/statement"))\(choice)<section class="sheet">\(printed)\(figures)\
                \(definitions)</section>\(accounts)\(byDay)
                """)
    }

    private var title: String {
        switch period {
        case .day(let day): l("\(Format.day(day)) 结算单", "Statement of \(Format.day(day))")
        case .month(let year, let month): l("\(year) 年 \(month) 月结算单", "Statement of \(period.text)")
        case .quarter(let year, let quarter): l("\(year) 年第 \(quarter) 季度结算单", "Statement of \(period.text)")
        }
    }

    private var printed: HTML {
        let time = page.now.chinaText
        return "<p class=\"print-only\">\(l("驿站短信平台 · 打印于 \(time)", "Yizhan · printed \(time)"))</p>"
    }

    /// The last months and quarters.
    private var choice: HTML {
        let today = page.now.chinaDay
        var (year, month) = (today / 10_000, today / 100 % 100)
        var periods: [BillingPeriod] = []
        for _ in 0..<13 {
            periods.append(.month(year: year, month: month))
            (year, month) = month == 1 ? (year - 1, 12) : (year, month - 1)
        }
        var (quarterYear, quarter) = (today / 10_000, (today / 100 % 100 + 2) / 3)
        for _ in 0..<5 {
            periods.append(.quarter(year: quarterYear, quarter: quarter))
            (quarterYear, quarter) = quarter == 1 ? (quarterYear - 1, 4) : (quarterYear, quarter - 1)
        }
        let options = periods.map { item -> HTML in
            "<option value=\"\(item.text)\"\(" selected", if: item == period)>\(item.text)</option>"
        }
        return """
            <form class="sheet filters" method="get" action="\(Portal.root)bills/statement" \
            aria-label="\(l("账期", "Period"))"><div><label for="p">\(l("月份或季度", "Month or quarter"))</label>\
            <select id="p" name="p">\(options)</select></div><div class="actions">\
            <button>\(l("查询", "Show"))</button></div></form>
            """
    }

    // MARK: Figures

    private var sum: AccountTotal {
        var sum = AccountTotal()
        for row in rows { sum.add(row.total) }
        return sum
    }

    private var unit: ChargeUnit { page.visitor.login?.account?.account.chargeUnit ?? .money }

    private var figures: HTML {
        let sum = sum
        let amount = unit == .money ? l("结算金额（元）", "Amount (yuan)") : l("结算条数", "Amount (segments)")
        let items: [(String, String, String)] = [
            (l("实际发送（条）", "Really sent"), Format.count(sum.sent), ""),
            (l("成功到达（条）", "Delivered"), Format.count(sum.delivered), Format.share(sum.delivered, of: sum.sent)),
            (l("计费条", "Segments"), Format.count(sum.segments), ""),
            (
                amount, Format.amount(sum.net, unit),
                l(
                    "预扣 \(Format.amount(sum.charged, unit))，退 \(Format.amount(sum.refunded, unit))",
                    "charged \(Format.amount(sum.charged, unit)), refunded \(Format.amount(sum.refunded, unit))")
            ),
            (l("5 秒内到达", "Within 5 s"), Format.share(sum.deliveredFast, of: sum.timed), ""),
        ]
        let list = items.map { item -> HTML in
            let small: HTML? = item.2.isEmpty ? nil : "<small>\(item.2)</small>"
            return "<div><dt>\(item.0)</dt><dd>\(item.1)\(small)</dd></div>"
        }
        return "<dl class=\"figures\">\(list)</dl>"
    }

    private var definitions: HTML {
        let words = l(
            "实际发送：交给运营商的短信，不含号码无效、被规则拦下、已取消、被拒绝和未及时发出的。"
                + "5 秒内到达：从受理（定时的从到时）到最后一条的状态报告，占已计时到达短信的比例。金额为预扣减退费。",
            "Really sent: handed to a carrier. Within 5 s: from acceptance, or from when a scheduled message became "
                + "due, to the last segment's report, of those delivered and timed. Amount: charges less refunds.")
        return "<p class=\"hint\">\(words)</p>"
    }

    private var accounts: HTML? {
        var totals: [AccountKey: AccountTotal] = [:]
        for row in rows { totals[row.account, default: AccountTotal()].add(row.total) }
        guard totals.count > 1 else { return nil }
        let directory = page.engine.accounts.directory
        let lines = totals.keys.sorted().map { key -> [HTML] in
            let (entry, total) = (directory.account(key: key), totals[key] ?? AccountTotal())
            return [HTML(text: entry?.account.id ?? ""), HTML(text: entry?.account.name ?? "")]
                + cells(total, entry?.account.chargeUnit ?? .money)
        }
        let columns = [Table.Column(l("账号", "Account")), Table.Column(l("名称", "Name"))] + figureColumns
        let table = Table(name: l("按账号", "By account"), columns: columns, rows: lines).html
        return """
            <section class="sheet"><div class="sheet-head"><h2>\(l("按账号", "By account"))</h2></div>\(table)</section>
            """
    }

    private var dayTable: HTML {
        var totals: [Int: AccountTotal] = [:]
        for row in rows { totals[row.day, default: AccountTotal()].add(row.total) }
        let lines = totals.keys.sorted(by: >).map { day -> [HTML] in
            [HTML(text: Format.day(day))] + cells(totals[day] ?? AccountTotal(), unit)
        }
        if lines.isEmpty {
            return """
                <div class="empty"><p class="title">\(l("这个账期没有消费", "Nothing was spent in this period"))</p></div>
                """
        }
        let sums: [HTML] = [HTML(text: l("合计", "Sum"))] + cells(sum, unit)
        return Table(
            name: l("按日", "By day"), columns: [Table.Column(l("日期", "Day"), "nowrap")] + figureColumns,
            rows: lines, totals: sums
        ).html
    }

    private var figureColumns: [Table.Column] {
        let word = unit == .money ? l("元", "yuan") : l("条", "segments")
        return [
            Table.Column(l("实发", "Sent"), "num"), Table.Column(l("到达", "Delivered"), "num"),
            Table.Column(l("计费条", "Segments"), "num"), Table.Column(l("金额（\(word)）", "Amount (\(word))"), "num"),
            Table.Column(l("5 秒内", "Within 5 s"), "num"),
        ]
    }

    private func cells(_ total: AccountTotal, _ unit: ChargeUnit) -> [HTML] {
        [
            HTML(text: Format.count(total.sent)), HTML(text: Format.count(total.delivered)),
            HTML(text: Format.count(total.segments)), HTML(text: Format.amount(total.net, unit)),
            HTML(text: Format.share(total.deliveredFast, of: total.timed)),
        ]
    }
}
