import Engine
import Messaging
import NIOHTTP1

/// What handsets sent to the customer.
enum ReplyPages {
    static let routes: [PageRoute] = [
        .get("replies", .customer(.records)) { try await list($0) },
        .post("replies", .customer(.records)) { try await filter($0) },
        .post("replies/export", .customer(.records)) { try await export($0) },
    ]

    /// What the list is filtered by.
    private struct Filter {
        var number: String
        var content: String
        var from: String
        var to: String
        var account: String

        init(_ fields: FormFields, now: Timestamp) {
            (number, content, account) = (fields["n"], fields.raw("c"), fields["a"])
            let week = DateField.day(now.adding(milliseconds: -6 * 86_400_000))
            from = fields.has("f") ? fields["f"] : week
            to = fields.has("t") ? fields["t"] : DateField.day(now)
        }

        var isPrivate: Bool { !number.isEmpty || !content.isEmpty }

        var fields: [(String, String)] {
            [("f", from), ("t", to)] + [("n", number), ("c", content), ("a", account)].filter { !$0.1.isEmpty }
        }
    }

    private static func search(
        _ filter: Filter, _ page: PageContext, _ errors: inout FormErrors
    ) throws(PageFailure) -> ReplySearch {
        var search = ReplySearch(scope: try page.recordScope(account: filter.account))
        (search.from, search.to) = RecordFilter.window(filter.from, filter.to, &errors, page.l)
        search.content = String(filter.content.prefix(RecordFilter.contentMax))
        if !filter.number.isEmpty {
            search.mobile = TidyNumber.read(filter.number)
            if search.mobile == nil {
                errors.add("n", page.l("手机号不完整或有其他字符。", "This is no whole telephone number."))
            }
        }
        return search
    }

    private static func list(_ page: PageContext) async throws -> PortalResponse {
        let saved = page.request.query["q"]
        let fields = saved.isEmpty ? page.request.query : try await page.savedQuery(saved)
        let filter = Filter(fields, now: page.now)
        var errors = FormErrors()
        var search = try search(filter, page, &errors)
        search.before = page.request.query.integer("b", in: 1...Int64.max).map { OutboxEntryID($0) }
        let found =
            errors.isEmpty ? try await page.engine.records.replies(search) : SearchPage(items: [], next: nil)
        let own = saved.isEmpty ? filter.fields : [("q", saved)]
        let body: HTML = """
            \(FormBuilder(page.l, errors: errors).summary)\(try form(page, filter, errors))\
            \(results(page, found, own))
            """
        return .page(
            Page(
                title: page.l("上行回复", "Replies"), section: .replies,
                lead: HTML(text: page.l("较新的在前", "The latest first")), body: body, hasErrors: !errors.isEmpty),
            status: errors.isEmpty ? .ok : .badRequest)
    }

    private static func filter(_ page: PageContext) async throws -> PortalResponse {
        let filter = Filter(page.request.form, now: page.now)
        let query =
            filter.isPrivate
            ? "q=\(try await page.save(query: filter.fields))" : FormFields.query(filter.fields)
        return .redirect("replies?\(query)")
    }

    private static func export(_ page: PageContext) async throws -> PortalResponse {
        let saved = page.request.form["q"]
        let fields = saved.isEmpty ? page.request.form : try await page.savedQuery(saved)
        let filter = Filter(fields, now: page.now)
        var errors = FormErrors()
        _ = try search(filter, page, &errors)
        guard errors.isEmpty else { throw PageFailure.badRequest }
        return try await ExportPages.start(
            page, .replies, filter.fields, format: page.request.form["do"], title: page.l("上行回复", "Replies"))
    }

    /// The search of an export, from the fields that were saved with it.
    static func search(ofExport fields: FormFields, _ scope: AccountScope, now: Timestamp) -> ReplySearch {
        let filter = Filter(fields, now: now)
        var search = ReplySearch(scope: scope)
        var errors = FormErrors()
        (search.from, search.to) = RecordFilter.window(filter.from, filter.to, &errors, .chinese)
        search.content = filter.content
        search.mobile = TidyNumber.read(filter.number)
        return search
    }

