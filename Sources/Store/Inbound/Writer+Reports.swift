import GRDB
import Messaging

struct ReportStatements {
    let selectMessage: SQLiteStatement
    let updateMessage: SQLiteStatement
    let updateState: SQLiteStatement
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
            s.account, s.segments, s.segment_cost, s.accepted_at, s.valid_until, s.scheduled_at, s.payer
            FROM message m JOIN submission s ON s.id = m.submission WHERE m.sequence = ?1
            """)
        updateMessage = try SQLiteStatement(
            db,
            """
            UPDATE message SET state = ?2, reported = ?3, status = ?4, final_at = ?5, first_report = ?6,
            last_report = ?7 WHERE sequence = ?1
            """)
        updateState = try SQLiteStatement(db, "UPDATE message SET state = ?2 WHERE sequence = ?1")
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
    var sequence: MessageSequence
    var life: MessageLife
    var mobile: Int64
    var attempt: AttemptID?
    var firstReport: OutboxEntryID?
    var account: AccountKey
    /// Who was charged; the refund goes there, however the account is paid for now.
    var payer: AccountKey
    var segmentCost: Int64
    var acceptedAt: Timestamp
    var scheduledAt: Timestamp?

    /// How long it took from when it might go out, in milliseconds.
    func duration(until moment: Timestamp) -> Int64 {
        moment.milliseconds(since: scheduledAt.map { max($0, acceptedAt) } ?? acceptedAt)
    }
}

/// A call to a carrier, as the report rules need it.
struct StoredAttempt {
    var id: AttemptID
    var channel: ChannelKey
    var begunAt: Timestamp
    var state: AttemptState
    var carrierID: Int64?
    var messages: SequenceRuns
}

extension Writer {
    static let attemptCacheMax = 512

    func message(_ sequence: MessageSequence) throws -> StoredMessage? {
        let statement = reports.selectMessage
        statement.bind(1, sequence)
        defer { statement.reset() }
        guard try statement.next() else { return nil }
        let progress = MessageProgress(
            segmentTotal: Int(statement.int(7)), reported: SegmentSet(rawValue: statement.int(1)),
            status: statement.optionalText(2).map { DeliveryStatus($0) })
        let life = MessageLife(
            state: MessageState(rawValue: Int(statement.int(0))) ?? .failed, progress: progress,
            validUntil: statement.optionalInt(10).map { Timestamp(milliseconds: $0) })
        let account: AccountKey = statement.id(6)
        return StoredMessage(
            sequence: sequence, life: life, mobile: statement.int(3), attempt: statement.optionalID(4),
            firstReport: statement.optionalID(5), account: account, payer: statement.optionalID(12) ?? account,
            segmentCost: statement.int(8), acceptedAt: Timestamp(milliseconds: statement.int(9)),
            scheduledAt: statement.optionalInt(11).map { Timestamp(milliseconds: $0) })
    }

    func attempt(_ id: AttemptID) throws -> StoredAttempt? {
        if let cached = attemptCache[id] { return cached }
        let statement = reports.selectAttempt
        statement.bind(1, id)
        defer { statement.reset() }
        guard try statement.next(), let messages = SequenceRuns(encoded: statement.blob(4)) else { return nil }
        let attempt = StoredAttempt(
            id: id, channel: statement.id(0), begunAt: Timestamp(milliseconds: statement.int(1)),
            state: AttemptState(rawValue: Int(statement.int(2))) ?? .uncertain,
            carrierID: statement.optionalInt(3), messages: messages)
        if attemptCache.count >= Self.attemptCacheMax { attemptCache.removeAll(keepingCapacity: true) }
        attemptCache[id] = attempt
        return attempt
    }

    /// Asks the rules what an event changes of a message, and applies it.
    /// - Parameter detail: of the timeline's entry, if there is one.
    func happen(_ event: MessageEvent, to message: StoredMessage, detail: String = "", at: Timestamp) throws {
        guard let changes = message.life.changes(on: event, at: at) else { return }
        try apply(changes, to: message, detail: detail, at: at)
    }

    /// Applies what the rules said of a message as it is stored: timeline entry, outbox entries, refund, the message's
    /// row, totals, queue.
    func apply(_ changes: MessageChanges, to message: StoredMessage, detail: String = "", at: Timestamp) throws {
        if let kind = changes.note { try note(message.sequence, at: at, kind: kind.rawValue, detail: detail) }
        if changes.segments.isEmpty {
            reports.updateState.bind(1, message.sequence)
            reports.updateState.bind(2, changes.life.state.rawValue)
            try reports.updateState.run()
        } else {
            try report(changes, of: message, at: at)
        }
        let effects = changes.effects
        if effects.contains(.countsForAccount) { countFinal(changes, of: message, at: at) }
        if !effects.isDisjoint(with: .ofChannel), let id = message.attempt, let attempt = try attempt(id) {
            count(channel: attempt.channel, day: attempt.begunAt.chinaDay) { total in
                if effects.contains(.countsForChannel) {
                    if changes.life.state == .delivered { total.delivered += 1 } else { total.failed += 1 }
                }
                if effects.contains(.returnsToAttempt) { total.submitted += 1 }
                if effects.contains(.leavesChannel) { total.submitted -= 1 }
                if effects.contains(.failsOnChannel) { total.failed += 1 }
            }
            // It may have been looked at for expiry while the message was queued.
            if effects.contains(.returnsToAttempt) { expiredThrough = min(expiredThrough, id - 1) }
        }
        if effects.contains(.enqueues) { try enqueue(message.sequence) }
    }

    /// Counts a message that became final for its account.
    private func countFinal(_ changes: MessageChanges, of message: StoredMessage, at: Timestamp) {
        let day = message.acceptedAt.chinaDay
        guard changes.life.state == .delivered else {
            // Without a refund this last segment arrived, and another one failed.
            let wasSent = changes.refund.map { $0 == .undelivered } ?? true
            count(account: message.account, day: day) { total in
                total.failed += 1
                if !wasSent { total.unsent += 1 }
            }
            countFailure(changes.life.progress.status ?? .unknown, account: message.account, day: day)
            self.effects.failed += 1
            return
        }
        let isFast = message.duration(until: at) <= AccountTotal.fastMilliseconds
        count(account: message.account, day: day) { total in
            total.delivered += 1
            total.timed += 1
            if isFast { total.deliveredFast += 1 }
        }
        self.effects.delivered += 1
    }

    /// Gives segments of a message their final status: outbox entries, the message's row, refund.
    private func report(_ changes: MessageChanges, of message: StoredMessage, at: Timestamp) throws {
        let (life, status) = (changes.life, changes.status?.code ?? "")
        var last: OutboxEntryID = 0
        var first = message.firstReport
        for segment in changes.segments {
            last = takeOutboxID()
            let insert = reports.insertReport
            insert.bind(1, message.account)
            insert.bind(2, last)
            insert.bind(3, message.sequence)
            insert.bind(4, segment)
            insert.bind(5, status)
            insert.bind(6, at.milliseconds)
            try insert.run()
            first = first ?? last
        }
        effects.outboxEntries += changes.segments.count
        noteOutbox(of: message.account, .reports)
        if let cause = changes.refund { try refund(message, changes.segments.count, status, cause, at: at) }
        let update = reports.updateMessage
        update.bind(1, message.sequence)
        update.bind(2, life.state.rawValue)
        update.bind(3, life.progress.reported.rawValue)
        update.bind(4, life.progress.status?.code)
        update.bind(5, life.state.isFinal ? at.milliseconds : nil)
        update.bind(6, first)
        update.bind(7, last)
        try update.run()
    }

    private func refund(
        _ message: StoredMessage, _ segments: Int, _ status: String, _ cause: FailureCause, at: Timestamp
    ) throws {
        guard message.segmentCost > 0, cause.isRefunded(under: try refundRule(of: message.account)) else { return }
        let amount = message.segmentCost * Int64(segments)
        try book(
            .refund, account: message.payer, amount: amount, at: at, reference: message.sequence,
            note: cause.words.map { "\(status): \($0)" } ?? status)
        effects.refunds[message.payer, default: 0] += amount
        count(account: message.account, day: message.acceptedAt.chinaDay) { $0.refunded += amount }
    }

    private func refundRule(of account: AccountKey) throws -> Account.RefundRule {
        if let known = refundRules[account] { return known }
        let statement = reports.refundRule
        statement.bind(1, account)
        defer { statement.reset() }
        let rule = try statement.next() ? Account.RefundRule(rawValue: statement.text(0)) ?? .refused : .never
        refundRules[account] = rule
        return rule
    }

    func note(_ sequence: MessageSequence, at: Timestamp, kind: String, detail: String) throws {
        reports.insertEvent.bind(1, sequence)
        reports.insertEvent.bind(2, at.milliseconds)
        reports.insertEvent.bind(3, kind)
        reports.insertEvent.bind(4, detail)
        try reports.insertEvent.run()
    }
}
