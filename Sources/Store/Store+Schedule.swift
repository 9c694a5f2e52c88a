import GRDB
public import Messaging

/// What became due in one transaction.
public struct ReleasedParts: Sendable {
    /// Queued now. A part is empty where none of its messages goes out; no parts: nothing is due.
    public var parts: [CommittedPart] = []
    public var effects = Effects()

    public init() {}
}

extension Store {
    /// When the next scheduled submission is due; nil when there is none.
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
    public func releaseDue(
        at now: Timestamp, limit: Int = 100, recipientsMax: Int = 2000
    ) async throws(StoreFailure) -> ReleasedParts {
        try await journal.perform { writer in
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
    static let keptBackWhenDue = "kept back when due"

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
        let id: Int64 = row["submission"]
        let last = id + (row["recipients"] as Int64) - 1
        let account: Int64 = row["account"]
        if try heedsBlacklist(account) { try keepBack(id, through: last, of: account, at: now) }
        let messages = try Row.fetchAll(
            db,
            sql: """
                UPDATE message SET state = 1 WHERE sequence BETWEEN ? AND ? AND state = 0
                RETURNING sequence, mobile
                """,
            arguments: [id, last]
        ).map {
            CommittedPart.Message(sequence: $0["sequence"], mobile: PhoneNumber(rawValue: $0["mobile"]))
        }
        noteQueued(from: id)
        try db.execute(
            sql: "DELETE FROM schedule WHERE due_at = ? AND submission = ?",
            arguments: [row["due_at"] as Int64, id])
        return CommittedPart(row: row, messages: messages)
    }

    /// Ends scheduled messages whose numbers are on the account's blacklist.
    private func keepBack(_ first: Int64, through last: Int64, of account: Int64, at now: Timestamp) throws {
        // The messages are few, the blacklist may be long: CROSS JOIN keeps SQLite from turning it round.
        let blocked = try Int64.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT m.sequence FROM message m CROSS JOIN blacklist b ON b.account = ? AND b.mobile = m.mobile
                    WHERE m.sequence BETWEEN ? AND ? AND m.state = 0 ORDER BY m.sequence
                    """), arguments: [account, first, last])
        for sequence in blocked {
            let detail = "rule \(ScreeningRules.Rule.blacklist.rawValue)"
            try note(sequence, at: now, kind: Self.keptBackWhenDue, detail: detail)
            try closeMessage(sequence, with: .blacklisted, at: now, refund: .keptBack)
        }
    }
}
