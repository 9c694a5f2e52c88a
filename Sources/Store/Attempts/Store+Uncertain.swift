import Foundation
import GRDB
public import Messaging

/// Uncertain attempts about which something can be done.
public struct UncertainReview: Sendable {
    /// Of these no message is open any more.
    public var closed: [AttemptID] = []
    /// These have been uncertain for as long as their channel's rule says, and have messages that can be queued again.
    public var due: [AttemptID] = []
    /// The last attempt that was looked at; nil when there are no more.
    public var last: AttemptID?
}

/// What settling by hand came to.
public struct HandOutcome: Sendable {
    /// Messages that were settled.
    public var settled = 0
    /// What was not settled, and why not.
    public var refused: [(id: MessageID, reason: String)] = []
    /// With the messages that are queued again.
    public var effects = Effects()

    /// Nothing is settled yet.
    public init() {}
}

extension Store {
    /// Looks at uncertain attempts with ids above `attempt`, in order, at most `limit`. Only reads.
    /// - Parameter resendBefore: by channel whose rule is `resend`: attempts that have been uncertain since before.
    ///   Messages that are not worth sending any more at `now` are no reason.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func reviewUncertain(
        after attempt: AttemptID, limit: Int, resendBefore: [ChannelKey: Timestamp], at now: Timestamp
    ) async throws(StoreFailure) -> UncertainReview {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT id, channel, settled_at, messages FROM attempt
                    WHERE \(AttemptState.uncertain.openCondition()) AND id > ? ORDER BY id LIMIT ?
                    """,
                arguments: [attempt.rawValue, limit])
            var review = UncertainReview()
            for row in rows {
                let id: AttemptID = row["id"]
                let runs = SequenceRuns(encoded: row["messages"] as Data)?.runs ?? []
                let before = resendBefore[row["channel"]]
                let isDue = before.map { (row["settled_at"] as Int64? ?? 0) <= $0.milliseconds } ?? false
                if try !Self.hasOpen(db, id, runs) {
                    review.closed.append(id)
                } else if isDue, try Self.hasOpen(db, id, runs, where: Writer.mayBeResent, [now.milliseconds]) {
                    review.due.append(id)
                }
            }
            review.last = rows.count == limit ? rows.last?["id"] : nil
            return review
        }
    }

    private static func hasOpen(
        _ db: Database, _ attempt: AttemptID, _ runs: [SequenceRuns.Run], where condition: String = "TRUE",
        _ arguments: StatementArguments = StatementArguments()
    ) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: """
                SELECT 1 FROM message WHERE sequence BETWEEN ? AND ? AND attempt = ?
                AND \(MessageState.submitted.condition) AND \(condition) LIMIT 1
                """)
        return try runs.contains { run in
            try Int64.fetchOne(
                statement, arguments: [run.first.rawValue, run.last.rawValue, attempt.rawValue] + arguments) != nil
        }
    }

    /// Settles uncertain attempts of which no message is open any more.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func closeUncertain(_ attempts: [AttemptID], at now: Timestamp) async throws(StoreFailure) {
        try await groupCommit.perform { writer in
            for id in attempts {
                try writer.closeIfDone(id, .reported, detail: "settled by reports", at: now)
            }
        }
    }

    /// Queues the unreported messages of uncertain attempts again, each message once in its life, at most
    /// `messagesMax`. Call again with the same attempts while `hasMore`.
    /// - Returns: those messages.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func resendUncertain(
        _ attempts: [AttemptID], at now: Timestamp, messagesMax: Int = 500
    ) async throws(StoreFailure) -> (parts: [CommittedPart], hasMore: Bool) {
        try await groupCommit.perform { writer in
            var room = messagesMax
            let effects = try writer.gatheringEffects {
                for id in attempts where room > 0 { room -= try writer.resend(id, atMost: room, at: now) }
            }
            return (effects.requeued, room <= 0)
        }
    }

    /// The newest attempt there is.
    /// - Returns: 0 when there is none.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func newestAttempt() async throws(StoreFailure) -> AttemptID {
        try await read { db in try AttemptID.fetchOne(db, sql: "SELECT MAX(id) FROM attempt") ?? 0 }
    }

    /// Uncertain messages in the order of their attempts. A page may be short, or empty, and yet not be the last.
    /// - Returns: a page, and where to go on; nil at the end.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func uncertainMessages(
        channel: ChannelKey? = nil, account: AccountKey? = nil, from cursor: UncertainCursor = .start, limit: Int
    ) async throws(StoreFailure) -> (messages: [UncertainMessage], next: UncertainCursor?) {
        try await readLong { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT a.id, a.settled_at, a.detail, a.messages, IFNULL(c.name, '(removed channel)') AS channel_name
                    FROM attempt a LEFT JOIN channel c ON c.number = a.channel
                    WHERE \(AttemptState.uncertain.openCondition("a")) AND a.id BETWEEN ? AND ? AND (? OR a.channel = ?)
                    ORDER BY a.id LIMIT ?
                    """,
                arguments: [
                    cursor.attempt.rawValue, cursor.through.rawValue, channel == nil, channel?.rawValue ?? 0,
                    Self.uncertainAttemptsPerPage,
                ])
            var page: [UncertainMessage] = []
            for row in rows {
                let id: AttemptID = row["id"]
                let after = id == cursor.attempt ? cursor.after : 0
                let room = limit - page.count
                page += try Self.openMessages(db, of: row, after: after, account: account, limit: room)
                if page.count >= limit {
                    let last = page.last?.id.sequence ?? after
                    return (page, UncertainCursor(attempt: id, after: last, through: cursor.through))
                }
            }
            guard rows.count == Self.uncertainAttemptsPerPage, let last = rows.last else { return (page, nil) }
            return (page, UncertainCursor(attempt: (last["id"] as AttemptID) + 1, after: 0, through: cursor.through))
        }
    }

    private static let uncertainAttemptsPerPage = 1000

    private static func openMessages(
        _ db: Database, of attempt: Row, after: MessageSequence, account: AccountKey?, limit: Int
    ) throws -> [UncertainMessage] {
        let id: AttemptID = attempt["id"]
        let runs = SequenceRuns(encoded: attempt["messages"] as Data)?.runs ?? []
        var found: [UncertainMessage] = []
        let statement = try db.cachedStatement(
            sql: """
                SELECT m.sequence, m.mobile, o.id AS account_id FROM message m
                JOIN submission s ON s.id = m.submission JOIN account o ON o.number = s.account
                WHERE m.sequence BETWEEN ? AND ? AND m.attempt = ? AND m.\(MessageState.submitted.condition)
                AND (? OR s.account = ?)
                ORDER BY m.sequence LIMIT ?
                """)
        for run in runs.sorted(by: { $0.first < $1.first }) where run.last > after && found.count < limit {
            let rows = try Row.fetchAll(
                statement,
                arguments: [
                    max(run.first, after + 1).rawValue, run.last.rawValue, id.rawValue, account == nil,
                    account?.rawValue ?? 0, limit - found.count,
                ])
            found += rows.map { row in
                UncertainMessage(
                    id: MessageID(sequence: row["sequence"]), account: row["account_id"],
                    mobile: PhoneNumber(rawValue: row["mobile"]), channel: attempt["channel_name"], attempt: id,
                    since: Timestamp(milliseconds: attempt["settled_at"] ?? 0), reason: attempt["detail"] ?? "")
            }
        }
        return found
    }

    /// Settles uncertain messages as an operator says; others are left alone.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func settleByHand(
        _ ids: [MessageID], as settlement: HandSettlement, reason: String, at now: Timestamp
    ) async throws(StoreFailure) -> HandOutcome {
        try await groupCommit.perform { writer in
            var outcome = HandOutcome()
            var attempts: [AttemptID] = []
            outcome.effects = try writer.gatheringEffects {
                for id in ids {
                    let (attempt, objection) = try writer.resolve(
                        id.sequence, as: settlement, reason: reason, at: now)
                    if let objection {
                        outcome.refused.append((id, objection))
                        continue
                    }
                    outcome.settled += 1
                    if let attempt, attempts.last != attempt { attempts.append(attempt) }
                }
            }
            let event: CallEvent = settlement == .resend ? .requeued : .reported
            for id in attempts { try writer.closeIfDone(id, event, detail: "settled by hand", at: now) }
            return outcome
        }
    }
}

