import Administration
import Engine
import Messaging
import NIOHTTP1

/// Requests with what became of their messages.
enum RequestPages {
    // MARK: The list

    /// What a list of requests is filtered by.
    private struct Filter {
        var content: String
        var from: String
        var to: String
        var account: String
        /// Only requests with more than one recipient.
        var isBulkOnly: Bool

        init(_ fields: FormFields, now: Timestamp) {
            (content, account, isBulkOnly) = (fields.raw("c"), fields["a"], fields.has("m"))
            let week = DateField.day(now.adding(milliseconds: -6 * 86_400_000))
            from = fields.has("f") ? fields["f"] : week
            to = fields.has("t") ? fields["t"] : DateField.day(now)
        }

        var fields: [(String, String)] {
            [("f", from), ("t", to)]
                + [("c", content), ("a", account), ("m", isBulkOnly ? "1" : "")].filter {
                    !$0.1.isEmpty
                }
        }
    }

    static func list(_ page: PageContext) async throws -> PortalResponse {
        let saved = page.request.query["q"]
        let fields = saved.isEmpty ? page.request.query : try await page.savedQuery(saved)
        let filter = Filter(fields, now: page.now)
        var errors = FormErrors()
        var search = BatchSearch(scope: try page.recordScope(account: filter.account))
        (search.from, search.to) = RecordFilter.window(filter.from, filter.to, &errors, page.l)
        search.content = String(filter.content.prefix(RecordFilter.contentMax))
        search.recipientsMin = filter.isBulkOnly ? 2 : 1
        search.before = page.request.query.integer("b", in: 1...Int64.max).map { MessageSequence($0) }
        let found =
            errors.isEmpty ? try await page.engine.records.batches(search) : SearchPage(items: [], next: nil)
        let own = saved.isEmpty ? filter.fields : [("q", saved)]
        let summary = FormBuilder(page.l, errors: errors).summary
        let body: HTML = "\(summary)\(try form(page, filter, errors))\(results(page, found, own))"
        return .page(
            Page(
                title: page.l("发送批次", "Requests"), section: page.recordsSection,
                crumbs: [(page.l("发送记录", "Sent messages"), page.recordsRoot)], body: body,
                hasErrors: !errors.isEmpty), status: errors.isEmpty ? .ok : .badRequest)
    }

    static func filter(_ page: PageContext) async throws -> PortalResponse {
        let filter = Filter(page.request.form, now: page.now)
        let query =
            filter.content.isEmpty
            ? FormFields.query(filter.fields) : "q=\(try await page.save(query: filter.fields))"
        return .redirect("\(page.recordsRoot)/batches?\(query)")
    }

    private static func form(
        _ page: PageContext, _ filter: Filter, _ errors: FormErrors
    ) throws(PageFailure) -> HTML {
        let l = page.l
        let account = try page.accountField(filter.account)
        let text: HTML = """
            <div class="span"><label for="c">\(l("短信内容包含", "Text contains"))</label>\
            <input id="c" name="c" autocomplete="off" value="\(filter.content)"></div>
            """
        let bulk: HTML = """
            <div><label class="choice"><input type="checkbox" name="m" value="1"\(" checked", if: filter.isBulkOnly)>\
            <span>\(l("只看群发", "Several recipients only"))</span></label></div>
            """
        let dates = FilterField.dates(filter.from, filter.to, errors, l, from: l("提交时间从", "Accepted from"))
        return """
            <form class="sheet filters" method="post" action="\(Portal.root)\(page.recordsRoot)/batches" \
            aria-label="\(l("查询条件", "Filter"))">\(text)\(dates)\(account)\(bulk)\
            <div class="actions"><button>\(l("查询", "Search"))</button></div></form>
            """
    }

