import Administration
import Engine
import Messaging

/// The users of an account, for who manages it, and all users, for operators.
enum UserPages {
    static let routes: [PageRoute] = [
        .get("users", .customer([])) { .page(try customerList($0)) },
        .get("users/new", .customer(.manage)) { .page(try customer($0).form()) },
        .post("users/new", .customer(.manage)) { try await customer($0).add() },
        .get("users/edit/:name", .customer(.manage)) { .page(try customer($0).edit()) },
        .post("users/edit/:name", .customer(.manage)) { try await customer($0).change() },
        .get("operator/users", .operators(.users)) { .page(try operatorList($0)) },
        .get("operator/users/new", .operators(.users)) { .page(try operators($0).form()) },
        .post("operator/users/new", .operators(.users)) { try await operators($0).add() },
        .get("operator/users/edit/:name", .operators(.users)) { .page(try operators($0).edit()) },
        .post("operator/users/edit/:name", .operators(.users)) { try await operators($0).change() },
    ]

    private static func customer(_ page: PageContext) throws -> UserEditor {
        try page.requireFreshLogin()
        return UserEditor(page: page, account: try page.account().account.id, base: "users", section: .users)
    }

    private static func operators(_ page: PageContext) throws -> UserEditor {
        try page.requireFreshLogin()
        return UserEditor(page: page, account: nil, base: "operator/users", section: .operators)
    }

    // MARK: Lists

    /// Who does not manage the account sees what the page is for, and the own login.
    private static func customerList(_ page: PageContext) throws -> Page {
        let l = page.l
        let account = try page.account().account
        guard page.has(.manage) else {
            return Page(
                title: l("用户管理", "Users"), section: .users,
                body: """
                    <section class="sheet"><div class="empty"><p class="title">\(l("用户由账户的管理人管理",
                        "Users are managed by whoever manages the account"))</p>\
                    <p>\(l("您可以修改自己的密码、动态码和语言。", "Your own login you can change."))</p>\
                    <div class="actions"><a class="button plain" href="/portal/me">\(l("我的账号", "My account"))</a>\
                    </div></div>\
                    </section>
                    """)
        }
        let users = try page.administration.users(of: account.id, after: page.request.query["after"], limit: pageSize)
        return Page(
            title: l("用户管理", "Users"), section: .users,
            lead: "\(l("能登录账户 \(account.id) 的人", "Who logs in for account \(account.id)"))",
            actions: "<a class=\"button\" href=\"/portal/users/new\">\(l("增加用户", "Add a user"))</a>",
            body: list(page, users.items, next: users.next, base: "users", filter: ""))
    }

    private static let pageSize = 50

    private static func operatorList(_ page: PageContext) throws -> Page {
        let l = page.l
        let asked = page.request.query["account"]
        let known = page.engine.accounts.directory.account(id: asked)?.account.id
        let users =
            asked.isEmpty || known != nil
            ? try page.administration.users(of: known, after: page.request.query["after"], limit: pageSize)
            : try page.administration.users(of: nil, after: "~", limit: 1)
        let filter: HTML = """
            <form class="sheet filters" method="get" aria-label="\(l("查询条件", "Filter"))"><div><label for="account">\
            \(l("账号", "Account"))</label><input id="account" name="account" value="\(asked)"></div>\
            <div class="actions"><button>\(l("查询", "Search"))</button>\
            <a href="/portal/operator/users">\(l("清除", "Clear"))</a></div></form>
            """
        let query = asked.isEmpty ? "" : FormFields.query([("account", asked)]) + "&"
        return Page(
            title: l("用户与权限", "Users"), section: .operators,
            lead: "\(l("运营的和各客户的用户", "Operators' and customers' users"))",
            actions: "<a class=\"button\" href=\"/portal/operator/users/new\">\(l("增加用户", "Add a user"))</a>",
            body: filter + list(page, users.items, next: users.next, base: "operator/users", filter: query))
    }

    private static func list(
        _ page: PageContext, _ users: [UserDetail], next: String?, base: String, filter: String
    ) -> HTML {
        let l = page.l
        guard !users.isEmpty else {
            return """
                <section class="sheet"><div class="empty"><p class="title">\(l("没有用户", "No users"))</p>\
                <p>\(l("增加一个用户，把一次性链接交给他，由他自己设置密码。",
                    "Add a user and hand over the link, with which the user sets a password."))</p></div></section>
                """
        }
        let own = page.visitor.login?.user.name
        let rows = users.map { detail -> [HTML] in
            let user = detail.user
            let action: HTML =
                user.name == own
                ? "<span class=\"quiet\">\(l("本人", "yourself"))</span>"
                : "<a href=\"/portal/\(base)/edit/\(user.name)\">\(l("修改", "Edit"))</a>"
            let login = user.lastLogin.map { Format.time($0.at, now: page.now) } ?? l("从未", "never")
            return [
                "\(user.name)", "\(detail.account.isEmpty ? l("运营", "Operator") : detail.account)",
                "\(UserWords(l).list(user.rights, of: user.home))", totp(user, l), "\(login)", state(user, l), action,
            ]
        }
        let table = Table(
            name: l("用户", "Users"),
            columns: [
                .init(l("登录名", "Name")), .init(l("归属", "Of")),
                .init(l("权限", "Rights"), "grow", isLabelled: true),
                .init(l("动态码", "TOTP"), "", isLabelled: true),
                .init(l("上次登录", "Last login"), "nowrap", isLabelled: true), .init(l("状态", "State")),
                .init(l("操作", "Action")),
            ], rows: rows)
        let more: HTML? = next.map {
            """
            <nav class="pager" aria-label="\(l("分页", "Pages"))"><span></span><span></span>\
            <a rel="next" href="/portal/\(base)?\(filter)after=\(FormFields.encoded($0))">\
            \(l("后面的用户 ›", "More users ›"))\
            </a></nav>
            """
        }
        return "<section class=\"sheet\">\(table.html)\(more)</section>"
    }

    private static func totp(_ user: User, _ l: Language) -> HTML {
        user.hasTOTP
            ? "<span class=\"state good\">\(l("已开启", "on"))</span>"
            : "<span class=\"state off\">\(l("未开启", "off"))</span>"
    }

    static func state(_ user: User, _ l: Language) -> HTML {
        if !user.isEnabled { return "<span class=\"state off\">\(l("停用", "disabled"))</span>" }
        if !user.hasPassword { return "<span class=\"state wait\">\(l("未设密码", "no password yet"))</span>" }
        return "<span class=\"state good\">\(l("启用", "enabled"))</span>"
    }
}
