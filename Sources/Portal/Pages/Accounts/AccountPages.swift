import Administration
import Engine
import Messaging
import NIOHTTP1

/// What a customer does with its sub-accounts.
enum AccountPages {
    static let routes: [PageRoute] = [
        .get("accounts", .customer(.manage)) { try await list($0) },
        .get("accounts/new", .customer(.manage)) { try newForm($0) },
        .post("accounts/new", .customer(.manage)) { try await add($0) },
        .get("accounts/:id", .customer(.manage)) { try await show($0) },
        .post("accounts/:id", .customer(.manage)) { try await change($0) },
        .post("accounts/:id/enable", .customer(.manage)) { try await enable($0) },
        .get("accounts/:id/transfer", .customer(.manage)) { try await transferForm($0) },
        .post("accounts/:id/transfer", .customer(.manage)) { try await transfer($0) },
    ]

    /// Settings of the forms, in their order.
    private static let newKeys = [
        "name", "api_password", "price_micro", "share_balance", "spend_per_day_max_units", "connection_limit",
        "allow_ip", "signature",
    ]

    private static func settingForm(_ page: PageContext, _ keys: [String], _ unit: ChargeUnit) -> SettingForm {
        // A count of segments has no price.
        let shown = unit == .money ? keys : keys.filter { $0 != "price_micro" }
        return SettingForm(page.l, AccountSettings.table.options, only: shown, unit: unit)
    }

    /// The sub-account that the path names.
    private static func child(_ page: PageContext) async throws -> AccountDetail {
        try await page.administration.subAccount(page.parameters["id"] ?? "", of: page.account().account.id)
    }

    // MARK: List

    private static func list(_ page: PageContext) async throws -> PortalResponse {
        let (l, account) = (page.l, try page.account())
        if account.parent != nil { return .page(isSubAccount(page, account)) }
        let children = try await page.administration.subAccounts(of: account.account.id)
        let add: HTML = "<a class=\"button\" href=\"/portal/accounts/new\">\(l("增加子账户", "Add a sub-account"))</a>"
        guard !children.isEmpty else {
            let body: HTML = """
                <section class="sheet"><div class="empty"><p class="title">\(l("还没有子账户", "No sub-accounts yet"))</p>\
                <p>\(l("部门或系统可以有自己的账号、限额和接口密码，费用可以记在本账户上。",
                    "A department can have an account, limits and a password of its own, and spend this balance."))\
                </p>\
                <div class="actions">\(add)</div></div></section>
                """
            return .page(Page(title: l("子账户", "Sub-accounts"), section: .accounts, body: body))
        }
        let unit = account.account.chargeUnit
        let rows = children.map { row($0, page) }
        let table = Table(
            name: l("子账户", "Sub-accounts"),
            columns: [
                .init(l("账号", "Account"), "nowrap"), .init(l("名称", "Name"), "grow"),
                .init(unit == .money ? l("余额（元）", "Balance (yuan)") : l("余额（条）", "Balance (segments)"), "num"),
                .init(l("今日发送", "Sent today"), "num"),
                .init(unit == .money ? l("今日消费（元）", "Spent today (yuan)") : l("今日消费（条）", "Spent today"), "num"),
                .init(l("状态", "State")), .init(l("操作", "Actions")),
            ], rows: rows)
        return .page(
            Page(
                title: l("子账户", "Sub-accounts"), section: .accounts,
                lead:
                    """
                    \(l("\(children.count) 个，它们的记录和账单在本账户里也能看到",
                        "\(children.count); their records and bills show in this account, too"))
                    """,
                actions: add, body: "<section class=\"sheet\">\(table.html)</section>"))
    }

    private static func isSubAccount(_ page: PageContext, _ account: AccountEntry) -> Page {
        let l = page.l
        return Page(
            title: l("子账户", "Sub-accounts"), section: .accounts,
            body: """
                <section class="sheet"><div class="empty"><p class="title">\(l("本账户是子账户", "This is a sub-account"))</p>\
                <p>\(l("子账户下面不能再有子账户。", "A sub-account has no sub-accounts of its own."))</p></div></section>
                """)
    }

