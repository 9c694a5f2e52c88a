import Administration
import Engine
import Messaging
import NIOHTTP1

/// What users do with their own login: password, authenticator app, sessions, language.
enum OwnUserPages {
    static let routes: [PageRoute] = [
        .get("me", .anyUser) { .page(try overview($0)) },
        .post("me", .anyUser) { try await saveLanguage($0) },
        .get("password", .anyUser) { .page(try passwordPage($0)) },
        .post("password", .anyUser) { try await changePassword($0) },
        .post("me/sessions", .anyUser) { try await endSession($0) },
        .get("me/totp", .anyUser) { try await totpPage($0) },
        .post("me/totp", .anyUser) { try await changeTOTP($0) },
    ]

    /// The entry of the navigation that is lit: none of its own, so the first page's.
    static func section(_ page: PageContext) -> Page.Section { page.visitor.login?.account == nil ? .toDo : .home }

    static func crumb(_ l: Language) -> (title: String, path: String) { (l("我的账号", "My account"), "me") }

    // MARK: Overview

    private static func overview(_ page: PageContext) throws -> Page {
        let (l, login) = (page.l, try page.login())
        let owner = login.account.map { "\($0.account.name) \($0.account.id)" } ?? l("运营", "Operator")
        let lastLogin = login.user.lastLogin.map {
            Format.time($0.at, now: page.now) + ($0.address.isEmpty ? "" : " · \($0.address)")
        }
        return Page(
            title: l("我的账号", "My account"), section: section(page),
            lead: "\(login.user.name) · \(owner)",
            body: """
                <div class="halves"><section class="sheet"><div class="sheet-head"><h2>\(l("登录", "Login"))</h2></div>\
                <dl class="facts"><dt>\(l("权限", "Rights"))</dt>\
                <dd>\(UserWords(l).list(login.user.rights, of: login.user.home))</dd>\
                <dt>\(l("上次登录", "Last login"))</dt><dd>\(lastLogin ?? l("从未", "never"))</dd></dl>\
                <div class="actions"><a class="button plain" href="/portal/password">\
                \(l("修改密码", "Change password"))</a>\
                </div></section><div class="stack">\(totpSheet(login.user, l))\
                \(languageSheet(login.user, l))</div></div>\
                \(sessionsSheet(page, login))
                """)
    }

    private static func totpSheet(_ user: User, _ l: Language) -> HTML {
        let state: HTML =
            user.hasTOTP
            ? "<span class=\"state good\">\(l("已开启", "on"))</span>"
            : "<span class=\"state off\">\(l("未开启", "off"))</span>"
        let action = user.hasTOTP ? l("恢复码、关闭", "Recovery codes, switch off") : l("开启动态码", "Set up")
        return """
            <section class="sheet"><div class="sheet-head"><h2>\(l("动态码（TOTP）", "Authenticator app (TOTP)"))</h2>\
            \(state)\
            </div><p>\(l("登录时除密码外，再输入手机上的 6 位动态码。", "Logging in then takes six digits of the app as well."))</p>\
            <div class="actions"><a class="button plain" href="/portal/me/totp">\(action)</a></div></section>
            """
    }

    private static func languageSheet(_ user: User, _ l: Language) -> HTML {
        var values = FormFields()
        values.append("language", user.language.rawValue)
        let choices = FormBuilder(l, values: values).choices(
            "language", l("页面语言", "Language of the pages"), type: "radio",
            Language.allCases.map { ($0.rawValue, $0.ownName, "") })
        return """
            <form class="sheet" method="post">\(choices)<div class="actions"><button class="plain">\(l("保存", "Save"))\
            </button></div></form>
            """
    }

