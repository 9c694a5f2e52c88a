import GRDB
public import Messaging

/// What taking scheduled messages out came to.
public struct CancelOutcome: Sendable {
    /// Messages that became final as DELETED.
    public var cancelled = 0
    /// What was not cancelled, and why not.
    public var refused: [(id: MessageID, reason: String)] = []
    /// Other messages of the same requests that were not scheduled, and are as they were.
    public var left = 0
    /// The refunds, final states and outbox entries of the same commit.
    public var effects = Effects()

    /// Nothing is cancelled yet.
    public init() {}
}

extension Store {
    /// Takes scheduled messages out, in one transaction: each becomes final as DELETED, with its reports, and its whole
    /// charge goes back. A message that `releaseDue` has queued before is refused.
    /// - Parameter allOfRequest: with each message all of its request that is scheduled still.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func cancelScheduled(
        _ ids: [MessageID], allOfRequest: Bool, reason: String, at now: Timestamp
    ) async throws(StoreFailure) -> CancelOutcome {
        try await groupCommit.perform { writer in
            var outcome = CancelOutcome()
            outcome.effects = try writer.gatheringEffects {
                for id in ids {
                    let refusal =
                        allOfRequest
                        ? try writer.cancelRequest(of: id.sequence, reason: reason, into: &outcome, at: now)
                        : try writer.cancel(id.sequence, reason: reason, into: &outcome, at: now)
                    if let refusal { outcome.refused.append((id, refusal)) }
                }
            }
            return outcome
        }
    }
}

/// A submission, as far as it can be cancelled.
private struct ScheduledPart {
    var id: MessageSequence
    var recipients: Int64
    var due: Int64?

    init(row: Row) {
        id = row["id"]
        recipients = row["recipients"]
        due = row["scheduled_at"]
    }

    var sequences: ClosedRange<MessageSequence> { id...max(id, id + recipients - 1) }
}

extension Writer {
    private static let noSuchMessage = "there is no such message"

    /// - Returns: why not; nil when it was cancelled.
    fileprivate func cancel(
        _ sequence: MessageSequence, reason: String, into outcome: inout CancelOutcome, at now: Timestamp
    ) throws -> String? {
        guard let message = try message(sequence) else { return Self.noSuchMessage }
        guard message.life.state == .scheduled else {
            let status = message.life.progress.status.map { " (\($0))" } ?? ""
            return "it is \(message.life.state.name)\(status), not scheduled"
        }
        let part = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT s.id, s.recipients, s.scheduled_at
                    FROM message m JOIN submission s ON s.id = m.submission WHERE m.sequence = ?
                    """), arguments: [sequence.rawValue]
        ).map { ScheduledPart(row: $0) }
        if let part { outcome.cancelled += try cancel(sequence...sequence, of: part, reason: reason, at: now) }
        return nil
    }

    /// - Returns: why not; nil when something was cancelled.
    fileprivate func cancelRequest(
        of sequence: MessageSequence, reason: String, into outcome: inout CancelOutcome, at now: Timestamp
    ) throws -> String? {
        let first = try MessageSequence.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT IFNULL(s.request, s.id) FROM message m JOIN submission s ON s.id = m.submission
                    WHERE m.sequence = ?
                    """), arguments: [sequence.rawValue])
        guard let first else { return Self.noSuchMessage }
        let parts = try parts(ofRequest: first)
        let total = parts.reduce(0) { $0 + $1.sequences.count }
        var cancelled = 0
        for part in parts { cancelled += try cancel(part.sequences, of: part, reason: reason, at: now) }
        if cancelled == 0 { return "none of the \(total) messages of its request is scheduled" }
        outcome.cancelled += cancelled
        outcome.left += total - cancelled
        return nil
    }

    /// The submissions of one request, which follow each other.
    private func parts(ofRequest first: MessageSequence) throws -> [ScheduledPart] {
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: "SELECT id, recipients, scheduled_at, request FROM submission WHERE id >= ? ORDER BY id"),
            arguments: [first.rawValue])
        var parts: [ScheduledPart] = []
        while let row = try rows.next() {
            let part = ScheduledPart(row: row)
            guard part.id == first || (row["request"] as MessageSequence?) == first else { break }
            parts.append(part)
        }
        return parts
    }

    /// Cancels what is scheduled among some messages of a submission.
    /// - Returns: how many there were.
    private func cancel(
        _ sequences: ClosedRange<MessageSequence>, of part: ScheduledPart, reason: String, at now: Timestamp
    ) throws -> Int {
        let select = try db.cachedStatement(
            sql: """
                SELECT sequence FROM message WHERE sequence BETWEEN ? AND ?
                AND \(MessageState.scheduled.condition) ORDER BY sequence
                """)
        let scheduled = try MessageSequence.fetchAll(
            select, arguments: [sequences.lowerBound.rawValue, sequences.upperBound.rawValue])
        let words = reason.isEmpty ? "before it was due" : "before it was due: \(reason)"
        for sequence in scheduled {
            if let message = try message(sequence) { try happen(.cancelled, to: message, detail: words, at: now) }
        }
        guard !scheduled.isEmpty, let due = part.due else { return scheduled.count }
        // Nothing is to become due when none is left.
        try db.cachedStatement(
            sql: """
                DELETE FROM schedule WHERE due_at = ? AND submission = ? AND NOT EXISTS
                (SELECT 1 FROM message WHERE sequence BETWEEN ? AND ? AND \(MessageState.scheduled.condition))
                """
        ).execute(arguments: [
            due, part.id.rawValue, part.sequences.lowerBound.rawValue, part.sequences.upperBound.rawValue,
        ])
        return scheduled.count
    }
}
