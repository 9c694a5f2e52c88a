import Administration
import Engine
import Messaging
import NIOHTTP1

/// The forms that add and change users: of one account, or of anybody.
struct UserEditor {
    let page: PageContext
    /// The account whose users may be changed; nil: anybody's, for operators.
    let account: String?
    /// Below `/portal/`.
    let base: String
    let section: Page.Section

    private var l: Language { page.l }
    private var words: UserWords { UserWords(l) }
    private var crumbs: [(title: String, path: String)] {
        [(title: account == nil ? l("用户与权限", "Users") : l("用户管理", "Users"), path: base)]
    }

    // MARK: Adding

    /// - Parameter errors: of the form that was sent; its values are shown again.
    func form(_ errors: FormErrors = FormErrors()) -> Page {
        var values = page.request.form
        if errors.isEmpty { preset(&values, rights: account == nil ? [] : [.send, .records], language: .chinese) }
        let fields = FormBuilder(l, values: values, errors: errors)
        let name = fields.input(
            "name", l("登录名", "Name"),
            hint: l("2 到 64 个字母、数字和 . _ - @，例如拼音或邮箱。", "2 to 64 letters, digits, . _ - and @."),
            attributes: " autocomplete=\"off\" autocapitalize=\"none\" spellcheck=\"false\" required")
        let owner: HTML? =
            account == nil
            ? fields.input(
                "account", l("客户账号", "Customer's account"),
                hint: l("留空则是运营用户。", "Empty: an operator."), isOptional: true, attributes: " autocapitalize=\"none\"")
            : nil
        let rights = account == nil ? allRights(fields) : rightsField(fields, of: .ofCustomers)
        return Page(
            title: l("增加用户", "Add a user"), section: section, crumbs: crumbs,
            body: """
                \(fields.summary)<form class="sheet form" method="post" data-unsaved>\(name)\(owner)\(rights)\
                \(languageField(fields))<p class="hint">\(l("保存后得到一个一次性链接，由用户自己设置密码。",
                    "You get a link, with which the user sets a password."))</p>\
                <div class="actions"><button>\(l("增加", "Add"))</button>\
                <a class="button plain" href="/portal/\(base)">\(l("取消", "Cancel"))</a></div></form>
                """, hasErrors: !errors.isEmpty)
    }

    func add() async throws -> PortalResponse {
        let form = page.request.form
        let owner = account ?? (form["account"].isEmpty ? nil : form["account"])
        var errors = FormErrors()
        if !User.isValidName(form["name"]) {
            errors.add("name", l("登录名是 2 到 64 个字母、数字和 . _ - @。", "A name is 2 to 64 letters, digits, . _ - and @."))
        } else if page.engine.users.directory.user(named: form["name"]) != nil {
            errors.add("name", l("这个登录名已经有人用了。", "This name is taken."))
        }
        if let owner, page.engine.accounts.directory.account(id: owner) == nil {
            errors.add("account", l("没有这个账号。", "There is no such account."))
        }
        let home = owner == nil ? UserRights.ofOperators : .ofCustomers
        let rights = rights(form, of: home)
        if rights.isEmpty { errors.add("rights", l("请至少选择一项权限。", "Choose one right at least.")) }
        guard errors.isEmpty else { return .page(self.form(errors), status: .badRequest) }
        do throws(AdministrationError) {
            let added = try await page.administration.addUser(
                form["name"], account: owner, rights: rights, language: form["language"])
            return .page(linkPage(added.user.user, added.link))
        } catch {
            return .page(self.form(try page.formErrors(error)), status: .badRequest)
        }
    }

