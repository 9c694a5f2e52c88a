import Engine
import Messaging
import NIOHTTP1

/// Sent messages: lists, one message, one number, requests, and sending again.
enum RecordPages {
    static let routes: [PageRoute] =
        area("records", .customer(.records)) + area("operator/records", .operators(.view))
        + [
            .post("records/batches/:id/cancel", .customer([.records, .send])) { try await RequestPages.cancel($0) },
            .get("records/resend", .customer([.records, .send])) { try await ResendPages.check($0) },
            .post("records/resend", .customer([.records, .send])) { try await ResendPages.send($0) },
        ]

    private static func area(_ root: String, _ access: PageRoute.Access) -> [PageRoute] {
        [
            .get(root, access) { try await list($0) },
            .post(root, access) { try await filter($0) },
            .post("\(root)/selected", access) { try await selected($0) },
            .post("\(root)/export", access) { try await exportAll($0) },
            .get("\(root)/messages/:id", access) { try await MessagePages.show($0) },
            .get("\(root)/messages/:id/number", access) { try await NumberPages.ofMessage($0) },
            .get("\(root)/number", access) { try await NumberPages.show($0) },
            .post("\(root)/number", access) { try await NumberPages.find($0) },
            .get("\(root)/batches", access) { try await RequestPages.list($0) },
            .post("\(root)/batches", access) { try await RequestPages.filter($0) },
            .get("\(root)/batches/:id", access) { try await RequestPages.show($0) },
            .get("\(root)/batches/:id/messages", access) { try await RequestPages.messages($0) },
        ]
    }

    // MARK: The list

    /// The filter of the page that is asked for: saved, or in the query.
    static func filter(of page: PageContext) async throws -> RecordFilter {
        let saved = page.request.query["q"]
        let fields = saved.isEmpty ? page.request.query : try await page.savedQuery(saved)
        return RecordFilter(fields, now: page.now)
    }

    private static func list(_ page: PageContext) async throws -> PortalResponse {
        let filter = try await filter(of: page)
        let scope = try page.recordScope(account: filter.account)
        let search: MessageSearch
        do throws(FormErrors) {
            search = try filter.search(scope, page.l)
        } catch {
            return try refused(page, filter, error)
        }
        return .page(try await RecordListPage(page: page, filter: filter, search: search).page())
    }

    private static func refused(
        _ page: PageContext, _ filter: RecordFilter, _ errors: FormErrors
    ) throws(PageFailure) -> PortalResponse {
        let form = try filter.form(page, action: page.recordsRoot, errors: errors)
        let summary = FormBuilder(page.l, errors: errors).summary
        return .page(
            Page(
                title: page.l("发送记录", "Sent messages"), section: page.recordsSection, body: "\(summary)\(form)",
                hasErrors: true), status: .badRequest)
    }

    /// Numbers and texts are saved under an id; the rest stands in the URL.
    private static func filter(_ page: PageContext) async throws -> PortalResponse {
        let filter = RecordFilter(page.request.form, now: page.now)
        do {
            _ = try filter.search(try page.recordScope(account: filter.account), page.l)
        } catch let errors as FormErrors {
            return try refused(page, filter, errors)
        }
        return .redirect("\(page.recordsRoot)?\(try await link(filter, page))")
    }

    /// The query that leads to the list under a filter.
    static func link(_ filter: RecordFilter, _ page: PageContext) async throws -> String {
        guard filter.isPrivate else { return FormFields.query(filter.fields) }
        return FormFields.query([("q", try await page.save(query: filter.fields))])
    }

    // MARK: What is done with chosen messages

    static let selectedMax = 200

    /// The messages that are ticked.
    static func chosen(_ form: FormFields) -> [MessageID] {
        form.all("m").prefix(selectedMax).compactMap { Int64($0) }.filter { $0 > 0 }.map { MessageID(rawValue: $0) }
    }

    private static func selected(_ page: PageContext) async throws -> PortalResponse {
        let ids = chosen(page.request.form)
        let text = ids.map { "\($0.rawValue)" }.joined(separator: ",")
        let back = SafePath.relative(page.request.form["back"])
        guard !ids.isEmpty else { return .redirect(back.isEmpty ? page.recordsRoot : back) }
        switch page.request.form["do"] {
        case "resend":
            guard try page.login().account != nil, page.has([.records, .send]) else { throw PageFailure.forbidden }
            return .redirect("records/resend?q=\(try await page.save(query: [("ids", text)]))")
        case "csv", "xlsx":
            return try await ExportPages.start(
                page, .messages, [("ids", text)], format: page.request.form["do"],
                title: page.l("所选短信", "Chosen messages"))
        default: throw PageFailure.badRequest
        }
    }

    private static func exportAll(_ page: PageContext) async throws -> PortalResponse {
        let saved = page.request.form["q"]
        let fields = saved.isEmpty ? page.request.form : try await page.savedQuery(saved)
        let filter = RecordFilter(fields, now: page.now)
        do {
            _ = try filter.search(try page.recordScope(account: filter.account), page.l)
        } catch let errors as FormErrors {
            return try refused(page, filter, errors)
        }
        return try await ExportPages.start(
            page, .messages, filter.fields, format: page.request.form["do"], title: page.l("发送记录", "Sent messages"))
    }
}
