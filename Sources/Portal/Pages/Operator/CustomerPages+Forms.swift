import Administration
import Engine
import Messaging
import NIOHTTP1

/// The forms of an account's settings and content rules.
extension CustomerPages {
    /// What needs the right to move money.
    private static let moneyKeys: Set<String> = [
        "price_micro", "payment", "credit_units", "refund", "share_balance", "sub_price_floor",
        "spend_per_day_max_units", "charge_by",
    ]

    private static let newKeys = [
        "name", "api_password", "price_micro", "payment", "charge_by", "credit_units", "refund", "parent",
        "share_balance", "sub_price_floor", "signature", "extension", "allow_ip", "logins",
    ]

    /// Of a change: everything but what is fixed, as far as the user may.
    private static func changeKeys(_ page: PageContext) -> [String] {
        AccountSettings.table.options.filter { option in
            option.kind.shape != .permission && option.key != "charge_by" && option.key != "parent"
                && page.has(moneyKeys.contains(option.key) ? .money : .settings)
        }.map(\.key)
    }

    // MARK: Add

    static func newForm(_ page: PageContext) -> PortalResponse {
        var values = FormFields()
        for (key, value) in [("charge_by", "money"), ("payment", "prepaid"), ("refund", "refused")] {
            values.append(key, value)
        }
        values.append("parent", page.request.query["parent"])
        return .page(newPage(page, values, FormErrors()))
    }

    private static func newPage(_ page: PageContext, _ values: FormFields, _ errors: FormErrors) -> Page {
        let l = page.l
        let form = FormBuilder(l, values: values, errors: errors)
        let id = form.input(
            "id", l("账号", "Account"),
            hint: l("1 至 32 个字母、数字、点、下划线或横线；以后不能改。", "1 to 32 letters, digits, dots, underscores and hyphens; fixed."))
        let fields = SettingForm(l, AccountSettings.table.options, only: newKeys).html(form)
        let body: HTML = """
            \(form.summary)<form class="sheet form" method="post" data-unsaved>\(id)\(fields)<div class="actions">\
            <button>\(l("增加", "Add"))</button>\
            <a class="button plain" href="/portal/operator/customers">\(l("取消", "Cancel"))</a></div></form>
            """
        return Page(
            title: l("增加客户", "Add a customer"), section: .customers,
            lead: "\(l("余额从 0 开始，建立后再充值。", "The balance begins at 0; recharge the account afterwards."))",
            crumbs: [crumb(l)], body: body, hasErrors: !errors.isEmpty)
    }

    static func add(_ page: PageContext) async throws -> PortalResponse {
        let form = page.request.form
        let unit = ChargeUnit(rawValue: form["charge_by"]) ?? .money
        let settings = SettingForm(page.l, AccountSettings.table.options, only: newKeys, unit: unit)
        var (given, errors) = settings.settings(form, current: nil)
        if given["api_password"] == nil {
            errors.add("api_password", page.l("请填写接口密码。", "An interface password is needed."))
        }
        guard errors.isEmpty else { return .page(newPage(page, form, errors), status: .badRequest) }
        do {
            let added = try await page.administration.addAccount(form["id"], given, openingBalance: 0)
            return .redirect("operator/customers/\(added.id)", notice: Notice(kind: .added))
        } catch {
            return .page(newPage(page, form, try settings.errors(error, page)), status: .badRequest)
        }
    }

    // MARK: Change

    static func changeForm(_ page: PageContext) async throws -> PortalResponse {
        let detail = try await page.administration.account(page.parameters["id"] ?? "")
        let settings = try changing(page, detail)
        return .page(changePage(page, detail, settings, settings.values(detail.settings), FormErrors()))
    }

    /// - Throws: `forbidden` for a user who may change nothing.
    private static func changing(_ page: PageContext, _ detail: AccountDetail) throws(PageFailure) -> SettingForm {
        let keys = changeKeys(page)
        if keys.isEmpty { throw .forbidden }
        return SettingForm(page.l, AccountSettings.table.options, only: keys, unit: detail.chargeUnit)
    }

    private static func changePage(
        _ page: PageContext, _ detail: AccountDetail, _ settings: SettingForm, _ values: FormFields,
        _ errors: FormErrors
    ) -> Page {
        let l = page.l
        let form = FormBuilder(l, values: values, errors: errors)
        let body: HTML = """
            \(form.summary)<form class="sheet form" method="post" data-unsaved>\(settings.html(form))\
            <div class="actions"><button>\(l("保存", "Save"))</button>\
            <a class="button plain" href="/portal/operator/customers/\(detail.id)">\(l("取消", "Cancel"))</a></div></form>
            """
        return Page(
            title: l("修改 \(detail.id)", "Change \(detail.id)"), section: .customers,
            crumbs: [crumb(l), (detail.id, "operator/customers/\(detail.id)")], body: body,
            hasErrors: !errors.isEmpty)
    }

