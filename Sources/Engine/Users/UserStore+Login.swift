public import Messaging
import Secrets
import Store

extension UserStore {
    /// Checks name and password, as slowly as the wrong tries before demand, and in the same time whether or not there
    /// is such a user.
    /// - Parameters:
    ///   - address: of the browser, as text.
    ///   - agent: what the browser calls itself; any text.
    /// - Throws: `wrong`, `slowed`, `busy`, `disabled`, `store`.
    public func login(
        name: String, password: String, address: String, agent: String
    ) async throws(UserFailure) -> LoginStep {
        // A longer one is nobody's, and the rest of it is not worth folding.
        let name = String(String.UnicodeScalarView(name.unicodeScalars.prefix(User.nameBytesMax + 1)))
        let user = directory.user(named: name)
        let right = try await check(password, of: user, named: name, from: address)
        guard let user, right, var stored = entries[user.id] else { throw .wrong }
        guard stored.user.isEnabled else { throw .disabled }
        if stored.user.hasTOTP { return .needsCode(ticket: try makeTicket(for: user.id)) }
        forgive(user, address)
        stored.user.lastLogin = User.Login(at: clock.now(), address: address)
        return .done(try await open(stored, [], from: address, agent: agent))
    }

    /// Goes on with a login that waits for a code.
    /// - Parameters:
    ///   - ticket: as `LoginStep.needsCode` had it.
    ///   - code: six digits of the authenticator app, or a recovery code.
    /// - Throws: `over` when the ticket has ended, `wrongCode`, `slowed`, `busy`, `store`.
    public func login(
        ticket: String, code: String, address: String, agent: String
    ) async throws(UserFailure) -> NewSession {
        let digest = SHA256Digest.bytes(Array(ticket.utf8))
        await mutex.lock()
        defer { mutex.unlock() }
        guard let key = tickets.user(digest, at: clock.now()), var stored = entries[key], stored.user.isEnabled,
            stored.sealedTOTP != nil
        else { throw .over }
        try slowDown(stored.user, named: stored.user.name, from: address)
        tickets.use(digest)
        let now = clock.now()
        let tried = stored.user
        let change = try await acceptance(of: code, for: stored, at: now)
        if case .totpStep(let step) = change { stored.totpStep = step }
        stored.user.lastLogin = User.Login(at: now, address: address)
        let session: NewSession
        do {
            session = try await open(stored, [change], from: address, agent: agent)
        } catch {
            // The code was used by another request meanwhile.
            throw error == .store(.alreadyExists) || error == .store(.notFound) ? .wrongCode : error
        }
        tickets.remove(digest)
        forgive(tried, address)
        return session
    }

    private func makeTicket(for key: UserKey) throws(UserFailure) -> String {
        let ticket: String
        do {
            ticket = Hexadecimal.text(try Self.random(16))
        } catch {
            throw UserFailure(error)
        }
        let isTaken = tickets.add(SHA256Digest.bytes(Array(ticket.utf8)), of: key, at: clock.now())
        guard isTaken else { throw .busy }
        return ticket
    }

    /// Waits for a session to be stored.
    /// - Parameter stored: the user with its new last login.
    private func open(
        _ stored: StoredUser, _ changes: [UserChange], from address: String, agent: String
    ) async throws(UserFailure) -> NewSession {
        let user = stored.user
        do throws(StoreFailure) {
            let id = Hexadecimal.text(try Self.random(16))
            let secret = try Self.random(16)
            guard let id = SessionID(id) else { throw .sealingFailed("no session can be made") }
            let session = UserSession(id: id, user: user.id, at: clock.now(), address: address, agent: agent)
            let kept = StoredSession(session: session, digest: SHA256Digest.bytes(secret))
            let surplus = sessions.sessions(of: user.id, at: clock.now()).dropFirst(SessionTable.perUserMax - 1)
            let login = user.lastLogin.map { [UserChange.login($0)] } ?? []
            try await store.change(
                user.id, changes + login + surplus.map { .endSession($0.id) } + [.session(kept)],
                within: Self.waitMax)
            for session in surplus { sessions.end(session.id) }
            // What was changed meanwhile stays.
            if var now = entries[user.id] {
                guard now.user.isEnabled, now.password == stored.password else { throw .notFound }
                now.user.lastLogin = user.lastLogin
                now.totpStep = max(now.totpStep, stored.totpStep)
                entries[user.id] = now
                publish()
            }
            sessions.put(kept)
            return NewSession(cookie: Self.cookie(id, secret), session: session, user: user)
        } catch {
            throw UserFailure(error)
        }
    }

