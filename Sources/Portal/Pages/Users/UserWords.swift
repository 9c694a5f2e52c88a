import Engine
import Messaging

/// What is said of users in both languages.
struct UserWords {
    private let l: Language

    init(_ l: Language) { self.l = l }

    func message(_ failure: UserFailure) -> String {
        switch failure {
        case .wrong: l("登录名或密码不对。", "The name or the password is wrong.")
        case .wrongCode: l("动态码不对，或已经用过。", "The code is wrong, or was used before.")
        case .slowed(let seconds):
            l("错误次数较多，请 \(seconds) 秒后再试。", "Too many wrong tries; try again in \(seconds) seconds.")
        case .busy: l("系统正忙，请稍后再试。", "Busy; try again in a moment.")
        case .disabled: l("这个用户已停用，请联系账户的管理人。", "This user is disabled; ask whoever manages the account.")
        case .over: l("等待太久，请重新登录。", "That took too long; please log in again.")
        case .weak(let weakness): message(weakness)
        case .store: l("数据库没有接受，请稍后再试。", "The database does not take it; try again in a moment.")
        }
    }

    private func message(_ weakness: UserPasswordRule.Weakness) -> String {
        let least = UserPasswordRule.lengthMin
        return switch weakness {
        case .tooShort: l("密码至少 \(least) 个字符。", "A password has at least \(least) characters.")
        case .tooLong: l("密码太长。", "The password is too long.")
        case .common: l("这个密码太常见，请换一个。", "Many people use this password; choose another.")
        case .pattern: l("密码不能是重复或连续的字符。", "A password is not characters over and over, or in a row.")
        case .hasName: l("密码里不能有登录名。", "The password may not have your name in it.")
        }
    }

    /// One right with what it allows.
    func right(_ right: UserRights) -> (label: String, hint: String) {
        switch right {
        case .send: (l("发送", "Send"), l("发送短信、取消定时短信", "send messages, cancel scheduled ones"))
        case .records: (l("记录", "Records"), l("查询、导出发送记录和上行", "see and export messages and replies"))
        case .bills: (l("账单", "Bills"), l("查询、导出账单", "see and export bills"))
        case .manage:
            (l("管理", "Manage"), l("管理用户、子账户、预警和接口", "change users, sub-accounts, alerts and interfaces"))
        case .view: (l("查看", "View"), l("查看运营页面", "see the operator's pages"))
        case .money: (l("资金", "Money"), l("充值、改价、额度", "recharge, prices, credit"))
        case .settings: (l("设置", "Settings"), l("修改客户、通道、路由和规则", "change customers, channels, routes and rules"))
        case .users: (l("用户", "Users"), l("管理用户、查看审计", "change users, read the audit trail"))
        default: (l("完整号码", "Full numbers"), l("看到未遮盖的手机号", "see telephone numbers in full"))
        }
    }

    /// `发送 记录`, or 全部.
    func list(_ rights: UserRights, of home: User.Home) -> String {
        if rights == home.rights { return l("全部", "all") }
        let labels = rights.names.compactMap { UserRights(name: $0) }.map { right($0).label }
        return labels.isEmpty ? l("无", "none") : labels.joined(separator: l(" ", ", "))
    }
}

/// A password's field, with a button that shows what is typed.
struct PasswordField {
    private let l: Language
    private let name: String
    private let label: String
    private let hint: String
    private let error: String?
    private let autocomplete: String

    init(
        _ l: Language, _ name: String, _ label: String, hint: String = "", error: String? = nil, autocomplete: String
    ) {
        (self.l, self.name, self.label, self.hint) = (l, name, label, hint)
        (self.error, self.autocomplete) = (error, autocomplete)
    }

    var html: HTML {
        let hintLine: HTML? = hint.isEmpty ? nil : "<p class=\"hint\" id=\"\(name)-hint\">\(hint)</p>"
        let errorLine: HTML? = error.map { "<p class=\"error\" id=\"\(name)-error\">\($0)</p>" }
        let ids = [hint.isEmpty ? nil : "\(name)-hint", error == nil ? nil : "\(name)-error"].compactMap(\.self)
        let described: HTML? = ids.isEmpty ? nil : " aria-describedby=\"\(ids.joined(separator: " "))\""
        let input: HTML = """
            <input id="\(name)" name="\(name)" type="password" autocomplete="\(autocomplete)" required\
            \(" aria-invalid=\"true\"", if: error != nil)\(described)>
            """
        return """
            <div class="field\(" wrong", if: error != nil)"><label for="\(name)">\(label)</label>\
            \(hintLine)\(errorLine)\
            <div class="unit">\(input)<button type="button" class="plain" data-reveal="\(name)" aria-pressed="false" \
            hidden data-script>\(l("显示", "Show"))</button></div></div>
            """
    }

    /// A new password, twice.
    static func pair(_ l: Language, _ errors: FormErrors) -> HTML {
        let least = UserPasswordRule.lengthMin
        let first = PasswordField(
            l, "password", l("新密码", "New password"),
            hint: l(
                "至少 \(least) 个字符，不要用常见的密码或登录名。可以粘贴。",
                "At least \(least) characters; no common password, not your name. Pasting is fine."),
            error: errors["password"], autocomplete: "new-password")
        let second = PasswordField(
            l, "repeat", l("再写一遍", "Once more"), error: errors["repeat"], autocomplete: "new-password")
        return first.html + second.html
    }

    /// When the two differ.
    static func repetitionError(_ form: FormFields, _ l: Language) -> FormErrors? {
        guard form.raw("password") != form.raw("repeat") else { return nil }
        return FormErrors([(field: "repeat", message: l("两次输入的密码不同。", "The two passwords differ."))])
    }
}

/// The field of a code.
enum CodeField {
    static func html(_ fields: FormBuilder, _ l: Language, hint: String, lengthMax: Int) -> HTML {
        let digits = l("6 位动态码", "Six digits")
        return fields.input(
            "code", digits, hint: hint, width: .full,
            attributes: """
                 inputmode="\(lengthMax > 6 ? "text" : "numeric")" autocomplete="one-time-code" autocapitalize="none" \
                spellcheck="false" maxlength="\(lengthMax)" required
                """)
    }
}
