import Messaging
import Secrets
import Store
import Testing

@testable import Engine

/// People who log in, on a real store, with hashes that cost little.
struct UserLoginTests {
    private static let password = "vk3TqzRm9w"
    private static let here = "10.0.0.1"

    private static func with(_ body: (House) async throws -> Void) async throws {
        try await House.with(
            [:], configure: { $0.passwordCost = PasswordHash.Cost(logN: 4, blockSize: 8, parallelism: 1) }, body)
    }

    /// A user of an account with a password.
    private static func user(_ house: House, _ name: String = "zhangmin") async throws -> User {
        let account = try await house.account(name)
        let added = try await house.engine.users.add(
            name: name, home: .account(account.key), rights: [.send, .records], language: .chinese)
        return try await house.engine.users.setPassword(Self.password, link: added.link.token)
    }

    private static func login(
        _ house: House, _ name: String = "zhangmin", _ password: String = password, from address: String = here
    ) async throws(UserFailure) -> NewSession {
        let step = try await house.engine.users.login(
            name: name, password: password, address: address, agent: "browser")
        guard case .done(let new) = step else { throw .wrongCode }
        return new
    }

    // MARK: Passwords

    @Test func `a name in any case and its password make a session, which survives a restart`() async throws {
        try await Self.with { house in
            let user = try await Self.user(house)
            let new = try await Self.login(house, "ZhangMin")
            let known = try #require(house.engine.users.loggedIn(cookie: new.cookie))
            #expect(known.user.id == user.id && known.user.lastLogin?.address == Self.here && known.duty == nil)
            let again = try await house.again([:])
            let kept = again.engine.users.loggedIn(cookie: new.cookie)
            #expect(kept?.user.id == user.id && kept?.session.agent == "browser")
            await again.stop()
        }
    }

    @Test func `a wrong password, a wrong name and a user without a password are told apart by nobody`() async throws {
        try await Self.with { house in
            let user = try await Self.user(house)
            _ = try await house.engine.users.add(
                name: "fresh", home: .account(try #require(user.home.account)), rights: .send, language: .chinese)
            for (name, password) in [
                ("zhangmin", "wrong password"), ("nobody", Self.password), ("fresh", ""), ("fresh", Self.password),
                ("zhangmin", String(repeating: "x", count: 100_000)),
            ] {
                await #expect(throws: UserFailure.wrong) { try await Self.login(house, name, password) }
            }
        }
    }

    @Test func `wrong tries are slowed down, and a right one is not looked at before its time`() async throws {
        try await Self.with { house in
            _ = try await Self.user(house)
            for _ in 0..<4 {
                _ = try? await Self.login(house, "zhangmin", "wrong password", from: "10.0.0.2")
                house.clock.advance(milliseconds: 1_000)
            }
            await #expect(throws: UserFailure.slowed(seconds: 1)) { try await Self.login(house, from: "10.0.0.3") }
            house.clock.advance(milliseconds: 1_000)
            _ = try await Self.login(house, from: "10.0.0.3")
        }
    }

    @Test func `a link sets a password once, within 30 minutes, and a weak one is not taken`() async throws {
        try await Self.with { house in
            let users = house.engine.users
            let first = try await users.add(name: "ab", home: .operators, rights: .view, language: .english)
            await #expect(throws: UserFailure.weak(.tooShort)) {
                try await users.setPassword("short", link: first.link.token)
            }
            #expect(await users.user(ofLink: first.link.token)?.name == "ab")
            #expect(first.link.path == "/portal/welcome/" + first.link.token)
            _ = try await users.setPassword(Self.password, link: first.link.token)
            await #expect(throws: UserFailure.over) {
                try await users.setPassword(Self.password, link: first.link.token)
            }
            let second = try await users.resetPassword(first.user.id)
            await #expect(throws: UserFailure.wrong) { try await Self.login(house, "ab") }
            house.clock.advance(milliseconds: 30 * 60_000)
            await #expect(throws: UserFailure.over) { try await users.setPassword(Self.password, link: second.token) }
            for token in ["", "x", String(repeating: "0", count: 32)] {
                #expect(await users.user(ofLink: token) == nil)
            }
        }
    }

