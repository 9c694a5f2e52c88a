import Engine
import Messaging

/// The frame around every page: navigation, heading, notice, language switch.
struct Shell {
    let visitor: Visitor
    let assets: Assets
    /// The page's own address, for the language switch to come back to.
    let target: String
    let notice: Notice?

    private var l: Language { visitor.language }

    func render(_ page: Page) -> HTML {
        let marker = page.hasErrors ? l("错误：", "Error: ") : ""
        let refresh: HTML? = page.refreshSeconds.map {
            "<noscript><meta http-equiv=\"refresh\" content=\"\($0)\"></noscript>"
        }
        return """
            <!doctype html>
            <html lang="\(l.rawValue)"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(marker)\(page.title) – \(l("驿站", "Yizhan"))</title>
            <link rel="icon" href="\(assets.icon)" type="image/svg+xml">
            <link rel="stylesheet" href="\(assets.style)"><script src="\(assets.script)" defer></script>\(refresh)
            </head>\(page.section == nil ? alone(page) : framed(page))</html>

            """
    }

    private func framed(_ page: Page) -> HTML {
        """
        <body><a class="skip" href="#main">\(l("跳到正文", "Skip to content"))</a><div class="frame">
        <header class="side"><div class="bar">\(brand)<a class="menu-open" href="#nav">\(l("菜单", "Menu"))</a></div>
        <nav id="nav" class="nav" aria-label="\(l("主导航", "Main navigation"))">
        <a class="menu-close" href="#main">\(l("关闭", "Close"))</a>\(navigation(page.section))\(footer)</nav></header>
        <main id="main" tabindex="-1">\(crumbs(page))\(head(page))\(noticeBox)\(page.body)</main></div></body>
        """
    }

    private func crumbs(_ page: Page) -> HTML? {
        guard !page.crumbs.isEmpty else { return nil }
        let items = page.crumbs.map { crumb -> HTML in
            "<li><a href=\"\(Portal.root)\(crumb.path)\">\(crumb.title)</a></li>"
        }
        return "<nav class=\"crumbs\" aria-label=\"\(l("所在位置", "You are here"))\"><ol>\(items)</ol></nav>"
    }

    private func head(_ page: Page) -> HTML {
        let lead: HTML? = page.lead.isEmpty ? nil : "<p>\(page.lead)</p>"
        let actions: HTML? = page.actions.isEmpty ? nil : "<div class=\"actions\">\(page.actions)</div>"
        return "<header class=\"head\"><div><h1>\(page.title)</h1>\(lead)</div>\(actions)</header>"
    }

    /// A page without navigation: before the login, and errors there.
    private func alone(_ page: Page) -> HTML {
        """
        <body class="alone"><main id="main">\(brand)<h1>\(page.title)</h1>\(noticeBox)\(page.body)</main>
        <footer class="foot">\(languageSwitch)</footer></body>
        """
    }

    private var brand: HTML {
        """
        <a class="brand" href="/portal/"><svg class="logo" viewBox="0 0 32 32" aria-hidden="true">\
        <rect width="32" height="32" rx="7"/>\
        <path d="M5.5 13.5Q12 12.5 16 7q4 5.5 10.5 6.5M10 14.5V25M22 14.5V25M14 19h4M14 23h4"/></svg>\
        \(l("驿站", "Yizhan"))</a>
        """
    }

    private var noticeBox: HTML? {
        guard let notice else { return nil }
        return "<div class=\"notice good\" role=\"status\"><p>\(notice.kind.sentence(l))</p></div>"
    }

    // MARK: Navigation

    private struct Entry {
        var section: Page.Section
        var chinese: String
        var english: String
        /// One of these is enough.
        var rights: UserRights

        init(_ section: Page.Section, _ chinese: String, _ english: String, _ rights: UserRights) {
            (self.section, self.chinese, self.english, self.rights) = (section, chinese, english, rights)
        }
    }

    private static let anyRight = UserRights(rawValue: ~0)