    private static func row(_ detail: AccountDetail, _ page: PageContext) -> [HTML] {
        let (l, unit) = (page.l, detail.chargeUnit)
        let name: String
        if case .text(let text)? = detail.settings["name"] { name = text } else { name = "" }
        let balance: HTML =
            AccountWords.sharesBalance(detail)
            ? "<span class=\"quiet\">\(l("共用", "shared"))</span>" : "\(Format.amount(detail.balance, unit))"
        return [
            "<a href=\"/portal/accounts/\(detail.id)\">\(detail.id)</a>", HTML.foreign(name), balance,
            "\(Format.count(detail.today.messages))",
            "\(Format.amount(detail.today.charged - detail.today.refunded, unit))",
            AccountWords.state(detail, l),
            """
            <div class="actions"><a href="/portal/accounts/\(detail.id)">\(l("修改", "Change"))\
            </a>\(enableForm(detail, l, isLink: true))</div>
            """,
        ]
    }

    private static func enableForm(_ detail: AccountDetail, _ l: Language, isLink: Bool) -> HTML {
        let style: HTML = isLink ? "link" : "plain"
        if detail.isEnabled {
            let ask = l("停用 \(detail.id)？它的接口和页面立刻不能再发送。", "Disable \(detail.id)? It cannot send from now on.")
            return """
                <form method="post" action="/portal/accounts/\(detail.id)/enable"><input type="hidden" name="on" \
                value="0">\
                <button class="\(style) danger" data-confirm="\(ask)">\(l("停用", "Disable"))</button></form>
                """
        }
        return """
            <form method="post" action="/portal/accounts/\(detail.id)/enable"><input type="hidden" name="on" value="1">\
            <button class="\(style)">\(l("启用", "Enable"))</button></form>
            """
    }

    // MARK: Add

    private static func newForm(_ page: PageContext) throws -> PortalResponse {
        var values = FormFields()
        values.append("share_balance", "on")
        let account = try page.account().account
        values.append(
            "price_micro",
            SettingForm(page.l, AccountSettings.table.options, only: ["price_micro"])
                .values([Setting("price_micro", .integer(account.price.microYuan))])["price_micro"])
        return .page(try newPage(page, values, FormErrors()))
    }

    private static func newPage(_ page: PageContext, _ values: FormFields, _ errors: FormErrors) throws -> Page {
        let (l, account) = (page.l, try page.account())
        let form = FormBuilder(l, values: values, errors: errors)
        let id = form.input(
            "id", l("账号", "Account"),
            hint: l(
                "1 至 32 个字母、数字、点、下划线或横线；接口用它登录，以后不能改。",
                """
                1 to 32 letters, digits, dots, underscores and hyphens; the interfaces' login, which cannot be changed.
                """
            ))
        let fields = settingForm(page, newKeys, account.account.chargeUnit).html(form)
        let body: HTML = """
            \(form.summary)<form class="sheet form" method="post" data-unsaved>\(id)\(fields)<div class="actions">\
            <button>\(l("增加", "Add"))</button><a class="button plain" href="/portal/accounts">\(l("取消", "Cancel"))</a>\
            </div></form>
            """
        return Page(
            title: l("增加子账户", "Add a sub-account"), section: .accounts,
            crumbs: [(l("子账户", "Sub-accounts"), "accounts")], body: body, hasErrors: !errors.isEmpty)
    }

    private static func add(_ page: PageContext) async throws -> PortalResponse {
        let (form, account) = (page.request.form, try page.account().account)
        let settings = settingForm(page, newKeys, account.chargeUnit)
        var (given, errors) = settings.settings(form, current: nil)
        if !Account.isValidID(form["id"]) {
            errors.add(
                "id", page.l("账号是 1 至 32 个字母、数字、点、下划线或横线。", "1 to 32 letters, digits, dots, underscores and hyphens."))
        }
        if given["api_password"] == nil {
            errors.add("api_password", page.l("请填写接口密码。", "An interface password is needed."))
        }
        guard errors.isEmpty else { return .page(try newPage(page, form, errors), status: .badRequest) }
        do {
            let added = try await page.administration.addSubAccount(form["id"], below: account.id, given)
            return .redirect("accounts/\(added.id)", notice: Notice(kind: .added))
        } catch {
            return .page(try newPage(page, form, try settings.errors(error, page)), status: .badRequest)
        }
    }

