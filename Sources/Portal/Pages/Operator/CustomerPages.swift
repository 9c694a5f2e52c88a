import Administration
import Engine
import Messaging
import NIOHTTP1

/// The customers' accounts, as operators work with them.
enum CustomerPages {
    static let routes: [PageRoute] = [
        .get("operator/customers", .operators(.view)) { try await list($0) },
        .get("operator/customers/new", .operators([.settings, .money])) { newForm($0) },
        .post("operator/customers/new", .operators([.settings, .money])) { try await add($0) },
        .get("operator/customers/:id", .operators(.view)) { try await show($0) },
        .get("operator/customers/:id/change", .operators(.view)) { try await changeForm($0) },
        .post("operator/customers/:id/change", .operators(.view)) { try await change($0) },
        .get("operator/customers/:id/rules", .operators(.settings)) { try rulesForm($0) },
        .post("operator/customers/:id/rules", .operators(.settings)) { try await rules($0) },
        .get("operator/customers/:id/recharge", .operators(.money)) { try await rechargeForm($0) },
        .post("operator/customers/:id/recharge", .operators(.money)) { try await recharge($0) },
        .post("operator/customers/:id/enable", .operators(.settings)) { try await enable($0) },
        .post("operator/customers/:id/unlock", .operators(.settings)) { try await unlock($0) },
    ]

    static func crumb(_ l: Language) -> (title: String, path: String) {
        (title: l("客户", "Customers"), path: "operator/customers")
    }

    private static func detail(_ page: PageContext) async throws -> AccountDetail {
        try await page.administration.account(page.parameters["id"] ?? "")
    }

    // MARK: List

    private static func list(_ page: PageContext) async throws -> PortalResponse {
        let (l, query) = (page.l, page.request.query)
        let (wanted, state) = (query["q"], query["state"])
        // Names are looked through in the directory, which is in memory; only the page that is shown reads totals.
        let matching = page.engine.accounts.directory.entries.filter { entry in
            let isWanted =
                wanted.isEmpty || entry.account.id.localizedContains(wanted)
                || entry.account.name.localizedContains(wanted)
            return isWanted && (state.isEmpty || entry.isEnabled == (state == "on"))
        }.sorted { $0.account.id < $1.account.id }
        let shown = matching.drop { !query["after"].isEmpty && $0.account.id <= query["after"] }
        var details: [AccountDetail] = []
        for entry in shown.prefix(pageSize) { details.append(try await page.administration.account(entry.account.id)) }
        let next = shown.count > pageSize ? details.last?.id : nil
        let add: HTML? =
            page.has([.settings, .money])
            ? "<a class=\"button\" href=\"/portal/operator/customers/new\">\(l("增加客户", "Add a customer"))</a>" : nil
        let body: HTML = "\(filters(page))\(table(details, page, next))"
        return .page(
            Page(
                title: l("客户", "Customers"), section: .customers,
                lead: "\(l("\(matching.count) 个账户", "\(matching.count) accounts"))", actions: add ?? .empty, body: body)
        )
    }

    private static let pageSize = 50

    private static func filters(_ page: PageContext) -> HTML {
        let (l, query) = (page.l, page.request.query)
        let states = [("", l("全部", "All")), ("on", l("启用", "Enabled")), ("off", l("停用", "Disabled"))].map {
            value, label -> HTML in
            "<option value=\"\(value)\"\(" selected", if: value == query["state"])>\(label)</option>"
        }
        return """
            <form class="sheet filters" method="get" action="/portal/operator/customers" \
            aria-label="\(l("查询条件", "Filters"))"><div class="span"><label for="q">\(l("账号或名称", "Id or name"))</label>\
            <input id="q" name="q" value="\(query["q"])"></div><div><label for="state">\(l("状态", "State"))</label>\
            <select id="state" name="state">\(states)</select></div><div class="actions"><button>\(l("查询", "Find"))\
            </button>\
            <a href="/portal/operator/customers">\(l("清除", "Clear"))</a></div></form>
            """
    }

