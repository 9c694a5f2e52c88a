import Engine
import Messaging

/// A page of sent messages under a filter.
struct RecordListPage {
    let page: PageContext
    let filter: RecordFilter
    var search: MessageSearch

    private var l: Language { page.l }
    private var root: String { "\(Portal.root)\(page.recordsRoot)" }

    /// The place in the query where this page begins.
    private var before: MessageSequence? {
        page.request.query.integer("b", in: 1...Int64.max).map { MessageSequence($0) }
    }

    func page() async throws -> Page {
        var search = search
        search.before = before
        let found = try await page.engine.records.search(search)
        let form = try filter.form(page, action: page.recordsRoot, errors: FormErrors())
        let partial = partialNotice(found)
        let list = found.items.isEmpty ? empty(found) : table(found)
        return Page(
            title: l("发送记录", "Sent messages"), section: page.recordsSection, lead: lead,
            actions: actions, body: "\(form)\(partial)\(list)")
    }

    private var lead: HTML {
        switch (filter.from, filter.to) {
        case ("", ""): HTML(text: l("全部时间，较新的在前", "All times, the latest first"))
        case (let from, ""): HTML(text: l("\(from) 起，较新的在前", "Since \(from), the latest first"))
        case ("", let to): HTML(text: l("到 \(to)，较新的在前", "Until \(to), the latest first"))
        case (let from, let to) where from == to: HTML(text: l("\(from)，较新的在前", "\(from), the latest first"))
        case (let from, let to): HTML(text: l("\(from) – \(to)，较新的在前", "\(from) – \(to), the latest first"))
        }
    }

    private var actions: HTML {
        let send: HTML? =
            page.visitor.login?.account != nil && page.has(.send)
            ? "<a class=\"button\" href=\"\(Portal.root)send\">\(l("发短信", "Send"))</a>" : nil
        return """
            <a class="button plain" href="\(root)/batches">\(l("批次", "Requests"))</a>\
            <a class="button plain" href="\(root)/number">\(l("号码时间线", "By number"))</a>\(send)
            """
    }

    // MARK: Links of this list

    /// The query of this list without its place; the saved one's id where there is one.
    private var own: [(String, String)] {
        let saved = page.request.query["q"]
        return saved.isEmpty ? filter.fields : [("q", saved)]
    }

    private func link(before place: MessageSequence?) -> String {
        let fields = own + (place.map { [("b", "\($0)")] } ?? [])
        return "\(root)?\(FormFields.query(fields))"
    }

    private func partialNotice(_ found: SearchPage<MessageRecord, MessageSequence>) -> HTML? {
        guard let moment = found.lookedBackTo, let next = found.next else { return nil }
        let time = Format.time(moment, now: page.now)
        let count = Format.count(found.items.count)
        return """
            <div class="notice"><p>\
            \(l("查到 \(time) 为止，找到 \(count) 条。", "Looked back to \(time), found \(count)."))\
            <a href="\(link(before: next))">\(l("继续往前查", "Go on from there"))</a></p></div>
            """
    }

    private func empty(_ found: SearchPage<MessageRecord, MessageSequence>) -> HTML {
        let words =
            found.next == nil
            ? l("已查完所选时间。可以放宽日期或去掉条件。", "All of that time was looked at. Widen the dates or drop a condition.")
            : l("到目前查过的范围内没有。可以继续往前查。", "None as far as was looked. Go on from there.")
        let week = RecordFilter(
            FormFields(encoded: FormFields.query([("f", weekAgo), ("t", DateField.day(page.now))]).utf8), now: page.now)
        return """
            <section class="sheet"><div class="empty"><p class="title">\
            \(l("没有找到符合条件的短信", "No message meets these conditions"))</p><p>\(words)</p>\
            <div class="actions"><a class="button plain" href="\(root)?\(FormFields.query(week.fields))">\
            \(l("查最近 7 天", "The last 7 days"))</a><a href="\(root)">\(l("清除条件", "Clear"))</a></div></div></section>
            """
    }

    private var weekAgo: String { DateField.day(page.now.adding(milliseconds: -6 * 86_400_000)) }

    // MARK: The table

