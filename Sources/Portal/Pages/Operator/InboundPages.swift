import Administration
import Engine
import Messaging
import NIOHTTP1

/// What carriers handed us and what has no owner: reports, replies, and bodies that cannot be read.
enum InboundPages {
    static let routes: [PageRoute] = [
        .get("operator/inbound", .operators(.view)) { try await list($0, nil) },
        .post("operator/inbound", .operators(.settings)) { try await act($0) },
        .get("operator/inbound/:id", .operators(.view)) { try await show($0, nil) },
        .post("operator/inbound/:id", .operators(.settings)) { try await replayOne($0) },
    ]

    private static let pageSize = 50

    // MARK: List

    private static func list(_ page: PageContext, _ replay: UnmatchedItems.Replay?) async throws -> PortalResponse {
        let (l, query) = (page.l, page.request.query)
        let items = try await page.administration.inbound(
            kind: query["kind"], state: query["state"], channel: query["channel"], after: query["after"],
            limit: pageSize)
        let table = Table(
            name: l("没有归属的回执、上行和报文", "Without an owner"),
            columns: [
                .init(
                    html: """
                        <span class="vh">\(l("选择", "Choose"))</span><input type="checkbox" data-select-all="i" \
                        aria-label="\(l("全选本页", "All of this page"))" hidden data-script>
                        """, "pick"), .init(l("编号", "Id"), "nowrap"), .init(l("收到", "Received"), "nowrap"),
                .init(l("通道", "Channel")), .init(l("内容", "Content"), "grow"), .init(l("状态", "State")),
            ], rows: items.items.map { row($0, page) })
        let empty: HTML = """
            <div class="empty"><p class="title">\(l("没有", "Nothing"))</p>\
            <p>\(l("对不上短信的回执、找不到客户的上行、读不懂的报文会出现在这里。",
                "Reports that match no message, replies without an account and bodies that cannot be read show here."))\
            </p></div>
            """
        let more: HTML? = items.next.map { next in
            let fields = FormFields.query([
                ("kind", query["kind"]), ("state", query["state"]), ("channel", query["channel"]), ("after", next),
            ])
            return """
                <nav class="pager" aria-label="\(l("分页", "Pages"))"><span></span><span></span>\
                <a rel="next" href="/portal/operator/inbound?\(fields)">\(l("下一页 ›", "Next ›"))</a></nav>
                """
        }
        let body: HTML = """
            \(replay.map { outcome($0, l) })\(filters(page))<form class="sheet" method="post" \
            action="/portal/operator/inbound">\
            \(items.items.isEmpty ? empty : table.html)\(more)\(items.items.isEmpty ? .empty : actions(page))</form>
            """
        return .page(
            Page(title: l("上行与回执", "Inbound"), section: .inbound, body: body))
    }

    private static func filters(_ page: PageContext) -> HTML {
        let (l, query) = (page.l, page.request.query)
        func options(_ name: String, _ choices: [(String, String)]) -> [HTML] {
            choices.map { value, label -> HTML in
                "<option value=\"\(value)\"\(" selected", if: value == query[name])>\(label)</option>"
            }
        }
        let kinds = options("kind", [("", l("全部", "All"))] + ParkedID.Kind.allCases.map { ($0.rawValue, kind($0, l)) })
        let states = options(
            "state", [("", l("全部", "All"))] + ParkedItem.State.allCases.map { ($0.rawValue, state($0, l)) })
        return """
            <form class="sheet filters" method="get" action="/portal/operator/inbound" \
            aria-label="\(l("查询条件", "Filters"))">\
            <div><label for="kind">\(l("种类", "Kind"))</label><select id="kind" name="kind">\(kinds)</select></div>\
            <div><label for="state">\(l("状态", "State"))</label><select id="state" name="state">\(states)</select></div>\
            <div><label for="channel">\(l("通道", "Channel"))</label><input id="channel" name="channel" \
            value="\(query["channel"])"></div>\
            <div class="actions"><button>\(l("查询", "Find"))</button><a \
            href="/portal/operator/inbound">\(l("清除", "Clear"))</a></div></form>
            """
    }

    private static func kind(_ kind: ParkedID.Kind, _ l: Language) -> String {
        switch kind {
        case .report: l("回执", "Reports")
        case .reply: l("上行", "Replies")
        case .body: l("报文", "Bodies")
        }
    }

    private static func state(_ state: ParkedItem.State, _ l: Language) -> String {
        switch state {
        case .waiting: l("自动重试中", "Tried again")
        case .expired: l("已放弃", "Given up")
        case .unreadable: l("读不懂", "Unreadable")
        }
    }

