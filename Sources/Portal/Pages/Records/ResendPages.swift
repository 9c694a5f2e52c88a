import Engine
import Messaging
import NIOHTTP1

/// Sending chosen messages again. What may have arrived is never sent twice: only messages that failed for good are.
enum ResendPages {
    /// The chosen messages of the account, sorted.
    private struct Choice {
        var allowed: [MessageRecord] = []
        var delivered: [MessageRecord] = []
        var unknown: [MessageRecord] = []
        /// Of accounts below, which send by themselves.
        var foreign: [MessageRecord] = []

        init(_ records: [MessageRecord], of account: AccountKey) {
            for record in records {
                guard record.accountKey == account else {
                    foreign.append(record)
                    continue
                }
                // What is no number cannot arrive.
                guard PhoneNumber(record.mobile) != nil else { continue }
                switch record.listed.resend {
                case .allowed: allowed.append(record)
                case .delivered: delivered.append(record)
                case .unknown: unknown.append(record)
                }
            }
        }

        var segments: Int64 { allowed.reduce(0) { $0 + Int64($1.segments) } }
    }

    private static func choice(_ page: PageContext, _ saved: String) async throws -> Choice {
        let fields = try await page.savedQuery(saved)
        let ids = fields["ids"].split(separator: ",").prefix(RecordPages.selectedMax).compactMap {
            Int64($0).map { MessageID(rawValue: $0) }
        }
        let account = try page.account()
        let records = try await page.engine.records.records(of: ids, scope: try page.recordScope())
        return Choice(records, of: account.key)
    }

    // MARK: The page before it

    static func check(_ page: PageContext) async throws -> PortalResponse {
        let saved = page.request.query["q"]
        return .page(view(page, saved, try await choice(page, saved), try page.account(), FormErrors()))
    }

    private static func view(
        _ page: PageContext, _ saved: String, _ choice: Choice, _ entry: AccountEntry, _ errors: FormErrors
    ) -> Page {
        let l = page.l
        let account = entry.account
        let cost = account.cost(segments: 1).multipliedReportingOverflow(by: choice.segments).partialValue
        let amount = Format.amount(cost, account.chargeUnit, l)
        let count = choice.allowed.count
        let groups: HTML = """
            <div class="thirds">\
            \(group(page, l("可重发", "May be sent again"), choice.allowed, l("失败的短信。", "These failed.")))\
            \(group(page, l("已成功", "Delivered"), choice.delivered, l("不再发。", "Not sent again.")))\
            \(group(page, l("结果未知", "Not known yet"), choice.unknown,
                l("不再发：可能还会送达。", "Not sent again: they may arrive.")))</div>
            """
        let below: HTML? =
            choice.foreign.isEmpty
            ? nil
            : """
            <div class="notice"><p>\
            \(l("\(choice.foreign.count) 条属于子账户，请由子账户重发。",
                "\(choice.foreign.count) are of sub-accounts, which send by themselves."))\
            </p></div>
            """
        let button: HTML? =
            count == 0 ? nil : "<button>\(l("重发 \(count) 条（\(amount)）", "Send \(count) again (\(amount))"))</button>"
        let form: HTML = """
            <form class="sheet" method="post" action="\(Portal.root)records/resend">\
            <input type="hidden" name="q" value="\(saved)"><p class="sum">\
            \(l("重发 \(count) 条，计 \(choice.segments) 条，共 \(amount)。",
                "\(count) messages, \(choice.segments) segments, \(amount)."))</p>\
            <div class="actions">\(button)<a class="button plain" href="\(Portal.root)records">\
            \(l("不重发", "Do not"))</a></div></form>
            """
        return Page(
            title: l("重发所选短信", "Send chosen messages again"), section: .records,
            crumbs: [(l("发送记录", "Sent messages"), "records")],
            body: "\(FormBuilder(l, errors: errors).summary)\(groups)\(below)\(form)", hasErrors: !errors.isEmpty)
    }

    private static func group(
        _ page: PageContext, _ title: String, _ records: [MessageRecord], _ words: String
    ) -> HTML {
        let lines = records.map { record -> HTML in
            let why = record.status.map { CodeWords.meaning($0, page.l) ?? $0 } ?? record.listed.words(page.l)
            return """
                <li><span>\(page.shown(number: record.mobile))</span>\
                <span class="quiet">\(HTML.foreign(why))</span></li>
                """
        }
        let count = page.l("\(records.count) 条", "\(records.count)")
        return """
            <section class="sheet"><div class="sheet-head"><h2>\(title)</h2></div>\
            <p><strong>\(count)</strong> \(words)</p><ul class="lines">\(lines)</ul></section>
            """
    }

    // MARK: Sending

    /// The saved choice is sent once: its id is the key of the request, so that a form that is sent twice, or once more
    /// after a crash, sends nothing again.
    static func send(_ page: PageContext) async throws -> PortalResponse {
        let saved = page.request.form["q"]
        let choice = try await choice(page, saved)
        let entry = try page.account()
        guard !choice.allowed.isEmpty else {
            return .page(
                view(
                    page, saved, choice, entry,
                    FormErrors([
                        (field: "", message: page.l("没有可以重发的短信。", "None of these may be sent again."))
                    ])), status: .badRequest)
        }
        let submission = Submission(parts: parts(choice.allowed), idempotencyKey: "portal.resend.\(saved)")
        switch await page.engine.billing.outcome(of: submission, by: entry) {
        case .success(let acceptance):
            return .redirect("records/batches/\(acceptance.firstID.rawValue)", notice: Notice(kind: .sent))
        case .failure(.submissionRepeated): return .redirect("records", notice: Notice(kind: .sent))
        case .failure(let rejection):
            let words = RejectionWords.sentence(rejection, page.l)
            return .page(
                view(page, saved, choice, entry, FormErrors([(field: "", message: words)])), status: .badRequest)
        }
    }

    /// One part for each text.
    private static func parts(_ records: [MessageRecord]) -> [Submission.Part] {
        var order: [String] = []
        var numbers: [String: [Recipient]] = [:]
        for record in records {
            guard let number = PhoneNumber(record.mobile) else { continue }
            if numbers[record.content] == nil { order.append(record.content) }
            numbers[record.content, default: []].append(Recipient(number.text))
        }
        return order.map { Submission.Part(recipients: numbers[$0] ?? [], content: $0) }
    }
}

/// Why nothing was sent, for people.
enum RejectionWords {
    static func sentence(_ rejection: Rejection, _ l: Language) -> String {
        switch rejection {
        case .insufficientBalance:
            l("余额不足，没有发送。请充值后再试。", "The balance does not suffice; nothing was sent.")
        case .accountDisabled: l("账户已停用，没有发送。", "The account is disabled; nothing was sent.")
        case .contentRejected: l("内容不合账户的规则，没有发送。", "A rule of the account forbids this text; nothing was sent.")
        case .overloaded: l("系统正忙，没有发送。请稍后再试。", "Busy; nothing was sent. Try again in a moment.")
        default: l("没有发送：\(rejection)", "Nothing was sent: \(rejection)")
        }
    }
}
