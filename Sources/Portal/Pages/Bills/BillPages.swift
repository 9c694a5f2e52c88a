import Engine
import Messaging
import NIOHTTP1

/// What was spent, by day, month and quarter, down to the ledger's entries.
enum BillPages {
    static let routes: [PageRoute] = [
        .get("bills", .customer(.bills)) { try await days($0) },
        .get("bills/statement", .customer(.bills)) { try await StatementPage.show($0) },
        .get("bills/recharges", .customer(.bills)) { try await recharges($0) },
        .get("bills/ledger", .customer(.bills)) { try await ledger($0) },
        .post("bills/export", .customer(.bills)) { try await export($0) },
    ]

    /// Rows of a table of days; a year of three accounts.
    static let rowsMax = 1100

    /// What bills are filtered by.
    struct Filter {
        var from: String
        var to: String
        var account: String

        init(_ fields: FormFields, now: Timestamp) {
            account = fields["a"]
            let month = now.chinaDay / 100 * 100 + 1
            from = fields["f"].isEmpty ? Format.day(month) : fields["f"]
            to = fields["t"].isEmpty ? DateField.day(now) : fields["t"]
        }

        var fields: [(String, String)] {
            [("f", from), ("t", to)] + (account.isEmpty ? [] : [("a", account)])
        }

        /// The days as yyyymmdd; nil when the fields are no days.
        var days: ClosedRange<Int>? {
            guard case .day(let first)? = BillingPeriod(from), case .day(let last)? = BillingPeriod(to), first <= last
            else { return nil }
            return first...last
        }
    }

