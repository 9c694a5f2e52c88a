import GRDB
import Messaging

struct ReportStatements {
    let selectMessage: SQLiteStatement
    let updateMessage: SQLiteStatement
    let insertReport: SQLiteStatement
    let insertEvent: SQLiteStatement
    let selectAttempt: SQLiteStatement
    let selectAttemptByCarrierID: SQLiteStatement
    let selectAttemptByCarrierKey: SQLiteStatement
    let findByMobile: SQLiteStatement
    let refundRule: SQLiteStatement

    init(_ db: Database) throws {
        selectMessage = try SQLiteStatement(
            db,
            """
            SELECT m.state, m.reported, m.status, m.mobile, m.attempt, m.first_report,
            s.account, s.segments, s.segment_cost, s.accepted_at, s.valid_until
            FROM message m JOIN submission s ON s.id = m.submission WHERE m.sequence = ?1
            """)
        updateMessage = try SQLiteStatement(
            db,
            """
            UPDATE message SET state = ?2, reported = ?3, status = ?4, final_at = ?5, first_report = ?6,
            last_report = ?7 WHERE sequence = ?1
            """)
        insertReport = try SQLiteStatement(
            db,
            """
            INSERT INTO report (account, id, sequence, segment, status, reported_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            """)
        insertEvent = try SQLiteStatement(
            db, "INSERT INTO event (sequence, at, kind, detail) VALUES (?1, ?2, ?3, ?4)")
        selectAttempt = try SQLiteStatement(
            db, "SELECT channel, begun_at, state, carrier_id, messages FROM attempt WHERE id = ?1")
        selectAttemptByCarrierID = try SQLiteStatement(
            db,
            """
            SELECT id FROM attempt WHERE channel = ?1 AND carrier_id <= ?2 AND carrier_id IS NOT NULL
            ORDER BY carrier_id DESC LIMIT 1
            """)
        selectAttemptByCarrierKey = try SQLiteStatement(
            db,
            """
            SELECT id FROM attempt INDEXED BY attempt_carrier_key
            WHERE channel = ?1 AND carrier_key = ?2 AND carrier_key IS NOT NULL ORDER BY id DESC LIMIT 1
            """)
        findByMobile = try SQLiteStatement(
            db,
            """
            SELECT m.sequence FROM message m JOIN attempt a ON a.id = m.attempt
            WHERE m.sequence BETWEEN ?1 AND ?2 AND m.mobile = ?3 AND (m.attempt = ?4 OR a.channel = ?5)
            ORDER BY m.attempt <> ?4, m.reported <> 0, m.sequence LIMIT 1
            """)
        refundRule = try SQLiteStatement(db, "SELECT refund_rule FROM account WHERE number = ?1")
    }
}

/// A message with what its submission says of it, as the report rules need it.
struct StoredMessage {
    var sequence: Int64
    var state: MessageState
    var progress: MessageProgress
    var mobile: Int64
    var attempt: Int64?
    var firstReport: Int64?
    var account: Int64
    var segmentCost: Int64
    var acceptedAt: Timestamp
    /// Until when it is worth sending; nil: as long as it waits.
    var validUntil: Timestamp?
}

/// A call to a carrier, as the report rules need it.
struct StoredAttempt {
    var id: Int64
    var channel: Int64
    var begunAt: Timestamp
    var state: AttemptState
    var carrierID: Int64?
    var messages: SequenceRuns
}

/// Why a message failed, as the refund rule asks.
enum FailureCause {
    /// It was never charged.
    case invalidNumber
    /// Platform or carrier refused it.
    case refused
    /// It went out and did not arrive.
    case undelivered
    /// It was taken out before it went anywhere: the whole charge goes back, whatever the rule.
    case cancelled
    /// A rule of its account took it out when it was due: likewise.
    case keptBack
    /// It has not left while it was worth sending: likewise.
    case notInTime
}

extension FailureCause {
    /// What a refund's note says of it beside the status.
    fileprivate var words: String? {
        switch self {
        case .cancelled: "cancelled before it was due"
        case .keptBack: "kept back when it was due"
        case .notInTime: "not sent in time"
        case .invalidNumber, .refused, .undelivered: nil
        }
    }
}

extension Writer {
    static let attemptCacheMax = 512

    func message(_ sequence: Int64) throws -> StoredMessage? {
        let statement = reports.selectMessage
        statement.bind(1, sequence)
        defer { statement.reset() }
        guard try statement.next() else { return nil }
        let progress = MessageProgress(
            segmentTotal: Int(statement.int(7)), reportedMask: statement.int(1),
            status: statement.optionalText(2).map { DeliveryStatus($0) })
        return StoredMessage(
            sequence: sequence, state: MessageState(rawValue: Int(statement.int(0))) ?? .failed, progress: progress,
            mobile: statement.int(3), attempt: statement.optionalInt(4), firstReport: statement.optionalInt(5),
            account: statement.int(6), segmentCost: statement.int(8),
            acceptedAt: Timestamp(milliseconds: statement.int(9)),
            validUntil: statement.optionalInt(10).map { Timestamp(milliseconds: $0) })
    }

    func attempt(_ id: Int64) throws -> StoredAttempt? {
        if let cached = attemptCache[id] { return cached }
        let statement = reports.selectAttempt
        statement.bind(1, id)
        defer { statement.reset() }
        guard try statement.next(), let messages = SequenceRuns(encoded: statement.blob(4)) else { return nil }
        let attempt = StoredAttempt(
            id: id, channel: statement.int(0), begunAt: Timestamp(milliseconds: statement.int(1)),
            state: AttemptState(rawValue: Int(statement.int(2))) ?? .uncertain,
            carrierID: statement.optionalInt(3), messages: messages)
        if attemptCache.count >= Self.attemptCacheMax { attemptCache.removeAll(keepingCapacity: true) }
        attemptCache[id] = attempt
        return attempt
    }