    // MARK: Passwords

    /// Has the user of a session show the password again; the session's secret is another then.
    /// - Throws: `wrong`, `slowed`, `busy`, `over`, `store`.
    public func authenticate(
        _ session: UserSession, password: String, address: String
    ) async throws(UserFailure) -> NewSession {
        guard let user = entries[session.user]?.user else { throw .over }
        guard try await check(password, of: user, named: user.name, from: address) else { throw .wrong }
        forgive(user, address)
        return try await renew(session, []) { _ in }
    }

    /// Changes the password of a session's user. All its other sessions end, and this one's secret is another.
    /// - Throws: `wrong` when `old` is not the password, `weak`, `slowed`, `busy`, `over`, `store`.
    public func changePassword(
        _ session: UserSession, from old: String, to new: String, address: String
    ) async throws(UserFailure) -> NewSession {
        guard let user = entries[session.user]?.user else { throw .over }
        if let weakness = UserPasswordRule.weakness(of: new, name: user.name) { throw .weak(weakness) }
        guard try await check(old, of: user, named: user.name, from: address) else { throw .wrong }
        forgive(user, address)
        let hash = try await hashed(new, of: user)
        let changes: [UserChange] = [.password(hash, mustChange: false), .endSessions(except: session.id)]
        let renewed = try await renew(session, changes) { stored in
            stored.password = hash
            stored.user.mustChangePassword = false
        }
        sessions.endAll(of: session.user, except: session.id)
        return renewed
    }

    /// Gives a session another secret, with other changes of its user in the same transaction.
    private func renew(
        _ session: UserSession, _ changes: [UserChange], _ change: (inout StoredUser) -> Void
    ) async throws(UserFailure) -> NewSession {
        await mutex.lock()
        defer { mutex.unlock() }
        guard var stored = entries[session.user], var known = sessions.session(session.id) else { throw .over }
        do throws(StoreFailure) {
            let secret = try Self.random(16)
            let digest = SHA256Digest.bytes(secret)
            let now = clock.now()
            (known.authenticatedAt, known.seenAt) = (now, now)
            change(&stored)
            try await commit(
                stored, changes + [.renew(session.id, digest: digest, authenticatedAt: now)], within: Self.waitMax)
            sessions.put(StoredSession(session: known, digest: digest))
            return NewSession(cookie: Self.cookie(session.id, secret), session: known, user: stored.user)
        } catch {
            throw error == .notFound ? .over : UserFailure(error)
        }
    }

    /// Whether it is the user's password, after the throttle has let the try through.
    private func check(
        _ password: String, of user: User?, named name: String, from address: String
    ) async throws(UserFailure) -> Bool {
        try slowDown(user, named: name, from: address)
        guard password.utf8.count <= UserPasswordRule.bytesMax else { return false }
        let hash = user.flatMap { entries[$0.id]?.password }.flatMap { PasswordHash($0) }
        do throws(PasswordHasher.Busy) {
            return try await hasher.matches(password, hash)
        } catch {
            throw .busy
        }
    }

    /// Counts a try before it is looked at.
    private func slowDown(_ user: User?, named name: String, from address: String) throws(UserFailure) {
        let block = AddressBlock(address) ?? AddressBlock([])
        let target = target(user, named: name, block)
        let now = clock.uptime()
        let wait = throttle.wait(target, block, at: now)
        guard wait <= 0 else { throw .slowed(seconds: Int(clamping: (wait + 999) / 1000)) }
        throttle.begin(target, block, at: now)
    }

    /// Takes the tries of a user back who was right.
    private func forgive(_ user: User, _ address: String) {
        let block = AddressBlock(address) ?? AddressBlock([])
        throttle.succeed(target(user, named: user.name, block), block)
    }

    private func target(_ user: User?, named name: String, _ block: AddressBlock) -> UserThrottle.Target {
        let known = user?.lastLogin.flatMap { AddressBlock($0.address) }
        return UserThrottle.Target(name: name, at: block, isKnown: known == block)
    }

    // MARK: Cookies

    private static func cookie(_ id: SessionID, _ secret: [UInt8]) -> String {
        id.text + "." + Hexadecimal.text(secret)
    }

    static func parse(cookie: String) -> (SessionID, secret: [UInt8])? {
        guard cookie.utf8.count == 65 else { return nil }
        let parts = cookie.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let id = SessionID(parts[0]), let secret = Hexadecimal.bytes(parts[1]),
            secret.count == 16
        else { return nil }
        return (id, secret)
    }
}