    private static func sessionsSheet(_ page: PageContext, _ login: PortalLogin) -> HTML {
        let l = page.l
        let sessions = page.engine.users.sessions(of: login.user.id)
        let own: HTML = "<span class=\"tag good\">\(l("这一个", "this one"))</span>"
        let rows = sessions.map { session -> [HTML] in
            let isOwn = session.id == login.session.id
            let end: HTML = """
                <form method="post" action="/portal/me/sessions">\
                <input type="hidden" name="id" value="\(session.id.text)">\
                <button class="link danger">\(l("退出", "End"))</button></form>
                """
            return [
                "\(session.address)", isOwn ? "\(HTML.foreign(session.agent)) \(own)" : HTML.foreign(session.agent),
                "\(Format.time(session.createdAt, now: page.now))", "\(Format.time(session.seenAt, now: page.now))",
                isOwn ? .empty : end,
            ]
        }
        let table = Table(
            name: l("会话", "Sessions"),
            columns: [
                .init(l("地址", "Address")), .init(l("浏览器", "Browser"), "grow"),
                .init(l("登录时间", "Since"), "nowrap", isLabelled: true),
                .init(l("最近活动", "Seen"), "nowrap", isLabelled: true), .init(l("操作", "Action")),
            ], rows: rows)
        let all: HTML? =
            sessions.count < 2
            ? nil
            : """
            <form method="post" action="/portal/me/sessions"><button class="link">\(l("退出其他全部", "End all others"))\
            </button></form>
            """
        return """
            <section class="sheet"><div class="sheet-head"><h2>\(l("登录中的会话", "Sessions"))</h2>\(all)</div>\(table.html)\
            </section>
            """
    }

    private static func saveLanguage(_ page: PageContext) async throws -> PortalResponse {
        guard let language = Language(rawValue: page.request.form["language"]) else { throw PageFailure.badRequest }
        let session = try page.login().session
        _ = try await LoginPages.stored(page) { try await page.administration.setLanguage(session, language) }
        return .withCookie(.redirect("me", notice: Notice(kind: .saved)), .language(language))
    }

    private static func endSession(_ page: PageContext) async throws -> PortalResponse {
        let login = try page.login()
        let users = page.engine.users
        if page.request.form.has("id") {
            guard let id = SessionID(page.request.form["id"]) else { throw PageFailure.badRequest }
            try await users.endSession(id, of: login.user.id)
        } else {
            try await users.endSessions(of: login.user.id, except: login.session.id)
        }
        page.administration.record("user end-session \(login.user.name)")
        return .redirect("me", notice: Notice(kind: .revoked))
    }

    // MARK: Password

    private static func passwordPage(_ page: PageContext, _ errors: FormErrors = FormErrors()) throws -> Page {
        let (l, login) = (page.l, try page.login())
        let fields = FormBuilder(l, errors: errors)
        let old = PasswordField(
            l, "old", l("现在的密码", "Present password"), error: errors["old"], autocomplete: "current-password")
        let isDuty = login.duty == .changePassword
        let why: HTML? =
            isDuty
            ? "<p>\(l("继续之前，请先设置自己的密码。", "Before you go on, please set a password of your own."))</p>" : nil
        return Page(
            title: l("修改密码", "Change password"), section: isDuty ? nil : section(page),
            crumbs: isDuty ? [] : [crumb(l)],
            body: """
                \(fields.summary)<form class="sheet form" method="post">\(why)\
                <input type="hidden" name="username" autocomplete="username" value="\(login.user.name)">\
                \(old.html)\(PasswordField.pair(l, errors))\
                <p class="hint">\(l("改过以后，其他地方的登录都会退出。", "All other sessions end then."))</p>\
                <div class="actions"><button>\(l("修改密码", "Change password"))</button></div></form>
                """, hasErrors: !errors.isEmpty)
    }

    private static func changePassword(_ page: PageContext) async throws -> PortalResponse {
        let form = page.request.form
        if let errors = PasswordField.repetitionError(form, page.l) {
            return .page(try passwordPage(page, errors), status: .badRequest)
        }
        let login = try page.login()
        do throws(UserFailure) {
            let new = try await page.administration.changePassword(
                login.session, from: form.raw("old"), to: form.raw("password"))
            return .withCookie(
                .redirect("me", notice: Notice(kind: .passwordChanged)), .session(new.cookie))
        } catch {
            let words = UserWords(page.l)
            let entry: (field: String, message: String)
            switch error {
            case .store, .over: throw PageFailure(error)
            case .wrong: entry = ("old", page.l("现在的密码不对。", "The present password is wrong."))
            case .weak: entry = ("password", words.message(error))
            default: entry = ("", words.message(error))
            }
            return .page(try passwordPage(page, FormErrors([entry])), status: .badRequest)
        }
    }
}