    private static func row(_ item: ParkedItem, _ page: PageContext) -> [HTML] {
        let l = page.l
        let style: HTML = item.state == .waiting ? "wait" : "bad"
        return [
            """
            <label><input type="checkbox" name="i" value="\(item.id.text)"><span class="vh">\
            \(l("选择", "Choose")) \(item.id.text)</span></label>
            """, "<a href=\"/portal/operator/inbound/\(item.id.text)\">\(item.id.text)</a>",
            "\(Format.time(item.receivedAt, now: page.now))", "\(item.channel)", summary(item, page),
            "<span class=\"state \(style)\">\(state(item.state, l))</span>",
        ]
    }

    private static func summary(_ item: ParkedItem, _ page: PageContext) -> HTML {
        switch item.content {
        case .report(let report):
            return
                """
                \(page.shown(number: report.mobile)) \(HTML.foreign(report.status.code))\
                <small>\(HTML.foreign(report.customID))</small>
                """
        case .reply(let reply):
            return """
                \(page.shown(number: reply.mobile)) → \(HTML.foreign(reply.accessNumber))\
                <span class="clip">\(HTML.foreign(reply.content))</span>
                """
        case .body(let body):
            let copies: HTML? =
                body.copies > 1 ? "<small>\(page.l("来过 \(body.copies) 次", "came \(body.copies) times"))</small>" : nil
            return
                "\(Format.count(body.byteCount)) \(page.l("字节", "bytes")) \(HTML.foreign(body.failure ?? ""))\(copies)"
        }
    }

    private static func actions(_ page: PageContext) -> HTML? {
        guard page.has(.settings) else { return nil }
        let l = page.l
        let ask = l("删除所选？删除后不能恢复。", "Delete what is chosen? It cannot be had back.")
        return """
            <div class="bulk actions"><output class="quiet" data-selected="i" \
            data-text="\(l("已选 {n} 个", "{n} chosen"))" hidden data-script></output>\
            <button class="plain" name="do" value="replay" data-needs="i">\(l("再试一次", "Try again"))</button>\
            <button class="danger" name="do" value="discard" data-needs="i" data-confirm="\(ask)">\(l("删除", "Delete"))\
            </button></div>
            """
    }

    private static func outcome(_ replay: UnmatchedItems.Replay, _ l: Language) -> HTML {
        let items = replay.left.prefix(20).map { "<li>\($0.id.text): \(HTML.foreign($0.reason))</li>" as HTML }
        return """
            <div class="notice\(" good", if: replay.left.isEmpty)" role="status"><p>\
            \(l("试了 \(replay.tried) 个，\(replay.settled) 个有了归属，\(replay.left.count) 个留下。",
                "\(replay.tried) tried, \(replay.settled) found their owner, \(replay.left.count) stay."))</p>\
            <ul>\(items)</ul></div>
            """
    }

    // MARK: Actions

    private static func act(_ page: PageContext) async throws -> PortalResponse {
        let form = page.request.form
        let ids = form.all("i").filter { ParkedID($0) != nil }
        guard !ids.isEmpty else { return .redirect("operator/inbound") }
        let choice = Administration.ParkedChoice(ids: ids, isAll: false, kind: "", channel: "")
        switch form["do"] {
        case "replay":
            let (replay, _) = try await page.administration.replayInbound(choice, to: "", after: "")
            return try await list(page, replay)
        case "discard":
            guard form["sure"] == "1" else { return .page(confirmation(page, ids)) }
            _ = try await page.administration.discardInbound(choice)
            return .redirect("operator/inbound", notice: Notice(kind: .removed))
        default: throw PageFailure.badRequest
        }
    }

    private static func confirmation(_ page: PageContext, _ ids: [String]) -> Page {
        let l = page.l
        let fields = ids.map { "<input type=\"hidden\" name=\"i\" value=\"\($0)\">" as HTML }
        let body: HTML = """
            <form class="sheet form" method="post" action="/portal/operator/inbound">\(fields)\
            <input type="hidden" name="do" value="discard"><input type="hidden" name="sure" value="1">\
            <p>\(l("删除 \(ids.count) 个，不能恢复：", "Delete \(ids.count) for good: "))\
            \(ids.prefix(30).joined(separator: "、"))</p>\
            <div class="actions"><button class="danger">\(l("删除", "Delete"))</button>\
            <a class="button plain" href="/portal/operator/inbound">\(l("取消", "Cancel"))</a></div></form>
            """
        return Page(
            title: l("删除？", "Delete?"), section: .inbound, crumbs: [(l("上行与回执", "Inbound"), "operator/inbound")],
            body: body)
    }

    // MARK: One

