import GRDB
public import Messaging

struct AttemptStatements {
    let insert: SQLiteStatement
    let begin: SQLiteStatement
    let beginInTime: SQLiteStatement
    let selectBegun: SQLiteStatement
    let settle: SQLiteStatement
    let nameCall: SQLiteStatement
    let requeue: SQLiteStatement
    let selectOld: SQLiteStatement
    let wakeParked: SQLiteStatement
    let wakeParkedByKey: SQLiteStatement
    let selectUnreported: SQLiteStatement

    init(_ db: Database) throws {
        insert = try SQLiteStatement(
            db,
            """
            INSERT INTO attempt (id, channel, begun_at, state, messages, access_number, extension_room)
            VALUES (?1, ?2, ?3, \(AttemptState.begun.rawValue), ?4, ?5, ?6)
            """)
        let begins = try MoveSQL(.callBegun)
        // Without RETURNING, for which SQLite would take two passes and a table for the rows.
        begin = try SQLiteStatement(
            db,
            """
            UPDATE message SET \(begins.assignment), attempt = ?1 WHERE sequence BETWEEN ?2 AND ?3
            AND \(begins.condition)
            """)
        beginInTime = try SQLiteStatement(
            db,
            """
            UPDATE message SET \(begins.assignment), attempt = ?1 WHERE sequence BETWEEN ?2 AND ?3
            AND \(begins.condition) AND NOT EXISTS
            (SELECT 1 FROM submission s WHERE s.id = message.submission AND s.valid_until <= ?4)
            """)
        selectBegun = try SQLiteStatement(
            db, "SELECT sequence FROM message WHERE sequence BETWEEN ?1 AND ?2 AND attempt = ?3")
        settle = try SQLiteStatement(
            db, "UPDATE attempt SET state = ?2, settled_at = ?3, carrier_id = ?4, detail = ?5 WHERE id = ?1")
        nameCall = try SQLiteStatement(db, "UPDATE attempt SET carrier_key = ?2 WHERE id = ?1")
        let returns = try MoveSQL(.callReturned)
        requeue = try SQLiteStatement(
            db,
            """
            UPDATE message SET \(returns.assignment) WHERE sequence BETWEEN ?1 AND ?2 AND attempt = ?3
            AND \(returns.condition)
            """)
        wakeParked = try SQLiteStatement(
            db,
            """
            UPDATE parked_report INDEXED BY parked_report_carrier_id SET next_try_at = ?4
            WHERE channel = ?1 AND \(Schema.carrierNumber) BETWEEN ?2 AND ?3
            AND expired_at IS NULL AND carrier_id IS NOT NULL
            """)
        wakeParkedByKey = try SQLiteStatement(
            db,
            """
            UPDATE parked_report INDEXED BY parked_report_carrier_key SET next_try_at = ?3
            WHERE channel = ?1 AND carrier_key = ?2 AND expired_at IS NULL AND carrier_key IS NOT NULL
            """)
        // Read up to the first young one: a condition on the time would read all that are younger.
        selectOld = try SQLiteStatement(
            db, "SELECT id, begun_at, messages FROM attempt WHERE id > ?1 ORDER BY id")
        selectUnreported = try SQLiteStatement(
            db,
            """
            SELECT sequence FROM message WHERE sequence BETWEEN ?1 AND ?2 AND attempt = ?3
            AND \(MessageState.submitted.condition)
            """)
    }
}

/// A call that is about to be made.
public struct NewAttempt: Sendable {
    /// The store's number of the channel.
    public var channel: ChannelKey
    /// The sequences of its messages, in runs.
    public var messages: SequenceRuns
    /// Some of them are worth sending for a time only: those whose time is over are left out.
    public var mayBeOver: Bool
    /// The channel's, at this moment: with the submission's extension and the room for it, it is the full number that
    /// each message goes out under. Nil: whatever the channel has.
    public var accessNumber: String?
    /// Which extensions the channel's dialect has room for.
    public var room: ExtensionRoom

    /// `accessNumber` is the channel's, without extensions.
    public init(
        channel: ChannelKey, messages: SequenceRuns, mayBeOver: Bool = false, accessNumber: String? = nil,
        room: ExtensionRoom = .widest
    ) {
        self.channel = channel
        self.messages = messages
        self.mayBeOver = mayBeOver
        self.accessNumber = accessNumber
        self.room = room
    }
}

