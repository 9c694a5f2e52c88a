public import Engine
public import Messaging

/// A user as it is shown.
public struct UserDetail: Sendable {
    /// Name, rights and the rest.
    public var user: User
    /// The id of its account; empty for operators.
    public var account: String
    /// Browsers in which it is logged in.
    public var sessions: Int
}

/// Commands about users. `within` is the account whose users alone may be touched: another's is as one that is not
/// there. Nil: any user, for operators.
extension Administration {
    /// A user by name, in any case.
    /// - Throws: `notFound` without such a user, also where it is not one of the account's.
    public func user(_ name: String, within account: String? = nil) throws(AdministrationError) -> UserDetail {
        detail(of: try known(name, within: account))
    }

    /// Users in order of their names, from the one after `cursor` on; empty: from the first.
    /// - Parameters:
    ///   - account: an account's id; nil: all users, operators too.
    ///   - limit: 0, or more than 200, is 200.
    /// - Throws: `notFound` without such an account.
    public func users(
        of account: String?, after cursor: String, limit: Int
    ) throws(AdministrationError) -> Page<UserDetail> {
        let home = try account.map { id throws(AdministrationError) in User.Home.account(try entry(ofAccount: id).key) }
        let page = Self.page(
            engine.users.directory.users(of: home), after: User.folded(cursor), limit: Self.limit(limit)
        ) { User.folded($0.name) }
        return Page(items: page.items.map { detail(of: $0) }, next: page.next)
    }

    /// Adds a user, who sets a password with the link.
    /// - Parameters:
    ///   - account: its account's id; nil: an operator.
    ///   - rights: names of rights; empty: all that its kind may have.
    ///   - language: as `User.Language` spells it; empty: Chinese.
    /// - Throws: `invalid` when the name, a right or the language is not allowed; `notFound` without such an account;
    ///   `alreadyExists` when the name is taken; `unavailable` when there are too many, or, as `internal`, when the
    ///   store fails.
    public func addUser(
        _ name: String, account: String?, rights: [String], language: String = ""
    ) async throws(AdministrationError) -> (user: UserDetail, link: UserLink) {
        guard User.isValidName(name) else {
            throw .invalid(
                "A user's name is 2 to \(User.nameBytesMax) letters, digits, '.', '_', '-' and '@', not '\(name)'.",
                field: "name")
        }
        let home =
            try account.map { id throws(AdministrationError) in User.Home.account(try entry(ofAccount: id).key) }
            ?? .operators
        let allowed = rights.isEmpty ? home.rights : try Self.rights(rights, of: home)
        let language = try Self.language(language)
        let added = try await stored("user \(name)") { () async throws(StoreFailure) in
            try await engine.users.add(name: name, home: home, rights: allowed, language: language)
        }
        record(
            "user add \(name) " + (account.map { "account=\($0)" } ?? "operator") + " rights="
                + allowed.names.joined(separator: ","))
        return (detail(of: added.user), added.link)
    }

    /// Changes what is given of a user; nil stays. When its rights change, its sessions end.
    /// - Throws: `notFound` without such a user; `invalid` when a right or the language is not allowed, or somebody
    ///   changes the own rights; `unavailable` or `internal` when the store fails.
    public func setUser(
        _ name: String, rights: [String]? = nil, language: String? = nil, mustChangePassword: Bool? = nil,
        within account: String? = nil
    ) async throws(AdministrationError) -> UserDetail {
        let user = try known(name, within: account)
        let allowed = try rights.map { names throws(AdministrationError) in try Self.rights(names, of: user.home) }
        if allowed != nil { try refuseOneself(user, "change your own rights", field: "rights") }
        let language = try language.map { text throws(AdministrationError) in try Self.language(text) }
        let changed = try await stored("user \(user.name)") { () async throws(StoreFailure) in
            try await engine.users.update(
                user.id, rights: allowed, language: language, mustChangePassword: mustChangePassword)
        }
        record("user set \(user.name) " + Self.shown(changed), before: Self.shown(user))
        return detail(of: changed)
    }

    /// Disables a user, whose sessions end, or enables it again.
    /// - Throws: `notFound` without such a user; `invalid` when somebody disables the own user; `unavailable` or
    ///   `internal` when the store fails.
    public func enableUser(
        _ name: String, _ isEnabled: Bool, within account: String? = nil
    ) async throws(AdministrationError) -> UserDetail {
        let user = try known(name, within: account)
        if !isEnabled { try refuseOneself(user, "disable yourself", field: "name") }
        let changed = try await stored("user \(user.name)") { () async throws(StoreFailure) in
            try await engine.users.enable(user.id, isEnabled)
        }
        record("user \(isEnabled ? "enable" : "disable") \(user.name)")
        return detail(of: changed)
    }

