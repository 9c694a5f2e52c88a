import Administration
import Engine
import Messaging
import NIOHTTP1

/// Logging in and out, the password again, and the first password.
enum LoginPages {
    static let routes: [PageRoute] = [
        .get("login", .everyone) { page in
            if page.visitor.login != nil { return .redirect(SafePath.relative(page.request.query["next"])) }
            return .page(form(page))
        },
        .post("login", .everyone) { try await login($0) },
        .post("login/code", .everyone) { try await code($0) },
        .post("logout", .anyUser) { page in
            let session = try page.login().session
            try await stored(page) { try await page.administration.logout(session) }
            return .withCookie(.redirect("login", notice: Notice(kind: .loggedOut)), .endSession)
        },
        .get("confirm", .anyUser) { .page(confirmation($0)) },
        .post("confirm", .anyUser) { try await confirm($0) },
        .get("welcome/:token", .everyone) { try await welcome($0) },
        .post("welcome/:token", .everyone) { try await setPassword($0) },
    ]

    // MARK: Name and password

    private static func login(_ page: PageContext) async throws -> PortalResponse {
        let form = page.request.form
        let name = form["name"]
        do throws(UserFailure) {
            let step = try await page.portal.administration.login(
                name: admissible(name, page), password: form.raw("password"), address: page.address,
                agent: page.request.agent)
            switch step {
            case .done(let new): return enter(new, page)
            case .needsCode(let ticket): return .page(codeForm(page, ticket: ticket))
            }
        } catch {
            let message = UserWords(page.l).message(error)
            if case .store(let failure) = error { throw PageFailure(failure) }
            return .page(
                self.form(page, FormErrors([(field: "", message: message)])), status: .badRequest)
        }
    }

    /// An operator who may not work from there is treated like a name that nobody has, in the same time.
    private static func admissible(_ name: String, _ page: PageContext) -> String {
        let user = page.engine.users.directory.user(named: name)
        return user?.home == .operators && !page.portal.isOperatorAddress(page.visitor.address) ? name + " " : name
    }

    private static func enter(_ new: NewSession, _ page: PageContext) -> PortalResponse {
        let next = SafePath.relative(page.request.form["next"])
        let first = next.isEmpty && new.user.home == .operators ? "operator" : next
        return .withCookie(.redirect(first), .session(new.cookie))
    }

    private static func form(_ page: PageContext, _ errors: FormErrors = FormErrors()) -> Page {
        let l = page.l
        var values = FormFields()
        values.append("name", page.request.form["name"])
        let next = page.request.form.has("next") ? page.request.form["next"] : page.request.query["next"]
        let fields = FormBuilder(l, values: values, errors: errors)
        let name = fields.input(
            "name", l("登录名", "Name"), width: .full,
            attributes: " autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\" required")
        let password = PasswordField(l, "password", l("密码", "Password"), autocomplete: "current-password")
        return Page(
            title: l("登录", "Log in"),
            body: """
                \(fields.summary)<form class="sheet" method="post" action="/portal/login">\(name)\(password.html)\
                <input type="hidden" name="next" value="\(next)">\
                <div class="actions"><button>\(l("登录", "Log in"))</button></div>\
                <p class="hint">\(l("忘记密码请联系账户的管理人，由他重设。",
                    "Forgot the password? Whoever manages the account can reset it."))</p></form>\(firstUser(page))
                """, hasErrors: !errors.isEmpty)
    }

    /// How to make the first user, for those at the machine.
    private static func firstUser(_ page: PageContext) -> HTML? {
        guard !page.portal.administration.hasUsers, page.portal.isOperatorAddress(page.visitor.address) else {
            return nil
        }
        return """
            <section class="sheet"><p>\(page.l("还没有任何用户。请在服务器上运行：", "There is no user yet. On the server, run:"))</p>\
            <div class="code"><pre tabindex="0"><code>yizhan user add NAME --operator</code></pre></div></section>
            """
    }

    // MARK: The code

    private static func code(_ page: PageContext) async throws -> PortalResponse {
        let form = page.request.form
        do throws(UserFailure) {
            let new = try await page.portal.administration.login(
                ticket: form["ticket"], code: form["code"], address: page.address, agent: page.request.agent)
            return enter(new, page)
        } catch {
            if case .store(let failure) = error { throw PageFailure(failure) }
            let message = UserWords(page.l).message(error)
            let errors = FormErrors([(field: error == .wrongCode ? "code" : "", message: message)])
            // Without the ticket, logging in begins anew.
            if error == .over { return .page(self.form(page, errors), status: .badRequest) }
            return .page(codeForm(page, ticket: form["ticket"], errors), status: .badRequest)
        }
    }

    private static func codeForm(
        _ page: PageContext, ticket: String, _ errors: FormErrors = FormErrors()
    ) -> Page {
        let l = page.l
        let fields = FormBuilder(l, errors: errors)
        let hint = l("手机不在时，输入一个恢复码。", "Without the phone, a recovery code.")
        return Page(
            title: l("输入动态码", "Enter the code"),
            body: """
                \(fields.summary)<form class="sheet" method="post" action="/portal/login/code">\
                \(CodeField.html(fields, l, hint: hint, lengthMax: 24))\
                <input type="hidden" name="ticket" value="\(ticket)">\
                <input type="hidden" name="next" value="\(page.request.form["next"])">\
                <div class="actions"><button>\(l("继续", "Continue"))</button>\
                <a class="button plain" href="/portal/login">\(l("重新登录", "Begin anew"))</a></div></form>
                """, hasErrors: !errors.isEmpty)
    }