    // MARK: Change

    private static func show(_ page: PageContext) async throws -> PortalResponse {
        let detail = try await child(page)
        let values = settingForm(page, newKeys, detail.chargeUnit).values(detail.settings)
        return .page(showPage(page, detail, values, FormErrors()))
    }

    private static func showPage(
        _ page: PageContext, _ detail: AccountDetail, _ values: FormFields, _ errors: FormErrors
    ) -> Page {
        let (l, unit) = (page.l, detail.chargeUnit)
        let form = FormBuilder(l, values: values, errors: errors)
        let fields = settingForm(page, newKeys, unit).html(form)
        let money: HTML? =
            AccountWords.sharesBalance(detail)
            ? nil
            : "<a class=\"button\" href=\"/portal/accounts/\(detail.id)/transfer\">\(l("转入或转出", "Move money"))</a>"
        let figures: HTML = """
            <section class="sheet"><dl class="figures"><div><dt>\(AccountWords.balanceTitle(detail, l))</dt>\
            <dd>\(Format.amount(detail.balance, unit))</dd></div><div><dt>\(l("今日发送", "Sent today"))</dt>\
            <dd>\(Format.count(detail.today.messages))</dd></div><div><dt>\(l("本月消费", "Spent this month"))</dt>\
            <dd>\(Format.amount(detail.month.charged - detail.month.refunded, unit))</dd></div>\
            <div><dt>\(l("状态", "State"))</dt><dd>\(AccountWords.state(detail, l))</dd></div></dl></section>
            """
        let body: HTML = """
            \(form.summary)\(figures)<form class="sheet form" method="post" data-unsaved>\
            <h2>\(l("设置", "Settings"))</h2>\(fields)<div class="actions"><button>\(l("保存", "Save"))</button>\
            <a class="button plain" href="/portal/accounts">\(l("返回", "Back"))</a></div></form>\
            <section class="sheet"><div class="sheet-head"><div><h2>\(l("停用或启用", "Disable or enable"))</h2>\
            <p class="quiet">\(l("停用后接口和页面立刻不能再发送；已受理的照常发完。",
                "A disabled account cannot send; what was accepted goes out."))</p>\
            </div>\(enableForm(detail, l, isLink: false))</div></section>
            """
        return Page(
            title: detail.id, section: .accounts, actions: money ?? .empty,
            crumbs: [(l("子账户", "Sub-accounts"), "accounts")], body: body, hasErrors: !errors.isEmpty)
    }

    private static func change(_ page: PageContext) async throws -> PortalResponse {
        let detail = try await child(page)
        let settings = settingForm(page, newKeys, detail.chargeUnit)
        let (given, errors) = settings.settings(page.request.form, current: detail.settings)
        guard errors.isEmpty else {
            return .page(showPage(page, detail, page.request.form, errors), status: .badRequest)
        }
        do {
            if !given.isEmpty {
                _ = try await page.administration.setSubAccount(detail.id, of: page.account().account.id, given)
            }
            return .redirect("accounts/\(detail.id)", notice: Notice(kind: .saved))
        } catch let error as AdministrationError {
            let errors = try settings.errors(error, page)
            return .page(showPage(page, detail, page.request.form, errors), status: .badRequest)
        }
    }

    private static func enable(_ page: PageContext) async throws -> PortalResponse {
        let detail = try await child(page)
        let isOn = page.request.form["on"] == "1"
        _ = try await page.administration.enableSubAccount(detail.id, of: page.account().account.id, isOn)
        return .redirect("accounts", notice: Notice(kind: isOn ? .enabled : .disabled))
    }

