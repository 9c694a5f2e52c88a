import GRDB
public import Messaging

extension Store {
    /// Queued messages from a sequence on, in order: after a restart.
    /// - Returns: the parts, and where to go on; nil when there are no more.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func queued(
        from sequence: MessageSequence, limit: Int
    ) async throws(StoreFailure) -> (parts: [CommittedPart], next: MessageSequence?) {
        try await read { db in
            let first =
                try MessageSequence.fetchOne(db, sql: "SELECT value FROM counter WHERE name = 'queued_from'") ?? 1
            return try Self.queued(db, in: [max(sequence, first)...MessageSequence.max], limit: limit)
        }
    }

    /// Queued messages of some ranges, which are in order and do not overlap.
    /// - Returns: the parts, and the sequence up to which the ranges were read when they hold more than `limit`.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func queued(
        in ranges: [ClosedRange<MessageSequence>], limit: Int
    ) async throws(StoreFailure) -> (parts: [CommittedPart], next: MessageSequence?) {
        try await read { db in try Self.queued(db, in: ranges, limit: limit) }
    }

    private static func queued(
        _ db: Database, in ranges: [ClosedRange<MessageSequence>], limit: Int
    ) throws -> (parts: [CommittedPart], next: MessageSequence?) {
        let statement = try db.cachedStatement(
            sql: """
                SELECT m.sequence, m.mobile, m.submission, s.account, s.accepted_at, s.scheduled_at, s.valid_until,
                s.content, \(Schema.accountExtension) AS account_extension, s.access_extension, s.segments,
                r.channel AS avoided
                FROM message m JOIN submission s ON s.id = m.submission
                LEFT JOIN retry r ON r.sequence = m.sequence
                WHERE m.sequence BETWEEN ? AND ? AND m.\(MessageState.queued.condition) ORDER BY m.sequence LIMIT ?
                """)
        var parts: [CommittedPart] = []
        var count = 0
        for range in ranges {
            let rows = try Row.fetchCursor(
                statement, arguments: [range.lowerBound.rawValue, range.upperBound.rawValue, limit - count])
            while let row = try rows.next() {
                count += 1
                let sequence: MessageSequence = row["sequence"]
                let message = CommittedPart.Message(sequence: sequence, mobile: PhoneNumber(rawValue: row["mobile"]))
                parts.append(message, of: row)
                if count == limit { return (parts, sequence + 1) }
            }
        }
        return (parts, nil)
    }

    /// Moves the place from which queued messages are looked for past those that are queued no more, at most `limit`
    /// messages, so that a restart does not read what is finished.
    /// - Returns: whether there is more to move past.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func skipFinished(limit: Int) async throws(StoreFailure) -> Bool {
        try await groupCommit.perform { writer in
            // Nothing is between two epochs, which is too much to be passed step by step.
            let present = try MessageSequence.fetchOne(
                writer.db, sql: "SELECT sequence FROM message WHERE sequence >= ? ORDER BY sequence LIMIT 1",
                arguments: [writer.queuedFrom.rawValue])
            let from = present ?? writer.nextSequence
            let end = min(from + Int64(limit), writer.nextSequence)
            guard from < end else {
                writer.queuedFrom = max(writer.queuedFrom, end)
                return false
            }
            let queued = try MessageSequence.fetchOne(
                writer.db,
                sql: """
                    SELECT sequence FROM message WHERE sequence >= ? AND sequence < ?
                    AND \(MessageState.queued.condition) ORDER BY sequence LIMIT 1
                    """,
                arguments: [from.rawValue, end.rawValue])
            writer.queuedFrom = queued ?? end
            return queued == nil && end < writer.nextSequence
        }
    }

    /// After a restart: attempts that had begun and have no ending become uncertain.
    /// - Returns: how many there were.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func markInterruptedAttempts(at now: Timestamp) async throws(StoreFailure) -> Int {
        try await groupCommit.perform { writer in
            let open = try AttemptID.fetchAll(
                writer.db, sql: "SELECT id FROM attempt WHERE \(AttemptState.begun.openCondition())")
            for id in open {
                guard try writer.attempt(id) != nil else { continue }
                let outcome = Settlement.Outcome.uncertain(detail: "interrupted by a stop")
                try writer.settle(Settlement(attempt: id, outcome: outcome), at: now)
            }
            return open.count
        }
    }
}

extension [CommittedPart] {
    /// Adds a message to the last part if that is of the same submission, else to a new one, made from `row`.
    mutating func append(_ message: CommittedPart.Message, of row: Row) {
        if last?.id != row["submission"] as MessageSequence { append(CommittedPart(row: row, messages: [])) }
        self[count - 1].add(message, avoiding: row["avoided"])
    }
}

extension CommittedPart {
    init(row: Row, messages: [Message]) {
        self.init(
            id: row["submission"], account: row["account"],
            acceptedAt: Timestamp(milliseconds: row["accepted_at"]),
            scheduledAt: (row["scheduled_at"] as Int64?).map { Timestamp(milliseconds: $0) },
            validUntil: (row["valid_until"] as Int64?).map { Timestamp(milliseconds: $0) }, content: row["content"],
            accountExtension: row["account_extension"], accessExtension: row["access_extension"],
            segments: row["segments"], messages: messages)
    }
}
