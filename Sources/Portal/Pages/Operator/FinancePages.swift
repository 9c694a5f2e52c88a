import Administration
import Engine
import Messaging
import NIOHTTP1

/// What was earned, by customer, day, month and channel.
enum FinancePages {
    static let routes: [PageRoute] = [
        .get("operator/finance", .operators(.view)) { try await show($0) }
    ]

    private enum View: String, CaseIterable {
        case customer = ""
        case day, month, channel
    }

    /// Rows of one query: a month of ten thousand accounts.
    private static let rowsMax = 400_000
    private static let months = 12

    private static func show(_ page: PageContext) async throws -> PortalResponse {
        let (l, query) = (page.l, page.request.query)
        guard let view = View(rawValue: query["by"]) else { throw PageFailure.notFound }
        let given = query["period"]
        guard let period = given.isEmpty ? BillingPeriod.month(of: page.now.chinaDay) : BillingPeriod(given) else {
            throw PageFailure.badRequest
        }
        let content: HTML =
            switch view {
            case .customer: try await byCustomer(page, period)
            case .day: try await byDay(page, period)
            case .month: try await byMonth(page)
            case .channel: try await byChannel(page, period)
            }
        let filter: HTML? = view == .month ? nil : filters(page, view, period)
        return .page(
            Page(
                title: l("财务", "Finance"), section: .finance,
                lead: "\(view == .month ? l("最近 \(months) 个月", "The last \(months) months") : period.text)",
                body: "\(tabs(view, period, l))\(filter)\(content)"))
    }

    private static func tabs(_ view: View, _ period: BillingPeriod, _ l: Language) -> HTML {
        let items = View.allCases.map { one -> HTML in
            let title =
                switch one {
                case .customer: l("按客户", "By customer")
                case .day: l("按日", "By day")
                case .month: l("按月", "By month")
                case .channel: l("按通道", "By channel")
                }
            let fields = FormFields.query([("by", one.rawValue), ("period", period.text)])
            return
                """
                <a href="/portal/operator/finance?\(fields)"\(" aria-current=\"page\"", if: one == view)>\(title)</a>
                """
        }
        return "<nav class=\"tabs\" aria-label=\"\(l("财务", "Finance"))\">\(items)</nav>"
    }

    private static func filters(_ page: PageContext, _ view: View, _ period: BillingPeriod) -> HTML {
        let l = page.l
        return """
            <form class="sheet filters" method="get" action="/portal/operator/finance" \
            aria-label="\(l("查询条件", "Filters"))">\
            <input type="hidden" name="by" value="\(view.rawValue)"><div><label for="period">\(l("期间", "Period"))\
            </label>\
            <input id="period" name="period" value="\(period.text)" placeholder="2026-11" \
            aria-describedby="period-hint">\
            <small id="period-hint">\(l("2026-11、2026-Q4 或 2026-11-28", "2026-11, 2026-Q4 or 2026-11-28"))</small>\
            </div>\
            <div class="actions"><button>\(l("查询", "Find"))</button></div></form>
            """
    }

    // MARK: Sums

    /// Money and segments do not add up: accounts that are charged by a count are summed apart.
    private struct Sums {
        var money = AccountTotal()
        var count = AccountTotal()

        mutating func add(_ total: AccountTotal, _ unit: ChargeUnit) {
            if unit == .money { money.add(total) } else { count.add(total) }
        }

        var segments: Int64 { money.segments &+ count.segments }
        var messages: Int64 { money.messages &+ count.messages }
        var delivered: Int64 { money.delivered &+ count.delivered }
    }

    private static func unit(of key: AccountKey, _ page: PageContext) -> ChargeUnit {
        page.engine.accounts.directory.account(key: key)?.account.chargeUnit ?? .money
    }

    private static func rows(_ page: PageContext, _ period: BillingPeriod) async throws -> [DailyTotal] {
        try await page.engine.records.dailyTotals(of: .everything, days: period.days, limit: rowsMax)
    }

