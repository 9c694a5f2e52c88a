import GRDB
public import Messaging

/// What became of the first attempt of a message that is or was tried on a second channel.
struct StoredRetry {
    var attempt: Int64
    var channel: Int64
    var status: DeliveryStatus
}

struct RetryStatements {
    let insert: SQLiteStatement
    let select: SQLiteStatement
    let requeue: SQLiteStatement
    let selectPart: SQLiteStatement
    let findByMobile: SQLiteStatement
    let ported: SQLiteStatement

    init(_ db: Database) throws {
        insert = try SQLiteStatement(
            db, "INSERT INTO retry (sequence, attempt, channel, status) VALUES (?1, ?2, ?3, ?4)")
        select = try SQLiteStatement(db, "SELECT attempt, channel, status FROM retry WHERE sequence = ?1")
        requeue = try SQLiteStatement(db, "UPDATE message SET state = 1 WHERE sequence = ?1 AND state = 2")
        selectPart = try SQLiteStatement(
            db,
            """
            SELECT s.id, s.account, s.accepted_at, s.content, s.access_extension, s.segments, s.scheduled_at,
            m.mobile, r.channel, s.valid_until, \(Schema.accountExtension)
            FROM message m JOIN submission s ON s.id = m.submission
            LEFT JOIN retry r ON r.sequence = m.sequence WHERE m.sequence = ?1
            """)
        findByMobile = try SQLiteStatement(
            db,
            """
            SELECT r.sequence FROM retry r JOIN message m ON m.sequence = r.sequence
            WHERE r.sequence BETWEEN ?1 AND ?2 AND r.attempt = ?3 AND m.mobile = ?4 LIMIT 1
            """)
        ported = try SQLiteStatement(db, "SELECT carrier FROM ported WHERE mobile = ?1")
    }
}

extension Store {
    /// Ends messages that were to be tried on a second channel and that no other channel takes: the report of the
    /// first attempt is their final one. Others are left alone.
    public func endRetries(_ sequences: [Int64], at: Timestamp) async throws(StoreFailure) -> Effects {
        try await journal.perform { writer in
            try writer.gatheringEffects {
                for sequence in sequences { try writer.endRetry(sequence, at: at) }
            }
        }
    }
}

extension Writer {
    /// The routes that are on; read when first needed, forgotten when they change.
    func routeTable() throws -> RouteTable {
        if let routes { return routes }
        let table = RouteTable(try Route.all(db))
        routes = table
        return table
    }

    func retry(of sequence: Int64) throws -> StoredRetry? {
        let statement = retries.select
        statement.bind(1, sequence)
        defer { statement.reset() }
        guard try statement.next() else { return nil }
        return StoredRetry(
            attempt: statement.int(0), channel: statement.int(1), status: DeliveryStatus(statement.text(2)))
    }

    /// Queues a message again whose attempt was reported failed, if its route says so, it was not tried twice yet, and
    /// the customer knows of none of its segments.
    /// - Returns: false when the report is to be recorded.
    func queueAgain(_ message: StoredMessage, after status: DeliveryStatus, at: Timestamp) throws -> Bool {
        let table = try routeTable()
        guard table.retryCodes.contains(status), message.state == .submitted, message.progress.reportedMask == 0,
            !Validity.isOver(message.validUntil, at: at),
            let attemptID = message.attempt, let attempt = try attempt(attemptID)
        else { return false }
        let number = PhoneNumber(rawValue: message.mobile)
        let route = table.route(
            account: message.account, number: number, carrier: try carrier(of: number), over: attempt.channel)
        guard let route, route.retries(status, on: attempt.channel), try retry(of: message.sequence) == nil else {
            return false
        }
        retries.insert.bind(1, message.sequence)
        retries.insert.bind(2, attemptID)
        retries.insert.bind(3, attempt.channel)
        retries.insert.bind(4, status.code)
        try retries.insert.run()
        // The channel has lost this one, whatever becomes of the message.
        count(channel: attempt.channel, day: attempt.begunAt.chinaDay) { $0.failed += 1 }
        try note(
            message.sequence, at: at, kind: "retry",
            detail: "\(status.code) of attempt \(attemptID): route \(route.name) tries once on another channel")
        try queueAgain(message.sequence, into: &effects.requeued)
        return true
    }

    private func carrier(of number: PhoneNumber) throws -> Carrier? {
        let statement = retries.ported
        statement.bind(1, number.rawValue)
        defer { statement.reset() }
        if try statement.next(), let raw = UInt8(exactly: statement.int(0)), let carrier = Carrier(rawValue: raw) {
            return carrier
        }
        return Carrier.of(number)
    }

    /// Queues a message again that is with a carrier.
    /// - Parameter parts: what the dispatcher gets after the commit; each message with the channel that it failed on.
    func queueAgain(_ sequence: Int64, into parts: inout [CommittedPart]) throws {
        retries.requeue.bind(1, sequence)
        try retries.requeue.run()
        noteQueued(from: sequence)
        let statement = retries.selectPart
        statement.bind(1, sequence)
        defer { statement.reset() }
        guard try statement.next() else { return }
        if parts.last?.id != statement.int(0) {
            parts.append(
                CommittedPart(
                    id: statement.int(0), account: statement.int(1),
                    acceptedAt: Timestamp(milliseconds: statement.int(2)),
                    scheduledAt: statement.optionalInt(6).map { Timestamp(milliseconds: $0) },
                    validUntil: statement.optionalInt(9).map { Timestamp(milliseconds: $0) },
                    content: statement.text(3), accountExtension: statement.text(10),
                    accessExtension: statement.text(4), segments: Int(statement.int(5)), messages: []))
        }
        let message = CommittedPart.Message(sequence: sequence, mobile: PhoneNumber(rawValue: statement.int(7)))
        parts[parts.count - 1].add(message, avoiding: statement.optionalInt(8))
    }

    /// The report of its first attempt is a queued message's final one.
    func endRetry(
        _ sequence: Int64, because reason: String = "no other channel takes it", at: Timestamp
    ) throws {
        guard let message = try message(sequence), message.state == .queued, let retry = try retry(of: sequence) else {
            return
        }
        try note(sequence, at: at, kind: "retry", detail: "\(reason): \(retry.status.code) is final")
        try closeMessage(sequence, with: retry.status, at: at, refund: .undelivered)
    }

    // MARK: Reports of a first attempt that is over

    /// Whether a report that speaks of `attempt` (nil: of one that `channel` had before the latest) comes after its
    /// message was given to another channel. Costs nothing for messages that are where the report says.
    func isLate(_ message: StoredMessage, attempt: Int64?, channel: Int64) throws -> Bool {
        if message.state != .queued, let attempt, message.attempt == attempt { return false }
        guard let retry = try retry(of: message.sequence) else { return false }
        return attempt.map { $0 == retry.attempt } ?? (channel == retry.channel)
    }

    /// The message of a first attempt that was given to another channel since, by its number.
    func retried(mobile: Int64, in attempt: StoredAttempt) throws -> Int64? {
        for run in attempt.messages.runs {
            let statement = retries.findByMobile
            statement.bind(1, run.first)
            statement.bind(2, run.last)
            statement.bind(3, attempt.id)
            statement.bind(4, mobile)
            defer { statement.reset() }
            if try statement.next() { return statement.int(0) }
        }
        return nil
    }
}
