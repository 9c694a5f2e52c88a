import GRDB
public import Messaging

extension Store {
    /// Queued messages from a sequence on, in order: after a restart.
    /// - Returns: the parts, and where to go on; nil when there are no more.
    public func queued(
        from sequence: Int64, limit: Int
    ) async throws(StoreFailure) -> (parts: [CommittedPart], next: Int64?) {
        try await queued(in: [sequence...Int64.max], limit: limit)
    }

    /// Queued messages of some ranges, which are in order and do not overlap.
    /// - Returns: the parts, and the sequence up to which the ranges were read when they hold more than `limit`.
    public func queued(
        in ranges: [ClosedRange<Int64>], limit: Int
    ) async throws(StoreFailure) -> (parts: [CommittedPart], next: Int64?) {
        try await read { db in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT m.sequence, m.mobile, m.submission, s.account, s.accepted_at, s.scheduled_at, s.content,
                    s.access_extension, s.segments
                    FROM message m JOIN submission s ON s.id = m.submission
                    WHERE m.sequence BETWEEN ? AND ? AND m.state = 1 ORDER BY m.sequence LIMIT ?
                    """)
            var parts: [CommittedPart] = []
            var count = 0
            for range in ranges {
                let rows = try Row.fetchCursor(
                    statement, arguments: [range.lowerBound, range.upperBound, limit - count])
                while let row = try rows.next() {
                    count += 1
                    let sequence: Int64 = row["sequence"]
                    let message = CommittedPart.Message(
                        sequence: sequence, mobile: PhoneNumber(rawValue: row["mobile"]))
                    if parts.last?.id == row["submission"] as Int64 {
                        parts[parts.count - 1].messages.append(message)
                    } else {
                        parts.append(CommittedPart(row: row, messages: [message]))
                    }
                    if count == limit { return (parts, sequence + 1) }
                }
            }
            return (parts, nil)
        }
    }

    /// When the next scheduled submission is due; nil when there is none.
    public func nextDue() async throws(StoreFailure) -> Timestamp? {
        try await read { db in
            try Int64.fetchOne(db, sql: "SELECT due_at FROM schedule ORDER BY due_at LIMIT 1")
                .map { Timestamp(milliseconds: $0) }
        }
    }

    /// Queues scheduled submissions that are due.
    public func releaseDue(at now: Timestamp, limit: Int = 100) async throws(StoreFailure) -> [CommittedPart] {
        try await journal.perform { writer in
            let due = try Row.fetchAll(
                writer.db,
                sql: """
                    SELECT d.due_at, s.id AS submission, s.recipients, s.account, s.accepted_at, s.scheduled_at,
                    s.content, s.access_extension, s.segments
                    FROM schedule d JOIN submission s ON s.id = d.submission
                    WHERE d.due_at <= ? ORDER BY d.due_at LIMIT ?
                    """,
                arguments: [now.milliseconds, limit])
            return try due.map { row in
                let id: Int64 = row["submission"]
                let messages = try Row.fetchAll(
                    writer.db,
                    sql: """
                        UPDATE message SET state = 1 WHERE sequence BETWEEN ? AND ? AND state = 0
                        RETURNING sequence, mobile
                        """,
                    arguments: [id, id + (row["recipients"] as Int64) - 1]
                ).map {
                    CommittedPart.Message(sequence: $0["sequence"], mobile: PhoneNumber(rawValue: $0["mobile"]))
                }
                try writer.db.execute(
                    sql: "DELETE FROM schedule WHERE due_at = ? AND submission = ?",
                    arguments: [row["due_at"] as Int64, id])
                return CommittedPart(row: row, messages: messages)
            }
        }
    }

    /// After a restart: what became of attempts that had begun, nobody knows.
    /// - Returns: how many there were.
    public func markInterruptedAttempts(at now: Timestamp) async throws(StoreFailure) -> Int {
        try await journal.perform { writer in
            let open = try Int64.fetchAll(writer.db, sql: "SELECT id FROM attempt WHERE state = 0")
            for id in open {
                guard try writer.attempt(id) != nil else { continue }
                let outcome = Settlement.Outcome.uncertain(detail: "interrupted by a stop")
                try writer.settle(Settlement(attempt: id, outcome: outcome), at: now)
            }
            return open.count
        }
    }
}

extension CommittedPart {
    fileprivate init(row: Row, messages: [Message]) {
        self.init(
            id: row["submission"], account: row["account"],
            acceptedAt: Timestamp(milliseconds: row["accepted_at"]),
            scheduledAt: (row["scheduled_at"] as Int64?).map { Timestamp(milliseconds: $0) }, content: row["content"],
            accessExtension: row["access_extension"], segments: row["segments"], messages: messages)
    }
}
