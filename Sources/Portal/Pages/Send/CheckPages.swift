import Engine
import Messaging
import NIOHTTP1
import Sheets

/// The page between "send" and sending: who gets what, and what it costs, exactly.
enum CheckPages {
    static let routes: [PageRoute] = [
        .get("send/check/:id", .customer(.send)) { try await show($0, FormErrors()) },
        .post("send/check/:id", .customer(.send)) { try await confirm($0) },
    ]

    private static let samples = 3

    /// Prices a draft for the recipients of an import.
    static func begin(
        _ page: PageContext, _ draft: BatchParameters, _ imported: TaskRecord
    ) async throws -> PortalResponse {
        var draft = draft
        draft.importID = imported.id.rawValue
        let account = try page.account()
        let user = try page.login().user.name
        let id = try await page.engine.taskRunner.addQuote(
            draft, of: account.key, user: user, fileName: imported.fileName)
        _ = try await SendPages.settled(page, id)
        return .redirect("send/check/\(id)")
    }

    private static func show(_ page: PageContext, _ errors: FormErrors) async throws -> PortalResponse {
        let l = page.l
        let task = try await TaskPages.task(page, [.quote, .batch])
        if task.kind == .batch { return .redirect("send/batches/\(task.id)") }
        let crumbs = [(title: l("短信发送", "Send messages"), path: "send?draft=\(task.id)")]
        let title = l("核对后发送", "Check and send")
        guard task.state.isFinal else {
            let running = ImportPages.running(task, page, l("正在逐条计价", "Pricing every text"))
            return .page(
                Page(
                    title: title, section: .send, crumbs: crumbs, body: "\(SendPages.steps(1, l))\(running)",
                    refreshSeconds: 2))
        }
        guard task.state == .done, let result = task.batchResult, let draft = task.batchParameters else {
            let words = task.state == .cancelled ? l("已取消。", "Cancelled.") : TaskWords.failure(task.error, l)
            let body: HTML = """
                \(SendPages.steps(1, l))<div class="notice bad" role="alert"><h2>\(l("不能发送", "It cannot be sent"))</h2>\
                <p>\(words)</p><p><a href="/portal/send?draft=\(task.id)">\(l("返回修改", "Back"))</a></p></div>
                """
            return .page(Page(title: title, section: .send, crumbs: crumbs, body: body, hasErrors: true))
        }
        let quote = Quote(page: page, account: try page.account(), task: task, result: result, draft: draft)
        let body = try await body(quote, errors)
        return .page(
            Page(
                title: title, section: .send,
                lead: "\(l("发送之前请看一遍收件人、内容和金额。", "Look at recipients, text and amount before sending."))",
                crumbs: crumbs, body: body, hasErrors: !errors.isEmpty),
            status: errors.isEmpty ? .ok : .badRequest)
    }

    /// What the page shows.
    struct Quote {
        let page: PageContext
        let account: AccountEntry
        let task: TaskRecord
        let result: BatchResult
        let draft: BatchParameters

        var l: Language { page.l }
        var unit: ChargeUnit { account.account.chargeUnit }
        var balance: Int64 { account.runtime.balance }
        var after: Int64 { balance.subtractingReportingOverflow(result.cost).partialValue }
        /// Whether the account can pay all of it.
        var isAffordable: Bool { after >= account.account.balanceFloor }
        /// Whether the account is as it was when the batch was priced.
        var isCurrent: Bool {
            account.account.cost(segments: 1) == result.segmentCost && account.account.signature == result.signature
        }
    }

    private static func body(_ quote: Quote, _ errors: FormErrors) async throws -> HTML {
        let l = quote.l
        let form = FormBuilder(l, errors: errors)
        let shown = try await samplesSheet(quote)
        let source = try await SendPages.importTask(quote.page, quote.draft.importID)
        let imported: HTML =
            if let source, let imported = source.importResult {
                importSheet(source, imported, quote)
            } else {
                .empty
            }
        return """
            \(SendPages.steps(1, l))\(form.summary)\(figures(quote))<div class="two">\(shown)\(imported)</div>\
            \(try await repetition(quote))\(confirmation(quote))
            """
    }

