import Administration
import Engine
import Foundation
import Messaging
import Secrets
import Testing

@testable import Portal

/// Logging in, the own login, and the users of an account, as browsers see them.
@Suite struct UserPageTests {
    private static let password = "vk3TqzRm9w"

    private static func with(_ body: (PortalHouse) async throws -> Void) async throws {
        try await PortalHouse.with(
            configure: { $0.passwordCost = PasswordHash.Cost(logN: 4, blockSize: 8, parallelism: 1) }, body)
    }

    /// A user with a password, and the browser of nobody yet.
    private static func user(
        _ house: PortalHouse, _ name: String, of home: User.Home, _ rights: UserRights? = nil
    ) async throws -> User {
        let added = try await house.engine.users.add(
            name: name, home: home, rights: rights ?? home.rights, language: .chinese)
        return try await house.engine.users.setPassword(password, link: added.link.token)
    }

    /// A browser in which a new user is logged in.
    private static func browser(
        _ house: PortalHouse, _ name: String, of home: User.Home, _ rights: UserRights? = nil
    ) async throws -> Browser {
        _ = try await user(house, name, of: home, rights)
        var browser = Browser(house)
        #expect(await browser.login(name, password).status == 303)
        return browser
    }

    // MARK: Logging in and out

    @Test func `a page sends who is not logged in to the login, and back after it`() async throws {
        try await Self.with { house in
            _ = try await Self.user(house, "zhangmin", of: .account(house.shop.key))
            var browser = Browser(house)
            let sent = await browser.get("me")
            #expect(sent.status == 303 && sent.location == "/portal/login?next=me")
            let form = await browser.get("login?next=me")
            #expect(form.status == 200 && form.text.contains("name=\"next\" value=\"me\""))
            #expect(!form.text.contains("错误："))
            let wrong = await browser.login("zhangmin", "wrong", next: "me")
            let nobody = await browser.login("nobody", Self.password, next: "me")
            #expect(wrong.status == 400 && wrong.text.contains("登录名或密码不对"))
            #expect(wrong.text.contains("<title>错误：") && wrong.text.contains("value=\"zhangmin\""))
            #expect(wrong.text.replacing("zhangmin", with: "nobody") == nobody.text)
            #expect(browser.cookies.isEmpty)
            let right = await browser.login("ZhangMin", Self.password, next: "me")
            #expect(right.status == 303 && right.location == "/portal/me")
            let cookie = try #require(right.headers.first { $0.0 == "Set-Cookie" }?.1)
            #expect(cookie.hasPrefix("yizhan=") && cookie.hasSuffix("; Path=/; HttpOnly; SameSite=Lax"))
            let me = await browser.get("me")
            #expect(me.status == 200 && me.text.contains("zhangmin") && me.text.contains("这一个"))
            #expect(await browser.get("login").location == "/portal/")
        }
    }

    @Test func `logging out ends the session for good`() async throws {
        try await Self.with { house in
            var browser = try await Self.browser(house, "zhangmin", of: .account(house.shop.key))
            var copy = browser
            let out = await browser.post("logout")
            #expect(out.status == 303 && out.location == "/portal/login?done=loggedOut" && browser.cookies.isEmpty)
            #expect(await copy.get("me").location.hasPrefix("/portal/login"))
        }
    }

    @Test func `the way back after a login stays on our pages`() async throws {
        try await Self.with { house in
            _ = try await Self.user(house, "zhangmin", of: .account(house.shop.key))
            for next in ["//evil.example", "https://evil.example", "/portal//evil", "a\r\nX: 1", "..%2f"] {
                var browser = Browser(house)
                let answer = await browser.login("zhangmin", Self.password, next: next)
                #expect(answer.location == "/portal/" || answer.location == "/portal/..%2f", "\(next)")
            }
        }
    }