    private static func table(_ details: [AccountDetail], _ page: PageContext, _ next: String?) -> HTML {
        let l = page.l
        guard !details.isEmpty else {
            return """
                <section class="sheet"><div class="empty"><p class="title">\(l("没有符合的客户", "No such customer"))</p>\
                <p>\(l("换个条件，或增加一个客户。", "Try other filters, or add a customer."))</p></div></section>
                """
        }
        let table = Table(
            name: l("客户", "Customers"),
            columns: [
                .init(l("账号", "Account"), "nowrap"), .init(l("名称", "Name"), "grow"),
                .init(l("余额", "Balance"), "num"), .init(l("单价（元）", "Price (yuan)"), "num"),
                .init(l("今日发送", "Sent today"), "num"), .init(l("成功", "Delivered"), "num"),
                .init(l("状态", "State")),
            ], rows: details.map { row($0, page) })
        let last = FormFields.query([
            ("q", page.request.query["q"]), ("state", page.request.query["state"]), ("after", next ?? ""),
        ])
        let pager: HTML? = next.map { _ in
            """
            <nav class="pager" aria-label="\(l("分页", "Pages"))"><span></span><span></span>\
            <a rel="next" href="/portal/operator/customers?\(last)">\(l("下一页 ›", "Next ›"))</a></nav>
            """
        }
        return "<section class=\"sheet\">\(table.html)\(pager)</section>"
    }

    private static func row(_ detail: AccountDetail, _ page: PageContext) -> [HTML] {
        let (l, unit) = (page.l, detail.chargeUnit)
        var small =
            detail.children.isEmpty ? "" : l("\(detail.children.count) 个子账户", "\(detail.children.count) sub-accounts")
        if let parent = detail.parent { small = l("\(parent) 的子账户", "below \(parent)") }
        let price: HTML
        if case .integer(let micro)? = detail.settings["price_micro"], unit == .money {
            price = "\(Format.yuan(micro))"
        } else {
            price = "–"
        }
        let balance: HTML =
            AccountWords.sharesBalance(detail)
            ? "<span class=\"quiet\">\(l("共用", "shared"))</span>"
            : "\(Format.amount(detail.balance, unit, l))"
        return [
            "<a href=\"/portal/operator/customers/\(detail.id)\">\(detail.id)</a>",
            "\(HTML.foreign(AccountWords.name(detail)))<small>\(small)</small>", balance, price,
            "\(Format.count(detail.today.messages))",
            "\(Format.share(detail.today.delivered, of: detail.today.messages))", AccountWords.state(detail, l),
        ]
    }

    // MARK: One

    private static func show(_ page: PageContext) async throws -> PortalResponse {
        let (detail, l) = (try await detail(page), page.l)
        let unit = detail.chargeUnit
        let figures: HTML = """
            <section class="sheet"><dl class="figures"><div><dt>\(AccountWords.balanceTitle(detail, l))</dt>\
            <dd>\(Format.amount(detail.balance, unit))<small>\(l("最低 \(Format.amount(detail.balanceFloor, unit))",
                "at least \(Format.amount(detail.balanceFloor, unit))"))</small></dd></div>\
            <div><dt>\(l("今日发送", "Sent today"))</dt><dd>\(Format.count(detail.today.messages))\
            <small>\(l("成功", "delivered")) \(Format.share(detail.today.delivered, of: detail.today.messages))</small>\
            </dd></div>\
            <div><dt>\(l("今日消费", "Spent today"))</dt><dd>\(Format.amount(detail.today.charged - detail.today.refunded,
                unit))</dd></div>\
            <div><dt>\(l("本月消费",
                "Spent this month"))\
            </dt><dd>\(Format.amount(detail.month.charged - detail.month.refunded, unit))</dd></div>\
            </dl></section>
            """
        let body: HTML = """
            \(figures)\(facts(detail, page))<div class="halves">\(children(detail, l))\(locks(detail, page))</div>\
            \(try await pushes(detail, page))\(danger(detail, page))
            """
        var actions: HTML = .empty
        if page.has(.money) {
            actions +=
                """
                <a class="button" href="/portal/operator/customers/\(detail.id)/recharge">\(l("充值", "Recharge"))</a>
                """
        }
        if page.has(.money) || page.has(.settings) {
            actions +=
                """
                <a class="button plain" href="/portal/operator/customers/\(detail.id)/change">\(l("修改", "Change"))</a>
                """
        }
        let lead: HTML = "\(HTML.foreign(AccountWords.name(detail))) \(AccountWords.state(detail, l))"
        return .page(
            Page(
                title: detail.id, section: .customers, lead: lead, actions: actions, crumbs: [crumb(l)], body: body))
    }