/// A call that may now be made, and for which of its messages: one that was settled otherwise in the meantime is out,
/// and so is one that is not worth sending any more.
public struct BegunAttempt: Sendable {
    /// The attempt's id; it names the call in `settle`.
    public var id: AttemptID
    /// Nil: all of them.
    public var only: Set<MessageSequence>?
}

/// How a call ended.
public struct Settlement: Sendable {
    /// The call that ended; one that had ended before keeps its first ending.
    public var attempt: AttemptID
    /// What came of it.
    public var outcome: Outcome

    /// What is known of a call after its answer, or after the wait for one.
    public enum Outcome: Sendable {
        /// Nil: the carrier's answer does not say how it names the messages. `refused`: messages, by their sequences,
        /// that it took out of the call all the same, and its words; they are final as REJECTD.
        case accepted(CarrierNumbering?, refused: [MessageSequence: String] = [:])
        /// Definitely refused; the messages are final with this status.
        case refused(status: DeliveryStatus, detail: String)
        /// Definitely refused, but not for good: the messages are queued again.
        case refusedForNow(detail: String)
        /// Nothing left this machine; the messages are queued again.
        case notSent(detail: String)
        /// Nobody knows whether the carrier has the messages; they wait for reports.
        case uncertain(detail: String)
    }

    /// `attempt` is the id that `begin` returned.
    public init(attempt: AttemptID, outcome: Outcome) {
        self.attempt = attempt
        self.outcome = outcome
    }
}

extension Settlement.Outcome {
    /// What the rules call it, and what is kept of it.
    fileprivate var parts:
        (event: CallEvent, detail: String?, numbering: CarrierNumbering?, refused: [MessageSequence: String])
    {
        switch self {
        case .accepted(let numbering, let refused): (.taken, nil, numbering, refused)
        case .refused(let status, let detail): (.refused(status), detail, nil, [:])
        case .refusedForNow(let detail): (.refusedForNow, detail, nil, [:])
        case .notSent(let detail): (.notSent, detail, nil, [:])
        case .uncertain(let detail): (.unanswered, detail, nil, [:])
        }
    }
}

extension Store {
    /// Makes attempts durable before their first byte leaves.
    /// - Returns: one entry each, in order.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func begin(_ attempts: [NewAttempt], at: Timestamp) async throws(StoreFailure) -> [BegunAttempt] {
        try await groupCommit.perform { writer in try attempts.map { try writer.begin($0, at: at) } }
    }

    /// Stores how calls ended, all or nothing: their messages become final, are queued again, or wait for reports.
    /// - Throws: `notFound` when one of the attempts is not there.
    public func settle(_ settlements: [Settlement], at: Timestamp) async throws(StoreFailure) -> Effects {
        try await groupCommit.perform { writer in
            try writer.gatheringEffects {
                for settlement in settlements { try writer.settle(settlement, at: at) }
            }
        }
    }

    /// Ends queued messages: those that no channel will ever take, and those that waited too long. A message that is
    /// not queued stays as it is. Whose time to be sent is over gets its whole charge back.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func fail(
        _ sequences: [MessageSequence], with status: DeliveryStatus, at: Timestamp
    ) async throws(StoreFailure) -> Effects {
        try await groupCommit.perform { writer in
            try writer.gatheringEffects {
                for sequence in sequences {
                    guard let message = try writer.message(sequence) else { continue }
                    guard status == .expired, message.life.isOver(at: at) else {
                        try writer.happen(.unsendable(status), to: message, at: at)
                        continue
                    }
                    let failure = try writer.retry(of: sequence)?.status
                    let attempt = try message.attempt.flatMap { try writer.attempt($0)?.state }
                    let words = failure.map { "its time is over: \($0.code) is final" } ?? ""
                    try writer.happen(
                        .overdue(firstFailure: failure, attempt: attempt), to: message, detail: words, at: at)
                }
            }
        }
    }

    /// Gives EXPIRED to messages whose attempt began before `deadline` and that have no final report. Each attempt is
    /// looked at once, ever; call again while `more`.
    /// - Parameters:
    ///   - limit: attempts of one transaction.
    ///   - messagesMax: messages that one transaction ends, but for the rest of its last attempt.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func expire(
        begunBefore deadline: Timestamp, at: Timestamp, limit: Int = 100, messagesMax: Int = 2000
    ) async throws(StoreFailure) -> (effects: Effects, more: Bool) {
        try await groupCommit.perform { writer in
            var more = false
            let effects = try writer.gatheringEffects {
                more = try writer.expire(begunBefore: deadline, at: at, limit: limit, messagesMax: messagesMax)
            }
            return (effects, more)
        }
    }
}