    @Test func `an operator outside of the operators' networks is like a name that nobody has`() async throws {
        try await Self.with { house in
            _ = try await Self.user(house, "liwei", of: .operators)
            var browser = Browser(house)
            browser.address = "203.0.113.9"
            let answer = await browser.login("liwei", Self.password)
            #expect(answer.status == 400 && answer.text.contains("登录名或密码不对") && browser.cookies.isEmpty)
            browser.address = "10.1.2.3"
            #expect(await browser.login("liwei", Self.password).location == "/portal/operator")
        }
    }

    @Test func `without any user the login says how to make one, to operators' networks`() async throws {
        try await Self.with { house in
            var browser = Browser(house)
            #expect(await browser.get("login").text.contains("yizhan user add NAME --operator"))
            browser.address = "203.0.113.9"
            #expect(await !browser.get("login").text.contains("yizhan user add"))
        }
    }

    @Test func `a welcome link sets the first password once`() async throws {
        try await Self.with { house in
            let added = try await house.engine.users.add(
                name: "zhangmin", home: .account(house.shop.key), rights: .send, language: .chinese)
            let path = String(added.link.path.dropFirst("/portal/".count))
            var browser = Browser(house)
            #expect(await browser.get(path).text.contains("zhangmin"))
            let differing = await browser.post(path, [("password", Self.password), ("repeat", "x")])
            #expect(differing.status == 400 && differing.text.contains("两次输入的密码不同"))
            let weak = await browser.post(path, [("password", "88888888"), ("repeat", "88888888")])
            #expect(weak.status == 400 && weak.text.contains("太常见"))
            let set = await browser.post(path, [("password", Self.password), ("repeat", Self.password)])
            #expect(set.status == 303 && set.location == "/portal/login?done=saved")
            #expect(await browser.get(path).status == 404)
            #expect(await browser.post(path, [("password", Self.password), ("repeat", Self.password)]).status == 404)
            #expect(await browser.login("zhangmin", Self.password).status == 303)
        }
    }

    // MARK: The own login

    @Test func `the password is changed with the old one, and other browsers are logged out`() async throws {
        try await Self.with { house in
            var one = try await Self.browser(house, "zhangmin", of: .account(house.shop.key))
            var two = Browser(house)
            _ = await two.login("zhangmin", Self.password)
            func fields(_ old: String, _ new: String) -> [(String, String)] {
                [("old", old), ("password", new), ("repeat", new)]
            }
            let wrong = await one.post("password", fields("wrong", "Hk7-ppQ2z"))
            #expect(wrong.status == 400 && wrong.text.contains("现在的密码不对") && !wrong.text.contains("Hk7"))
            #expect(await one.post("password", fields(Self.password, "zhangmin")).text.contains("不能有登录名"))
            let done = await one.post("password", fields(Self.password, "Hk7-ppQ2z"))
            #expect(done.location == "/portal/me?done=passwordChanged")
            #expect(await one.get("me").status == 200)
            #expect(await two.get("me").location.hasPrefix("/portal/login"))
        }
    }

    @Test func `who must change the password gets to no other page`() async throws {
        try await Self.with { house in
            var browser = try await Self.browser(house, "zhangmin", of: .account(house.shop.key))
            let user = try #require(house.engine.users.directory.user(named: "zhangmin"))
            _ = try await house.engine.users.update(user.id, mustChangePassword: true)
            #expect(await browser.get("users").location == "/portal/password")
            #expect(await browser.get("password").text.contains("请先设置自己的密码"))
            _ = await browser.post(
                "password", [("old", Self.password), ("password", "Hk7-ppQ2z"), ("repeat", "Hk7-ppQ2z")])
            #expect(await browser.get("users").status == 200)
        }
    }

