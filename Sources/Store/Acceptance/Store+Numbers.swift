import GRDB
public import Messaging

extension Store {
    /// The id that the next message gets, unless the messages of its request do not fit into its epoch any more.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func nextMessage() async throws(StoreFailure) -> MessageID {
        try await read { db in
            let next = try Int64.fetchOne(db, sql: "SELECT value FROM counter WHERE name = 'sequence'") ?? 1
            return MessageID(rawValue: next)
        }
    }
}