    /// The pages of bills beside each other.
    static func tabs(_ l: Language, _ current: String) -> HTML {
        let tabs = [
            ("bills", l("日账单", "By day")), ("bills/statement", l("月结与季结", "Statements")),
            ("bills/ledger", l("流水", "Ledger")), ("bills/recharges", l("充值记录", "Recharges")),
        ].map { path, title -> HTML in
            "<a href=\"\(Portal.root)\(path)\"\(" aria-current=\"page\"", if: path == current)>\(title)</a>"
        }
        return "<nav class=\"tabs\" aria-label=\"\(l("账单", "Bills"))\">\(tabs)</nav>"
    }

    // MARK: Days

    private static func days(_ page: PageContext) async throws -> PortalResponse {
        let filter = Filter(page.request.query, now: page.now)
        let scope = try page.recordScope(account: filter.account)
        guard let days = filter.days else {
            let errors = FormErrors([(field: "f", message: page.l("日期不正确。", "These are no days in order."))])
            return .page(
                Page(
                    title: page.l("短信账单", "Bills"), section: .bills,
                    body: "\(FormBuilder(page.l, errors: errors).summary)\(try form(page, filter, errors))",
                    hasErrors: true), status: .badRequest)
        }
        let rows = try await page.engine.records.dailyTotals(of: scope, days: days, limit: rowsMax)
        let table = rows.isEmpty ? nothing(page) : DayTable(page: page).html(rows)
        let cut: HTML? =
            rows.count < rowsMax
            ? nil
            : """
            <p class="hint">\(page.l("只列出最近的 \(rowsMax) 行，请缩短时间。", "The latest \(rowsMax) rows; narrow the days."))</p>
            """
        let body: HTML = """
            \(tabs(page.l, "bills"))\(try form(page, filter, FormErrors()))<section class="sheet">\(table)\(cut)\
            \(hint(page))</section>\(exports(page, .bills, filter.fields))
            """
        return .page(Page(title: page.l("短信账单", "Bills"), section: .bills, body: body))
    }

    private static func hint(_ page: PageContext) -> HTML {
        """
        <p class="hint">\(page.l("按受理日统计；退费记在受理日。余额等于全部流水之和。",
            "By the day of acceptance, refunds too. The balance is the sum of all ledger entries."))\
        <a href="\(Portal.root)bills/ledger">\(page.l("看流水", "The ledger"))</a></p>
        """
    }

    private static func nothing(_ page: PageContext) -> HTML {
        """
        <div class="empty"><p class="title">\(page.l("这段时间没有消费", "Nothing was spent in this time"))</p>\
        <p>\(page.l("可以换一段日期。", "Choose other days."))</p></div>
        """
    }

    private static func form(
        _ page: PageContext, _ filter: Filter, _ errors: FormErrors
    ) throws(PageFailure) -> HTML {
        let l = page.l
        let account = try page.accountField(filter.account)
        let dates = FilterField.dates(filter.from, filter.to, errors, l, from: l("从", "From"))
        return """
            <form class="sheet filters" method="get" action="\(Portal.root)bills" \
            aria-label="\(l("查询条件", "Filter"))">\(account)\(dates)<div class="actions">\
            <button>\(l("查询", "Search"))</button></div></form>
            """
    }

    /// Two buttons that write what the page shows into a file.
    static func exports(_ page: PageContext, _ kind: ExportPages.Kind, _ fields: [(String, String)]) -> HTML {
        let hidden = (fields + [("kind", kind.rawValue)]).map { field -> HTML in
            "<input type=\"hidden\" name=\"\(field.0)\" value=\"\(field.1)\">"
        }
        return """
            <form class="actions" method="post" action="\(Portal.root)bills/export" data-again>\(hidden)\
            <button class="plain" name="do" value="xlsx">\(page.l("导出（Excel）", "Export (Excel)"))</button>\
            <button class="plain" name="do" value="csv">\(page.l("导出（csv）", "Export (csv)"))</button></form>
            """
    }

    private static func export(_ page: PageContext) async throws -> PortalResponse {
        guard let kind = ExportPages.Kind(rawValue: page.request.form["kind"]), [.bills, .ledger].contains(kind) else {
            throw PageFailure.badRequest
        }
        let filter = Filter(page.request.form, now: page.now)
        _ = try page.recordScope(account: filter.account)
        guard filter.days != nil else { throw PageFailure.badRequest }
        return try await ExportPages.start(
            page, kind, filter.fields, format: page.request.form["do"],
            title: kind == .bills ? page.l("日账单", "Bills by day") : page.l("流水", "Ledger"))
    }

    // MARK: Ledger

    /// The search of the ledger that the fields mean.
    static func ledgerSearch(_ filter: Filter, _ scope: AccountScope) -> LedgerSearch {
        var search = LedgerSearch(scope: scope)
        (search.from, search.to) = (DateField.moment(filter.from), DateField.end(filter.to))
        return search
    }

    private static func ledger(_ page: PageContext) async throws -> PortalResponse {
        let filter = Filter(page.request.query, now: page.now)
        var search = ledgerSearch(filter, try page.recordScope(account: filter.account))
        search.before = page.request.query.integer("b", in: 1...Int64.max).map { LedgerEntryID($0) }
        let found = try await page.engine.records.ledger(search)
        let l = page.l
        let next = found.next.map { place -> HTML in
            let query = FormFields.query(filter.fields + [("b", "\(place)")])
            return "<a rel=\"next\" href=\"\(Portal.root)bills/ledger?\(query)\">\(l("较旧 ›", "Older ›"))</a>"
        }
        let account = try page.accountField(filter.account)
        let dates = FilterField.dates(filter.from, filter.to, FormErrors(), l, from: l("从", "From"))
        let form: HTML = """
            <form class="sheet filters" method="get" action="\(Portal.root)bills/ledger" \
            aria-label="\(l("查询条件", "Filter"))">\(account)\(dates)<div class="actions">\
            <button>\(l("查询", "Search"))</button></div></form>
            """
        let table = found.items.isEmpty ? nothing(page) : LedgerTable(page: page).html(found.items)
        let body: HTML = """
            \(tabs(l, "bills/ledger"))\(form)<section class="sheet">\(table)<nav class="pager" \
            aria-label="\(l("分页", "Pages"))"><span></span><span></span>\(next)</nav></section>\
            \(exports(page, .ledger, filter.fields))
            """
        return .page(Page(title: l("流水", "Ledger"), section: .bills, body: body))
    }

    private static func recharges(_ page: PageContext) async throws -> PortalResponse {
        var search = LedgerSearch(scope: try page.recordScope())
        search.kinds = [.recharge]
        search.before = page.request.query.integer("b", in: 1...Int64.max).map { LedgerEntryID($0) }
        let found = try await page.engine.records.ledger(search)
        let l = page.l
        let table: HTML =
            found.items.isEmpty
            ? """
            <div class="empty"><p class="title">\(l("还没有充值", "No recharge yet"))</p></div>
            """ : LedgerTable(page: page).html(found.items)
        let next = found.next.map { place -> HTML in
            "<a rel=\"next\" href=\"\(Portal.root)bills/recharges?b=\(place.rawValue)\">\(l("较旧 ›", "Older ›"))</a>"
        }
        let body: HTML = """
            \(tabs(l, "bills/recharges"))<section class="sheet">\(table)<nav class="pager" \
            aria-label="\(l("分页", "Pages"))"><span></span><span></span>\(next)</nav></section>
            """
        return .page(Page(title: l("充值记录", "Recharges"), section: .bills, body: body))
    }
}