    private static func figures(_ quote: Quote) -> HTML {
        let (l, result) = (quote.l, quote.result)
        let unit = quote.unit == .money ? l("元", "yuan") : l("条", "segments")
        let shares = result.bySegments.sorted { $0.key < $1.key }.prefix(6).map { segments, count in
            l("\(Format.count(count)) 人 \(segments) 条", "\(Format.count(count)) × \(segments)")
        }
        let detail: HTML? = shares.count > 1 ? "<small>\(shares.joined(separator: l("，", ", ")))</small>" : nil
        return """
            <section class="sheet"><dl class="figures"><div><dt>\(l("收件人", "Recipients"))</dt>\
            <dd>\(Format.count(result.recipients))</dd></div><div><dt>\(l("计费条", "Segments"))</dt>\
            <dd>\(Format.count(result.segments))\(detail)</dd></div>\
            <div><dt>\(l("单价（\(unit)/条）", "Price (\(unit))"))</dt>\
            <dd>\(Format.amount(result.segmentCost, quote.unit))</dd></div>\
            <div><dt>\(l("金额（\(unit)）", "Amount (\(unit))"))</dt><dd>\(Format.amount(result.cost, quote.unit))</dd>\
            </div>\
            <div><dt>\(l("发送后余额（\(unit)）", "Balance after (\(unit))"))</dt>\
            <dd>\(Format.amount(quote.after, quote.unit))</dd></div></dl></section>
            """
    }

    private static func samplesSheet(_ quote: Quote) async throws -> HTML {
        let (l, page) = (quote.l, quote.page)
        let row = page.request.query.integer("row", in: 1...10_000_000).map { Int($0) }
        let count = Int(page.request.query.integer("n", in: 1...50) ?? Int64(samples))
        let samples =
            (try? await page.engine.taskRunner.samples(of: quote.task, fromRow: row, limit: count)) ?? []
        let texts = samples.map { sample -> HTML in
            let size = l(
                "\(sample.units) 字，\(sample.segments) 条", "\(sample.units) characters, \(sample.segments) segments")
            let surplus = sample.surplusUnits
            let saving: HTML? =
                surplus > 0
                ? " · <b class=\"wait\">\(l("再删 \(surplus) 个字可少计 1 条", "\(surplus) fewer save a segment"))</b>"
                : nil
            let signature: HTML? = sample.signature.isEmpty ? nil : "<b>\(HTML.foreign(sample.signature))</b>"
            return """
                <div><p class="quiet">\(page.shown(number: sample.number.text)) · \
                \(l("第 \(sample.row) 行", "row \(sample.row)")) · \
                \(size)\(saving)</p><p class="sms">\(signature)\(HTML.foreign(sample.body))</p></div>
                """
        }
        let path = "/portal/send/check/\(quote.task.id)"
        let more: HTML? =
            count < min(quote.result.recipients, 50) && row == nil
            ? "<a class=\"button plain\" href=\"\(path)?n=\(min(count + 10, 50))\">\(l("再看几位", "Show more"))</a>" : nil
        let hasRows = quote.result.hasColumns
        let search: HTML? =
            hasRows
            ? """
            <form class="actions" method="get" action="\(path)">\(more)<div class="unit"><label class="vh" for="rowno">\
            \(l("行号", "Row"))</label><input class="short" id="rowno" name="row" inputmode="numeric" \
            placeholder="\(l("行号", "Row"))"><button class="plain">\(l("看这一行", "Show"))</button></div></form>
            """ : more.map { "<div class=\"actions\">\($0)</div>" }
        let heading =
            row.map { l("第 \($0) 行起收到的内容", "From row \($0)") } ?? l("前几位收到的内容", "What the first recipients get")
        return """
            <section class="sheet"><div class="sheet-head"><h2>\(heading)</h2></div>\(texts)\(search)</section>
            """
    }

    private static func importSheet(_ source: TaskRecord, _ imported: ImportResult, _ quote: Quote) -> HTML {
        var summary = imported.summary
        summary.recipients = quote.result.recipients
        summary.rejected = quote.result.rejected
        // The rows that are left out are those of the quote: the import's, and those whose text cannot be sent.
        return ImportPages.counts(quote.task, summary, imported.scan, quote.l)
    }

    private static func repetition(_ quote: Quote) async throws -> HTML? {
        let l = quote.l
        guard let before = try await same(quote.page, quote.result) else { return nil }
        let time = Format.time(before.sentAt ?? before.createdAt, now: quote.page.now)
        let count = Format.count(before.batchResult?.recipients ?? 0)
        let link: HTML = """
            <a href="/portal/send/batches/\(before.id)">\
            \(l("\(count) 个号码", "\(count) numbers"))</a>
            """
        return """
            <div class="notice wait"><p><strong>\(l("\(time) 发过同样的内容和号码", "The same was sent at \(time)"))</strong>（\
            \(link)）。\
            \(l("确要再发一次，请在下面勾选。", "To send it again, tick the box below."))</p></div>
            """
    }