    /// Takes a user's password away and ends its sessions; it sets another with the link.
    /// - Throws: `notFound` without such a user; `invalid` for the own user; `unavailable` or `internal` when the store
    ///   fails.
    public func resetPassword(
        _ name: String, within account: String? = nil
    ) async throws(AdministrationError) -> (user: UserDetail, link: UserLink) {
        let user = try known(name, within: account)
        try refuseOneself(user, "take your own password away: change it", field: "name")
        let link = try await stored("user \(user.name)") { () async throws(StoreFailure) in
            try await engine.users.resetPassword(user.id)
        }
        record("user reset-password \(user.name)")
        return (try self.user(user.name), link)
    }

    /// Takes a user's authenticator app and recovery codes away and ends its sessions.
    /// - Throws: `notFound` without such a user; `unavailable` or `internal` when the store fails.
    public func resetTOTP(
        _ name: String, within account: String? = nil
    ) async throws(AdministrationError) -> UserDetail {
        let user = try known(name, within: account)
        let changed = try await stored("user \(user.name)") { () async throws(StoreFailure) in
            try await engine.users.resetTOTP(user.id)
        }
        record("user reset-totp \(user.name)")
        return detail(of: changed)
    }

    /// Sessions of a user that are alive, the one that was seen last first.
    /// - Throws: `notFound` without such a user.
    public func sessions(
        of name: String, within account: String? = nil
    ) throws(AdministrationError) -> [UserSession] {
        engine.users.sessions(of: try known(name, within: account).id)
    }

    /// Ends one session of a user, or all of them.
    /// - Parameter id: nil: all.
    /// - Throws: `notFound` without such a user or session; `unavailable` or `internal` when the store fails.
    public func endSessions(
        of name: String, _ id: String?, within account: String? = nil
    ) async throws(AdministrationError) -> [UserSession] {
        let user = try known(name, within: account)
        if let id {
            guard let session = engine.users.sessions(of: user.id).first(where: { $0.id.text == id }) else {
                throw .notFound("User \(user.name) has no session \(id): see yizhan user sessions \(user.name).")
            }
            try await stored("session") { () async throws(StoreFailure) in
                try await engine.users.endSession(session.id, of: user.id)
            }
        } else {
            try await stored("user \(user.name)") { () async throws(StoreFailure) in
                try await engine.users.endSessions(of: user.id)
            }
        }
        record("user end-session \(user.name) " + (id ?? "all"))
        return engine.users.sessions(of: user.id)
    }

    /// Entries of the audit trail, the latest first.
    /// - Throws: `unavailable` or `internal` when the store fails.
    public func audit(_ query: AuditQuery) async throws(AdministrationError) -> AuditPage {
        var query = query
        query.limit = Self.limit(max(0, query.limit))
        let asked = query
        return try await stored("audit trail") { () async throws(StoreFailure) in try await engine.audit.page(asked) }
    }

    /// Compares the digests of the whole audit trail; may take long.
    /// - Returns: the rows that were read, and the first that is not as it was written.
    /// - Throws: `unavailable` or `internal` when the store fails.
    public func verifyAudit() async throws(AdministrationError) -> (rows: Int64, wrong: AuditEntryID?) {
        try await stored("audit trail") { () async throws(StoreFailure) in try await engine.audit.verify() }
    }

    // MARK: Checks

    private func known(_ name: String, within account: String?) throws(AdministrationError) -> User {
        let home = try account.map { id throws(AdministrationError) in User.Home.account(try entry(ofAccount: id).key) }
        guard let user = engine.users.directory.user(named: name), home == nil || user.home == home else {
            throw .notFound("There is no user \(name).")
        }
        return user
    }

    private func detail(of user: User) -> UserDetail {
        let account = user.home.account.flatMap { engine.accounts.directory.account(key: $0)?.account.id }
        return UserDetail(user: user, account: account ?? "", sessions: engine.users.sessions(of: user.id).count)
    }

    /// So that nobody shuts out the last one who could undo it by mistake.
    private func refuseOneself(_ user: User, _ what: String, field: String) throws(AdministrationError) {
        guard case .portalUser(let name, _) = requester, User.folded(name) == User.folded(user.name) else { return }
        throw .invalid("You cannot \(what).", field: field)
    }

    private static func rights(_ names: [String], of home: User.Home) throws(AdministrationError) -> UserRights {
        var rights: UserRights = []
        for name in names {
            guard let right = UserRights(name: name), home.rights.contains(right) else {
                throw .invalid(
                    "'\(name)' is no right of such a user: \(home.rights.names.joined(separator: ", ")).",
                    field: "rights")
            }
            rights.insert(right)
        }
        return rights
    }

    private static func language(_ text: String) throws(AdministrationError) -> User.Language {
        if text.isEmpty { return .chinese }
        guard let language = User.Language(rawValue: text) else {
            throw .invalid(
                "A language is one of \(User.Language.allCases.map(\.rawValue).joined(separator: ", ")), not "
                    + "'\(text)'.", field: "language")
        }
        return language
    }

    private static func shown(_ user: User) -> String {
        "rights=\(user.rights.names.joined(separator: ",")) language=\(user.language.rawValue) "
            + "must_change_password=\(user.mustChangePassword)"
    }
}