    /// Shows a link, once.
    private func linkPage(_ user: User, _ link: UserLink) -> Page {
        let origin = (page.visitor.isSecure ? "https://" : "http://") + (page.request.host ?? "")
        let until = Format.time(link.expiresAt, now: page.now)
        return Page(
            title: l("交给 \(user.name) 的链接", "A link for \(user.name)"), section: section, crumbs: crumbs,
            body: """
                <section class="sheet form"><div class="notice wait">\
                <p><strong>\(l("只显示这一次。", "Shown only now."))</strong>\
                \(l("请交给 \(user.name) 本人：打开后设置自己的密码。只能用一次，\(until) 前有效。",
                    "Hand it to \(user.name), who sets a password with it. Good once, until \(until)."))</p></div>\
                <p class="copy"><code id="link">\(origin)\(link.path)</code><button type="button" class="plain small" \
                data-copy="link" data-done="\(l("已复制", "copied"))" hidden data-script>\(l("复制", "Copy"))</button></p>\
                <div class="actions"><a class="button" href="/portal/\(base)">\(l("完成", "Done"))</a></div></section>
                """)
    }

    // MARK: Changing

    private func detail() throws -> UserDetail {
        try page.administration.user(page.parameters["name"] ?? "", within: account)
    }

    func edit(_ errors: FormErrors = FormErrors()) throws -> Page {
        let detail = try detail()
        let user = detail.user
        var values = page.request.form
        if errors.isEmpty { preset(&values, rights: user.rights, language: user.language) }
        let fields = FormBuilder(l, values: values, errors: errors)
        let owner = detail.account.isEmpty ? l("运营", "Operator") : detail.account
        return Page(
            title: user.name, section: section,
            lead: "\(owner) · \(UserPages.state(user, l))", crumbs: crumbs,
            body: """
                \(fields.summary)<div class="halves"><form class="sheet form" method="post" data-unsaved>\
                <h2>\(l("权限", "Rights"))</h2>\(rightsField(fields, of: user.home.rights))\(languageField(fields))\
                <p class="hint">\(l("改变权限后，该用户的登录会退出。", "When the rights change, the user's sessions end."))</p>\
                <div class="actions"><button name="do" value="save">\(l("保存", "Save"))</button>\
                <a class="button plain" href="/portal/\(base)">\(l("取消", "Cancel"))</a></div></form>\
                <div class="stack">\(accessSheet(detail))</div></div>\(try sessionsSheet(user))
                """, hasErrors: !errors.isEmpty)
    }

    private func accessSheet(_ detail: UserDetail) -> HTML {
        let user = detail.user
        let reset = button(
            "reset-password", l("重设密码", "Reset the password"),
            l("旧密码立即失效，登录会退出，并得到一个新的一次性链接。", "The password and the sessions end, and you get a link."),
            confirm: l("要重设 \(user.name) 的密码吗？", "Reset the password of \(user.name)?"))
        let totp: HTML? =
            user.hasTOTP
            ? button(
                "reset-totp", l("取消动态码", "Take the authenticator app away"),
                l("手机丢失时使用；登录会退出。", "For a lost phone; the sessions end."),
                confirm: l("要取消 \(user.name) 的动态码吗？", "Take the authenticator app of \(user.name) away?")) : nil
        let switching =
            user.isEnabled
            ? button(
                "disable", l("停用", "Disable"), l("不能再登录，现有登录立即退出。", "No more logins; the sessions end."),
                confirm: l("要停用 \(user.name) 吗？", "Disable \(user.name)?"))
            : button("enable", l("启用", "Enable"), l("可以再登录。", "May log in again."), confirm: nil)
        return reset + (totp ?? .empty) + switching
    }

    private func button(_ action: String, _ title: String, _ hint: String, confirm: String?) -> HTML {
        let asks: HTML? = confirm.map { " data-confirm=\"\($0)\"" }
        let style = confirm == nil ? "plain" : "danger"
        return """
            <form class="sheet" method="post"><h2>\(title)</h2><p>\(hint)</p><div class="actions">\
            <button class="\(style)" name="do" value="\(action)"\(asks)>\(title)</button></div></form>
            """
    }