    private static func results(
        _ page: PageContext, _ found: SearchPage<Batch, MessageSequence>, _ own: [(String, String)]
    ) -> HTML {
        let l = page.l
        let next = found.next.map { place -> HTML in
            let query = FormFields.query(own + [("b", "\(place)")])
            return """
                <a rel="next" href="\(Portal.root)\(page.recordsRoot)/batches?\(query)">\(l("较旧 ›", "Older ›"))</a>
                """
        }
        let partial = found.lookedBackTo.map { moment -> HTML in
            let time = Format.time(moment, now: page.now)
            return "<div class=\"notice\"><p>\(l("查到 \(time) 为止。", "Looked back to \(time)."))\(next)</p></div>"
        }
        guard !found.items.isEmpty else {
            return """
                \(partial)<section class="sheet"><div class="empty"><p class="title">\
                \(l("这段时间没有批次", "No request in this time"))</p></div></section>
                """
        }
        let pager: HTML? = next.map {
            "<nav class=\"pager\" aria-label=\"\(l("分页", "Pages"))\"><span></span><span></span>\($0)</nav>"
        }
        return "\(partial)<section class=\"sheet\">\(RequestTable(page: page).html(found.items))\(pager)</section>"
    }

    // MARK: One request

    static func show(_ page: PageContext) async throws -> PortalResponse {
        let id = MessageID(rawValue: try page.integer("id"))
        let batch = try await page.engine.records.batch(id, scope: try page.recordScope())
        let isBilled = page.visitor.login?.account == nil || page.has(.bills)
        let ledger =
            isBilled
            ? try await page.engine.records.ledgerEntries(
                ofRequest: batch.id, scope: try page.recordScope(), limit: RequestView.ledgerMax + 1) : []
        return .page(RequestView(page: page, batch: batch, ledger: ledger).content)
    }

    /// The messages of a request.
    static func messages(_ page: PageContext) async throws -> PortalResponse {
        let id = MessageID(rawValue: try page.integer("id"))
        let scope = try page.recordScope()
        let batch = try await page.engine.records.batch(id, scope: scope)
        var search = MessageSearch(scope: scope)
        search.request = batch.id.sequence
        search.before = page.request.query.integer("b", in: 1...Int64.max).map { MessageSequence($0) }
        let found = try await page.engine.records.search(search)
        let path = "\(page.recordsRoot)/batches/\(batch.id.rawValue)"
        let next = found.next.map { place -> HTML in
            """
            <a rel="next" href="\(Portal.root)\(path)/messages?b=\(place.rawValue)">\(page.l("较旧 ›", "Older ›"))</a>
            """
        }
        let table = RecordTable(page: page).html(found.items)
        let title = page.l("批次 \(batch.id.rawValue)", "Request \(batch.id.rawValue)")
        return .page(
            Page(
                title: page.l("批次的短信", "Messages of a request"), section: page.recordsSection,
                crumbs: [(page.l("发送记录", "Sent messages"), page.recordsRoot), (title, path)],
                body: """
                    <section class="sheet">\(table)<nav class="pager" aria-label="\(page.l("分页", "Pages"))">\
                    <span></span><span></span>\(next)</nav></section>
                    """))
    }

    /// Takes out what is scheduled still.
    static func cancel(_ page: PageContext) async throws -> PortalResponse {
        let id = MessageID(rawValue: try page.integer("id"))
        let batch = try await page.engine.records.batch(id, scope: try page.recordScope())
        let outcome = try await page.administration.cancel([batch.id], allOfRequest: true, reason: "")
        let path = "records/batches/\(batch.id.rawValue)"
        return .redirect(path, notice: outcome.cancelled > 0 ? Notice(kind: .cancelled) : nil)
    }
}

/// A table of requests.
struct RequestTable {
    let page: PageContext

    private var l: Language { page.l }

    func html(_ batches: [Batch]) -> HTML {
        let unit = batches.first?.unit ?? .money
        let amount = unit == .money ? l("金额（元）", "Amount (yuan)") : l("金额（条）", "Amount (segments)")
        let columns = [
            Table.Column(l("提交时间", "Accepted"), "nowrap"), Table.Column(l("账户", "Account")),
            Table.Column(l("内容", "Text"), "grow"), Table.Column(l("号码", "Recipients"), "num"),
            Table.Column(l("计费条", "Segments"), "num"), Table.Column(amount, "num"),
            Table.Column(l("状态", "Status")),
        ]
        let rows = batches.map { batch -> [HTML] in
            let path = "\(Portal.root)\(page.recordsRoot)/batches/\(batch.id.rawValue)"
            return [
                HTML(text: Format.time(batch.acceptedAt, now: page.now)), HTML(text: batch.accountID),
                "<a class=\"clip\" href=\"\(path)\">\(HTML.foreign(batch.content))</a>",
                HTML(text: Format.count(batch.recipients)), HTML(text: Format.count(batch.segments)),
                HTML(text: Format.amount(batch.charged, batch.unit)), mark(batch),
            ]
        }
        return Table(name: l("发送批次", "Requests"), columns: columns, rows: rows).html
    }

