public import Messaging
import Secrets
import Store
import Synchronization

/// Owns the people who log in to the pages: their passwords, codes, links and sessions, and publishes a picture of them
/// for lookups without waiting.
public actor UserStore {
    let store: Store
    let key: SealingKey
    let clock: Clock
    let hasher: PasswordHasher
    let operatorsNeedTOTP: Bool
    let linkLifetime: Int64
    nonisolated let sessions = SessionTable()
    private nonisolated let published = Mutex(UserDirectory([]))
    let mutex = AsyncMutex()
    var entries: [UserKey: StoredUser] = [:]
    private var links: [[UInt8]: StoredUserLink] = [:]
    var throttle = UserThrottle()
    var tickets = LoginTickets()
    /// Secrets of authenticator apps that are shown and not confirmed yet.
    var enrolments: [UserKey: (secret: OneTimePassword, until: Timestamp)] = [:]

    /// Users at most, of all accounts.
    public static let usersMax = 10_000
    /// Users that one account may have.
    public static let usersPerAccountMax = 200
    /// How long a user waits for the disk.
    static let waitMax: Duration = .seconds(10)
    private static let tokenBytes = 16

    init(store: Store, key: SealingKey, configuration: EngineConfiguration) {
        self.store = store
        self.key = key
        clock = configuration.clock
        hasher = PasswordHasher(cost: configuration.passwordCost)
        operatorsNeedTOTP = configuration.operatorsNeedTOTP
        linkLifetime = configuration.userLinkLifetime
    }

    /// Reads what is stored.
    func load() async throws(StoreFailure) {
        for stored in try await store.users() { entries[stored.user.id] = stored }
        for session in try await store.sessions() where entries[session.session.user] != nil { sessions.put(session) }
        for link in try await store.userLinks() { links[link.digest] = link }
        publish()
    }

    /// Stores which sessions were seen, and forgets those and links that have ended.
    func sweep() async throws(StoreFailure) {
        let now = clock.now()
        let (seen, ended) = sessions.sweep(at: now)
        let overdue = links.values.filter { $0.expiresAt <= now }
        for link in overdue { links[link.digest] = nil }
        enrolments = enrolments.filter { $0.value.until > now }
        tickets.removeEnded(at: now)
        if seen.isEmpty, ended.isEmpty, overdue.isEmpty { return }
        try await store.keepSessions(seen: seen, ended: ended, linksEndedBy: now)
    }

    // MARK: Looking up

    /// The picture as of the last change.
    public nonisolated var directory: UserDirectory { published.withLock { $0 } }

    /// Who is asking; nil: nobody who is logged in. Called for each request of a browser: it waits for nothing.
    /// - Parameter cookie: as `NewSession.cookie` was.
    public nonisolated func loggedIn(cookie: String) -> LoggedInUser? {
        guard let (id, secret) = Self.parse(cookie: cookie),
            let session = sessions.session(id, secret: secret, at: clock.now()),
            let user = directory.user(session.user), user.isEnabled
        else { return nil }
        return LoggedInUser(user: user, session: session, duty: duty(of: user))
    }

    private nonisolated func duty(of user: User) -> LoggedInUser.Duty? {
        if user.mustChangePassword { return .changePassword }
        return operatorsNeedTOTP && user.home == .operators && !user.hasTOTP ? .enrolTOTP : nil
    }

    /// A user's sessions that are alive, the one that was seen last first.
    public nonisolated func sessions(of user: UserKey) -> [UserSession] { sessions.sessions(of: user, at: clock.now()) }

    func publish() {
        let directory = UserDirectory(entries.values.map(\.user))
        published.withLock { $0 = directory }
    }

    // MARK: Users

    /// Adds a user, who sets a password with the link.
    /// - Throws: `alreadyExists` when the name is taken; `limitReached` when there are too many users;
    ///   `sealingFailed` without random numbers; `unavailable`, `damaged` or `closed`.
    public func add(
        name: String, home: User.Home, rights: UserRights, language: User.Language
    ) async throws(StoreFailure) -> (user: User, link: UserLink) {
        await mutex.lock()
        defer { mutex.unlock() }
        if directory.user(named: name) != nil { throw .alreadyExists }
        guard entries.count < Self.usersMax else { throw .limitReached("there are at most \(Self.usersMax) users") }
        if home != .operators, directory.users(of: home).count >= Self.usersPerAccountMax {
            throw .limitReached("an account has at most \(Self.usersPerAccountMax) users")
        }
        let now = clock.now()
        let (link, digest) = try makeLink(at: now)
        let user = try await store.insert(
            User(id: 0, name: name, home: home, rights: rights, language: language, createdAt: now)
        ) { key in [.link(StoredUserLink(digest: digest, user: key, expiresAt: link.expiresAt))] }
        entries[user.id] = StoredUser(user: user)
        links[digest] = StoredUserLink(digest: digest, user: user.id, expiresAt: link.expiresAt)
        publish()
        return (user, link)
    }

    /// Changes what a user may do and sees; what is nil stays. When its rights change, its sessions end.
    /// - Throws: `notFound`; `unavailable`, `damaged` or `closed` as any commit.
    public func update(
        _ key: UserKey, rights: UserRights? = nil, language: User.Language? = nil, mustChangePassword: Bool? = nil
    ) async throws(StoreFailure) -> User {
        await mutex.lock()
        defer { mutex.unlock() }
        guard var stored = entries[key] else { throw .notFound }
        var changes: [UserChange] = []
        let allowed = rights?.intersection(stored.user.home.rights)
        let endsSessions = allowed != nil && allowed != stored.user.rights
        if let allowed {
            stored.user.rights = allowed
            changes.append(.rights(allowed))
        }
        if let language {
            stored.user.language = language
            changes.append(.language(language))
        }
        if let mustChangePassword {
            stored.user.mustChangePassword = mustChangePassword
            changes.append(.password(stored.password, mustChange: mustChangePassword))
        }
        if endsSessions { changes.append(.endSessions(except: nil)) }
        try await commit(stored, changes)
        if endsSessions { sessions.endAll(of: key) }
        return stored.user
    }

    /// Lets a user in again, or ends its sessions and links and lets it in no more.
    /// - Throws: `notFound`; `unavailable`, `damaged` or `closed` as any commit.
    public func enable(_ key: UserKey, _ isEnabled: Bool) async throws(StoreFailure) -> User {
        await mutex.lock()
        defer { mutex.unlock() }
        guard var stored = entries[key] else { throw .notFound }
        stored.user.isEnabled = isEnabled
        try await commit(stored, isEnabled ? [.enabled(true)] : [.enabled(false), .endSessions(except: nil)])
        if !isEnabled { sessions.endAll(of: key) }
        return stored.user
    }

    /// Takes a user's password away, ends its sessions, and makes a link with which it sets another.
    /// - Throws: `notFound`; `sealingFailed` without random numbers; `unavailable`, `damaged` or `closed`.
    public func resetPassword(_ key: UserKey) async throws(StoreFailure) -> UserLink {
        await mutex.lock()
        defer { mutex.unlock() }
        guard var stored = entries[key] else { throw .notFound }
        let (link, digest) = try makeLink(at: clock.now())
        let kept = StoredUserLink(digest: digest, user: key, expiresAt: link.expiresAt)
        stored.password = nil
        stored.user.hasPassword = false
        stored.user.mustChangePassword = false
        try await commit(stored, [.password(nil, mustChange: false), .link(kept), .endSessions(except: nil)])
        sessions.endAll(of: key)
        links = links.filter { $0.value.user != key }
        links[digest] = kept
        return link
    }

    /// Takes a user's authenticator app and recovery codes away and ends its sessions.
    /// - Throws: `notFound`; `unavailable`, `damaged` or `closed` as any commit.
    public func resetTOTP(_ key: UserKey) async throws(StoreFailure) -> User {
        try await removeTOTP(key, keeping: nil)
    }

    /// Ends a session of a user; one that is not there does not matter.
    /// - Throws: `notFound`, also when the session is another user's; `unavailable`, `damaged` or `closed` as any
    ///   commit.
    public func endSession(_ id: SessionID, of key: UserKey) async throws(StoreFailure) {
        if let session = sessions.session(id), session.user != key { throw .notFound }
        try await store.change(key, [.endSession(id)])
        sessions.end(id)
    }

    /// Ends all sessions of a user, but one if it is given.
    /// - Throws: `notFound`; `unavailable`, `damaged` or `closed` as any commit.
    public func endSessions(of key: UserKey, except kept: SessionID? = nil) async throws(StoreFailure) {
        try await store.change(key, [.endSessions(except: kept)])
        sessions.endAll(of: key, except: kept)
    }

    /// Stores changes and publishes them.
    /// - Parameter stored: the user as it will be.
    func commit(
        _ stored: StoredUser, _ changes: [UserChange], within wait: Duration? = nil
    ) async throws(StoreFailure) {
        try await store.change(stored.user.id, changes, within: wait)
        entries[stored.user.id] = stored
        publish()
    }

    // MARK: Links

    private func makeLink(at now: Timestamp) throws(StoreFailure) -> (UserLink, digest: [UInt8]) {
        let token = Hexadecimal.text(try Self.random(Self.tokenBytes))
        let link = UserLink(token: token, expiresAt: now.adding(milliseconds: linkLifetime))
        return (link, SHA256Digest.bytes(Array(token.utf8)))
    }

    private func link(_ token: String) -> StoredUserLink? {
        guard token.utf8.count == Self.tokenBytes * 2, let link = links[SHA256Digest.bytes(Array(token.utf8))] else {
            return nil
        }
        let left = link.expiresAt.milliseconds(since: clock.now())
        // One that ends later than any can was made before the clock was set back.
        return left > 0 && left <= linkLifetime + ClockGuard.tolerance ? link : nil
    }

    /// Whose link this is; nil when it is unknown, used or over.
    public func user(ofLink token: String) -> User? {
        guard let link = link(token), let user = entries[link.user]?.user, user.isEnabled else { return nil }
        return user
    }

    /// Sets the password of the user whose link this is; the link and the user's sessions end.
    /// - Throws: `over` when the link is good for nothing, `weak`, `busy`, `store`.
    public func setPassword(_ password: String, link token: String) async throws(UserFailure) -> User {
        guard let link = link(token), let user = user(ofLink: token) else { throw .over }
        let hash = try await hashed(password, of: user)
        await mutex.lock()
        defer { mutex.unlock() }
        guard links[link.digest] != nil, var stored = entries[link.user], stored.user.isEnabled else { throw .over }
        stored.password = hash
        stored.user.hasPassword = true
        stored.user.mustChangePassword = false
        do {
            try await commit(
                stored,
                [.useLink(link.digest), .password(hash, mustChange: false), .endSessions(except: nil)],
                within: Self.waitMax)
        } catch {
            throw error == .notFound ? .over : UserFailure(error)
        }
        links = links.filter { $0.value.user != link.user }
        sessions.endAll(of: link.user)
        return stored.user
    }

    /// The text of a hash of a new password.
    func hashed(_ password: String, of user: User) async throws(UserFailure) -> String {
        if let weakness = UserPasswordRule.weakness(of: password, name: user.name) { throw .weak(weakness) }
        do throws(PasswordHasher.Busy) {
            return try await hasher.hash(password).text
        } catch {
            throw .busy
        }
    }

    static func random(_ count: Int) throws(StoreFailure) -> [UInt8] {
        do {
            return try SecureRandom.bytes(count)
        } catch {
            throw .sealingFailed("there are no random numbers: \(error)")
        }
    }
}