    /// Every setting that is shown, in the words of the pages.
    private static func facts(_ detail: AccountDetail, _ page: PageContext) -> HTML {
        let l = page.l
        let options = AccountSettings.table.options.filter { $0.kind.shape != .permission && $0.key != "name" }
        let values = SettingForm(l, options, only: options.map(\.key), unit: detail.chargeUnit)
            .values(detail.settings)
        let items = options.compactMap { option -> HTML? in
            let words = SettingWords.of(option)
            let shown: String
            switch detail.settings[option.key] {
            case .flag(let isOn)? where option.kind.shape == .secret:
                shown = isOn ? l("已设置", "set") : l("未设置", "not set")
            case .flag(let isOn)?: shown = isOn ? l("是", "yes") : l("否", "no")
            case .text(let text)? where !option.kind.choices.isEmpty: shown = SettingWords.choice(text, l)
            case nil: return nil
            default: shown = values.all(option.key).joined(separator: "、").replacing("\n", with: "、")
            }
            return "<dt>\(l(words.chinese, words.english))</dt><dd>\(shown.isEmpty ? "–" : HTML.foreign(shown))</dd>"
        }
        return """
            <section class="sheet"><div class="sheet-head"><h2>\(l("设置与各接口的登录", "Settings and logins per dialect"))\
            </h2>\
            \(rulesLink(detail, page))</div><dl class="facts">\(items)</dl></section>
            """
    }

    private static func rulesLink(_ detail: AccountDetail, _ page: PageContext) -> HTML? {
        guard page.has(.settings) else { return nil }
        return "<a href=\"/portal/operator/customers/\(detail.id)/rules\">\(page.l("内容规则", "Content rules"))</a>"
    }

    private static func children(_ detail: AccountDetail, _ l: Language) -> HTML {
        let items = detail.children.map { id -> HTML in
            "<li><a href=\"/portal/operator/customers/\(id)\">\(id)</a></li>"
        }
        let parent: HTML? = detail.parent.map {
            "<p>\(l("上级账户：", "Below: "))<a href=\"/portal/operator/customers/\($0)\">\($0)</a></p>"
        }
        let none: HTML? =
            items.isEmpty && detail.parent == nil
            ? "<p class=\"quiet\">\(l("没有子账户。", "No sub-accounts."))</p>" : nil
        let add: HTML? =
            detail.parent == nil
            ? "<a href=\"/portal/operator/customers/new?parent=\(detail.id)\">\(l("增加", "Add"))</a>" : nil
        return """
            <section class="sheet"><div class="sheet-head"><h2>\(l("子账户", "Sub-accounts"))</h2>\(add)</div>\
            \(parent)\(none)<ul class="lines">\(items)</ul></section>
            """
    }

    private static func locks(_ detail: AccountDetail, _ page: PageContext) -> HTML {
        let l = page.l
        let items = detail.locks.map { lock -> HTML in
            let until = Format.time(lock.until, now: page.now)
            return
                "<li>\(lock.address.description)<span class=\"quiet\">\(l("至 \(until)", "until \(until)"))</span></li>"
        }
        let none: HTML? = items.isEmpty ? "<p class=\"quiet\">\(l("没有被锁定的地址。", "No address is locked out."))</p>" : nil
        let unlock: HTML? =
            items.isEmpty || !page.has(.settings)
            ? nil
            : """
            <form method="post" action="/portal/operator/customers/\(detail.id)/unlock">\
            <button class="link">\(l("全部解锁", "Unlock all"))</button></form>
            """
        return """
            <section class="sheet"><div class="sheet-head"><h2>\(l("登录锁定", "Locked out"))</h2>\(unlock)</div>\
            \(none)<ul class="lines">\(items)</ul></section>
            """
    }

    private static func pushes(_ detail: AccountDetail, _ page: PageContext) async throws -> HTML? {
        let (l, lanes) = (page.l, try await page.administration.pushLanes(of: detail.id, after: "", limit: 10).items)
        guard !lanes.isEmpty else { return nil }
        let rows = lanes.map { lane -> [HTML] in
            [
                "\(lane.lane.record.kind == .reports ? l("报告", "Reports") : l("上行", "Replies"))",
                HTML.foreign(lane.lane.url), "\(lane.state)", "\(Format.count(lane.lane.waiting))",
                HTML.foreign(lane.lane.problem ?? lane.lane.record.answer),
            ]
        }
        let table = Table(
            name: l("推送", "Pushes"),
            columns: [
                .init(l("种类", "Kind")), .init(l("地址", "URL"), "grow"), .init(l("状态", "State")),
                .init(l("等待", "Waiting"), "num"), .init(l("上次回答", "Last answer")),
            ], rows: rows)
        return "<section class=\"sheet\"><h2>\(l("推送", "Pushes"))</h2>\(table.html)</section>"
    }