    private func sessionsSheet(_ user: User) throws -> HTML? {
        let sessions = try page.administration.sessions(of: user.name, within: account)
        if sessions.isEmpty { return nil }
        let rows = sessions.map { session -> [HTML] in
            [
                "\(session.address)", HTML.foreign(session.agent),
                "\(Format.time(session.createdAt, now: page.now))", "\(Format.time(session.seenAt, now: page.now))",
            ]
        }
        let table = Table(
            name: l("登录中的会话", "Sessions"),
            columns: [
                .init(l("地址", "Address")), .init(l("浏览器", "Browser"), "grow"),
                .init(l("登录时间", "Since"), "nowrap", isLabelled: true),
                .init(l("最近活动", "Seen"), "nowrap", isLabelled: true),
            ], rows: rows)
        return """
            <section class="sheet"><div class="sheet-head"><h2>\(l("登录中的会话", "Sessions"))</h2><form method="post">\
            <button class="link danger" name="do" value="end-sessions">\(l("全部退出", "End all"))</button></form></div>\
            \(table.html)</section>
            """
    }

    func change() async throws -> PortalResponse {
        let user = try detail().user
        let administration = page.administration
        let here = "\(base)/edit/\(user.name)"
        do {
            switch page.request.form["do"] {
            case "enable":
                _ = try await administration.enableUser(user.name, true, within: account)
                return .redirect(here, notice: Notice(kind: .enabled))
            case "disable":
                _ = try await administration.enableUser(user.name, false, within: account)
                return .redirect(here, notice: Notice(kind: .disabled))
            case "reset-password":
                let reset = try await administration.resetPassword(user.name, within: account)
                return .page(linkPage(reset.user.user, reset.link))
            case "reset-totp":
                _ = try await administration.resetTOTP(user.name, within: account)
                return .redirect(here, notice: Notice(kind: .saved))
            case "end-sessions":
                _ = try await administration.endSessions(of: user.name, nil, within: account)
                return .redirect(here, notice: Notice(kind: .revoked))
            case "save": return try await save(user)
            default: throw PageFailure.badRequest
            }
        } catch let error as AdministrationError {
            guard error.kind == .invalid else { throw error }
            let message = l("不能停用自己，也不能改自己的权限或重设自己的密码。", error.message)
            return .page(try edit(FormErrors([(field: "", message: message)])), status: .badRequest)
        }
    }

    private func save(_ user: User) async throws -> PortalResponse {
        let rights = rights(page.request.form, of: user.home.rights)
        let isSame = Set(rights) == Set(user.rights.names)
        _ = try await page.administration.setUser(
            user.name, rights: isSame ? nil : rights, language: page.request.form["language"], within: account)
        return .redirect(base, notice: Notice(kind: .saved))
    }

    // MARK: Fields

    private func preset(_ values: inout FormFields, rights: UserRights, language: User.Language) {
        for name in rights.names { values.append("rights", name) }
        values.append("language", language.rawValue)
    }

    /// Those that were ticked, as far as such a user may have them.
    private func rights(_ form: FormFields, of allowed: UserRights) -> [String] {
        form.all("rights").filter { name in UserRights(name: name).map { allowed.contains($0) } ?? false }
    }

    private func rightsField(_ fields: FormBuilder, of allowed: UserRights) -> HTML {
        fields.choices("rights", l("权限", "Rights"), type: "checkbox", choices(allowed.names))
    }

    /// For an operator who adds a user: those of customers, then those of operators.
    private func allRights(_ fields: FormBuilder) -> HTML {
        let customers = UserRights.ofCustomers.names
        let others = UserRights.ofOperators.names.filter { !customers.contains($0) }
        return fields.choices(
            "rights",
            l("权限（前五项用于客户，查看、资金、设置、用户用于运营）", "Rights (of customers; view, money, settings, users of operators)"),
            type: "checkbox", choices(customers + others))
    }

    private func choices(_ names: [String]) -> [(value: String, label: String, hint: String)] {
        names.compactMap { name in
            UserRights(name: name).map { right in
                let words = words.right(right)
                return (name, words.label, words.hint)
            }
        }
    }

    private func languageField(_ fields: FormBuilder) -> HTML {
        fields.select("language", l("页面语言", "Language"), Language.allCases.map { ($0.rawValue, $0.ownName) })
    }
}
