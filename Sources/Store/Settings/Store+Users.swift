import Foundation
import GRDB
public import Messaging

extension Store {
    // MARK: Users

    /// Adds a user; its `id` is not looked at.
    /// - Parameter changes: what is stored of it in the same transaction, a link for example.
    /// - Throws: `alreadyExists` when another user has the name, in whatever case; `unavailable`, `damaged` or `closed`
    ///   as any commit.
    public func insert(
        _ user: User, changes: @escaping @Sendable (UserKey) -> [UserChange] = { _ in [] }
    ) async throws(StoreFailure) -> User {
        try await groupCommit.perform { writer in
            let folded = User.folded(user.name)
            let isTaken = try Bool.fetchOne(
                writer.db, sql: "SELECT EXISTS (SELECT 1 FROM user WHERE folded_name = ?)", arguments: [folded])
            if isTaken == true { throw StoreFailure.alreadyExists }
            try writer.db.insert(
                [
                    "name": user.name, "folded_name": folded, "account": user.home.account?.rawValue,
                    "rights": user.rights.rawValue, "language": user.language.rawValue,
                    "is_enabled": user.isEnabled, "created_at": user.createdAt.milliseconds,
                ], into: "user")
            var stored = user
            stored.id = UserKey(writer.db.lastInsertedRowID)
            for change in changes(stored.id) { try writer.apply(change, to: stored.id) }
            return stored
        }
    }

    /// Makes changes of one user, all or none.
    /// - Parameter wait: how long the user waits; nil: as long as it takes. With `busy` they may be made all the same.
    /// - Throws: `notFound` without such a user or what a change needs, `alreadyExists` when a code was used before;
    ///   `busy` when the limit has passed; `unavailable`, `damaged` or `closed` as any commit.
    public func change(
        _ user: UserKey, _ changes: [UserChange], within wait: Duration? = nil
    ) async throws(StoreFailure) {
        try await groupCommit.perform(within: wait) { writer in
            let isThere = try Bool.fetchOne(
                writer.db, sql: "SELECT EXISTS (SELECT 1 FROM user WHERE id = ?)", arguments: [user.rawValue])
            guard isThere == true else { throw StoreFailure.notFound }
            for change in changes { try writer.apply(change, to: user) }
        }
    }

    /// All users, in the order in which they were added. A language that is not known is Chinese.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func users() async throws(StoreFailure) -> [StoredUser] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM user ORDER BY id").map { StoredUser(row: $0) }
        }
    }

    /// Recovery codes of a user that are not used: their digests.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func recoveryCodes(of user: UserKey) async throws(StoreFailure) -> [[UInt8]] {
        try await read { db in
            try Data.fetchAll(
                db, sql: "SELECT digest FROM recovery_code WHERE user = ? AND used_at IS NULL ORDER BY digest",
                arguments: [user.rawValue]
            ).map { Array($0) }
        }
    }

    // MARK: Sessions and links

    /// All sessions.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func sessions() async throws(StoreFailure) -> [StoredSession] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM user_session ORDER BY created_at, id").compactMap {
                StoredSession(row: $0)
            }
        }
    }

    /// All links.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func userLinks() async throws(StoreFailure) -> [StoredUserLink] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM user_link ORDER BY expires_at").map { row in
                StoredUserLink(
                    digest: Array(row["digest"] as Data), user: row["user"],
                    expiresAt: Timestamp(milliseconds: row["expires_at"]))
            }
        }
    }

    /// Notes when sessions were seen, and forgets sessions and links that have ended.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func keepSessions(
        seen: [SessionID: Timestamp], ended: [SessionID], linksEndedBy now: Timestamp
    ) async throws(StoreFailure) {
        try await groupCommit.perform { writer in
            let see = try writer.db.cachedStatement(
                sql: "UPDATE user_session SET seen_at = MAX(seen_at, ?) WHERE id = ?")
            for (id, at) in seen { try see.execute(arguments: [at.milliseconds, id.text]) }
            let end = try writer.db.cachedStatement(sql: "DELETE FROM user_session WHERE id = ?")
            for id in ended { try end.execute(arguments: [id.text]) }
            try writer.db.execute(sql: "DELETE FROM user_link WHERE expires_at <= ?", arguments: [now.milliseconds])
        }
    }
}

extension Writer {
    fileprivate func apply(_ change: UserChange, to user: UserKey) throws {
        switch change {
        case .rights(let rights): try set("rights", rights.rawValue, of: user)
        case .language(let language): try set("language", language.rawValue, of: user)
        case .enabled(let isEnabled): try set("is_enabled", isEnabled, of: user)
        case .password(let text, let mustChange):
            try set("password", text, of: user)
            try set("must_change_password", mustChange, of: user)
        case .login(let login):
            try set("last_login_at", login.at.milliseconds, of: user)
            try set("last_login_address", login.address, of: user)
        case .totp, .totpStep, .recoveryCodes, .useRecoveryCode: try applyCodes(change, to: user)
        case .link, .useLink: try applyLinks(change, to: user)
        case .session, .renew, .endSession, .endSessions: try applySessions(change, to: user)
        }
    }

