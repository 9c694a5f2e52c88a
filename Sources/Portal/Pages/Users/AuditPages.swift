import Administration
import Engine
import Messaging

/// Who changed what, for operators who manage users.
enum AuditPages {
    static let routes: [PageRoute] = [
        .get("operator/audit", .operators(.users)) { .page(try await list($0)) }
    ]

    private static let pageSize = 50

    private static func list(_ page: PageContext) async throws -> Page {
        let l = page.l
        let asked = page.request.query
        var query = AuditQuery(limit: pageSize)
        if !asked["user"].isEmpty { query.user = asked["user"] }
        if !asked["target"].isEmpty { query.target = asked["target"] }
        if !asked["action"].isEmpty { query.action = asked["action"] }
        if asked.has("before") {
            guard let id = AuditEntryID(asked["before"]), id > 0 else { throw PageFailure.badRequest }
            query.before = id
        }
        let found = try await page.administration.audit(query)
        return Page(
            title: l("审计", "Audit trail"), section: .audit,
            lead: "\(l("谁在什么时候改了什么，只增不改", "Who changed what, and when; entries are only added"))",
            body: filters(page) + table(page, found))
    }

    private static func filters(_ page: PageContext) -> HTML {
        let l = page.l
        func field(_ name: String, _ label: String) -> HTML {
            """
            <div><label for="\(name)">\(label)</label><input id="\(name)" name="\(name)" \
            value="\(page.request.query[name])" autocomplete="off"></div>
            """
        }
        return """
            <form class="sheet filters" method="get" aria-label="\(l("查询条件", "Filter"))">\
            \(field("user", l("谁", "Who")))\
            \(field("action", l("动作", "Action")))\(field("target", l("对象", "Of what")))<div class="actions">\
            <button>\(l("查询", "Search"))</button><a href="/portal/operator/audit">\(l("清除", "Clear"))</a></div></form>
            """
    }

    private static func table(_ page: PageContext, _ found: AuditPage) -> HTML {
        let l = page.l
        guard !found.entries.isEmpty else {
            return """
                <section class="sheet"><div class="empty"><p class="title">\(l("没有记录", "No entries"))</p>\
                <p>\(l("换一个条件再查。", "Try another filter."))</p></div></section>
                """
        }
        let rows = found.entries.map { _, entry -> [HTML] in
            [
                "\(Format.time(entry.at, now: page.now))", HTML.foreign(entry.user), HTML.foreign(entry.address),
                "\(entry.action)", HTML.foreign(entry.target), text(entry.before), text(entry.after),
            ]
        }
        let table = Table(
            name: l("审计", "Audit trail"),
            columns: [
                .init(l("时间", "At"), "nowrap"), .init(l("用户", "User")), .init(l("地址", "From")),
                .init(l("动作", "Action"), "nowrap"), .init(l("对象", "Of what")),
                .init(l("之前", "Before"), "grow", isLabelled: true),
                .init(l("之后", "After"), "grow", isLabelled: true),
            ], rows: rows)
        return "<section class=\"sheet\">\(table.html)\(pager(page, found))</section>"
    }

    private static func text(_ text: String) -> HTML { text.isEmpty ? "–" : HTML.foreign(text) }

    private static func pager(_ page: PageContext, _ found: AuditPage) -> HTML? {
        let l = page.l
        let filter = ["user", "action", "target"].map { ($0, page.request.query[$0]) }.filter { !$0.1.isEmpty }
        let first: HTML =
            page.request.query.has("before")
            ? "<a href=\"/portal/operator/audit?\(FormFields.query(filter))\">\(l("‹ 最新的", "‹ Latest"))</a>"
            : "<span></span>"
        let next: HTML =
            found.next.map {
                let query = FormFields.query(filter + [("before", $0.description)])
                return """
                    <a rel="next" href="/portal/operator/audit?\(query)">\
                    \(l("较旧的 \(pageSize) 条 ›", "\(pageSize) older ›"))</a>
                    """
            } ?? "<span></span>"
        if found.next == nil, !page.request.query.has("before") { return nil }
        return "<nav class=\"pager\" aria-label=\"\(l("分页", "Pages"))\">\(first)<span></span>\(next)</nav>"
    }
}
