import Foundation
import GRDB
public import Messaging

/// Uncertain attempts about which something can be done.
public struct UncertainReview: Sendable {
    /// Of these no message is open any more.
    public var closed: [Int64] = []
    /// These have been uncertain for as long as their channel's rule says, and have messages that can be queued again.
    public var due: [Int64] = []
    /// The last attempt that was looked at; nil when there are no more.
    public var last: Int64?
}

/// What settling by hand came to.
public struct HandOutcome: Sendable {
    public var settled = 0
    /// What was not settled, and why not.
    public var refused: [(id: MessageID, reason: String)] = []
    public var effects = Effects()
    /// Messages that are queued again.
    public var queued: [CommittedPart] = []

    public init() {}
}

extension Store {
    /// Looks at uncertain attempts behind `attempt`, in order, at most `limit`. Only reads.
    /// - Parameter resendBefore: by channel whose rule is `resend`: attempts that have been uncertain since before.
    ///   Messages that are not worth sending any more at `now` are no reason.
    public func reviewUncertain(
        after attempt: Int64, limit: Int, resendBefore: [Int64: Timestamp], at now: Timestamp
    ) async throws(StoreFailure) -> UncertainReview {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT id, channel, settled_at, messages FROM attempt
                    WHERE state IN (0, 4) AND state = 4 AND id > ? ORDER BY id LIMIT ?
                    """,
                arguments: [attempt, limit])
            var review = UncertainReview()
            for row in rows {
                let id: Int64 = row["id"]
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
        _ db: Database, _ attempt: Int64, _ runs: [SequenceRuns.Run], where condition: String = "TRUE",
        _ arguments: StatementArguments = StatementArguments()
    ) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: """
                SELECT 1 FROM message WHERE sequence BETWEEN ? AND ? AND attempt = ? AND state = 2 AND \(condition)
                LIMIT 1
                """)
        return try runs.contains { run in
            try Int64.fetchOne(statement, arguments: [run.first, run.last, attempt] + arguments) != nil
        }
    }

    /// Settles uncertain attempts of which no message is open any more.
    public func closeUncertain(_ attempts: [Int64], at now: Timestamp) async throws(StoreFailure) {
        try await journal.perform { writer in
            for id in attempts {
                try writer.closeIfDone(id, as: .accepted, detail: "settled by reports", at: now)
            }
        }
    }

    /// Queues the unreported messages of uncertain attempts again, each message once in its life, at most
    /// `messagesMax`. Call again with the same attempts while `hasMore`.
    /// - Returns: those messages.
    public func resendUncertain(
        _ attempts: [Int64], at now: Timestamp, messagesMax: Int = 500
    ) async throws(StoreFailure) -> (parts: [CommittedPart], hasMore: Bool) {
        try await journal.perform { writer in
            var parts: [CommittedPart] = []
            var room = messagesMax
            for id in attempts {
                room -= try writer.resend(id, atMost: room, into: &parts, at: now)
                if room <= 0 { return (parts, true) }
            }
            return (parts, false)
        }
    }

    /// The newest attempt there is.
    public func newestAttempt() async throws(StoreFailure) -> Int64 {
        try await read { db in try Int64.fetchOne(db, sql: "SELECT MAX(id) FROM attempt") ?? 0 }
    }

    /// Uncertain messages in the order of their attempts. A page may be short, or empty, and yet not be the last.
    /// - Returns: a page, and where to go on; nil at the end.
    public func uncertainMessages(
        channel: Int64? = nil, account: Int64? = nil, from cursor: UncertainCursor = .start, limit: Int
    ) async throws(StoreFailure) -> (messages: [UncertainMessage], next: UncertainCursor?) {
        try await readLong { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT a.id, a.settled_at, a.detail, a.messages, IFNULL(c.name, '(removed channel)') AS channel_name
                    FROM attempt a LEFT JOIN channel c ON c.number = a.channel
                    WHERE a.state IN (0, 4) AND a.state = 4 AND a.id BETWEEN ? AND ? AND (? OR a.channel = ?)
                    ORDER BY a.id LIMIT ?
                    """,
                arguments: [
                    cursor.attempt, cursor.through, channel == nil, channel ?? 0, Self.uncertainAttemptsPerPage,
                ])
            var page: [UncertainMessage] = []
            for row in rows {
                let id: Int64 = row["id"]
                let after = id == cursor.attempt ? cursor.after : 0
                let room = limit - page.count
                page += try Self.openMessages(db, of: row, after: after, account: account, limit: room)
                if page.count >= limit {
                    let last = page.last?.id.sequence ?? after
                    return (page, UncertainCursor(attempt: id, after: last, through: cursor.through))
                }
            }
            guard rows.count == Self.uncertainAttemptsPerPage, let last = rows.last else { return (page, nil) }
            return (page, UncertainCursor(attempt: (last["id"] as Int64) + 1, after: 0, through: cursor.through))
        }
    }

    private static let uncertainAttemptsPerPage = 1000

    private static func openMessages(
        _ db: Database, of attempt: Row, after: Int64, account: Int64?, limit: Int
    ) throws -> [UncertainMessage] {
        let id: Int64 = attempt["id"]
        let runs = SequenceRuns(encoded: attempt["messages"] as Data)?.runs ?? []
        var found: [UncertainMessage] = []
        let statement = try db.cachedStatement(
            sql: """
                SELECT m.sequence, m.mobile, o.id AS account_id FROM message m
                JOIN submission s ON s.id = m.submission JOIN account o ON o.number = s.account
                WHERE m.sequence BETWEEN ? AND ? AND m.attempt = ? AND m.state = 2 AND (? OR s.account = ?)
                ORDER BY m.sequence LIMIT ?
                """)
        for run in runs.sorted(by: { $0.first < $1.first }) where run.last > after && found.count < limit {
            let rows = try Row.fetchAll(
                statement,
                arguments: [
                    max(run.first, after + 1), run.last, id, account == nil, account ?? 0, limit - found.count,
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
    public func settleByHand(
        _ ids: [MessageID], as settlement: HandSettlement, reason: String, at now: Timestamp
    ) async throws(StoreFailure) -> HandOutcome {
        try await journal.perform { writer in
            var outcome = HandOutcome()
            var attempts: [Int64] = []
            outcome.effects = try writer.gatheringEffects {
                for id in ids {
                    do {
                        let attempt = try writer.settleByHand(
                            id.sequence, as: settlement, reason: reason, into: &outcome.queued, at: now)
                        outcome.settled += 1
                        if attempts.last != attempt { attempts.append(attempt) }
                    } catch let refusal as Writer.NotUncertain {
                        outcome.refused.append((id, refusal.reason))
                    }
                }
            }
            let state: AttemptState = settlement == .resend ? .abandoned : .accepted
            for id in attempts { try writer.closeIfDone(id, as: state, detail: "settled by hand", at: now) }
            return outcome
        }
    }
}

extension Writer {
    /// Unreported, not queued again by the rule before, and worth sending still at the moment that is its
    /// argument: one that is not waits for its report, since it may have left in time.
    static let mayBeResent = """
        reported = 0 AND NOT EXISTS
        (SELECT 1 FROM event e WHERE e.sequence = message.sequence AND e.kind = 'resent') AND NOT EXISTS
        (SELECT 1 FROM submission s WHERE s.id = message.submission AND s.valid_until <= ?)
        """

    struct NotUncertain: Error {
        var reason: String
    }

    /// Settles an uncertain attempt if none of its messages is open any more.
    fileprivate func closeIfDone(_ id: Int64, as state: AttemptState, detail: String, at now: Timestamp) throws {
        guard let attempt = try attempt(id), attempt.state == .uncertain else { return }
        let open = try db.cachedStatement(
            sql: "SELECT 1 FROM message WHERE sequence BETWEEN ? AND ? AND attempt = ? AND state = 2 LIMIT 1")
        for run in attempt.messages.runs
        where try Int64.fetchOne(open, arguments: [run.first, run.last, id]) != nil {
            return
        }
        let before = try String.fetchOne(db, sql: "SELECT detail FROM attempt WHERE id = ?", arguments: [id])
        let words = before.map { "\(detail); it was uncertain: \($0)" } ?? detail
        try set(attempt, state: state, carrierID: attempt.carrierID, detail: words, at: now)
    }

    /// - Returns: how many messages were queued again.
    fileprivate func resend(
        _ id: Int64, atMost limit: Int, into parts: inout [CommittedPart], at now: Timestamp
    ) throws -> Int {
        guard let attempt = try attempt(id), attempt.state == .uncertain else { return 0 }
        let select = try db.cachedStatement(
            sql: """
                SELECT sequence FROM message WHERE sequence BETWEEN ? AND ? AND attempt = ? AND state = 2
                AND \(Self.mayBeResent) ORDER BY sequence LIMIT ?
                """)
        var taken = 0
        for run in attempt.messages.runs where taken < limit {
            let sequences = try Int64.fetchAll(
                select, arguments: [run.first, run.last, id, now.milliseconds, limit - taken])
            for sequence in sequences {
                let detail = "attempt \(id) is still uncertain: queued again by the channel's rule"
                try note(sequence, at: now, kind: "resent", detail: detail)
                try queueAgain(sequence, into: &parts)
            }
            taken += sequences.count
            count(channel: attempt.channel, day: attempt.begunAt.chinaDay) { $0.submitted -= Int64(sequences.count) }
        }
        try closeIfDone(id, as: .abandoned, detail: "queued again by the channel's rule", at: now)
        return taken
    }

    /// - Throws: `NotUncertain`.
    /// - Returns: the attempt that the message was in.
    fileprivate func settleByHand(
        _ sequence: Int64, as settlement: HandSettlement, reason: String, into parts: inout [CommittedPart],
        at now: Timestamp
    ) throws -> Int64 {
        guard let message = try message(sequence) else { throw NotUncertain(reason: "there is no such message") }
        guard message.state == .submitted, let id = message.attempt, let attempt = try attempt(id) else {
            throw NotUncertain(reason: "it is \(message.state.name), not uncertain")
        }
        guard attempt.state == .uncertain else {
            throw NotUncertain(reason: "its attempt is \(attempt.state.name), not uncertain")
        }
        switch settlement {
        case .delivered: try closeMessage(sequence, with: .delivered, at: now, refund: .undelivered)
        case .failed: try closeMessage(sequence, with: .undeliverable, at: now, refund: .undelivered)
        case .resend:
            if message.progress.reportedMask != 0 {
                throw NotUncertain(reason: "a part of it has its report: the carrier has it")
            }
            if let end = message.validUntil, end <= now {
                throw NotUncertain(reason: "it was worth sending until \(end.chinaText) only")
            }
            try queueAgain(sequence, into: &parts)
            count(channel: attempt.channel, day: attempt.begunAt.chinaDay) { $0.submitted -= 1 }
        }
        let words = reason.isEmpty ? "" : ": \(reason)"
        try note(
            sequence, at: now, kind: "settled by hand", detail: "attempt \(id) as \(settlement.rawValue)\(words)")
        return id
    }
}