    private func applyCodes(_ change: UserChange, to user: UserKey) throws {
        switch change {
        case .totp(let sealed, let step):
            try set("sealed_totp", sealed.map { Data($0) }, of: user)
            try set("totp_step", step, of: user)
            if sealed == nil { try removeAll(from: "recovery_code", of: user) }
        case .totpStep(let step):
            try db.execute(
                sql: "UPDATE user SET totp_step = ? WHERE id = ? AND totp_step < ?",
                arguments: [step, user.rawValue, step])
            if db.changesCount == 0 { throw StoreFailure.alreadyExists }
        case .recoveryCodes(let digests):
            try removeAll(from: "recovery_code", of: user)
            for digest in digests {
                try db.execute(
                    sql: "INSERT INTO recovery_code (user, digest) VALUES (?, ?)",
                    arguments: [user.rawValue, Data(digest)])
            }
        case .useRecoveryCode(let digest, let at):
            try db.execute(
                sql: "UPDATE recovery_code SET used_at = ? WHERE user = ? AND digest = ? AND used_at IS NULL",
                arguments: [at.milliseconds, user.rawValue, Data(digest)])
            if db.changesCount == 0 { throw StoreFailure.notFound }
        default: break
        }
    }

    private func applyLinks(_ change: UserChange, to user: UserKey) throws {
        switch change {
        case .link(let link):
            try removeAll(from: "user_link", of: user)
            try db.execute(
                sql: "INSERT INTO user_link (digest, user, expires_at) VALUES (?, ?, ?)",
                arguments: [Data(link.digest), user.rawValue, link.expiresAt.milliseconds])
        case .useLink(let digest):
            try db.execute(
                sql: "DELETE FROM user_link WHERE digest = ? AND user = ?", arguments: [Data(digest), user.rawValue])
            if db.changesCount == 0 { throw StoreFailure.notFound }
            try removeAll(from: "user_link", of: user)
        default: break
        }
    }

    private func applySessions(_ change: UserChange, to user: UserKey) throws {
        switch change {
        case .session(let stored):
            let session = stored.session
            try db.insert(
                [
                    "id": session.id.text, "user": user.rawValue, "digest": Data(stored.digest),
                    "created_at": session.createdAt.milliseconds, "seen_at": session.seenAt.milliseconds,
                    "authenticated_at": session.authenticatedAt.milliseconds, "address": session.address,
                    "agent": session.agent,
                ], into: "user_session")
        case .renew(let id, let digest, let at):
            try db.execute(
                sql: "UPDATE user_session SET digest = ?, authenticated_at = ?, seen_at = ? WHERE id = ? AND user = ?",
                arguments: [Data(digest), at.milliseconds, at.milliseconds, id.text, user.rawValue])
            if db.changesCount == 0 { throw StoreFailure.notFound }
        case .endSession(let id):
            try db.execute(
                sql: "DELETE FROM user_session WHERE id = ? AND user = ?", arguments: [id.text, user.rawValue])
        case .endSessions(let kept):
            try db.execute(
                sql: "DELETE FROM user_session WHERE user = ? AND id <> ?",
                arguments: [user.rawValue, kept?.text ?? ""])
        default: break
        }
    }

    private func set(_ column: String, _ value: (any DatabaseValueConvertible)?, of user: UserKey) throws {
        try db.update([column: value], of: "user", where: "id", is: user.rawValue)
    }

    private func removeAll(from table: String, of user: UserKey) throws {
        try db.execute(sql: "DELETE FROM \(table) WHERE user = ?", arguments: [user.rawValue])
    }
}

extension StoredUser {
    fileprivate init(row: Row) {
        let account: AccountKey? = row["account"]
        let home = account.map { User.Home.account($0) } ?? .operators
        var user = User(
            id: row["id"], name: row["name"], home: home, rights: UserRights(rawValue: row["rights"]),
            language: User.Language(rawValue: row["language"]) ?? .chinese,
            createdAt: Timestamp(milliseconds: row["created_at"]))
        let sealed: Data? = row["sealed_totp"]
        self.init(
            user: user, password: row["password"], sealedTOTP: sealed.map { Array($0) }, totpStep: row["totp_step"])
        user.mustChangePassword = row["must_change_password"]
        user.hasPassword = password != nil
        user.hasTOTP = sealed != nil
        user.isEnabled = row["is_enabled"]
        user.lastLogin = (row["last_login_at"] as Int64?).map {
            User.Login(at: Timestamp(milliseconds: $0), address: row["last_login_address"])
        }
        self.user = user
    }
}

extension StoredSession {
    /// Nil when the id is none.
    fileprivate init?(row: Row) {
        guard let id = SessionID(row["id"] as String) else { return nil }
        var session = UserSession(
            id: id, user: row["user"], at: Timestamp(milliseconds: row["created_at"]), address: row["address"],
            agent: row["agent"])
        session.seenAt = Timestamp(milliseconds: row["seen_at"])
        session.authenticatedAt = Timestamp(milliseconds: row["authenticated_at"])
        self.init(session: session, digest: Array(row["digest"] as Data))
    }
}