extension Writer {
    fileprivate func begin(_ new: NewAttempt, at: Timestamp) throws -> BegunAttempt {
        let id = takeAttempt()
        var begun = SequenceRuns([])
        for run in new.messages.runs {
            let statement = new.mayBeOver ? attempts.beginInTime : attempts.begin
            statement.bind(1, id)
            statement.bind(2, run.first)
            statement.bind(3, run.last)
            if new.mayBeOver { statement.bind(4, at.milliseconds) }
            try statement.run()
            if db.changesCount == Int(run.first.distance(to: run.last)) + 1 {
                begun.append(run)
            } else {
                // A message that is twice in the call was begun with its first run.
                let known = begun.runs
                for sequence in try sequences(in: run, begunBy: id)
                where !known.contains(where: { $0.first <= sequence && sequence <= $0.last }) {
                    begun.append(sequence)
                }
            }
        }
        attempts.insert.bind(1, id)
        attempts.insert.bind(2, new.channel)
        attempts.insert.bind(3, at.milliseconds)
        attempts.insert.bind(4, blob: begun.encoded)
        attempts.insert.bind(5, new.accessNumber)
        attempts.insert.bind(6, new.room.code)
        try attempts.insert.run()
        let isWhole = begun.count == new.messages.count
        return BegunAttempt(id: id, only: isWhole ? nil : Set(begun.sequences))
    }

    /// The messages of a run whose latest attempt it is.
    private func sequences(in run: SequenceRuns.Run, begunBy attempt: AttemptID) throws -> [MessageSequence] {
        let statement = attempts.selectBegun
        statement.bind(1, run.first)
        statement.bind(2, run.last)
        statement.bind(3, attempt)
        defer { statement.reset() }
        var found: [MessageSequence] = []
        while try statement.next() { found.append(statement.id(0)) }
        return found
    }

    func settle(_ settlement: Settlement, at: Timestamp) throws {
        guard let attempt = try attempt(settlement.attempt) else { throw StoreFailure.notFound }
        let (event, detail, numbering, refused) = settlement.outcome.parts
        // It has ended already: the first ending counts.
        guard let changes = attempt.state.changes(on: event) else { return }
        let first: Int64? = if case .consecutive(let first) = numbering { first } else { nil }
        try set(attempt, state: changes.state, carrierID: first, detail: detail, at: at)
        if changes.wakesReports { try name(attempt, numbering, at: at) }
        count(channel: attempt.channel, day: attempt.begunAt.chinaDay) { total in
            let number = Int64(attempt.messages.count)
            switch changes.count {
            case .none: break
            case .submitted:
                total.submitted += number - Int64(refused.count)
                total.refused += Int64(refused.count)
            case .refused: total.refused += number
            }
        }
        for sequence in refused.keys.sorted() {
            let words = refused[sequence].map { $0.isEmpty ? "" : ": \($0)" } ?? ""
            try note(sequence, at: at, kind: "attempt \(attempt.id)", detail: "this number was refused\(words)")
            try happen(.callRefused(.rejected), toMessage: sequence, of: attempt, at: at)
        }
        switch changes.messages {
        case nil: break
        case .callReturned: try requeue(attempt)
        case let event?:
            for sequence in attempt.messages.sequences {
                try happen(event, toMessage: sequence, of: attempt, at: at)
            }
        }
        if changes.isNoted, attempt.messages.count == 1, let only = attempt.messages[0] {
            let words = "refused, queued again: \(detail ?? "")"
            try note(only, at: at, kind: "attempt \(attempt.id)", detail: words)
        }
    }

    /// What happens to a message of a call, if it is its latest.
    private func happen(
        _ event: MessageEvent, toMessage sequence: MessageSequence, of attempt: StoredAttempt, at: Timestamp
    ) throws {
        guard let message = try message(sequence), message.attempt == attempt.id else { return }
        try happen(event, to: message, at: at)
    }