    private static let customerEntries: [(chinese: String, english: String, entries: [Entry])] = [
        (
            "", "",
            [
                Entry(.home, "首页", "Home", anyRight), Entry(.send, "短信发送", "Send", .send),
                Entry(.records, "发送记录", "Sent messages", .records), Entry(.replies, "上行回复", "Replies", .records),
                Entry(.bills, "短信账单", "Bills", .bills), Entry(.tasks, "任务与导出", "Tasks and exports", anyRight),
            ]
        ),
        (
            "管理", "Administration",
            [
                Entry(.users, "用户管理", "Users", anyRight), Entry(.accounts, "子账户", "Sub-accounts", .manage),
                Entry(.templates, "模板与签名", "Templates", [.send, .manage]),
                Entry(.api, "接口对接", "Interfaces", .manage),
            ]
        ),
    ]

    private static let operatorEntries: [(chinese: String, english: String, entries: [Entry])] = [
        (
            "", "",
            [
                Entry(.toDo, "待处理", "To do", .view), Entry(.customers, "客户", "Customers", .view),
                Entry(.channels, "通道", "Channels", .view), Entry(.routes, "路由", "Routes", .view),
                Entry(.review, "模板", "Templates", .view), Entry(.inbound, "上行与回执", "Inbound", .view),
                Entry(.allRecords, "全部记录", "All messages", .view), Entry(.finance, "财务", "Finance", .money),
                Entry(.tasks, "任务与导出", "Tasks and exports", .view),
            ]
        ),
        (
            "系统", "System",
            [
                Entry(.operators, "用户与权限", "Users", .users),
                Entry(.audit, "审计", "Audit trail", .users), Entry(.settings, "设置", "Settings", .view),
            ]
        ),
    ]

    private func navigation(_ current: Page.Section?) -> HTML? {
        guard let login = visitor.login else { return nil }
        let groups = login.account == nil ? Self.operatorEntries : Self.customerEntries
        return groups.map { group -> HTML in
            let visible = group.entries.filter {
                $0.rights == Self.anyRight || !login.user.rights.isDisjoint(with: $0.rights)
            }
            if visible.isEmpty { return .empty }
            let heading: HTML? = group.chinese.isEmpty ? nil : "<h2>\(l(group.chinese, group.english))</h2>"
            let items = visible.map { entry -> HTML in
                """
                <li><a href="\(Portal.root)\(entry.section.rawValue)"\
                \(" aria-current=\"page\"", if: entry.section == current)>\(l(entry.chinese, entry.english))</a></li>
                """
            }
            return "\(heading)<ul>\(items)</ul>"
        }.joined()
    }

    private var footer: HTML? {
        guard let login = visitor.login else { return nil }
        let account = login.account?.account
        let title = account.map { $0.name.isEmpty ? $0.id : $0.name } ?? l("运营", "Operator")
        let line = account.map { "\($0.id) · \(login.user.name)" } ?? login.user.name
        return """
            <div class="who"><b>\(title)</b>\(line)<div class="links">\
            <a href="/portal/me">\(l("我的账号", "My account"))</a>\(languageSwitch)\
            <form method="post" action="/portal/logout"><button class="link">\(l("退出", "Log out"))</button></form>\
            </div></div>
            """
    }

    private var languageSwitch: HTML {
        """
        <form method="post" action="/portal/language"><input type="hidden" name="to" value="\(l.other.rawValue)">\
        <input type="hidden" name="back" value="\(target)"><button class="link" lang="\(l.other.rawValue)">\
        \(l.other.ownName)</button></form>
        """
    }
}

extension Notice.Kind {
    func sentence(_ l: Language) -> String {
        switch self {
        case .saved: l("已保存。", "Saved.")
        case .added: l("已添加。", "Added.")
        case .removed: l("已删除。", "Removed.")
        case .sent: l("已提交发送。", "Handed over for sending.")
        case .cancelled: l("已取消。", "Cancelled.")
        case .enabled: l("已启用。", "Enabled.")
        case .disabled: l("已停用。", "Disabled.")
        case .started: l("已开始，完成后可在“任务与导出”下载。", "Started; find the result under Tasks and exports.")
        case .passwordChanged: l("密码已修改，其他登录已退出。", "The password is changed; other sessions have ended.")
        case .loggedOut: l("已退出。", "Logged out.")
        case .revoked: l("该登录已退出。", "That session has ended.")
        }
    }
}