    /// Where the request is, in one line.
    func mark(_ batch: Batch) -> HTML {
        let share = Format.share(batch.delivered, of: batch.recipients)
        if batch.count([.scheduled]) > 0 {
            let due: HTML? = batch.scheduledAt.map { "<small>\(Format.time($0, now: page.now))</small>" }
            return "<span class=\"state\">\(l("已定时", "Scheduled"))</span>\(due)"
        }
        if batch.unknown > 0 {
            let done = Format.share(batch.recipients - batch.unknown, of: batch.recipients)
            return "<span class=\"state wait\">\(l("进行中 \(done)", "Under way \(done)"))</span>"
        }
        if batch.count([.cancelled]) == batch.recipients {
            return "<span class=\"state off\">\(l("已取消", "Cancelled"))</span>"
        }
        if batch.recipients == 1, batch.failed == 1 {
            let code: HTML? = batch.failures.first.map { " \(HTML.foreign($0.code))" }
            return "<span class=\"state bad\">\(l("失败", "Failed"))\(code)</span>"
        }
        let style: HTML = batch.delivered > 0 ? "good" : "bad"
        return "<span class=\"state \(style)\">\(l("已完成，成功 \(share)", "Done, \(share) delivered"))</span>"
    }
}

/// One request.
private struct RequestView {
    let page: PageContext
    let batch: Batch
    let ledger: [LedgerEntry]

    static let ledgerMax = 50

    private var l: Language { page.l }
    private var root: String { "\(Portal.root)\(page.recordsRoot)" }
    private var id: Int64 { batch.id.rawValue }
    private var isUnderWay: Bool { batch.unknown > 0 && batch.count([.scheduled]) == 0 }

    var content: Page {
        let cancel: HTML? =
            batch.count([.scheduled]) > 0 && page.has([.records, .send])
            ? """
            <form method="post" action="\(root)/batches/\(id)/cancel"><button class="danger" \
            data-confirm="\(l("要取消这个批次中尚未发送的短信吗？", "Take out what was not sent yet?"))">\
            \(l("取消定时", "Cancel"))</button></form>
            """ : nil
        let time = Format.time(batch.acceptedAt, now: page.now)
        return Page(
            title: l("批次 \(id)", "Request \(id)"), section: page.recordsSection,
            lead: "\(batch.accountID) · \(time) · \(RequestTable(page: page).mark(batch))", actions: cancel ?? .empty,
            crumbs: [
                (l("发送记录", "Sent messages"), page.recordsRoot),
                (l("发送批次", "Requests"), "\(page.recordsRoot)/batches"),
            ], body: "\(progress)<div class=\"two\"><div class=\"stack\">\(text)\(failures)</div>\(money)</div>",
            refreshSeconds: isUnderWay ? 5 : nil)
    }

    private var progress: HTML {
        let parts: [(style: String, words: String, count: Int64, status: String)] = [
            ("c-good", l("成功", "Delivered"), batch.delivered, "delivered"),
            ("c-bad", l("失败", "Failed"), batch.failed, "failed"),
            ("c-wait", l("等待报告", "Awaiting reports"), batch.count([.awaitingReport, .uncertain]), "unknown"),
            ("c-off", l("未发出", "Not sent yet"), batch.count([.queued, .scheduled]), "queued"),
        ]
        let meter = Meter(parts.map { ($0.style, $0.words, $0.count) }).html
        let legend = parts.map { part -> HTML in
            "<li><i class=\"\(part.style)\"></i>\(part.words) \(Format.count(part.count))</li>"
        }
        let figures: HTML = """
            <dl class="figures"><div><dt>\(l("号码", "Recipients"))</dt><dd>\(Format.count(batch.recipients))</dd></div>\
            <div><dt>\(l("成功率", "Success"))</dt><dd>\(Format.share(batch.delivered, of: batch.recipients))</dd></div>\
            <div><dt>\(l("5 秒内送达", "Within 5 s"))</dt>\
            <dd>\(Format.share(batch.deliveredFast, of: batch.delivered))</dd></div></dl>
            """
        let polling: HTML = isUnderWay ? " data-refresh=\"\(root)/batches/\(id)\" data-every=\"2\"" : .empty
        return """
            <section class="sheet" id="progress"\(polling)><div class="sheet-head"><h2>\(l("进度", "Progress"))</h2>\
            <span class="quiet" role="status">\(Format.count(batch.recipients - batch.unknown)) / \
            \(Format.count(batch.recipients))</span></div>\(figures)\(meter)<ul class="legend">\(legend)</ul></section>
            """
    }

