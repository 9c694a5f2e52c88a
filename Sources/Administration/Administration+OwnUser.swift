public import Engine
public import Messaging

/// What a user does with the own login. The requester is the user (`asked(by:)`), except before it is logged in.
extension Administration {
    /// Who is asking, by the cookie; waits for nothing.
    public func loggedIn(cookie: String) -> LoggedInUser? { engine.users.loggedIn(cookie: cookie) }

    /// Whether there is any user yet.
    public var hasUsers: Bool { engine.users.directory.count > 0 }

    /// Checks name and password.
    /// - Parameters:
    ///   - address: of the browser, as text.
    ///   - agent: what the browser calls itself.
    /// - Throws: as `UserStore.login`.
    public func login(
        name: String, password: String, address: String, agent: String
    ) async throws(UserFailure) -> LoginStep {
        let step = try await engine.users.login(name: name, password: password, address: address, agent: agent)
        if case .done(let new) = step { noteLogin(new, address) }
        return step
    }

    /// Goes on with a login that waits for a code.
    /// - Throws: as `UserStore.login`.
    public func login(
        ticket: String, code: String, address: String, agent: String
    ) async throws(UserFailure) -> NewSession {
        let new = try await engine.users.login(ticket: ticket, code: code, address: address, agent: agent)
        noteLogin(new, address)
        return new
    }

    private func noteLogin(_ new: NewSession, _ address: String) {
        asked(by: .portalUser(new.user.name, address: address)).record("user login \(new.user.name)")
    }

    /// Ends the session of a browser.
    /// - Throws: `store` when it cannot be committed.
    public func logout(_ session: UserSession) async throws(UserFailure) {
        do {
            try await engine.users.endSession(session.id, of: session.user)
        } catch {
            throw .store(error)
        }
    }

    /// Whose link this is; nil when it is unknown, used or over.
    public func user(ofLink token: String) async -> User? { await engine.users.user(ofLink: token) }

    /// Sets the password of the user whose link this is.
    /// - Throws: as `UserStore.setPassword`.
    public func setPassword(_ password: String, link token: String, address: String) async throws(UserFailure) -> User {
        let user = try await engine.users.setPassword(password, link: token)
        asked(by: .portalUser(user.name, address: address)).record("user set-password \(user.name)")
        return user
    }

    /// Has the user show the password again.
    /// - Throws: as `UserStore.authenticate`.
    public func authenticate(
        _ session: UserSession, password: String
    ) async throws(UserFailure) -> NewSession {
        try await engine.users.authenticate(session, password: password, address: requester.auditAddress)
    }

    /// Changes the own password; all other sessions end.
    /// - Throws: as `UserStore.changePassword`.
    public func changePassword(
        _ session: UserSession, from old: String, to new: String
    ) async throws(UserFailure) -> NewSession {
        let renewed = try await engine.users.changePassword(
            session, from: old, to: new, address: requester.auditAddress)
        record("user change-password \(renewed.user.name)")
        return renewed
    }

    /// The secret with which an authenticator app is set up.
    /// - Throws: as `UserStore.beginTOTP`.
    public func beginTOTP(_ session: UserSession) async throws(UserFailure) -> TOTPEnrolment {
        try await engine.users.beginTOTP(session.user)
    }

    /// Switches the authenticator app on.
    /// - Returns: the recovery codes, which are shown this once.
    /// - Throws: as `UserStore.confirmTOTP`.
    public func confirmTOTP(_ session: UserSession, code: String) async throws(UserFailure) -> [String] {
        let codes = try await engine.users.confirmTOTP(session, code: code)
        record("user enable-totp \(requester.auditName)")
        return codes
    }

    /// Switches the authenticator app off.
    /// - Throws: `store`, also without such a user.
    public func disableTOTP(_ session: UserSession) async throws(UserFailure) -> User {
        do {
            let user = try await engine.users.disableTOTP(session)
            record("user disable-totp \(user.name)")
            return user
        } catch {
            throw .store(error)
        }
    }

    /// Makes recovery codes in the place of those that there are.
    /// - Throws: as `UserStore.renewRecoveryCodes`.
    public func renewRecoveryCodes(_ session: UserSession) async throws(UserFailure) -> [String] {
        let codes = try await engine.users.renewRecoveryCodes(session.user)
        record("user renew-recovery-codes \(requester.auditName)")
        return codes
    }

    /// How many recovery codes are left.
    /// - Throws: `store` when they cannot be read.
    public func recoveryCodesLeft(_ session: UserSession) async throws(UserFailure) -> Int {
        do {
            return try await engine.users.recoveryCodesLeft(session.user)
        } catch {
            throw .store(error)
        }
    }

    /// Changes the language of the own pages.
    /// - Throws: `store` when it cannot be committed.
    public func setLanguage(_ session: UserSession, _ language: User.Language) async throws(UserFailure) -> User {
        do {
            return try await engine.users.update(session.user, language: language)
        } catch {
            throw .store(error)
        }
    }
}