    /// The batch of the last 24 hours with the same texts and numbers.
    private static func same(_ page: PageContext, _ result: BatchResult) async throws -> TaskRecord? {
        guard let id = TaskID(rawValue: result.sameAs) else { return nil }
        return try await page.engine.taskRunner.task(id)
    }

    private static func confirmation(_ quote: Quote) -> HTML {
        let (l, result) = (quote.l, quote.result)
        let back: HTML = """
            <a class="button plain" href="/portal/send?draft=\(quote.task.id)">\(l("返回修改", "Back"))</a>
            """
        if let words = obstacle(quote) {
            return """
                <div class="notice bad"><p><strong>\(words)</strong></p></div><div class="actions">\(back)</div>
                """
        }
        let amount = amount(quote)
        let when =
            quote.draft.scheduledAt.map {
                l(
                    "\(Timestamp(milliseconds: $0).chinaText) 发送",
                    "to be sent at \(Timestamp(milliseconds: $0).chinaText)")
            } ?? l("立即发送", "at once")
        let (recipients, segments) = (Format.count(result.recipients), Format.count(result.segments))
        let (who, what): (HTML, HTML) = ("<strong>\(recipients)</strong>", "<strong>\(segments)</strong>")
        let sum: HTML = l.html(
            "向 \(who) 个号码发送，计 \(what) 条，共 <strong>\(amount)</strong>，\(when)。",
            "\(who) numbers, \(what) segments, <strong>\(amount)</strong>, \(when).")
        let again: HTML? =
            result.sameAs.isEmpty
            ? nil
            : """
            <label class="choice"><input type="checkbox" name="again" value="yes" id="again"><span>\
            \(l("知道 24 小时内发过，仍要再发", "Send it again although it was sent within 24 hours"))</span></label>
            """
        let button = l(
            "发送 \(recipients) 条（\(segments) 计费条，\(amount)）", "Send \(recipients) (\(segments) segments, \(amount))")
        return """
            <form class="sheet" method="post" action="/portal/send/check/\(quote.task.id)"><p class="sum">\(sum)</p>\
            \(again)\
            <div class="actions"><button>\(button)</button>\(back)</div></form>
            """
    }

    private static func amount(_ quote: Quote) -> String {
        quote.unit == .money
            ? "¥" + Format.yuan(quote.result.cost) : Format.amount(quote.result.cost, quote.unit, quote.l)
    }

    /// Why it cannot be sent as it is.
    private static func obstacle(_ quote: Quote) -> String? {
        let l = quote.l
        if quote.result.recipients == 0 { return l("没有可以发送的号码。", "There is nobody to send to.") }
        if !quote.isCurrent { return l("单价或签名在核对之后变了，请返回修改再核对一次。", "Price or signature changed; check it again.") }
        if !quote.isAffordable {
            let balance = Format.amount(quote.balance, quote.unit, l)
            let cost = Format.amount(quote.result.cost, quote.unit, l)
            return l("余额不足：需要 \(cost)，现有 \(balance)。请充值，或减少号码。", "The balance of \(balance) does not cover \(cost).")
        }
        return nil
    }

    // MARK: Sending

    /// The quote's id makes a batch once: a second confirmation, by a double click or the browser's back button, finds
    /// the batch.
    private static func confirm(_ page: PageContext) async throws -> PortalResponse {
        let task = try await TaskPages.task(page, [.quote, .batch])
        let target = "send/batches/\(task.id)"
        if task.kind == .batch { return .redirect(target) }
        guard task.state == .done, let result = task.batchResult, let draft = task.batchParameters else {
            return .redirect("send/check/\(task.id)")
        }
        let quote = Quote(page: page, account: try page.account(), task: task, result: result, draft: draft)
        var errors = FormErrors()
        if let words = obstacle(quote) { errors.add("", words) }
        if !result.sameAs.isEmpty, page.request.form["again"] != "yes" {
            errors.add("again", page.l("24 小时内发过同样的内容和号码；要再发请勾选。", "The same was sent within 24 hours; tick the box."))
        }
        guard errors.isEmpty else { return try await show(page, errors) }
        _ = try await page.engine.taskRunner.confirm(task.id)
        return .redirect(target, notice: Notice(kind: .sent))
    }
}