    private func table(_ found: SearchPage<MessageRecord, MessageSequence>) -> HTML {
        let table = RecordTable(page: page, isPicked: true).html(found.items)
        let first = found.items.first.map { Format.time($0.acceptedAt, now: page.now) } ?? ""
        let last = found.items.last.map { Format.time($0.acceptedAt, now: page.now) } ?? ""
        let newer: HTML =
            before == nil
            ? "<span></span>" : "<a rel=\"prev\" href=\"\(link(before: nil))\">\(l("‹ 最新", "‹ Latest"))</a>"
        let older: HTML =
            found.next.map { place -> HTML in
                "<a rel=\"next\" href=\"\(link(before: place))\">\(l("较旧 ›", "Older ›"))</a>"
            } ?? "<span></span>"
        let pager: HTML = """
            <nav class="pager" aria-label="\(l("分页", "Pages"))">\(newer)<span>\(first) – \(last)</span>\(older)</nav>
            """
        return """
            <form class="sheet" method="post" action="\(root)/selected" data-again>\
            <input type="hidden" name="back" value="\(page.recordsRoot)?\(FormFields.query(own))">\
            \(table)\(pager)\(bulk)</form>\(exports)
            """
    }

    private var bulk: HTML {
        let isCustomer = page.visitor.login?.account != nil
        let resend: HTML? =
            isCustomer && page.has(.send)
            ? """
            <button class="plain" name="do" value="resend" data-needs="m">\(l("重发所选", "Send again"))</button>
            """ : nil
        return """
            <div class="bulk actions"><output class="quiet" data-selected="m" \
            data-text="\(l("已选 {n} 条", "{n} chosen"))" hidden data-script></output>\(resend)\
            <button class="plain" name="do" value="xlsx" data-needs="m">\
            \(l("导出所选（Excel）", "Export chosen (Excel)"))</button>\
            <button class="plain" name="do" value="csv" data-needs="m">\
            \(l("导出所选（csv）", "Export chosen (csv)"))</button></div>
            """
    }

    private var exports: HTML {
        let hidden = own.map { field -> HTML in
            "<input type=\"hidden\" name=\"\(field.0)\" value=\"\(field.1)\">"
        }
        return """
            <form class="actions" method="post" action="\(root)/export" data-again>\(hidden)\
            <button class="plain" name="do" value="xlsx">\(l("导出全部结果（Excel）", "Export all (Excel)"))</button>\
            <button class="plain" name="do" value="csv">\(l("导出全部结果（csv）", "Export all (csv)"))</button></form>
            """
    }
}

/// A table of sent messages.
struct RecordTable {
    let page: PageContext
    /// Whether each row has a box to tick.
    var isPicked = false

    private var l: Language { page.l }
    private var root: String { "\(Portal.root)\(page.recordsRoot)" }

    func html(_ records: [MessageRecord]) -> HTML {
        var columns: [Table.Column] = []
        if isPicked {
            let box: HTML = """
                <span class="vh">\(l("选择", "Choose"))</span><input type="checkbox" data-select-all="m" \
                aria-label="\(l("全选本页", "Choose all of this page"))" hidden data-script>
                """
            columns.append(Table.Column(html: box, "pick"))
        }
        columns += [
            Table.Column(l("发送账户", "Account")), Table.Column(l("发送时间", "Sent"), "nowrap"),
            Table.Column(l("手机号", "Number"), "nowrap"), Table.Column(l("短信内容", "Text"), "grow"),
            Table.Column(l("发送状态", "Status")), Table.Column(l("状态报告", "Report"), "", isLabelled: true),
            Table.Column(l("用时", "Took"), "num"),
        ]
        return Table(
            name: l("发送记录", "Sent messages"), columns: columns, rows: records.map { row($0) }
        ).html
    }

    private func row(_ record: MessageRecord) -> [HTML] {
        let id = record.id.rawValue
        let number = page.shown(number: record.mobile)
        var cells: [HTML] = []
        if isPicked {
            cells.append(
                """
                <label><input type="checkbox" name="m" value="\(id)" id="m\(id)">\
                <span class="vh">\(l("选择", "Choose")) \(number)</span></label>
                """)
        }
        let text: HTML =
            "<a class=\"clip\" href=\"\(root)/messages/\(id)\">\(HTML.foreign(record.content))</a>"
        cells += [
            HTML(text: record.account), HTML(text: Format.time(record.acceptedAt, now: page.now)),
            "<a href=\"\(root)/messages/\(id)/number\">\(number)</a>", text, status(record),
            CodeWords.cell(record.status, l), HTML(text: took(record)),
        ]
        return cells
    }

    private func status(_ record: MessageRecord) -> HTML {
        guard record.listed == .scheduled, let due = record.scheduledAt else { return record.listed.mark(l) }
        return "\(record.listed.mark(l))<small>\(Format.time(due, now: page.now))</small>"
    }

    /// From when it might go out to its final report.
    private func took(_ record: MessageRecord) -> String {
        guard let end = record.finalAt, record.listed != .cancelled else { return "–" }
        let start = record.scheduledAt.map { max($0, record.acceptedAt) } ?? record.acceptedAt
        return Format.duration(milliseconds: end.milliseconds(since: start), l)
    }
}