    // MARK: The password again

    private static func confirmation(_ page: PageContext, _ errors: FormErrors = FormErrors()) -> Page {
        let l = page.l
        let next = page.request.form.has("next") ? page.request.form["next"] : page.request.query["next"]
        let fields = FormBuilder(l, errors: errors)
        let field = PasswordField(
            l, "password", l("密码", "Password"), error: errors["password"], autocomplete: "current-password")
        return Page(
            title: l("请再输入一次密码", "Please enter your password again"),
            body: """
                \(fields.summary)<form class="sheet" method="post" action="/portal/confirm">\
                <p>\(l("涉及资金、密钥和完整号码的页面，30 分钟内须输入过密码。",
                    "Pages with money, secrets or full numbers need the password of the last 30 minutes."))</p>\
                \(field.html)<input type="hidden" name="next" value="\(next)">\
                <div class="actions"><button>\(l("继续", "Continue"))</button>\
                <a class="button plain" href="/portal/">\(l("取消", "Cancel"))</a></div></form>
                """, hasErrors: !errors.isEmpty)
    }

    private static func confirm(_ page: PageContext) async throws -> PortalResponse {
        let session = try page.login().session
        do throws(UserFailure) {
            let new = try await page.administration.authenticate(
                session, password: page.request.form.raw("password"))
            return .withCookie(
                .redirect(SafePath.relative(page.request.form["next"])), .session(new.cookie))
        } catch {
            if case .store(let failure) = error { throw PageFailure(failure) }
            if error == .over { throw PageFailure.unauthenticated }
            let message = error == .wrong ? page.l("密码不对。", "The password is wrong.") : UserWords(page.l).message(error)
            return .page(
                confirmation(page, FormErrors([(field: "password", message: message)])), status: .badRequest)
        }
    }

    // MARK: The first password

    private static func welcome(_ page: PageContext) async throws -> PortalResponse {
        guard let user = await page.portal.administration.user(ofLink: page.parameters["token"] ?? "") else {
            return .page(deadLink(page), status: .notFound)
        }
        return .page(welcomeForm(page, user))
    }

    private static func deadLink(_ page: PageContext) -> Page {
        let l = page.l
        return Page(
            title: l("链接已失效", "The link is good for nothing any more"),
            body: """
                <section class="sheet"><p>\(l("链接只能用一次，30 分钟内有效。请向管理人要一个新的。",
                    "A link is good once and for 30 minutes. Ask whoever manages the account for another."))</p>\
                <div class="actions"><a class="button plain" href="/portal/login">\(l("去登录", "Log in"))</a>\
                </div></section>
                """)
    }

    private static func welcomeForm(
        _ page: PageContext, _ user: User, _ errors: FormErrors = FormErrors()
    ) -> Page {
        let l = page.l
        let fields = FormBuilder(l, errors: errors)
        return Page(
            title: l("设置密码", "Set your password"),
            body: """
                \(fields.summary)<form class="sheet" method="post">\
                <p>\(l("登录名", "Name"))：<b>\(user.name)</b></p>\
                <input type="hidden" name="username" autocomplete="username" value="\(user.name)">\
                \(PasswordField.pair(l, errors))\
                <div class="actions"><button>\(l("保存", "Save"))</button></div></form>
                """, hasErrors: !errors.isEmpty)
    }

    private static func setPassword(_ page: PageContext) async throws -> PortalResponse {
        let token = page.parameters["token"] ?? ""
        let administration = page.portal.administration
        guard let user = await administration.user(ofLink: token) else {
            return .page(deadLink(page), status: .notFound)
        }
        let form = page.request.form
        if let errors = PasswordField.repetitionError(form, page.l) {
            return .page(welcomeForm(page, user, errors), status: .badRequest)
        }
        do throws(UserFailure) {
            _ = try await administration.setPassword(form.raw("password"), link: token, address: page.address)
            return .redirect("login", notice: Notice(kind: .saved))
        } catch {
            if case .store(let failure) = error { throw PageFailure(failure) }
            if error == .over { return .page(deadLink(page), status: .notFound) }
            let errors = FormErrors([(field: "password", message: UserWords(page.l).message(error))])
            return .page(welcomeForm(page, user, errors), status: .badRequest)
        }
    }

    /// Runs what the store may refuse.
    static func stored<Value>(
        _ page: PageContext, _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch let failure as UserFailure {
            throw PageFailure(failure)
        }
    }
}

extension PageFailure {
    /// Where no form can show it.
    init(_ failure: UserFailure) {
        switch failure {
        case .store(let failure): self.init(failure)
        case .busy, .slowed: self = .busy
        case .over: self = .unauthenticated
        case .wrong, .wrongCode, .disabled, .weak: self = .badRequest
        }
    }
}