    @Test func `at most two passwords are checked at once, and what comes while too many wait is refused`() async {
        let hasher = PasswordHasher(
            cost: PasswordHash.Cost(logN: 14, blockSize: 8, parallelism: 2), runningMax: 2, waitingMax: 3)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<40 { group.addTask { (try? await hasher.hash("x")) != nil } }
            return await group.reduce(into: [Bool: Int]()) { $0[$1, default: 0] += 1 }
        }
        #expect(outcomes[true, default: 0] >= 5 && outcomes[false, default: 0] > 0)
        #expect((try? await hasher.hash("x")) != nil)
    }

    // MARK: Sessions

    @Test func `a cookie is good with its secret only, and only while the session is alive`() async throws {
        try await Self.with { house in
            _ = try await Self.user(house)
            let new = try await Self.login(house)
            let users = house.engine.users
            let id = new.session.id.text
            for cookie in [
                "", id, id + ".", id + "." + String(repeating: "0", count: 32), new.cookie + "0",
                String(repeating: "0", count: 32) + new.cookie.dropFirst(32),
            ] {
                #expect(users.loggedIn(cookie: cookie) == nil, "\(cookie)")
            }
            for _ in 0..<3 {
                house.clock.advance(milliseconds: 29 * 60_000)
                #expect(users.loggedIn(cookie: new.cookie) != nil)
            }
            house.clock.advance(milliseconds: 30 * 60_000)
            #expect(users.loggedIn(cookie: new.cookie) == nil)
            try await eventually("the session is forgotten") {
                try await users.sweep()
                return try await house.engine.store.sessions().isEmpty
            }
        }
    }

    @Test func `another password ends all other sessions and gives this one another secret`() async throws {
        try await Self.with { house in
            let user = try await Self.user(house)
            let (one, two) = (try await Self.login(house), try await Self.login(house))
            let users = house.engine.users
            await #expect(throws: UserFailure.wrong) {
                try await users.changePassword(one.session, from: "wrong one", to: "Hk7-ppQ2z", address: Self.here)
            }
            await #expect(throws: UserFailure.weak(.hasName)) {
                try await users.changePassword(
                    one.session, from: Self.password, to: "zhangmin77x", address: Self.here)
            }
            let renewed = try await users.changePassword(
                one.session, from: Self.password, to: "Hk7-ppQ2z", address: Self.here)
            #expect(users.loggedIn(cookie: renewed.cookie)?.session.id == one.session.id)
            #expect(users.loggedIn(cookie: one.cookie) == nil && users.loggedIn(cookie: two.cookie) == nil)
            #expect(users.sessions(of: user.id).count == 1)
            await #expect(throws: UserFailure.wrong) { try await Self.login(house) }
            _ = try await Self.login(house, "zhangmin", "Hk7-ppQ2z")
        }
    }

    @Test func `showing the password again makes it count as just shown`() async throws {
        try await Self.with { house in
            _ = try await Self.user(house)
            let new = try await Self.login(house)
            house.clock.advance(milliseconds: 29 * 60_000)
            _ = house.engine.users.loggedIn(cookie: new.cookie)
            house.clock.advance(milliseconds: 60_000)
            let now = house.clock.now
            #expect(house.engine.users.loggedIn(cookie: new.cookie)?.session.isAuthenticated(at: now) == false)
            let again = try await house.engine.users.authenticate(
                new.session, password: Self.password, address: Self.here)
            #expect(house.engine.users.loggedIn(cookie: again.cookie)?.session.isAuthenticated(at: now) == true)
            #expect(house.engine.users.loggedIn(cookie: new.cookie) == nil)
        }
    }

    @Test func `disabling, other rights and a reset end all sessions, a session ends by itself or by its user`()
        async throws
    {
        try await Self.with { house in
            let user = try await Self.user(house)
            let other = try await Self.user(house, "wangqiang")
            let users = house.engine.users
            func ends(_ change: () async throws -> Void) async throws {
                let new = try await Self.login(house)
                #expect(users.loggedIn(cookie: new.cookie) != nil)
                try await change()
                #expect(users.loggedIn(cookie: new.cookie) == nil)
            }
            try await ends { _ = try await users.update(user.id, rights: [.send]) }
            try await ends { try await users.endSessions(of: user.id) }
            try await ends {
                _ = try await users.enable(user.id, false)
                await #expect(throws: UserFailure.disabled) { try await Self.login(house) }
                _ = try await users.enable(user.id, true)
            }
            let new = try await Self.login(house)
            await #expect(throws: StoreFailure.notFound) { try await users.endSession(new.session.id, of: other.id) }
            _ = try await users.update(user.id, language: .english)
            #expect(users.loggedIn(cookie: new.cookie)?.user.language == .english)
            try await ends { _ = try await users.resetPassword(user.id) }
            #expect(users.directory.user(user.id)?.hasPassword == false)
        }
    }

    @Test func `a user has so many sessions, and the one seen longest ago ends`() async throws {
        try await Self.with { house in
            let user = try await Self.user(house)
            let first = try await Self.login(house)
            for _ in 0..<SessionTable.perUserMax {
                house.clock.advance(milliseconds: 1_000)
                _ = try await Self.login(house)
            }
            #expect(house.engine.users.sessions(of: user.id).count == SessionTable.perUserMax)
            #expect(house.engine.users.loggedIn(cookie: first.cookie) == nil)
            #expect(try await house.engine.store.sessions().count == SessionTable.perUserMax)
        }
    }

    @Test func `a password that must be changed is a duty, an authenticator app one of operators if so set`()
        async throws
    {
        let configure: (inout EngineConfiguration) -> Void = {
            $0.passwordCost = PasswordHash.Cost(logN: 4, blockSize: 8, parallelism: 1)
            $0.operatorsNeedTOTP = true
        }
        try await House.with([:], configure: configure) { house in
            let users = house.engine.users
            let added = try await users.add(name: "op", home: .operators, rights: .view, language: .chinese)
            _ = try await users.setPassword(Self.password, link: added.link.token)
            let new = try await Self.login(house, "op")
            #expect(users.loggedIn(cookie: new.cookie)?.duty == .enrolTOTP)
            _ = try await users.update(added.user.id, mustChangePassword: true)
            #expect(users.loggedIn(cookie: new.cookie)?.duty == .changePassword)
            _ = try await users.changePassword(
                new.session, from: Self.password, to: "Hk7-ppQ2z", address: Self.here)
            #expect(users.directory.user(added.user.id)?.mustChangePassword == false)
        }
    }

    // MARK: Codes

    private static func enrol(_ house: House, _ session: UserSession) async throws -> (OneTimePassword, [String]) {
        let shown = try await house.engine.users.beginTOTP(session.user)
        #expect(try await house.engine.users.beginTOTP(session.user) == shown)
        let secret = OneTimePassword(secret: try #require(BaseEncoding.base32.bytes(shown.secret)))
        let now = OneTimePassword.step(at: house.clock.now.milliseconds)
        await #expect(throws: UserFailure.wrongCode) {
            try await house.engine.users.confirmTOTP(session, code: try secret.code(step: now + 7))
        }
        let codes = try await house.engine.users.confirmTOTP(session, code: try secret.code(step: now))
        return (secret, codes)
    }

    private static func ticket(_ house: House) async throws -> String {
        let step = try await house.engine.users.login(
            name: "zhangmin", password: password, address: here, agent: "browser")
        guard case .needsCode(let ticket) = step else { throw UserFailure.over }
        return ticket
    }

    @Test func `with an app each code logs in once, also after a restart, and each recovery code once`() async throws {
        try await Self.with { house in
            _ = try await Self.user(house)
            let (secret, codes) = try await Self.enrol(house, try await Self.login(house).session)
            #expect(codes.count == 10 && Set(codes).count == 10 && codes.allSatisfy { $0.count == 19 })
            let again = try await house.again([:]) {
                $0.passwordCost = PasswordHash.Cost(logN: 4, blockSize: 8, parallelism: 1)
            }
            func enter(_ code: String) async throws(UserFailure) -> NewSession {
                let ticket: String
                // Nobody types faster, and tries beyond the third wait.
                again.clock.advance(milliseconds: 3_000)
                do { ticket = try await Self.ticket(again) } catch { throw .over }
                again.clock.advance(milliseconds: 3_000)
                return try await again.engine.users.login(
                    ticket: ticket, code: code, address: Self.here, agent: "browser")
            }
            let step = OneTimePassword.step(at: again.clock.now.milliseconds)
            await #expect(throws: UserFailure.wrongCode) { try await enter(secret.code(step: step)) }
            let next = try secret.code(step: step + 1)
            _ = try await enter(next)
            await #expect(throws: UserFailure.wrongCode) { try await enter(next) }
            again.clock.advance(milliseconds: 60_000)
            _ = try await enter(" " + codes[3].lowercased())
            await #expect(throws: UserFailure.wrongCode) { try await enter(codes[3]) }
            let user = try #require(again.engine.users.directory.user(named: "zhangmin"))
            #expect(try await again.engine.users.recoveryCodesLeft(user.id) == 9)
            await again.stop()
        }
    }

    @Test func `a ticket has three tries and five minutes`() async throws {
        try await Self.with { house in
            _ = try await Self.user(house)
            let (secret, _) = try await Self.enrol(house, try await Self.login(house).session)
            house.clock.advance(milliseconds: 60_000)
            let users = house.engine.users
            let ticket = try await Self.ticket(house)
            for _ in 0..<3 {
                house.clock.advance(milliseconds: 20_000)
                await #expect(throws: UserFailure.wrongCode) {
                    try await users.login(ticket: ticket, code: "000000", address: Self.here, agent: "")
                }
            }
            house.clock.advance(milliseconds: 60_000)
            let code = try secret.code(step: OneTimePassword.step(at: house.clock.now.milliseconds))
            await #expect(throws: UserFailure.over) {
                try await users.login(ticket: ticket, code: code, address: Self.here, agent: "")
            }
            let late = try await Self.ticket(house)
            house.clock.advance(milliseconds: 5 * 60_000)
            await #expect(throws: UserFailure.over) {
                try await users.login(ticket: late, code: code, address: Self.here, agent: "")
            }
        }
    }

    @Test func `without the app the password is enough again, and the secret is sealed on disk`() async throws {
        try await Self.with { house in
            let user = try await Self.user(house)
            let session = try await Self.login(house).session
            let (secret, _) = try await Self.enrol(house, session)
            let stored = try #require(try await house.engine.store.users().first)
            let sealed = try #require(stored.sealedTOTP)
            #expect(sealed.count == 20 + SealingKey.overheadBytes && !sealed.elementsEqual(secret.secret))
            #expect(try house.key.open(sealed, context: "user \(user.id) totp") == secret.secret)
            _ = try await house.engine.users.disableTOTP(session)
            _ = try await Self.login(house)
            #expect(try await house.engine.users.recoveryCodesLeft(user.id) == 0)
        }
    }

    // MARK: Audit

    @Test func `entries of the audit trail are chained with SHA-256, and survive a restart`() async throws {
        try await Self.with { house in
            for number in 0..<5 {
                house.engine.audit.add(user: "u\(number)", address: "a", action: "account set", target: "t")
            }
            let again = try await house.again([:])
            let page = try await again.engine.audit.page(AuditQuery(limit: 3))
            #expect(page.entries.map(\.entry.user) == ["u4", "u3", "u2"] && page.next == 3)
            let proof = try await again.engine.audit.verify()
            #expect(proof.rows == 5 && proof.wrong == nil)
            await again.stop()
        }
    }
}