    /// Closes every open segment of a message with one status.
    /// - Parameter attempt: only if this is its latest attempt and it was not queued again since.
    func closeMessage(
        _ sequence: Int64, with status: DeliveryStatus, at: Timestamp, refund cause: FailureCause,
        ifIn attempt: Int64? = nil
    ) throws {
        guard var message = try message(sequence), !message.state.isFinal else { return }
        if let attempt, message.attempt != attempt || message.state != .submitted { return }
        let segments = message.progress.close(with: status)
        guard !segments.isEmpty else { return }
        try record(&message, segments: segments, status: status, at: at, cause: cause)
    }

    /// Gives segments of a message their final status: outbox entries, the message's row, totals, refund.
    func record(
        _ message: inout StoredMessage, segments: some Collection<Int>, status: DeliveryStatus, at: Timestamp,
        cause: FailureCause
    ) throws {
        var last: Int64 = 0
        for segment in segments {
            let id = takeOutboxID()
            let insert = reports.insertReport
            insert.bind(1, message.account)
            insert.bind(2, id)
            insert.bind(3, message.sequence)
            insert.bind(4, segment)
            insert.bind(5, status.code)
            insert.bind(6, at.milliseconds)
            try insert.run()
            if message.firstReport == nil { message.firstReport = id }
            last = id
        }
        effects.outboxEntries += segments.count
        noteOutbox(of: message.account, .reports)
        try refund(message, segments: segments.count, status: status, at: at, cause: cause)
        let wasWithCarrier = message.state == .submitted
        // A report of a part tells that the carrier has the message: one that was queued again does not go out.
        if !message.progress.state.isFinal, message.state == .queued { try leaveQueue(&message) }
        let state = message.progress.state
        let update = reports.updateMessage
        update.bind(1, message.sequence)
        update.bind(2, state.isFinal ? state.rawValue : message.state.rawValue)
        update.bind(3, message.progress.reportedMask)
        update.bind(4, message.progress.status?.code)
        update.bind(5, state.isFinal ? at.milliseconds : nil)
        update.bind(6, message.firstReport)
        update.bind(7, last)
        try update.run()
        guard state.isFinal else { return }
        message.state = state
        count(account: message.account, day: message.acceptedAt.chinaDay) { total in
            if state == .delivered { total.delivered += 1 } else { total.failed += 1 }
        }
        // One that was queued again is not with the channel of its last attempt any more.
        if wasWithCarrier, let attemptID = message.attempt, let attempt = try attempt(attemptID) {
            count(channel: attempt.channel, day: attempt.begunAt.chinaDay) { total in
                if state == .delivered { total.delivered += 1 } else { total.failed += 1 }
            }
        }
        if state == .delivered { effects.delivered += 1 } else { effects.failed += 1 }
    }

    /// Gives a queued message back to its call, if that was uncertain when the message was queued again.
    /// - Returns: whether it did.
    func returnToAbandoned(_ queued: StoredMessage) throws -> Bool {
        guard let id = queued.attempt, let attempt = try attempt(id), attempt.state == .abandoned else { return false }
        var message = queued
        try leaveQueue(&message)
        try db.execute(
            sql: "UPDATE message SET state = ? WHERE sequence = ?",
            arguments: [message.state.rawValue, message.sequence])
        return true
    }

    /// Gives a message back to the call that it was in.
    private func leaveQueue(_ message: inout StoredMessage) throws {
        message.state = .submitted
        guard let id = message.attempt, let attempt = try attempt(id) else { return }
        count(channel: attempt.channel, day: attempt.begunAt.chinaDay) { $0.submitted += 1 }
        // It may have been looked at for expiry while the message was queued.
        expiredThrough = min(expiredThrough, id - 1)
    }

    private func refund(
        _ message: StoredMessage, segments: Int, status: DeliveryStatus, at: Timestamp, cause: FailureCause
    ) throws {
        guard !status.isDelivered, message.segmentCost > 0 else { return }
        let rule = try refundRule(of: message.account)
        switch (cause, rule) {
        case (.cancelled, _), (.keptBack, _), (.notInTime, _): break
        case (.invalidNumber, _), (_, .never), (.undelivered, .refused): return
        case (.refused, _), (.undelivered, .failed): break
        }
        let amount = message.segmentCost * Int64(segments)
        try book(
            .refund, account: message.account, amount: amount, at: at, reference: message.sequence,
            note: cause.words.map { "\(status.code): \($0)" } ?? status.code)
        effects.refunds[message.account, default: 0] += amount
        count(account: message.account, day: message.acceptedAt.chinaDay) { $0.refunded += amount }
    }

    private func refundRule(of account: Int64) throws -> Account.RefundRule {
        if let known = refundRules[account] { return known }
        let statement = reports.refundRule
        statement.bind(1, account)
        defer { statement.reset() }
        let rule = try statement.next() ? Account.RefundRule(rawValue: statement.text(0)) ?? .refused : .never
        refundRules[account] = rule
        return rule
    }

    func note(_ sequence: Int64, at: Timestamp, kind: String, detail: String) throws {
        reports.insertEvent.bind(1, sequence)
        reports.insertEvent.bind(2, at.milliseconds)
        reports.insertEvent.bind(3, kind)
        reports.insertEvent.bind(4, detail)
        try reports.insertEvent.run()
    }
}