    private static func figures(_ sums: Sums, _ l: Language) -> HTML {
        let counted: HTML? =
            sums.count.messages == 0
            ? nil
            : """
            <div><dt>\(l("按条计费（条）", "Charged by count (segments)"))</dt>\
            <dd>\(Format.count(sums.count.charged &- sums.count.refunded))</dd></div>
            """
        return """
            <section class="sheet"><dl class="figures"><div><dt>\(l("净收入（元）", "Net (yuan)"))</dt>\
            <dd>\(Format.yuan(sums.money.charged &- sums.money.refunded))</dd></div>\
            <div><dt>\(l("收入（元）", "Charged (yuan)"))</dt><dd>\(Format.yuan(sums.money.charged))</dd></div>\
            <div><dt>\(l("退费（元）", "Refunded (yuan)"))</dt><dd>\(Format.yuan(sums.money.refunded))</dd></div>\
            <div><dt>\(l("计费条", "Segments"))</dt><dd>\(Format.count(sums.segments))</dd></div>\(counted)</dl></section>
            """
    }

    private static func columns(_ first: String, _ l: Language) -> [Table.Column] {
        [
            .init(first, "grow"), .init(l("短信", "Messages"), "num"), .init(l("计费条", "Segments"), "num"),
            .init(l("成功", "Delivered"), "num"), .init(l("收入", "Charged"), "num"),
            .init(l("退费", "Refunded"), "num"), .init(l("净收入", "Net"), "num"),
        ]
    }

    private static func cells(_ first: HTML, _ total: AccountTotal, _ unit: ChargeUnit) -> [HTML] {
        let suffix: HTML? = unit == .count ? "<small>\(unit.rawValue)</small>" : nil
        return [
            first, "\(Format.count(total.messages))", "\(Format.count(total.segments))",
            "\(Format.share(total.delivered, of: total.messages))", "\(Format.amount(total.charged, unit))\(suffix)",
            "\(Format.amount(total.refunded, unit))\(suffix)",
            "\(Format.amount(total.charged &- total.refunded, unit))\(suffix)",
        ]
    }

    private static func sheet(_ table: Table, isEmpty: Bool, _ l: Language) -> HTML {
        guard !isEmpty else {
            return """
                <section class="sheet"><div class="empty"><p \
                class="title">\(l("这段时间没有发送", "Nothing was sent in this time"))</p>\
                <p>\(l("换一个期间。", "Choose another period."))</p></div></section>
                """
        }
        return "<section class=\"sheet\">\(table.html)</section>"
    }

    // MARK: The four views

    private static func byCustomer(_ page: PageContext, _ period: BillingPeriod) async throws -> HTML {
        let l = page.l
        var (sums, byAccount) = (Sums(), [AccountKey: AccountTotal]())
        for row in try await rows(page, period) {
            sums.add(row.total, unit(of: row.account, page))
            byAccount[row.account, default: AccountTotal()].add(row.total)
        }
        let directory = page.engine.accounts.directory
        let named = byAccount.compactMap { key, total in directory.account(key: key).map { (entry: $0, total: total) } }
            .sorted { ($0.total.charged, $1.entry.account.id) > ($1.total.charged, $0.entry.account.id) }
        let lines = named.map { entry, total -> [HTML] in
            let id = entry.account.id
            let name: HTML = """
                <a href="/portal/operator/customers/\(id)">\(id)</a> \(HTML.foreign(entry.account.name))\
                \(entry.parent.map { "<small>\(l("\($0.account.id) 的子账户", "below \($0.account.id)"))</small>" as HTML })
                """
            return cells(name, total, entry.account.chargeUnit)
        }
        let table = Table(
            name: l("按客户", "By customer"), columns: columns(l("客户", "Customer"), l), rows: lines,
            totals: cells("\(l("合计（按金额计费）", "All, charged by money"))", sums.money, .money))
        return "\(figures(sums, l))\(sheet(table, isEmpty: lines.isEmpty, l))"
    }