    /// Keeps how the carrier names the messages of a call; reports that came before that was known are due now.
    private func name(_ attempt: StoredAttempt, _ numbering: CarrierNumbering?, at: Timestamp) throws {
        switch numbering {
        case .consecutive(let first):
            try wakeParked(channel: attempt.channel, from: first, count: Int64(attempt.messages.count), at: at)
        case .shared(let key) where !key.isEmpty:
            attempts.nameCall.bind(1, attempt.id)
            attempts.nameCall.bind(2, key)
            try attempts.nameCall.run()
            attempts.wakeParkedByKey.bind(1, attempt.channel)
            attempts.wakeParkedByKey.bind(2, key)
            attempts.wakeParkedByKey.bind(3, at.milliseconds)
            try attempts.wakeParkedByKey.run()
        case .shared, nil: break
        }
    }

    func set(
        _ attempt: StoredAttempt, state: AttemptState, carrierID: Int64?, detail: String?, at: Timestamp
    ) throws {
        attempts.settle.bind(1, attempt.id)
        attempts.settle.bind(2, state.rawValue)
        attempts.settle.bind(3, at.milliseconds)
        attempts.settle.bind(4, carrierID)
        attempts.settle.bind(5, detail)
        try attempts.settle.run()
        attemptCache[attempt.id]?.state = state
        attemptCache[attempt.id]?.carrierID = carrierID
    }

    /// Reports that came before this submit reply are due now: it gives the carrier's numbers their messages.
    private func wakeParked(channel: ChannelKey, from base: Int64, count: Int64, at: Timestamp) throws {
        let statement = attempts.wakeParked
        statement.bind(1, channel)
        statement.bind(2, base)
        let (last, isBeyond) = base.addingReportingOverflow(max(0, count - 1))
        statement.bind(3, isBeyond ? .max : last)
        statement.bind(4, at.milliseconds)
        try statement.run()
    }

    private func requeue(_ attempt: StoredAttempt) throws {
        if let first = attempt.messages.runs.map(\.first).min() { noteQueued(from: first) }
        for run in attempt.messages.runs {
            attempts.requeue.bind(1, run.first)
            attempts.requeue.bind(2, run.last)
            attempts.requeue.bind(3, attempt.id)
            try attempts.requeue.run()
        }
    }

    /// Messages that one transaction looks at for expiry, but for the rest of its last attempt: mostly they are final,
    /// and it takes a few milliseconds.
    private static let lookedAtMax = 20_000

    /// - Returns: whether there may be more.
    fileprivate func expire(
        begunBefore deadline: Timestamp, at: Timestamp, limit: Int, messagesMax: Int
    ) throws -> Bool {
        let old = try attempts(begunBefore: deadline, now: at, limit: limit)
        var ended = 0
        var seen = 0
        for attempt in old {
            if ended >= messagesMax || seen >= Self.lookedAtMax { return true }
            // One that was queued again is another attempt's, or will be.
            let open = try unreported(attempt.messages, of: attempt.id)
            for sequence in open {
                if let message = try message(sequence) { try happen(.unreported, to: message, at: at) }
            }
            ended += open.count
            seen += attempt.messages.count
            expiredThrough = attempt.id
        }
        return old.count >= limit
    }

    /// Those messages of an attempt that have no final report: mostly none, so they are not looked at one by one.
    private func unreported(_ messages: SequenceRuns, of attempt: AttemptID) throws -> [MessageSequence] {
        let statement = attempts.selectUnreported
        var found: [MessageSequence] = []
        for run in messages.runs {
            statement.bind(1, run.first)
            statement.bind(2, run.last)
            statement.bind(3, attempt)
            while try statement.next() { found.append(statement.id(0)) }
            statement.reset()
        }
        return found
    }

    /// The next attempts to expire. Ids are older the lower they are, which holds also when the clock was set back:
    /// what seems to have begun in the future is old when a later one is.
    private func attempts(
        begunBefore deadline: Timestamp, now: Timestamp, limit: Int
    ) throws -> [(id: AttemptID, messages: SequenceRuns)] {
        let statement = attempts.selectOld
        statement.bind(1, expiredThrough)
        defer { statement.reset() }
        var found: [(id: AttemptID, messages: SequenceRuns)] = []
        var oldCount = 0
        while oldCount < limit, try statement.next() {
            let begun = Timestamp(milliseconds: statement.int(1))
            if begun >= deadline, begun <= now { break }
            found.append((statement.id(0), SequenceRuns(encoded: statement.blob(2)) ?? SequenceRuns([])))
            if begun < deadline { oldCount = found.count }
        }
        return Array(found.prefix(oldCount))
    }
}
