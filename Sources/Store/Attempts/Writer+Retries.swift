import GRDB
public import Messaging

/// What became of the first attempt of a message that is or was tried on a second channel.
struct StoredRetry {
    var attempt: AttemptID
    var channel: ChannelKey
    var status: DeliveryStatus
}

struct RetryStatements {
    let insert: SQLiteStatement
    let select: SQLiteStatement
    let selectPart: SQLiteStatement
    let findByMobile: SQLiteStatement
    let ported: SQLiteStatement

    init(_ db: Database) throws {
        insert = try SQLiteStatement(
            db, "INSERT INTO retry (sequence, attempt, channel, status) VALUES (?1, ?2, ?3, ?4)")
        select = try SQLiteStatement(db, "SELECT attempt, channel, status FROM retry WHERE sequence = ?1")
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
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func endRetries(_ sequences: [MessageSequence], at: Timestamp) async throws(StoreFailure) -> Effects {
        try await groupCommit.perform { writer in
            try writer.gatheringEffects {
                for sequence in sequences {
                    guard let message = try writer.message(sequence), let retry = try writer.retry(of: sequence) else {
                        continue
                    }
                    let words = "no other channel takes it: \(retry.status.code) is final"
                    try writer.happen(
                        .noSecondChannel(firstFailure: retry.status), to: message, detail: words, at: at)
                }
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

    func retry(of sequence: MessageSequence) throws -> StoredRetry? {
        let statement = retries.select
        statement.bind(1, sequence)
        defer { statement.reset() }
        guard try statement.next() else { return nil }
        return StoredRetry(
            attempt: statement.id(0), channel: statement.id(1), status: DeliveryStatus(statement.text(2)))
    }

    /// The route that has another channel for a message after a failed report, if no second channel was tried yet.
    func otherChannel(for message: StoredMessage, after status: DeliveryStatus, at: Timestamp) throws -> Route? {
        let table = try routeTable()
        guard !status.isDelivered, table.retryCodes.contains(status), message.life.maySendAgain(at: at),
            let attempt = try message.attempt.flatMap({ try attempt($0) })
        else { return nil }
        let number = PhoneNumber(rawValue: message.mobile)
        let route = table.route(
            account: message.account, number: number, network: try network(of: number), over: attempt.channel)
        guard let route, route.retries(status, on: attempt.channel), try retry(of: message.sequence) == nil else {
            return nil
        }
        return route
    }

    /// Queues a message again whose attempt was reported failed.
    func queueAgain(_ message: StoredMessage, after report: CarrierReport, by route: Route, at: Timestamp) throws {
        let event = MessageEvent.reported(
            report.status, segment: report.segmentNumber, of: report.segmentTotal, another: true)
        guard let changes = message.life.changes(on: event, at: at), let attemptID = message.attempt,
            let attempt = try attempt(attemptID)
        else { return }
        retries.insert.bind(1, message.sequence)
        retries.insert.bind(2, attemptID)
        retries.insert.bind(3, attempt.channel)
        retries.insert.bind(4, report.status.code)
        try retries.insert.run()
        let words = "\(report.status.code) of attempt \(attemptID): route \(route.name) tries once on another channel"
        try apply(changes, to: message, detail: words, at: at)
    }

    private func network(of number: PhoneNumber) throws -> Network? {
        let statement = retries.ported
        statement.bind(1, number.rawValue)
        defer { statement.reset() }
        if try statement.next(), let raw = UInt8(exactly: statement.int(0)), let network = Network(rawValue: raw) {
            return network
        }
        return Network.of(number)
    }

    /// Notes that a message is queued again, and hands it to the dispatcher after the commit, with the channel that it
    /// failed on.
    func enqueue(_ sequence: MessageSequence) throws {
        noteQueued(from: sequence)
        let statement = retries.selectPart
        statement.bind(1, sequence)
        defer { statement.reset() }
        guard try statement.next() else { return }
        if effects.requeued.last?.id != statement.id(0) {
            effects.requeued.append(
                CommittedPart(
                    id: statement.id(0), account: statement.id(1),
                    acceptedAt: Timestamp(milliseconds: statement.int(2)),
                    scheduledAt: statement.optionalInt(6).map { Timestamp(milliseconds: $0) },
                    validUntil: statement.optionalInt(9).map { Timestamp(milliseconds: $0) },
                    content: statement.text(3), accountExtension: statement.text(10),
                    accessExtension: statement.text(4), segments: Int(statement.int(5)), messages: []))
        }
        let message = CommittedPart.Message(sequence: sequence, mobile: PhoneNumber(rawValue: statement.int(7)))
        effects.requeued[effects.requeued.count - 1].add(message, avoiding: statement.optionalID(8))
    }

    // MARK: Reports of a first attempt that is over

    /// Whether a report that speaks of `attempt` (nil: of one that `channel` had before the latest) comes after its
    /// message was given to another channel. Costs nothing for messages that are where the report says.
    func isLate(_ message: StoredMessage, attempt: AttemptID?, channel: ChannelKey) throws -> Bool {
        if message.life.state != .queued, let attempt, message.attempt == attempt { return false }
        guard let retry = try retry(of: message.sequence) else { return false }
        return attempt.map { $0 == retry.attempt } ?? (channel == retry.channel)
    }

    /// The message of a first attempt that was given to another channel since, by its number.
    func retried(mobile: Int64, in attempt: StoredAttempt) throws -> MessageSequence? {
        for run in attempt.messages.runs {
            let statement = retries.findByMobile
            statement.bind(1, run.first)
            statement.bind(2, run.last)
            statement.bind(3, attempt.id)
            statement.bind(4, mobile)
            defer { statement.reset() }
            if try statement.next() { return statement.id(0) }
        }
        return nil
    }
}
