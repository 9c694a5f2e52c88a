import Engine
import Messaging
import NIOHTTP1

/// Everything that was sent to one number and came from it. The number stands in no URL.
enum NumberPages {
    static func ofMessage(_ page: PageContext) async throws -> PortalResponse {
        let id = MessageID(rawValue: try page.integer("id"))
        let records = try await page.engine.records.records(of: [id], scope: try page.recordScope())
        guard let record = records.first else { throw PageFailure.notFound }
        guard let number = PhoneNumber(record.mobile) else { throw PageFailure.notFound }
        return try await .page(NumberView(page: page, number: number).content())
    }

    static func show(_ page: PageContext) async throws -> PortalResponse {
        let saved = page.request.query["q"]
        guard !saved.isEmpty else { return .page(form(page, FormFields(), FormErrors())) }
        guard let number = PhoneNumber(try await page.savedQuery(saved)["n"]) else { throw PageFailure.notFound }
        return try await .page(NumberView(page: page, number: number).content())
    }

    static func find(_ page: PageContext) async throws -> PortalResponse {
        guard let number = TidyNumber.read(page.request.form["n"]) else {
            let errors = FormErrors([
                (field: "n", message: page.l("请填写完整的手机号。", "Give a whole telephone number."))
            ])
            return .page(form(page, page.request.form, errors), status: .badRequest)
        }
        let query = try await page.save(query: [("n", number.text)])
        return .redirect("\(page.recordsRoot)/number?q=\(query)")
    }

    private static func form(_ page: PageContext, _ values: FormFields, _ errors: FormErrors) -> Page {
        let builder = FormBuilder(page.l, values: values, errors: errors)
        let field = builder.input("n", page.l("手机号", "Number"), attributes: " inputmode=\"tel\" autocomplete=\"off\"")
        return Page(
            title: page.l("号码时间线", "By number"), section: page.recordsSection,
            crumbs: [(page.l("发送记录", "Sent messages"), page.recordsRoot)],
            body: """
                \(builder.summary)<form class="sheet form" method="post" \
                action="\(Portal.root)\(page.recordsRoot)/number">\(field)\
                <p class="hint">\(page.l("查投诉和退订时用：列出发给它的和它回复的全部。", "All that was sent to it and came from it."))</p>\
                <div class="actions"><button>\(page.l("查询", "Search"))</button></div></form>
                """,
            hasErrors: !errors.isEmpty)
    }
}

/// The timeline of a number.
private struct NumberView {
    let page: PageContext
    let number: PhoneNumber

    private var l: Language { page.l }
    private var root: String { "\(Portal.root)\(page.recordsRoot)" }

    private struct Item {
        var at: Timestamp
        var html: HTML
    }

    func content() async throws -> Page {
        let query = page.request.query
        let found = try await page.engine.records.timeline(
            of: number, scope: try page.recordScope(),
            before: query.integer("b", in: 1...Int64.max).map { MessageSequence($0) },
            beforeReply: query.integer("r", in: 1...Int64.max).map { OutboxEntryID($0) })
        let items = (found.messages.items.map { sent($0) } + found.replies.items.map { received($0) })
            .sorted { $0.at > $1.at }
        let list: HTML =
            items.isEmpty
            ? """
            <section class="sheet"><div class="empty"><p class="title">\
            \(l("没有这个号码的记录", "Nothing of this number"))</p></div></section>
            """
            : "<section class=\"sheet\"><ol class=\"timeline\">\(items.map(\.html))</ol>\(pager(found))</section>"
        let shown = page.shown(number: number.text)
        return Page(
            title: l("号码时间线", "By number"), section: page.recordsSection, lead: lead(shown, found),
            crumbs: [(l("发送记录", "Sent messages"), page.recordsRoot)], body: list)
    }

    private func lead(_ shown: HTML, _ found: NumberTimeline) -> HTML {
        let sent = Format.count(found.messages.items.count) + (found.messages.next == nil ? "" : "+")
        let came = Format.count(found.replies.items.count) + (found.replies.next == nil ? "" : "+")
        return "\(shown) · \(l("发送 \(sent)，回复 \(came)", "sent \(sent), received \(came)"))"
    }

    private func sent(_ record: MessageRecord) -> Item {
        let style =
            switch record.listed {
            case .delivered: "good"
            case .failed: "bad"
            case .cancelled: ""
            default: "wait"
            }
        let words = l("发送，\(record.listed.words(l))", "Sent: \(record.listed.words(l))")
        let code: HTML? = record.listed == .failed ? record.status.map { " \(HTML.foreign($0))" } : nil
        return Item(
            at: record.acceptedAt,
            html: """
                <li class="\(style)"><time>\(Format.time(record.acceptedAt, now: page.now))</time>\
                <p class="title"><a href="\(root)/messages/\(record.id.rawValue)">\(words)</a>\(code)\
                 <span class="quiet">\(record.account)</span></p>\(SentText.html(record.content))</li>
                """)
    }

    private func received(_ reply: ReplyRecord) -> Item {
        Item(
            at: reply.receivedAt,
            html: """
                <li><time>\(Format.time(reply.receivedAt, now: page.now))</time>\
                <p class="title">\(l("回复", "Reply to")) \(HTML.foreign(reply.accessNumber))\
                 <span class="quiet">\(reply.accountID)</span></p>\(SentText.html(reply.content, isReply: true))</li>
                """)
    }

    private func pager(_ found: NumberTimeline) -> HTML? {
        guard let next = found.messages.next else { return nil }
        // Before the first entry there is none: all replies were shown.
        var fields = [("b", "\(next)"), ("r", "\(found.replies.next ?? 1)")]
        let saved = page.request.query["q"]
        if !saved.isEmpty { fields.append(("q", saved)) }
        let path = page.request.path.joined(separator: "/")
        return """
            <nav class="pager" aria-label="\(l("分页", "Pages"))"><span></span><span></span>\
            <a rel="next" href="\(Portal.root)\(path)?\(FormFields.query(fields))">\(l("更早 ›", "Older ›"))</a></nav>
            """
    }
}