extension Writer {
    /// Unreported, not queued again by the rule before, and worth sending still at the moment that is its
    /// argument: one that is not waits for its report, since it may have left in time.
    static let mayBeResent = """
        reported = 0 AND NOT EXISTS (SELECT 1 FROM event e WHERE e.sequence = message.sequence
        AND e.kind = '\(TimelineKind.resent.rawValue)') AND NOT EXISTS
        (SELECT 1 FROM submission s WHERE s.id = message.submission AND s.valid_until <= ?)
        """

    /// Has an uncertain attempt end by an event if none of its messages is open any more.
    fileprivate func closeIfDone(_ id: AttemptID, _ event: CallEvent, detail: String, at now: Timestamp) throws {
        guard let attempt = try attempt(id), let changes = attempt.state.changes(on: event) else { return }
        let open = try db.cachedStatement(
            sql: """
                SELECT 1 FROM message WHERE sequence BETWEEN ? AND ? AND attempt = ?
                AND \(MessageState.submitted.condition) LIMIT 1
                """)
        for run in attempt.messages.runs
        where try Int64.fetchOne(open, arguments: [run.first.rawValue, run.last.rawValue, id.rawValue]) != nil {
            return
        }
        let before = try String.fetchOne(db, sql: "SELECT detail FROM attempt WHERE id = ?", arguments: [id.rawValue])
        let words = before.map { "\(detail); it was uncertain: \($0)" } ?? detail
        try set(attempt, state: changes.state, carrierID: attempt.carrierID, detail: words, at: now)
    }

