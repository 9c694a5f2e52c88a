import Foundation
import GRDB
public import Messaging

/// What of a task changes; nil: as it is.
public struct TaskChange: Sendable {
    /// What became of it.
    public var state: TaskState?
    /// Units of work that are done.
    public var done: Int64?
    /// Units of work in all.
    public var total: Int64?
    /// Why it failed; empty: it did not.
    public var error: String?
    /// What is to be done, in JSON.
    public var parameters: String?
    /// What came of it, in JSON.
    public var result: String?
    /// The name of the file to be downloaded.
    public var fileName: String?
    /// A digest of a batch's texts and numbers.
    public var fingerprint: [UInt8]?

    /// Nothing changes.
    public init() {}
}

extension Store {
    /// Keeps a new task.
    /// - Parameter openMax: tasks that wait or run of the same account, this one included.
    /// - Throws: `alreadyExists` for the same id; `busy` when too many are open; `unavailable` or `damaged` when it
    ///   cannot be committed, `closed` after `close`; nothing is kept then.
    public func add(_ task: TaskRecord, openMax: Int) async throws(StoreFailure) {
        let isAdded = try await groupCommit.perform { writer in
            let open = try Int.fetchOne(
                writer.db,
                sql: "SELECT COUNT(*) FROM task WHERE state IN ('waiting', 'running') AND account IS ?",
                arguments: [task.account?.rawValue])
            if let open, open >= openMax { return false }
            try writer.db.execute(
                sql: """
                    INSERT INTO task (id, kind, account, user, state, done, total, error, created_at, expires_at,
                    file_name, parameters, result, fingerprint, sent_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    task.id.rawValue, task.kind.rawValue, task.account?.rawValue, task.user, task.state.rawValue,
                    task.done, task.total, task.error, task.createdAt.milliseconds, task.expiresAt.milliseconds,
                    task.fileName, task.parameters, task.result, task.fingerprint.map { Data($0) },
                    task.sentAt?.milliseconds,
                ])
            return true
        }
        if !isAdded { throw .busy("the account has \(openMax) tasks that wait or run") }
    }

    /// Changes a task that is in one of some states.
    /// - Returns: false when there is none of this id in these states; nothing was changed then.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    @discardableResult
    public func change(
        _ id: TaskID, in states: Set<TaskState>, _ change: TaskChange
    ) async throws(StoreFailure) -> Bool {
        try await groupCommit.perform { writer in
            let places = states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
            try writer.db.execute(
                sql: """
                    UPDATE task SET state = IFNULL(?, state), done = IFNULL(?, done), total = IFNULL(?, total),
                    error = IFNULL(?, error), parameters = IFNULL(?, parameters), result = IFNULL(?, result),
                    file_name = IFNULL(?, file_name), fingerprint = IFNULL(?, fingerprint)
                    WHERE id = ? AND state IN (\(places))
                    """,
                arguments: [
                    change.state?.rawValue, change.done, change.total, change.error, change.parameters,
                    change.result, change.fileName, change.fingerprint.map { Data($0) }, id.rawValue,
                ])
            return writer.db.changesCount > 0
        }
    }

    /// Makes a batch of a quote that is done, once.
    /// - Returns: false when it is no quote, or none any more; nothing was changed then.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func confirmBatch(_ id: TaskID, at now: Timestamp, expiresAt: Timestamp) async throws(StoreFailure) -> Bool {
        try await groupCommit.perform { writer in
            try writer.db.execute(
                sql: """
                    UPDATE task SET kind = 'batch', state = 'waiting', done = 0, sent_at = ?, expires_at = ?
                    WHERE id = ? AND kind = 'quote' AND state = 'done'
                    """, arguments: [now.milliseconds, expiresAt.milliseconds, id.rawValue])
            return writer.db.changesCount > 0
        }
    }

    /// A task by its id; nil: there is none.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func task(_ id: TaskID) async throws(StoreFailure) -> TaskRecord? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM task WHERE id = ?", arguments: [id.rawValue])
                .flatMap { TaskRecord(row: $0) }
        }
    }

    /// Tasks of some accounts, the newest first; nil: those of operators.
    /// - Parameters:
    ///   - kinds: of these kinds only.
    ///   - before: those that were begun before this moment.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func tasks(
        of accounts: [AccountKey]?, kinds: Set<TaskKind>, before: Timestamp? = nil, limit: Int
    ) async throws(StoreFailure) -> [TaskRecord] {
        try await read { db in
            let kindList = kinds.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
            let owners = accounts.map { "IN (\($0.map(\.description).joined(separator: ", ")))" } ?? "IS NULL"
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM task WHERE account \(owners) AND kind IN (\(kindList)) AND created_at < ?
                    ORDER BY created_at DESC, id LIMIT ?
                    """, arguments: [before?.milliseconds ?? .max, limit]
            ).compactMap { TaskRecord(row: $0) }
        }
    }

    /// Tasks that wait or run, the oldest first.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func openTasks(limit: Int) async throws(StoreFailure) -> [TaskRecord] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM task WHERE state IN ('waiting', 'running') ORDER BY created_at, id LIMIT ?
                    """, arguments: [limit]
            ).compactMap { TaskRecord(row: $0) }
        }
    }

    /// The latest batch of an account with this fingerprint that was confirmed since a moment; nil: there is none.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func batch(
        of account: AccountKey, fingerprint: [UInt8], since: Timestamp
    ) async throws(StoreFailure) -> TaskRecord? {
        try await read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT * FROM task WHERE account = ? AND fingerprint = ? AND sent_at >= ? AND kind = 'batch'
                    ORDER BY sent_at DESC LIMIT 1
                    """, arguments: [account.rawValue, Data(fingerprint), since.milliseconds]
            ).flatMap { TaskRecord(row: $0) }
        }
    }

    /// Tasks that are kept no longer; those that wait or run are kept.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func expiredTasks(at now: Timestamp, limit: Int) async throws(StoreFailure) -> [TaskID] {
        try await read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT id FROM task WHERE expires_at <= ? AND state NOT IN ('waiting', 'running')
                    ORDER BY expires_at LIMIT ?
                    """, arguments: [now.milliseconds, limit]
            ).compactMap { TaskID(rawValue: $0) }
        }
    }

    /// Forgets tasks.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func removeTasks(_ ids: [TaskID]) async throws(StoreFailure) {
        try await groupCommit.perform { writer in
            let statement = try writer.db.cachedStatement(sql: "DELETE FROM task WHERE id = ?")
            for id in ids { try statement.execute(arguments: [id.rawValue]) }
        }
    }
}

extension TaskRecord {
    /// Nil for a row that another program has written.
    fileprivate init?(row: Row) {
        guard let id = TaskID(rawValue: row["id"]), let kind = TaskKind(rawValue: row["kind"]),
            let state = TaskState(rawValue: row["state"])
        else { return nil }
        self.init(
            id: id, kind: kind, account: row["account"], user: row["user"],
            createdAt: Timestamp(milliseconds: row["created_at"]),
            expiresAt: Timestamp(milliseconds: row["expires_at"]), parameters: row["parameters"])
        self.state = state
        done = row.clamped("done", 0...(.max))
        total = row.clamped("total", 0...(.max))
        error = row["error"]
        fileName = row["file_name"]
        result = row["result"]
        fingerprint = (row["fingerprint"] as Data?).map { Array($0) }
        sentAt = (row["sent_at"] as Int64?).map { Timestamp(milliseconds: $0) }
    }
}
