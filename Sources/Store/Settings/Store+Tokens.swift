import Foundation
import GRDB
public import Messaging

/// An access token as it is stored.
public struct StoredToken: Hashable, Sendable {
    /// SHA-256 of the token's text.
    public var digest: [UInt8]
    /// The store's number of the account that it was given to.
    public var account: AccountKey
    /// It is good for nothing from this moment on.
    public var expiresAt: Timestamp

    /// `digest` has 32 bytes.
    public init(digest: [UInt8], account: AccountKey, expiresAt: Timestamp) {
        self.digest = digest
        self.account = account
        self.expiresAt = expiresAt
    }
}

extension Store {
    /// Keeps new tokens.
    /// - Parameter wait: how long the customer waits; with `busy` they may be kept all the same, and end unused.
    /// - Throws: `alreadyExists` when one of them is there; none is kept then.
    public func add(_ tokens: [StoredToken], within wait: Duration? = nil) async throws(StoreFailure) {
        try await groupCommit.perform(within: wait) { writer in
            let statement = try writer.db.cachedStatement(
                sql: "INSERT INTO access_token (digest, account, expires_at) VALUES (?, ?, ?)")
            for token in tokens {
                try statement.execute(arguments: [
                    Data(token.digest), token.account.rawValue, token.expiresAt.milliseconds,
                ])
            }
        }
    }

    /// Forgets tokens before their time.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func removeTokens(_ digests: [[UInt8]]) async throws(StoreFailure) {
        try await groupCommit.perform { writer in
            let statement = try writer.db.cachedStatement(sql: "DELETE FROM access_token WHERE digest = ?")
            for digest in digests { try statement.execute(arguments: [Data(digest)]) }
        }
    }

    /// Forgets all tokens that have ended by `moment`.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func removeTokens(endedBy moment: Timestamp) async throws(StoreFailure) {
        try await groupCommit.perform { writer in
            try writer.db.execute(
                sql: "DELETE FROM access_token WHERE expires_at <= ?", arguments: [moment.milliseconds])
        }
    }

    /// All tokens, in the order of their ends.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func tokens() async throws(StoreFailure) -> [StoredToken] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM access_token ORDER BY expires_at").map { row in
                StoredToken(
                    digest: Array(row["digest"] as Data), account: row["account"],
                    expiresAt: Timestamp(milliseconds: row["expires_at"]))
            }
        }
    }
}

extension Schema {
    static let tokens = """
        CREATE TABLE access_token (
            digest BLOB PRIMARY KEY, account INTEGER NOT NULL, expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX access_token_expiry ON access_token (expires_at);
        """
}