    /// - Returns: how many messages were queued again.
    fileprivate func resend(_ id: AttemptID, atMost limit: Int, at now: Timestamp) throws -> Int {
        guard let attempt = try attempt(id), attempt.state == .uncertain else { return 0 }
        let select = try db.cachedStatement(
            sql: """
                SELECT sequence FROM message WHERE sequence BETWEEN ? AND ? AND attempt = ?
                AND \(MessageState.submitted.condition) AND \(Self.mayBeResent) ORDER BY sequence LIMIT ?
                """)
        var taken = 0
        for run in attempt.messages.runs where taken < limit {
            let sequences = try MessageSequence.fetchAll(
                select,
                arguments: [run.first.rawValue, run.last.rawValue, id.rawValue, now.milliseconds, limit - taken])
            for sequence in sequences {
                guard let message = try message(sequence) else { continue }
                let words = "attempt \(id) is still uncertain: queued again by the channel's rule"
                try happen(.resent(attempt: attempt.state), to: message, detail: words, at: now)
            }
            taken += sequences.count
        }
        try closeIfDone(id, .requeued, detail: "queued again by the channel's rule", at: now)
        return taken
    }

    /// - Returns: the attempt that the message was in, and why it cannot be resolved so; nil when it was.
    fileprivate func resolve(
        _ sequence: MessageSequence, as settlement: HandSettlement, reason: String, at now: Timestamp
    ) throws -> (attempt: AttemptID?, objection: String?) {
        guard let message = try message(sequence) else { return (nil, "there is no such message") }
        let state = try message.attempt.flatMap { try attempt($0)?.state }
        if let objection = message.life.objection(to: settlement, attempt: state, at: now) { return (nil, objection) }
        let words = "attempt \(message.attempt ?? 0) as \(settlement.rawValue)" + (reason.isEmpty ? "" : ": \(reason)")
        try happen(.resolved(settlement, attempt: state), to: message, detail: words, at: now)
        return (message.attempt, nil)
    }
}