    private static func show(_ page: PageContext, _ replay: UnmatchedItems.Replay?) async throws -> PortalResponse {
        let (l, id) = (page.l, page.parameters["id"] ?? "")
        guard ParkedID(id) != nil else { throw PageFailure.notFound }
        let item = try await page.administration.inboundItem(id, offset: 0)
        var facts: [HTML] = [
            fact(l("收到", "Received"), "\(Format.time(item.receivedAt, now: page.now))"),
            fact(l("通道", "Channel"), "<a href=\"/portal/operator/channels/\(item.channel)\">\(item.channel)</a>"),
            fact(l("状态", "State"), "\(state(item.state, l))"), fact(l("试过", "Tries"), "\(item.tries)"),
        ]
        var raw: HTML = .empty
        switch item.content {
        case .report(let report):
            facts += [
                fact(l("手机号", "Number"), page.shown(number: report.mobile)),
                fact(l("状态码", "Status"), HTML.foreign(report.status.code)),
                fact(l("自定义编号", "Custom id"), HTML.foreign(report.customID)),
            ]
        case .reply(let reply):
            facts += [
                fact(l("手机号", "Number"), page.shown(number: reply.mobile)),
                fact(l("接入号", "Access number"), HTML.foreign(reply.accessNumber)),
            ]
            raw =
                """
                <section class="sheet"><h2>\(l("内容", "Text"))</h2><p class="sms in">\(HTML.foreign(reply.content))</p>\
                </section>
                """
        case .body(let body):
            facts.append(fact(l("原因", "Why"), HTML.foreign(body.failure ?? "–")))
            facts.append(fact(l("长度", "Length"), "\(Format.count(body.byteCount)) \(l("字节", "bytes"))"))
            raw = rawBody(body, page)
        }
        let body: HTML = """
            \(replay.map { outcome($0, l) })<section class="sheet"><dl class="facts">\(facts)</dl></section>\(raw)\
            \(replayForm(item, page))
            """
        return .page(
            Page(
                title: item.id.text, section: .inbound, crumbs: [(l("上行与回执", "Inbound"), "operator/inbound")],
                body: body))
    }

    private static func fact(_ name: String, _ value: HTML) -> HTML { "<dt>\(name)</dt><dd>\(value)</dd>" }

    private static let shownBytesMax = 16 << 10

    /// A body has telephone numbers in it, which not everybody may see.
    private static func rawBody(_ body: ParkedBody, _ page: PageContext) -> HTML {
        let l = page.l
        guard page.has(.fullNumbers) else {
            return """
                <section class="sheet"><h2>\(l("原始报文", "Raw body"))</h2>\
                <p class="quiet">\(l("报文里有手机号，需要“看完整号码”的权限。",
                    "It has telephone numbers in it; the right to see full numbers is needed."))</p></section>
                """
        }
        let text = String(decoding: body.bytes.prefix(shownBytesMax), as: UTF8.self)
        let cut: HTML? =
            body.byteCount > shownBytesMax
            ? "<p class=\"quiet\">\(l("只显示前 \(shownBytesMax) 字节。", "The first \(shownBytesMax) bytes."))</p>" : nil
        return """
            <section class="sheet"><h2>\(l("原始报文", "Raw body"))</h2><div class="code">\
            <pre tabindex="0"><code>\(HTML.foreign(text))</code></pre></div>\(cut)</section>
            """
    }

    private static func replayForm(_ item: ParkedItem, _ page: PageContext) -> HTML? {
        guard page.has(.settings) else { return nil }
        let l = page.l
        let account: HTML? =
            item.id.kind == .reply
            ? """
            <div class="field"><label for="account">\(l("交给客户", "Give to account"))<span \
            class="optional">\(l("选填", "optional"))</span></label>\
            <input id="account" name="account" class="medium"></div>
            """ : nil
        return """
            <form class="sheet form" method="post"><h2>\(l("再试一次", "Try again"))</h2>\(account)\
            <div class="actions"><button>\(l("再试一次", "Try again"))</button></div></form>
            """
    }

    private static func replayOne(_ page: PageContext) async throws -> PortalResponse {
        let id = page.parameters["id"] ?? ""
        guard ParkedID(id) != nil else { throw PageFailure.notFound }
        let account = page.request.form["account"]
        guard account.isEmpty || page.engine.accounts.directory.account(id: account) != nil else {
            throw PageFailure.badRequest
        }
        let choice = Administration.ParkedChoice(ids: [id], isAll: false, kind: "", channel: "")
        let (replay, _) = try await page.administration.replayInbound(choice, to: account, after: "")
        if replay.left.isEmpty { return .redirect("operator/inbound", notice: Notice(kind: .saved)) }
        return try await show(page, replay)
    }
}
