import Administration
import Engine
import Messaging
import NIOHTTP1

/// Messages of which it is not known whether the carrier has them.
enum UncertainPages {
    static let routes: [PageRoute] = [
        .get("operator/uncertain", .operators(.view)) { try await list($0) },
        .post("operator/uncertain", .operators(.settings)) { try await resolve($0) },
    ]

    private static let pageSize = 100

    private static func list(_ page: PageContext, refused: [(id: MessageID, reason: String)] = []) async throws
        -> PortalResponse
    {
        let (l, query) = (page.l, page.request.query)
        let found = try await page.administration.messages(
            state: Administration.uncertain, channel: query["channel"], account: query["account"], mobile: "", day: 0,
            after: query["after"], limit: pageSize)
        guard case .uncertain(let messages) = found else { throw PageFailure.notFound }
        let table = Table(
            name: l("结果未知", "Uncertain"),
            columns: [
                .init(
                    html: """
                        <span class="vh">\(l("选择", "Choose"))</span><input type="checkbox" data-select-all="m" \
                        aria-label="\(l("全选本页", "All of this page"))" hidden data-script>
                        """, "pick"), .init(l("多久了", "For"), "nowrap"), .init(l("客户", "Account"), "nowrap"),
                .init(l("手机号", "Number"), "nowrap"), .init(l("通道", "Channel")), .init(l("说明", "Reason"), "grow"),
                .init(l("短信编号", "Message id"), "num"),
            ], rows: messages.items.map { row($0, page) })
        let empty: HTML = """
            <div class="empty"><p class="title">\(l("没有结果未知的短信", "Nothing is uncertain"))</p>\
            <p>\(l("提交后没有应答的短信会出现在这里，确认后才退费或重发。",
                "Messages whose call had no answer show here; they are refunded or sent again by hand only."))</p></div>
            """
        let more: HTML? = messages.next.map { next in
            let fields = FormFields.query([
                ("channel", query["channel"]), ("account", query["account"]), ("after", next),
            ])
            return """
                <nav class="pager" aria-label="\(l("分页", "Pages"))"><span></span><span></span>\
                <a rel="next" href="/portal/operator/uncertain?\(fields)">\(l("下一页 ›", "Next ›"))</a></nav>
                """
        }
        let body: HTML = """
            \(notice(refused, l))<form class="sheet" method="post" action="/portal/operator/uncertain">\
            \(messages.items.isEmpty ? empty : table.html)\(more)\(messages.items.isEmpty ? .empty : actions(page))\
            </form>
            """
        return .page(
            Page(
                title: l("结果未知的短信", "Uncertain messages"), section: .toDo,
                lead: "\(l("提交后没有应答；确认后才退费或重发", "Their call had no answer; decide by hand"))",
                crumbs: [(l("待处理", "To do"), "operator")], body: body, hasErrors: !refused.isEmpty))
    }

    private static func row(_ message: UncertainMessage, _ page: PageContext) -> [HTML] {
        let id = "\(message.id.rawValue)"
        let number = page.shown(number: message.mobile.text)
        let age = page.now.milliseconds - message.since.milliseconds
        return [
            """
            <label><input type="checkbox" name="m" value="\(id)"><span class="vh">\
            \(page.l("选择", "Choose")) \(number)</span></label>
            """, "\(Format.duration(milliseconds: age, page.l))", "\(message.account)", number, "\(message.channel)",
            HTML.foreign(message.reason), "\(id)",
        ]
    }

    private static func actions(_ page: PageContext) -> HTML? {
        guard page.has(.settings) else { return nil }
        let l = page.l
        return """
            <div class="bulk actions"><output class="quiet" data-selected="m" \
            data-text="\(l("已选 {n} 条", "{n} chosen"))" hidden data-script></output>\
            <label class="vh" for="reason">\(l("原因", "Reason"))</label>\
            <input class="medium" id="reason" name="reason" maxlength="200" \
            placeholder="\(l("原因（选填）", "Reason (optional)"))">\
            <button class="plain" name="do" value="delivered" data-needs="m">\(l("算已送达", "Delivered"))</button>\
            <button class="plain" name="do" value="failed" data-needs="m">\(l("算失败，按规则退费",
                "Failed, refunded by the rule"))</button>\
            <button class="danger" name="do" value="resend" data-needs="m">\(l("再发一次", "Send again"))</button></div>
            """
    }

    private static func notice(_ refused: [(id: MessageID, reason: String)], _ l: Language) -> HTML? {
        guard !refused.isEmpty else { return nil }
        let items = refused.prefix(20).map { "<li>\($0.id.rawValue): \($0.reason)</li>" as HTML }
        return """
            <div class="notice bad" role="alert"><h2>\(l("\(refused.count) 条没有处理",
                "\(refused.count) were left as they are"))</h2>\
            <ul>\(items)</ul></div>
            """
    }

    private static func resolve(_ page: PageContext) async throws -> PortalResponse {
        let form = page.request.form
        let ids = form.all("m").compactMap { Int64($0) }.map { MessageID(rawValue: $0) }
        guard let resolution = HandSettlement(rawValue: form["do"]), !ids.isEmpty else {
            return .redirect("operator/uncertain")
        }
        if resolution == .resend, form["sure"] != "1" { return .page(confirmation(page, ids)) }
        let (outcome, _) = try await page.administration.resolve(
            ids, channel: "", as: resolution, reason: String(form["reason"].prefix(200)), after: "")
        if !outcome.refused.isEmpty { return try await list(page, refused: outcome.refused) }
        return .redirect("operator/uncertain", notice: Notice(kind: .saved))
    }

    /// A handset may get them twice: that is asked on a page of its own, with or without script.
    private static func confirmation(_ page: PageContext, _ ids: [MessageID]) -> Page {
        let l = page.l
        let fields = ids.map { "<input type=\"hidden\" name=\"m\" value=\"\($0.rawValue)\">" as HTML }
        let body: HTML = """
            <form class="sheet form" method="post" action="/portal/operator/uncertain">\(fields)\
            <input type="hidden" name="do" value="resend"><input type="hidden" name="sure" value="1">\
            <input type="hidden" name="reason" value="\(page.request.form["reason"])">\
            <p>\(l("运营商可能已经收到这 \(ids.count) 条。再发一次，收件人可能收到两次。",
                "The carrier may have these \(ids.count). Sent again, a handset may get them twice."))</p>\
            <div class="actions"><button class="danger">\(l("再发 \(ids.count) 条", "Send \(ids.count) again"))</button>\
            <a class="button plain" href="/portal/operator/uncertain">\(l("取消", "Cancel"))</a></div></form>
            """
        return Page(
            title: l("再发一次？", "Send again?"), section: .toDo,
            crumbs: [(l("待处理", "To do"), "operator"), (l("结果未知的短信", "Uncertain messages"), "operator/uncertain")],
            body: body)
    }
}