    private var text: HTML {
        let parts: HTML? =
            batch.parts > 1
            ? """
            <p class="quiet">\
            \(l("个性化短信，共 \(batch.parts) 份文本，这是第一份。", "One of \(batch.parts) texts."))</p>
            """ : nil
        return """
            <section class="sheet"><div class="sheet-head"><h2>\(l("内容", "Text"))</h2>\
            <a href="\(root)/batches/\(id)/messages">\(l("逐条查看", "Each message"))</a></div>\
            \(SentText.html(batch.content))\(parts)</section>
            """
    }

    private var failures: HTML? {
        guard batch.failed > 0 else { return nil }
        return """
            <section class="sheet"><div class="sheet-head"><h2>\(l("失败原因", "Reasons of failures"))</h2></div>\
            \(CodeWords.table(batch.failures, total: batch.failed, l) { _ in nil })</section>
            """
    }

    private var money: HTML? {
        guard page.visitor.login?.account == nil || page.has(.bills) else { return nil }
        let more: HTML? =
            ledger.count > Self.ledgerMax
            ? "<p class=\"quiet\">\(l("只列出前 \(Self.ledgerMax) 笔。", "The first \(Self.ledgerMax) only."))</p>" : nil
        let table: HTML? =
            ledger.isEmpty
            ? nil
            : """
            <details><summary>\(l("流水", "Ledger entries"))</summary>\
            \(LedgerTable(page: page, isOfOne: true).html(Array(ledger.prefix(Self.ledgerMax))))\(more)</details>
            """
        let net = batch.charged - batch.refunded
        return """
            <section class="sheet"><div class="sheet-head"><h2>\(l("费用", "Cost"))</h2></div><dl class="facts">\
            <dt>\(l("计费条", "Segments"))</dt><dd>\(Format.count(batch.segments))</dd>\
            <dt>\(l("预扣", "Charged"))</dt><dd>\(Format.amount(batch.charged, batch.unit, l))</dd>\
            <dt>\(l("退回", "Paid back"))</dt><dd>\(Format.amount(batch.refunded, batch.unit, l))</dd>\
            <dt>\(l("实收", "Net"))</dt><dd><b>\(Format.amount(net, batch.unit, l))</b></dd></dl>\(table)</section>
            """
    }
}

/// A bar of the shares of a whole.
struct Meter {
    let parts: [(style: String, words: String, count: Int64)]

    init(_ parts: [(style: String, words: String, count: Int64)]) { self.parts = parts }

    var html: HTML {
        let total = parts.reduce(0) { $0 + $1.count }
        var left: Int64 = 0
        var bars: [HTML] = []
        for part in parts where part.count > 0 && total > 0 {
            // In thousandths of the whole, so that the pieces end where the next begins.
            let start = left.multipliedReportingOverflow(by: 1000).partialValue / total
            left += part.count
            let end = left.multipliedReportingOverflow(by: 1000).partialValue / total
            bars.append("<rect class=\"\(part.style)\" x=\"\(start)\" width=\"\(end - start)\" height=\"1\"/>")
        }
        let label = parts.map { "\($0.words) \(Format.share($0.count, of: total))" }.joined(separator: ", ")
        return """
            <svg class="meter" viewBox="0 0 1000 1" preserveAspectRatio="none" role="img" aria-label="\(label)">\
            \(bars)</svg>
            """
    }
}
