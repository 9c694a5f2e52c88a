import GRDB
public import Messaging

extension Store {
    /// How far the messages are of all requests whose keys begin with a text.
    /// - Parameter prefix: ASCII, ends with a dot.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func batchProgress(
        of account: AccountKey, keyPrefix prefix: String
    ) async throws(StoreFailure) -> BatchProgress {
        try await readLong { db in
            var progress = BatchProgress()
            for request in try Self.requests(of: account, keyPrefix: prefix, db) {
                progress.requests.append(request)
                try Self.add(request, to: &progress, db)
            }
            return progress
        }
    }

    /// Requests whose keys begin with a text, in the order of their ids.
    /// - Throws: `unavailable` or `damaged` when it cannot be read, `closed` after `close`.
    public func requests(
        of account: AccountKey, keyPrefix prefix: String
    ) async throws(StoreFailure) -> [MessageSequence] {
        // Where commits are made, so that no request is missed whose commit is under way.
        try await groupCommit.perform { writer in try Self.requests(of: account, keyPrefix: prefix, writer.db) }
    }

    private static func requests(
        of account: AccountKey, keyPrefix prefix: String, _ db: Database
    ) throws -> [MessageSequence] {
        // A slash follows the dot in ASCII.
        try MessageSequence.fetchAll(
            db,
            sql: "SELECT submission FROM submission_key WHERE account = ? AND key >= ? AND key < ? ORDER BY submission",
            arguments: [account.rawValue, prefix, prefix.dropLast() + "/"])
    }

    private static func add(_ first: MessageSequence, to progress: inout BatchProgress, _ db: Database) throws {
        // The parts of a request follow each other.
        let parts = try Row.fetchCursor(
            db.cachedStatement(sql: "SELECT id, recipients, request FROM submission WHERE id >= ? ORDER BY id"),
            arguments: [first.rawValue])
        var end = first.rawValue
        while let part = try parts.next() {
            let id: Int64 = part["id"]
            guard id == first.rawValue || (part["request"] as Int64?) == first.rawValue else { break }
            end = max(end, id) + part.clamped("recipients", 0...1_000_000)
        }
        let range: StatementArguments = [first.rawValue, end]
        let groups = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT m.state, m.status, s.segments, s.segment_cost, COUNT(*) AS messages,
                    SUM(m.mobile <> 0) AS valid
                    FROM message m JOIN submission s ON s.id = m.submission
                    WHERE m.sequence >= ? AND m.sequence < ? GROUP BY 1, 2, 3, 4
                    """), arguments: range)
        for group in groups {
            guard let state = MessageState(rawValue: group["state"]) else { continue }
            let messages: Int = group["messages"]
            progress.messages += messages
            progress.byState[state, default: 0] += messages
            if state.isFinal, let status: String = group["status"] { progress.byStatus[status, default: 0] += messages }
            try charge(group, times: group["valid"], to: &progress)
        }
        // What a rule kept back when it was accepted was not charged.
        let kept = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT s.segments, s.segment_cost, COUNT(*) AS messages
                    FROM event e JOIN message m ON m.sequence = e.sequence JOIN submission s ON s.id = m.submission
                    WHERE e.sequence >= ? AND e.sequence < ? AND e.kind = '\(TimelineKind.keptBack.rawValue)'
                    AND e.at = s.accepted_at GROUP BY 1, 2
                    """), arguments: range)
        for group in kept { try charge(group, times: -(group["messages"] as Int64), to: &progress) }
        let refunded = try Int64.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT SUM(amount) FROM ledger
                    WHERE kind = \(LedgerKind.refund.rawValue) AND reference >= ? AND reference < ?
                    """), arguments: range)
        progress.refunded.addSaturating(refunded ?? 0)
    }

    private static func charge(_ group: Row, times messages: Int64, to progress: inout BatchProgress) throws {
        let segments = group.clamped("segments", 0...Int64(MessageID.segmentsMax))
        let cost = try group.checked("segment_cost", 0...1_000_000_000_000, of: "a submission")
        let count = segments * max(min(messages, 1_000_000_000), -1_000_000_000)
        progress.segments += Int(count)
        let (amount, isOver) = count.multipliedReportingOverflow(by: cost)
        if isOver { throw StoreFailure.damaged("a submission's cost passes all bounds") }
        progress.charged.addSaturating(amount)
    }
}