    private static func form(
        _ page: PageContext, _ filter: Filter, _ errors: FormErrors
    ) throws(PageFailure) -> HTML {
        let l = page.l
        let account = try page.accountField(filter.account)
        let text: HTML = """
            <div><label for="n">\(l("手机号", "Number"))</label><input id="n" name="n" inputmode="tel"\
             autocomplete="off" value="\(filter.number)"\(FilterField.mark("n", errors))>\
            \(FilterField.words("n", errors))</div><div class="span"><label for="c">\
            \(l("内容包含", "Text contains"))</label><input id="c" name="c" autocomplete="off"\
             value="\(filter.content)"></div>
            """
        let dates = FilterField.dates(filter.from, filter.to, errors, l, from: l("从", "From"))
        return """
            <form class="sheet filters" method="post" action="\(Portal.root)replies" \
            aria-label="\(l("查询条件", "Filter"))">\(text)\(dates)\(account)<div class="actions">\
            <button>\(l("查询", "Search"))</button><a href="\(Portal.root)replies">\(l("清除", "Clear"))</a></div></form>
            """
    }

    private static func results(
        _ page: PageContext, _ found: SearchPage<ReplyRecord, OutboxEntryID>, _ own: [(String, String)]
    ) -> HTML {
        let l = page.l
        let next = found.next.map { place -> HTML in
            let query = FormFields.query(own + [("b", "\(place)")])
            return "<a rel=\"next\" href=\"\(Portal.root)replies?\(query)\">\(l("较旧 ›", "Older ›"))</a>"
        }
        let partial = found.lookedBackTo.map { moment -> HTML in
            let time = Format.time(moment, now: page.now)
            return "<div class=\"notice\"><p>\(l("查到 \(time) 为止。", "Looked back to \(time)."))\(next)</p></div>"
        }
        guard !found.items.isEmpty else {
            return """
                \(partial)<section class="sheet"><div class="empty"><p class="title">\
                \(l("这段时间没有回复", "No reply in this time"))</p><p>\
                \(l("手机用户回复您的短信后会出现在这里。", "What handsets answer to your messages is listed here."))</p></div></section>
                """
        }
        let columns = [
            Table.Column(l("时间", "Time"), "nowrap"), Table.Column(l("手机号", "Number"), "nowrap"),
            Table.Column(l("回复内容", "Text"), "grow"),
            Table.Column(l("对应的短信", "In answer to"), "grow", isLabelled: true),
            Table.Column(l("账户", "Account")),
        ]
        let table = Table(name: l("上行回复", "Replies"), columns: columns, rows: found.items.map { row(page, $0) })
        let hidden = own.map { field -> HTML in
            "<input type=\"hidden\" name=\"\(field.0)\" value=\"\(field.1)\">"
        }
        return """
            \(partial)<section class="sheet">\(table.html)<nav class="pager" aria-label="\(l("分页", "Pages"))">\
            <span></span><span></span>\(next)</nav></section><form class="actions" method="post" \
            action="\(Portal.root)replies/export" data-again>\(hidden)<button class="plain" name="do" value="xlsx">\
            \(l("导出（Excel）", "Export (Excel)"))</button><button class="plain" name="do" value="csv">\
            \(l("导出（csv）", "Export (csv)"))</button></form>
            """
    }

    private static func row(_ page: PageContext, _ reply: ReplyRecord) -> [HTML] {
        let number = page.shown(number: reply.mobile)
        let answered: HTML =
            reply.answered.map { id -> HTML in
                """
                <a class="clip" href="\(Portal.root)records/messages/\(id.rawValue)">\
                \(HTML.foreign(reply.answeredContent ?? "\(id.rawValue)"))</a>
                """
            } ?? "<span class=\"quiet\">\(page.l("没有对应的短信", "none known"))</span>"
        let link: HTML =
            reply.answered.map { id -> HTML in
                "<a href=\"\(Portal.root)records/messages/\(id.rawValue)/number\">\(number)</a>"
            } ?? number
        return [
            HTML(text: Format.time(reply.receivedAt, now: page.now)), link, HTML.foreign(reply.content), answered,
            HTML(text: reply.accountID),
        ]
    }
}
