import GRDB
public import Messaging

/// What became due in one transaction.
public struct ReleasedParts: Sendable {
    /// Queued now. A part is empty where none of its messages goes out; no parts: nothing is due.
    public var parts: [CommittedPart] = []
    /// Of messages that were kept back instead: their refunds, final states and outbox entries.
    public var effects = Effects()

    /// Nothing is due.
    public init() {}
}

extension Store {
    /// When the next scheduled submission is due; nil when there is none.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func nextDue() async throws(StoreFailure) -> Timestamp? {
        try await read { db in
            try Int64.fetchOne(db, sql: "SELECT due_at FROM schedule ORDER BY due_at LIMIT 1")
                .map { Timestamp(milliseconds: $0) }
        }
    }

    /// Queues scheduled submissions that are due, but for their messages to numbers that meanwhile are on the blacklist
    /// of an account that heeds it: these become final as MBBLACK, and their whole charge goes back.
    /// - Parameters:
    ///   - limit: submissions of one transaction.
    ///   - recipientsMax: recipients of one transaction, but for the rest of its last submission.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func releaseDue(
        at now: Timestamp, limit: Int = 100, recipientsMax: Int = 2000
    ) async throws(StoreFailure) -> ReleasedParts {
        try await groupCommit.perform { writer in
            var released = ReleasedParts()
            released.effects = try writer.gatheringEffects {
                var recipients = 0
                for row in try writer.due(at: now, limit: limit) where recipients < recipientsMax {
                    recipients += row["recipients"] as Int
                    released.parts.append(try writer.release(row, at: now))
                }
            }
            return released
        }
    }
}

extension Writer {
    fileprivate func due(at now: Timestamp, limit: Int) throws -> [Row] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT d.due_at, s.id AS submission, s.recipients, s.account, s.accepted_at, s.scheduled_at,
                s.valid_until, s.content, \(Schema.accountExtension) AS account_extension, s.access_extension,
                s.segments
                FROM schedule d JOIN submission s ON s.id = d.submission
                WHERE d.due_at <= ? ORDER BY d.due_at LIMIT ?
                """,
            arguments: [now.milliseconds, limit])
    }

    fileprivate func release(_ row: Row, at now: Timestamp) throws -> CommittedPart {
        let id: MessageSequence = row["submission"]
        let last = id + (row["recipients"] as Int64) - 1
        let account: AccountKey = row["account"]
        if try heedsBlacklist(account) { try keepBack(id, through: last, of: account, at: now) }
        let move = try MoveSQL(.due)
        let messages = try Row.fetchAll(
            db,
            sql: """
                UPDATE message SET \(move.assignment) WHERE sequence BETWEEN ? AND ? AND \(move.condition)
                RETURNING sequence, mobile
                """,
            arguments: [id.rawValue, last.rawValue]
        ).map {
            CommittedPart.Message(sequence: $0["sequence"], mobile: PhoneNumber(rawValue: $0["mobile"]))
        }
        noteQueued(from: id)
        try db.execute(
            sql: "DELETE FROM schedule WHERE due_at = ? AND submission = ?",
            arguments: [row["due_at"] as Int64, id.rawValue])
        return CommittedPart(row: row, messages: messages)
    }

    /// Ends scheduled messages whose numbers are on the account's blacklist.
    private func keepBack(
        _ first: MessageSequence, through last: MessageSequence, of account: AccountKey, at now: Timestamp
    ) throws {
        // The messages are few, the blacklist may be long: CROSS JOIN keeps SQLite from turning it round.
        let blocked = try MessageSequence.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT m.sequence FROM message m CROSS JOIN blacklist b ON b.account = ? AND b.mobile = m.mobile
                    WHERE m.sequence BETWEEN ? AND ? AND m.\(MessageState.scheduled.condition) ORDER BY m.sequence
                    """), arguments: [account.rawValue, first.rawValue, last.rawValue])
        for sequence in blocked {
            guard let message = try message(sequence) else { continue }
            try happen(.blacklistedWhenDue, to: message, detail: ScreeningRules.Rule.blacklist.detail, at: now)
        }
    }
}
