import Administration
import Engine
import Messaging
import NIOHTTP1

/// The authenticator app: switched on with a code, off with a button, and recovery codes that are shown once.
extension OwnUserPages {
    static func totpPage(_ page: PageContext, _ errors: FormErrors = FormErrors()) async throws -> PortalResponse {
        try page.requireFreshLogin()
        let login = try page.login()
        let content =
            login.user.hasTOTP ? try await switchOff(page, login) : try await enrolment(page, login, errors)
        return .page(content, status: errors.isEmpty ? .ok : .badRequest)
    }

    private static func frame(_ page: PageContext, _ title: String, _ body: HTML, hasErrors: Bool = false) -> Page {
        let isDuty = page.visitor.login?.duty != nil
        return Page(
            title: title, section: isDuty ? nil : section(page), crumbs: isDuty ? [] : [crumb(page.l)], body: body,
            hasErrors: hasErrors)
    }

    private static func enrolment(
        _ page: PageContext, _ login: PortalLogin, _ errors: FormErrors
    ) async throws -> Page {
        let l = page.l
        let secret = try await LoginPages.stored(page) { try await page.administration.beginTOTP(login.session) }
        let shown = stride(from: 0, to: secret.secret.count, by: 4)
            .map { String(secret.secret.dropFirst($0).prefix(4)) }.joined(separator: " ")
        let fields = FormBuilder(l, errors: errors)
        let code = QRCode(secret.uri)?.svg(label: l("动态码的二维码", "QR code of the secret"))
        let first: HTML = """
            <section class="sheet form"><h2>\(l("1. 在手机上添加", "1. Add it on your phone"))</h2>\
            <p>\(l("用任何 TOTP 应用扫描，或输入下面的密钥。", "Scan it with any TOTP app, or type the secret below."))</p>\(code)\
            <p class="copy"><span class="secret" id="secret">\(shown)</span><button type="button" class="plain small" \
            data-copy="secret" data-done="\(l("已复制", "copied"))" hidden data-script>\(l("复制", "Copy"))</button></p>\
            <p><a href="\(secret.uri)">\(l("在本机的应用中打开", "Open in an app on this device"))</a></p></section>
            """
        let second: HTML = """
            <form class="sheet form" method="post"><h2>\(l("2. 输入显示的动态码", "2. Enter the code that it shows"))</h2>\
            \(CodeField.html(fields, l, hint: "", lengthMax: 6))<div class="actions"><button name="do" value="on">\
            \(l("开启", "Switch on"))</button></div></form>
            """
        let duty: HTML? =
            login.duty == .enrolTOTP
            ? """
            <div class="notice wait"><p>\(l("运营用户须先开启动态码。", "Operators must set up an authenticator app first."))\
            </p></div>
            """ : nil
        return frame(
            page, l("开启动态码", "Set up an authenticator app"), "\(fields.summary)\(duty)\(first)\(second)",
            hasErrors: !errors.isEmpty)
    }

    private static func switchOff(_ page: PageContext, _ login: PortalLogin) async throws -> Page {
        let l = page.l
        let left = try await LoginPages.stored(page) {
            try await page.administration.recoveryCodesLeft(login.session)
        }
        return frame(
            page, l("动态码", "Authenticator app"),
            """
            <form class="sheet form" method="post"><h2>\(l("恢复码", "Recovery codes"))</h2>\
            <p>\(l("还有 \(left) 个没有用过。新的恢复码会使旧的全部失效。",
                "\(left) are left. New ones take the place of all that there are."))</p>\
            <div class="actions"><button class="plain" name="do" value="codes">\
            \(l("生成新的恢复码", "Make new recovery codes"))</button></div></form>\
            <form class="sheet form" method="post"><h2>\(l("关闭", "Switch off"))</h2>\
            <p>\(l("关闭后登录只需密码，其他登录会退出。", "Then the password alone logs in; other sessions end."))</p>\
            <div class="actions"><button class="danger" name="do" value="off" \
            data-confirm="\(l("要关闭动态码吗？", "Switch the authenticator app off?"))">\(l("关闭动态码", "Switch off"))</button>\
            </div></form>
            """)
    }

    private static func codesPage(_ page: PageContext, _ codes: [String]) -> Page {
        let l = page.l
        let items = codes.map { code -> HTML in "<li>\(code)</li>" }
        return frame(
            page, l("恢复码", "Recovery codes"),
            """
            <section class="sheet form"><div class="notice wait"><p><strong>\(l("只显示这一次。", "Shown only now."))</strong>\
            \(l("手机不在时，每个恢复码可登录一次。请打印或抄下来。",
                "Without the phone each logs you in once. Print them or write them down."))</p></div>\
            <ul class="codes" id="codes">\(items)</ul><div class="actions"><button type="button" class="plain" \
            data-copy="codes" data-done="\(l("已复制", "copied"))" hidden data-script>\(l("复制", "Copy"))</button>\
            <button type="button" class="plain" data-print hidden data-script>\(l("打印", "Print"))</button>\
            <a class="button" href="/portal/me">\(l("已保存好", "I have kept them"))</a></div></section>
            """)
    }

    static func changeTOTP(_ page: PageContext) async throws -> PortalResponse {
        try page.requireFreshLogin()
        let login = try page.login()
        switch page.request.form["do"] {
        case "off":
            _ = try await LoginPages.stored(page) { try await page.administration.disableTOTP(login.session) }
            return .redirect("me", notice: Notice(kind: .disabled))
        case "codes":
            let codes = try await LoginPages.stored(page) {
                try await page.administration.renewRecoveryCodes(login.session)
            }
            return .page(codesPage(page, codes))
        default:
            // Also without a button's name: the field was left with the return key.
            do throws(UserFailure) {
                let codes = try await page.administration.confirmTOTP(
                    login.session, code: page.request.form["code"])
                return .page(codesPage(page, codes))
            } catch {
                guard error == .wrongCode || error == .over || error == .busy else { throw PageFailure(error) }
                let message = UserWords(page.l).message(error == .over ? .wrongCode : error)
                return try await totpPage(page, FormErrors([(field: "code", message: message)]))
            }
        }
    }
}