    // MARK: Money

    private static func transferForm(_ page: PageContext) async throws -> PortalResponse {
        try page.requireFreshLogin()
        return .page(try transferPage(page, try await child(page), FormFields(), FormErrors()))
    }

    private static func transferPage(
        _ page: PageContext, _ detail: AccountDetail, _ values: FormFields, _ errors: FormErrors
    ) throws -> Page {
        let (l, unit, parent) = (page.l, detail.chargeUnit, try page.account())
        let form = FormBuilder(l, values: values, errors: errors)
        let amount = form.input(
            "amount_units", l("金额", "Amount"),
            hint: l(
                """
                本账户 \(Format.amount(parent.balance, unit, l))，\(detail.id) \
                \(Format.amount(detail.ownBalance, unit, l))。负数为转回本账户。
                """,
                """
                This account has \(Format.amount(parent.balance, unit, l)), \(detail.id) \
                \(Format.amount(detail.ownBalance, unit, l)). A negative amount moves back.
                """
            ),
            width: .short, unit: unit == .money ? l("元", "yuan") : l("条", "segments"),
            attributes: " inputmode=\"decimal\"")
        let body: HTML = """
            \(form.summary)<form class="sheet form" method="post">\(OnceForms.shared.html())\(amount)<div \
            class="actions">\
            <button>\(l("转账", "Move"))</button>\
            <a class="button plain" href="/portal/accounts/\(detail.id)">\(l("取消", "Cancel"))</a></div></form>
            """
        return Page(
            title: l("转入或转出", "Move money"), section: .accounts,
            crumbs: [(l("子账户", "Sub-accounts"), "accounts"), (detail.id, "accounts/\(detail.id)")], body: body,
            hasErrors: !errors.isEmpty)
    }

    private static func transfer(_ page: PageContext) async throws -> PortalResponse {
        try page.requireFreshLogin()
        let (detail, form, l) = (try await child(page), page.request.form, page.l)
        var errors = FormErrors()
        guard let amount = detail.chargeUnit.amount(form["amount_units"]) else {
            errors.add("amount_units", l("请填写金额，如 100.5。", "An amount is needed, as 100.5."))
            return .page(try transferPage(page, detail, form, errors), status: .badRequest)
        }
        guard OnceForms.shared.take(form) else {
            errors.add("", l("这张表单已经提交过，没有再转一次。", "This form was sent before; nothing was moved again."))
            return .page(try transferPage(page, detail, form, errors), status: .conflict)
        }
        do {
            _ = try await page.administration.transfer(amount, from: page.account().account.id, to: detail.id)
            return .redirect("accounts/\(detail.id)", notice: Notice(kind: .saved))
        } catch let error as AdministrationError {
            errors = try SettingForm(l, [], only: []).errors(error, page)
            return .page(try transferPage(page, detail, form, errors), status: .badRequest)
        }
    }
}

/// Words about accounts that several pages say.
enum AccountWords {
    static func sharesBalance(_ detail: AccountDetail) -> Bool { detail.settings["share_balance"] == .flag(true) }

    static func state(_ detail: AccountDetail, _ l: Language) -> HTML {
        if !detail.isEnabled { return "<span class=\"state off\">\(l("停用", "Disabled"))</span>" }
        if detail.isParentDisabled {
            return "<span class=\"state off\">\(l("上级账户停用", "Parent disabled"))</span>"
        }
        return "<span class=\"state good\">\(l("启用", "Enabled"))</span>"
    }

    static func balanceTitle(_ detail: AccountDetail, _ l: Language) -> String {
        let unit = detail.chargeUnit == .money ? l("元", "yuan") : l("条", "segments")
        return sharesBalance(detail)
            ? l("共用余额（\(unit)）", "Shared balance (\(unit))") : l("余额（\(unit)）", "Balance (\(unit))")
    }

    static func name(_ detail: AccountDetail) -> String {
        if case .text(let text)? = detail.settings["name"] { text } else { "" }
    }
}