    @Test func `sessions are listed, one is ended or all others, and nobody ends another's`() async throws {
        try await Self.with { house in
            var one = try await Self.browser(house, "zhangmin", of: .account(house.shop.key))
            var two = Browser(house)
            _ = await two.login("zhangmin", Self.password)
            var stranger = try await Self.browser(house, "other", of: .account(house.other.key))
            let id = try #require(two.cookies["yizhan"]).prefix(32)
            _ = await stranger.post("me/sessions", [("id", String(id))])
            #expect(await two.get("me").status == 200)
            #expect(await one.get("me").text.contains(String(id)))
            #expect(await one.post("me/sessions", [("id", String(id))]).location == "/portal/me?done=revoked")
            #expect(await two.get("me").status == 303)
            _ = await two.login("zhangmin", Self.password)
            _ = await one.post("me/sessions")
            #expect(await two.get("me").status == 303)
            #expect(await one.get("me").status == 200)
            #expect(await one.post("me/sessions", [("id", "x")]).status == 400)
        }
    }

    @Test func `the language is the user's, on every browser`() async throws {
        try await Self.with { house in
            var browser = try await Self.browser(house, "zhangmin", of: .account(house.shop.key))
            #expect(await browser.post("me", [("language", "en")]).location == "/portal/me?done=saved")
            #expect(await browser.get("me").text.contains("My account"))
            var other = Browser(house)
            _ = await other.login("zhangmin", Self.password)
            #expect(await other.get("me").text.contains("My account"))
            #expect(await browser.post("me", [("language", "fr")]).status == 400)
        }
    }