    private static func danger(_ detail: AccountDetail, _ page: PageContext) -> HTML? {
        guard page.has(.settings) else { return nil }
        let l = page.l
        let (value, label): (HTML, String) =
            detail.isEnabled ? ("0", l("停用", "Disable")) : ("1", l("启用", "Enable"))
        let ask = l("\(label) \(detail.id)？", "\(label) \(detail.id)?")
        return """
            <section class="sheet\(" danger-zone", if: detail.isEnabled)"><div class="sheet-head"><div>\
            <h2>\(l("停用或启用", "Disable or enable"))</h2><p class="quiet">\(l("停用后它和它的子账户立刻不能再发送；已受理的照常发完，报告照常推送。",
                "It and its sub-accounts cannot send from then on; what was accepted goes out."))</p></div>\
            <form method="post" action="/portal/operator/customers/\(detail.id)/enable">\
            <input type="hidden" name="on" value="\(value)">\
            <button class="\(detail.isEnabled ? "danger" : "plain")" data-confirm="\(ask)">\(label)</button></form>\
            </div></section>
            """
    }

    // MARK: Actions

    private static func enable(_ page: PageContext) async throws -> PortalResponse {
        let isOn = page.request.form["on"] == "1"
        let detail = try await page.administration.enableAccount(page.parameters["id"] ?? "", isOn)
        return .redirect("operator/customers/\(detail.id)", notice: Notice(kind: isOn ? .enabled : .disabled))
    }

    private static func unlock(_ page: PageContext) async throws -> PortalResponse {
        let detail = try await page.administration.unlockAccount(page.parameters["id"] ?? "")
        return .redirect("operator/customers/\(detail.id)", notice: Notice(kind: .saved))
    }

    private static func rechargeForm(_ page: PageContext) async throws -> PortalResponse {
        try page.requireFreshLogin()
        return .page(rechargePage(page, try await detail(page), FormFields(), FormErrors()))
    }

    private static func rechargePage(
        _ page: PageContext, _ detail: AccountDetail, _ values: FormFields, _ errors: FormErrors
    ) -> Page {
        let (l, unit) = (page.l, detail.chargeUnit)
        let form = FormBuilder(l, values: values, errors: errors)
        let amount = form.input(
            "amount_units", l("金额", "Amount"), hint: l("可以是负数，用来冲正。", "May be negative, to correct a mistake."),
            width: .short, unit: unit == .money ? l("元", "yuan") : l("条", "segments"),
            attributes: " inputmode=\"decimal\"")
        let note = form.input(
            "note", l("备注", "Note"), hint: l("客户能看到，如发票号。", "The customer sees it; an invoice's number, say."),
            width: .long, isOptional: true, attributes: " maxlength=\"200\"")
        let body: HTML = """
            \(form.summary)<form class="sheet form" method="post">\(OnceForms.shared.html())\(amount)\(note)\
            <div class="actions"><button>\(l("充值", "Recharge"))</button>\
            <a class="button plain" href="/portal/operator/customers/\(detail.id)">\(l("取消", "Cancel"))</a></div></form>
            """
        return Page(
            title: l("充值", "Recharge"), section: .customers,
            lead:
                """
                \(HTML.foreign(AccountWords.name(detail))) \(detail.id) · \(Format.amount(detail.ownBalance, unit, l))
                """,
            crumbs: [crumb(l), (detail.id, "operator/customers/\(detail.id)")], body: body,
            hasErrors: !errors.isEmpty)
    }

    private static func recharge(_ page: PageContext) async throws -> PortalResponse {
        try page.requireFreshLogin()
        let (detail, form, l) = (try await detail(page), page.request.form, page.l)
        var errors = FormErrors()
        guard let amount = detail.chargeUnit.amount(form["amount_units"]) else {
            errors.add("amount_units", l("请填写金额，如 100.5。", "An amount is needed, as 100.5."))
            return .page(rechargePage(page, detail, form, errors), status: .badRequest)
        }
        guard form["note"].utf8.count <= 600 else {
            errors.add("note", l("备注太长。", "The note is too long."))
            return .page(rechargePage(page, detail, form, errors), status: .badRequest)
        }
        guard OnceForms.shared.take(form) else {
            errors.add("", l("这张表单已经提交过，没有再充一次。", "This form was sent before; nothing was paid in again."))
            return .page(rechargePage(page, detail, form, errors), status: .conflict)
        }
        do {
            _ = try await page.administration.recharge(detail.id, amount: amount, unit: nil, note: form["note"])
            return .redirect("operator/customers/\(detail.id)", notice: Notice(kind: .saved))
        } catch {
            errors = try SettingForm(l, [], only: []).errors(error, page)
            return .page(rechargePage(page, detail, form, errors), status: .badRequest)
        }
    }
}

extension String {
    /// Whether it has `other` in it, whatever the case of letters of ASCII.
    fileprivate func localizedContains(_ other: String) -> Bool { lowercased().contains(other.lowercased()) }
}