/// A table of accounts' days.
struct DayTable {
    let page: PageContext

    private var l: Language { page.l }

    func html(_ days: [DailyTotal]) -> HTML {
        let units = Set(days.compactMap { entry($0.account)?.account.chargeUnit })
        let unit = units.count == 1 ? units.first ?? .money : .money
        let word = unit == .money ? l("元", "yuan") : l("条", "segments")
        let columns = [
            Table.Column(l("日期", "Day"), "nowrap"), Table.Column(l("账号", "Account")),
            Table.Column(l("发送", "Sent"), "num"), Table.Column(l("成功", "Delivered"), "num"),
            Table.Column(l("失败", "Failed"), "num"), Table.Column(l("未知", "Unknown"), "num"),
            Table.Column(l("计费条", "Segments"), "num"),
            Table.Column(l("消费（\(word)）", "Charged (\(word))"), "num"),
            Table.Column(l("退费（\(word)）", "Refunded (\(word))"), "num"),
            Table.Column(l("实收（\(word)）", "Net (\(word))"), "num"),
        ]
        var sum = AccountTotal()
        for day in days { sum.add(day.total) }
        let sums: [HTML] = [HTML(text: l("合计", "Sum")), .empty] + figures(sum, unit)
        return Table(
            name: l("日账单", "Bills by day"), columns: columns, rows: days.map { row($0) },
            totals: units.count > 1 ? [] : sums
        ).html
    }

    private func entry(_ key: AccountKey) -> AccountEntry? { page.engine.accounts.directory.account(key: key) }

    private func row(_ day: DailyTotal) -> [HTML] {
        let entry = entry(day.account)
        let id = entry?.account.id ?? ""
        let text = Format.day(day.day)
        let query = FormFields.query([("f", text), ("t", text), ("a", id)])
        let date: HTML =
            page.has(.records) ? "<a href=\"\(Portal.root)records/batches?\(query)\">\(text)</a>" : HTML(text: text)
        return [date, HTML(text: id)] + figures(day.total, entry?.account.chargeUnit ?? .money)
    }

    private func figures(_ total: AccountTotal, _ unit: ChargeUnit) -> [HTML] {
        [total.messages, total.delivered, total.failed, total.unknown, total.segments].map {
            HTML(text: Format.count($0))
        } + [total.charged, total.refunded, total.net].map { HTML(text: Format.amount($0, unit)) }
    }
}