    static func change(_ page: PageContext) async throws -> PortalResponse {
        let detail = try await page.administration.account(page.parameters["id"] ?? "")
        let settings = try changing(page, detail)
        let (given, errors) = settings.settings(page.request.form, current: detail.settings)
        guard errors.isEmpty else {
            return .page(changePage(page, detail, settings, page.request.form, errors), status: .badRequest)
        }
        // Prices and secrets are changed by somebody who gave the password lately.
        let isSecret = given.contains { setting in
            AccountSettings.table.options.first { $0.key == setting.key }?.kind.shape == .secret
        }
        if isSecret || given.contains(where: { moneyKeys.contains($0.key) }) { try page.requireFreshLogin() }
        do {
            if !given.isEmpty { _ = try await page.administration.setAccount(detail.id, given) }
            return .redirect("operator/customers/\(detail.id)", notice: Notice(kind: .saved))
        } catch {
            let errors = try settings.errors(error, page)
            return .page(changePage(page, detail, settings, page.request.form, errors), status: .badRequest)
        }
    }

    // MARK: Content rules

    private static let ruleKeys = ["require_template", "check_signature", "blacklist", "opt_out", "frequency"]

    static func rulesForm(_ page: PageContext) throws -> PortalResponse {
        let detail = try page.administration.rules(of: page.parameters["id"] ?? "")
        let settings = SettingForm(page.l, RuleSettings.table.options, only: ruleKeys)
        var values = settings.values(detail.settings)
        values.append("words", detail.words.joined(separator: "\n"))
        return .page(rulesPage(page, detail, values, FormErrors()))
    }

    private static func rulesPage(
        _ page: PageContext, _ detail: RuleDetail, _ values: FormFields, _ errors: FormErrors
    ) -> Page {
        let l = page.l
        let form = FormBuilder(l, values: values, errors: errors)
        let fields = SettingForm(l, RuleSettings.table.options, only: ruleKeys).html(form)
        let words = form.textarea(
            "words", l("屏蔽词", "Blocked words"), hint: l("每行一个。", "One a line."), rows: 5, isOptional: true)
        let refused = detail.refusals.map { rule, count -> HTML in
            "<li>\(rule)<span class=\"quiet\">\(Format.count(count))</span></li>"
        }
        let body: HTML = """
            \(form.summary)<form class="sheet form" method="post" data-unsaved>\(fields)\(words)<div class="actions">\
            <button>\(l("保存", "Save"))</button>\
            <a class="button plain" href="/portal/operator/customers/\(detail.account)">\(l("取消", "Cancel"))</a></div>\
            </form>\
            <section class="sheet"><h2>\(l("启动以来被拦下的", "Kept back since the start"))</h2>\
            <ul class="lines"><li>\(l("模板", "Templates"))<span class="quiet">\(Format.count(detail.templates))</span>\
            </li>\
            <li>\(l("黑名单上的号码", "Numbers on the blacklist"))<span class="quiet">\(Format.count(detail.blacklisted))\
            </span></li>\
            \(refused)</ul></section>
            """
        return Page(
            title: l("内容规则", "Content rules"), section: .customers,
            crumbs: [crumb(l), (detail.account, "operator/customers/\(detail.account)")], body: body,
            hasErrors: !errors.isEmpty)
    }

    static func rules(_ page: PageContext) async throws -> PortalResponse {
        let (form, administration) = (page.request.form, page.administration)
        let detail = try administration.rules(of: page.parameters["id"] ?? "")
        let settings = SettingForm(page.l, RuleSettings.table.options, only: ruleKeys)
        let (given, errors) = settings.settings(form, current: detail.settings)
        guard errors.isEmpty else { return .page(rulesPage(page, detail, form, errors), status: .badRequest) }
        let wanted = Set(
            form.raw("words").split(whereSeparator: \.isNewline).map { word in
                String(word.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
            }.filter { !$0.isEmpty })
        let known = Set(detail.words)
        do {
            if !given.isEmpty { _ = try await administration.setRules(of: detail.account, given) }
            let (add, remove) = (wanted.subtracting(known).sorted(), known.subtracting(wanted).sorted())
            if !add.isEmpty || !remove.isEmpty {
                _ = try await administration.changeWords(of: detail.account, add: add, remove: remove)
            }
            return .redirect("operator/customers/\(detail.account)", notice: Notice(kind: .saved))
        } catch {
            let errors = try settings.errors(error, page)
            return .page(rulesPage(page, detail, form, errors), status: .badRequest)
        }
    }
}
