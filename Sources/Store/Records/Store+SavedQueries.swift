import GRDB
public import Messaging

extension Store {
    /// Queries of one owner that are kept, at most; the oldest make room.
    public static let savedQueriesMax = 200
    private static let expiredAtOnce = 100

    /// Keeps the text of a query under an id, so that its numbers and texts stand in no URL.
    /// - Parameters:
    ///   - id: random; one that is known is replaced if it is the same owner's.
    ///   - owner: who may read it.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func saveQuery(
        _ body: String, id: String, owner: String, until expiry: Timestamp, at now: Timestamp
    ) async throws(StoreFailure) {
        try await groupCommit.perform { writer in
            try writer.db.execute(
                sql: """
                    DELETE FROM saved_query WHERE id IN
                    (SELECT id FROM saved_query WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)
                    """, arguments: [now.milliseconds, Self.expiredAtOnce])
            try writer.db.execute(
                sql: """
                    DELETE FROM saved_query WHERE id IN (SELECT id FROM saved_query WHERE owner = ?
                    ORDER BY expires_at DESC LIMIT -1 OFFSET ?)
                    """, arguments: [owner, Self.savedQueriesMax - 1])
            try writer.db.execute(
                sql: """
                    INSERT INTO saved_query (id, owner, body, expires_at) VALUES (?, ?, ?, ?)
                    ON CONFLICT (id) DO UPDATE SET body = excluded.body, expires_at = excluded.expires_at
                    WHERE owner = excluded.owner
                    """, arguments: [id, owner, body, expiry.milliseconds])
        }
    }

    /// The text of a query that `owner` saved; nil: there is none, it has expired, or it is another's.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func savedQuery(_ id: String, owner: String, at now: Timestamp) async throws(StoreFailure) -> String? {
        try await read { db in
            try String.fetchOne(
                db, sql: "SELECT body FROM saved_query WHERE id = ? AND owner = ? AND expires_at > ?",
                arguments: [id, owner, now.milliseconds])
        }
    }
}