    /// The secret that the page shows.
    private static func secret(_ page: PortalHouse.Answer) throws -> OneTimePassword {
        let mark = "secret\">"
        let start = try #require(page.text.range(of: mark)).upperBound
        let text = page.text[start...].prefix { $0 != "<" }.filter { $0 != " " }
        return OneTimePassword(secret: try #require(BaseEncoding.base32.bytes(text)))
    }

    /// The recovery codes that the page shows.
    private static func codes(_ page: PortalHouse.Answer) -> [String] {
        let list = page.text.components(separatedBy: "id=\"codes\">").last?.components(separatedBy: "</ul>").first ?? ""
        return list.components(separatedBy: "<li>").dropFirst().map { String($0.prefix { $0 != "<" }) }
    }

    @Test func `an authenticator app is set up, asked for, and switched off; recovery codes are shown once`()
        async throws
    {
        try await Self.with { house in
            var browser = try await Self.browser(house, "zhangmin", of: .account(house.shop.key))
            let page = await browser.get("me/totp")
            let secret = try Self.secret(page)
            #expect(page.text.contains("<svg class=\"qr\"") && page.text.contains("otpauth://totp/yizhan:zhangmin?"))
            let step = OneTimePassword.step(at: PortalHouse.now.milliseconds)
            let wrong = await browser.post("me/totp", [("do", "on"), ("code", try secret.code(step: step + 9))])
            #expect(wrong.status == 400 && wrong.text.contains("动态码不对") && wrong.text.contains("错误："))
            let codes = await browser.post("me/totp", [("do", "on"), ("code", try secret.code(step: step))])
            #expect(codes.status == 200 && Self.codes(codes).count == 10)
            let recovery = try #require(Self.codes(codes).first)

            var other = Browser(house)
            let asked = await other.login("zhangmin", Self.password)
            #expect(asked.status == 200 && asked.text.contains("输入动态码") && other.cookies.isEmpty)
            let mark = "name=\"ticket\" value=\""
            let ticket = String(
                asked.text[try #require(asked.text.range(of: mark)).upperBound...].prefix { $0 != "\"" })
            func code(_ code: String) -> [(String, String)] { [("ticket", ticket), ("code", code)] }
            let used = await other.post("login/code", code(try secret.code(step: step)))
            #expect(used.status == 400 && used.text.contains("或已经用过"))
            #expect(await other.post("login/code", code(recovery)).status == 303)
            #expect(await other.get("me/totp").text.contains("还有 9 个没有用过"))
            #expect(Self.codes(await other.post("me/totp", [("do", "codes")])).count == 10)
            #expect(await other.post("me/totp", [("do", "off")]).location == "/portal/me?done=disabled")
            #expect(await other.post("login/code", code("000000")).text.contains("请重新登录"))
        }
    }

    @Test func `secrets and users ask for the password again after a while, and lead back`() async throws {
        try await Self.with { house in
            for path in ["me/totp", "users/new", "users/edit/x"] {
                let answer = await house.get(path, isFresh: false)
                #expect(answer.location == "/portal/confirm?next=" + FormFields.encoded(path), "\(path)")
            }
            let form = await house.post("users/new", [("name", "ab")], isFresh: false)
            #expect(form.location.hasPrefix("/portal/confirm"))
            var browser = try await Self.browser(house, "zhangmin", of: .account(house.shop.key))
            let old = try #require(browser.cookies["yizhan"])
            #expect(await browser.get("confirm?next=me").text.contains("name=\"next\" value=\"me\""))
            let wrong = await browser.post("confirm", [("password", "x"), ("next", "me")])
            #expect(wrong.status == 400 && wrong.text.contains("密码不对"))
            let right = await browser.post("confirm", [("password", Self.password), ("next", "me")])
            #expect(right.location == "/portal/me" && browser.cookies["yizhan"] != old)
        }
    }

    // MARK: Users of an account

    @Test func `a manager adds a user, who gets a link, and sees the own account's users only`() async throws {
        try await Self.with { house in
            var manager = try await Self.browser(house, "zhangmin", of: .account(house.shop.key))
            _ = try await Self.user(house, "stranger", of: .account(house.other.key))
            let bad = await manager.post("users/new", [("name", "a b")])
            #expect(bad.status == 400 && bad.text.contains("登录名是") && bad.text.contains("至少选择一项"))
            #expect(bad.text.contains("value=\"a b\""))
            let taken = await manager.post("users/new", [("name", "STRANGER"), ("rights", "send")])
            #expect(taken.status == 400 && taken.text.contains("已经有人用了"))
            let added = await manager.post(
                "users/new", [("name", "wangq"), ("rights", "send"), ("rights", "users"), ("language", "en")])
            #expect(added.status == 200 && added.text.contains("http://test/portal/welcome/"))
            let user = try #require(house.engine.users.directory.user(named: "wangq"))
            #expect(user.rights == .send && user.home == .account(house.shop.key) && user.language == .english)
            let list = await manager.get("users")
            #expect(list.text.contains("wangq") && list.text.contains("本人") && !list.text.contains("stranger"))
        }
    }

    @Test func `a manager changes, disables and resets a user, and is told why not the own one`() async throws {
        try await Self.with { house in
            var manager = try await Self.browser(house, "zhangmin", of: .account(house.shop.key))
            var user = try await Self.browser(house, "wangq", of: .account(house.shop.key), .send)
            let path = "users/edit/wangq"
            let page = await manager.get(path)
            #expect(page.text.contains("value=\"send\" checked") && !page.text.contains("value=\"records\" checked"))
            #expect(await user.get("me").status == 200)
            let saved = await manager.post(path, [("do", "save"), ("rights", "records"), ("language", "zh-CN")])
            #expect(saved.location == "/portal/users?done=saved")
            #expect(house.engine.users.directory.user(named: "wangq")?.rights == .records)
            #expect(await user.get("me").status == 303)
            #expect(await manager.post(path, [("do", "disable")]).location.hasSuffix("done=disabled"))
            #expect(await user.login("wangq", Self.password).text.contains("已停用"))
            #expect(await manager.post(path, [("do", "enable")]).location.hasSuffix("done=enabled"))
            #expect(await manager.post(path, [("do", "reset-password")]).text.contains("/portal/welcome/"))
            #expect(await manager.post(path, [("do", "reset-totp")]).status == 303)
            #expect(await manager.post(path, [("do", "end-sessions")]).status == 303)
            #expect(await manager.post(path, [("do", "delete")]).status == 400)
            let own = await manager.post("users/edit/zhangmin", [("do", "disable")])
            #expect(own.status == 400 && own.text.contains("不能停用自己"))
        }
    }

    @Test func `another account's user, an operator and nobody are not found`() async throws {
        try await Self.with { house in
            var manager = try await Self.browser(house, "zhangmin", of: .account(house.shop.key))
            _ = try await Self.user(house, "stranger", of: .account(house.other.key))
            _ = try await Self.user(house, "liwei", of: .operators)
            for name in ["stranger", "liwei", "nobody"] {
                #expect(await manager.get("users/edit/\(name)").status == 404)
                for action in ["save", "disable", "reset-password", "reset-totp", "end-sessions"] {
                    #expect(await manager.post("users/edit/\(name)", [("do", action)]).status == 404, "\(action)")
                }
            }
            #expect(house.engine.users.directory.user(named: "stranger")?.hasPassword == true)
        }
    }

    @Test func `who does not manage sees the way to the own login only`() async throws {
        try await Self.with { house in
            let answer = await house.get("users", as: .customer(.send))
            #expect(answer.status == 200 && answer.text.contains("/portal/me") && !answer.text.contains("users/new"))
            for path in ["users/new", "users/edit/x"] {
                #expect(await house.get(path, as: .customer(.send)).status == 403)
                #expect(await house.post(path, as: .customer(.send)).status == 403)
            }
        }
    }

    // MARK: Operators

    @Test func `operators see all users, by account too, and add customers' users and operators`() async throws {
        try await Self.with { house in
            var browser = try await Self.browser(house, "liwei", of: .operators)
            _ = try await Self.user(house, "stranger", of: .account(house.other.key))
            let all = await browser.get("operator/users")
            #expect(all.text.contains("stranger") && all.text.contains("liwei"))
            let some = await browser.get("operator/users?account=shop")
            #expect(some.status == 200 && !some.text.contains("stranger"))
            #expect(await browser.get("operator/users?account=nobody").text.contains("没有用户"))
            let bad = await browser.post(
                "operator/users/new", [("name", "ab"), ("account", "none"), ("rights", "send")])
            #expect(bad.status == 400 && bad.text.contains("没有这个账号"))
            let customer = await browser.post(
                "operator/users/new", [("name", "shopman"), ("account", "SHOP"), ("rights", "send")])
            #expect(customer.status == 200)
            #expect(house.engine.users.directory.user(named: "shopman")?.home == .account(house.shop.key))
            _ = await browser.post("operator/users/new", [("name", "op2"), ("rights", "view"), ("rights", "send")])
            #expect(house.engine.users.directory.user(named: "op2")?.rights == .view)
            #expect(await browser.post("operator/users/edit/stranger", [("do", "disable")]).status == 303)
            #expect(house.engine.users.directory.user(named: "stranger")?.isEnabled == false)
        }
    }

    @Test func `the audit trail shows who did what, filtered, and what somebody wrote is no markup`() async throws {
        try await Self.with { house in
            var browser = try await Self.browser(house, "liwei", of: .operators)
            _ = await browser.post("operator/users/new", [("name", "op2"), ("rights", "view")])
            house.engine.audit.add(
                user: "<script>alert(1)</script>", address: "10.0.0.1", action: "account set", target: "\u{202E}x")
            try await house.engine.proveAlive()
            let all = await browser.get("operator/audit")
            #expect(all.status == 200 && all.text.contains("user add") && all.text.contains("user login"))
            #expect(!all.text.contains("<script>alert") && all.text.contains("&lt;script&gt;"))
            #expect(all.text.contains("U+202E"))
            let some = await browser.get("operator/audit?user=liwei&action=user%20add")
            #expect(some.text.contains("op2") && !some.text.contains("user login"))
            #expect(await browser.get("operator/audit?target=nothing").text.contains("没有记录"))
            #expect(await browser.get("operator/audit?before=x").status == 400)
            #expect(await house.get("operator/audit", as: .operators(.view)).status == 403)
        }
    }
}