    private static func byDay(_ page: PageContext, _ period: BillingPeriod) async throws -> HTML {
        let l = page.l
        var (sums, byDay) = (Sums(), [Int: Sums]())
        for row in try await rows(page, period) {
            let unit = unit(of: row.account, page)
            sums.add(row.total, unit)
            byDay[row.day, default: Sums()].add(row.total, unit)
        }
        let lines = byDay.sorted { $0.key > $1.key }.flatMap { day, sums in
            self.lines("\(Format.day(day))", sums, l)
        }
        let table = Table(
            name: l("按日", "By day"), columns: columns(l("日期", "Day"), l), rows: lines,
            totals: cells("\(l("合计（按金额计费）", "All, charged by money"))", sums.money, .money))
        return "\(figures(sums, l))\(sheet(table, isEmpty: lines.isEmpty, l))"
    }

    /// One line for money, and one for counts where there are any.
    private static func lines(_ first: HTML, _ sums: Sums, _ l: Language) -> [[HTML]] {
        var lines: [[HTML]] = []
        if sums.money.messages > 0 { lines.append(cells(first, sums.money, .money)) }
        if sums.count.messages > 0 {
            lines.append(cells("\(first)<small>\(l("按条计费", "charged by count"))</small>", sums.count, .count))
        }
        return lines
    }

    private static func byMonth(_ page: PageContext) async throws -> HTML {
        let l = page.l
        var (year, month) = (page.now.chinaDay / 10_000, page.now.chinaDay / 100 % 100)
        let counted = Set(
            page.engine.accounts.directory.entries.filter { $0.account.chargeUnit == .count }.map(\.key))
        let charged = Set(page.engine.accounts.directory.entries.map(\.key)).subtracting(counted)
        var lines: [[HTML]] = []
        for _ in 0..<months {
            let period = BillingPeriod.month(year: year, month: month)
            var sums = Sums()
            sums.money = try await page.engine.records.total(of: AccountScope(charged), days: period.days)
            if !counted.isEmpty {
                sums.count = try await page.engine.records.total(of: AccountScope(counted), days: period.days)
            }
            let link: HTML = "<a href=\"/portal/operator/finance?by=day&amp;period=\(period.text)\">\(period.text)</a>"
            lines += self.lines(link, sums, l)
            (year, month) = month == 1 ? (year - 1, 12) : (year, month - 1)
        }
        let table = Table(name: l("按月", "By month"), columns: columns(l("月份", "Month"), l), rows: lines)
        return sheet(table, isEmpty: lines.isEmpty, l)
    }

    private static func byChannel(_ page: PageContext, _ period: BillingPeriod) async throws -> HTML {
        let l = page.l
        var lines: [[HTML]] = []
        for entry in await page.engine.channels.all {
            let total = try await page.engine.records.total(of: entry, days: period.days)
            let final = total.delivered &+ total.failed
            let name = entry.channel.name
            lines.append([
                "<a href=\"/portal/operator/channels/\(name)\">\(name)</a>", "\(Format.count(total.submitted))",
                "\(Format.count(total.refused))", "\(Format.count(total.delivered))", "\(Format.count(total.failed))",
                "\(Format.share(total.delivered, of: final))",
            ])
        }
        let table = Table(
            name: l("按通道", "By channel"),
            columns: [
                .init(l("通道", "Channel"), "grow"), .init(l("提交（条短信）", "Submitted (messages)"), "num"),
                .init(l("拒绝", "Refused"), "num"), .init(l("成功", "Delivered"), "num"),
                .init(l("失败", "Failed"), "num"), .init(l("成功率", "Share"), "num"),
            ], rows: lines)
        return sheet(table, isEmpty: lines.isEmpty, l)
    }
}
