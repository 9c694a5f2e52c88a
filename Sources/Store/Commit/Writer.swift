import GRDB
import Messaging

/// What the journal's transactions work with: prepared statements, the counters that give out numbers, and the sums
/// that are written once per transaction. Confined to the database's writer queue.
final class Writer {
    let db: Database
    let acceptance: AcceptanceStatements
    let attempts: AttemptStatements
    let reports: ReportStatements
    let outbox: OutboxStatements
    let records: RecordStatements
    let retries: RetryStatements
    let pushes: PushStatements
    private let beginTransaction: SQLiteStatement
    private let commitTransaction: SQLiteStatement
    private let saveCounter: SQLiteStatement
    private let addBalance: SQLiteStatement
    private let addAccountTotal: SQLiteStatement
    private let addFailureTotal: SQLiteStatement
    private let addChannelTotal: SQLiteStatement
    private let addLedger: SQLiteStatement

    private var counters: Counters
    private var committedCounters: Counters
    /// `committedCounters` as they were when this transaction began.
    private var savedBefore: Counters?
    private var balances: [AccountKey: Int64] = [:]
    private var accountTotals: [DayOf<RowKind.Account>: AccountTotal] = [:]
    private var channelTotals: [DayOf<RowKind.Channel>: ChannelTotal] = [:]
    private var failureTotals: [FailureOfDay: Int64] = [:]
    /// Rules of accounts, read when first needed; emptied when accounts change.
    var refundRules: [AccountKey: Account.RefundRule] = [:]
    /// What accounts say of their blacklists, where they use them; read when first needed, forgotten when rules change.
    var listRules: [AccountKey: ScreeningRules]?
    /// The routes that are on, read when first needed; forgotten when they change.
    var routes: RouteTable?
    /// Is written to before numbers beyond `reserved` are given out; nil while a store is being filled.
    private var marker: StateMarker?
    private var reserved = MarkerContent.Numbers.max
    /// Calls that reports asked for lately.
    var attemptCache: [AttemptID: StoredAttempt] = [:]

    /// Whose outboxes this transaction put something into.
    private(set) var filled = FilledOutboxes()
    /// What this transaction changed of blacklists, in order.
    private(set) var blacklistChanges: [BlacklistChange] = []

    /// What the running piece of work did that the engine keeps figures of.
    var effects = Effects()

    /// An account's or a channel's day in China, as yyyymmdd.
    struct DayOf<Kind>: Hashable {
        var owner: RowID<Kind>
        var day: Int
    }

    /// Failed messages of an account and day with one status.
    private struct FailureOfDay: Hashable {
        var place: DayOf<RowKind.Account>
        var status: String
    }

    struct Counters: Equatable {
        /// The next message sequence, attempt, outbox entry.
        var sequence: MessageSequence = 1
        var attempt: AttemptID = 1
        var outbox: OutboxEntryID = 1
        /// The last attempt that was looked at for expiry.
        var expiredAttempt: AttemptID = 0
        /// No message before this one is queued.
        var queuedFrom: MessageSequence = 1
        /// Messages up to this one are in the record index.
        var indexedThrough: MessageSequence = 0

        static let names = ["sequence", "attempt", "outbox", "expired_attempt", "queued_from", "indexed_through"]

        /// By their places in `names`; a switch, since key paths cost more than what they lead to.
        subscript(place: Int) -> Int64 {
            get {
                switch place {
                case 0: sequence.rawValue
                case 1: attempt.rawValue
                case 2: outbox.rawValue
                case 3: expiredAttempt.rawValue
                case 4: queuedFrom.rawValue
                default: indexedThrough.rawValue
                }
            }
            set {
                switch place {
                case 0: sequence.rawValue = newValue
                case 1: attempt.rawValue = newValue
                case 2: outbox.rawValue = newValue
                case 3: expiredAttempt.rawValue = newValue
                case 4: queuedFrom.rawValue = newValue
                default: indexedThrough.rawValue = newValue
                }
            }
        }
    }

    init(_ db: Database) throws {
        self.db = db
        acceptance = try AcceptanceStatements(db)
        attempts = try AttemptStatements(db)
        reports = try ReportStatements(db)
        outbox = try OutboxStatements(db)
        records = try RecordStatements(db)
        retries = try RetryStatements(db)
        pushes = try PushStatements(db)
        beginTransaction = try SQLiteStatement(db, "BEGIN IMMEDIATE TRANSACTION")
        commitTransaction = try SQLiteStatement(db, "COMMIT TRANSACTION")
        saveCounter = try SQLiteStatement(
            db,
            "INSERT INTO counter (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
        addBalance = try SQLiteStatement(db, "UPDATE account SET balance = balance + ?1 WHERE number = ?2")
        addAccountTotal = try SQLiteStatement(
            db,
            """
            INSERT INTO account_total (account, day, messages, segments, delivered, failed, charged, refunded,
            unsent, timed, delivered_fast)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (account, day) DO UPDATE SET
            messages = messages + excluded.messages, segments = segments + excluded.segments,
            delivered = delivered + excluded.delivered, failed = failed + excluded.failed,
            charged = charged + excluded.charged, refunded = refunded + excluded.refunded,
            unsent = unsent + excluded.unsent, timed = timed + excluded.timed,
            delivered_fast = delivered_fast + excluded.delivered_fast
            """)
        addFailureTotal = try SQLiteStatement(
            db,
            """
            INSERT INTO failure_total (account, day, status, messages) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (account, day, status) DO UPDATE SET messages = messages + excluded.messages
            """)
        addChannelTotal = try SQLiteStatement(
            db,
            """
            INSERT INTO channel_total (channel, day, submitted, refused, delivered, failed)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (channel, day) DO UPDATE SET
            submitted = submitted + excluded.submitted, refused = refused + excluded.refused,
            delivered = delivered + excluded.delivered, failed = failed + excluded.failed
            """)
        addLedger = try SQLiteStatement(
            db, "INSERT INTO ledger (account, at, kind, amount, reference, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        let stored = try Self.storedCounters(db)
        counters = stored
        committedCounters = stored
    }

    // MARK: Numbers

    /// Makes `nextSequence` one from which `count` consecutive sequences of one epoch can be given out.
    /// - Throws: `limitReached` when all epochs are used up.
    func makeRoom(for count: Int) throws {
        guard let start = MessageID.start(of: count, from: counters.sequence) else {
            throw StoreFailure.limitReached("all message ids are given out")
        }
        counters.sequence = start
    }

    /// Gives out `count` consecutive message sequences of one epoch and returns the first.
    /// - Throws: as `makeRoom`.
    func takeSequences(_ count: Int) throws -> MessageSequence {
        try makeRoom(for: count)
        defer { counters.sequence += Int64(count) }
        return counters.sequence
    }

    func takeAttempt() -> AttemptID {
        defer { counters.attempt += 1 }
        return counters.attempt
    }

    func takeOutboxID() -> OutboxEntryID {
        defer { counters.outbox += 1 }
        return counters.outbox
    }

    /// The attempt that was begun last.
    var latestAttempt: AttemptID { counters.attempt - 1 }

    var expiredThrough: AttemptID {
        get { counters.expiredAttempt }
        set { counters.expiredAttempt = newValue }
    }

    var queuedFrom: MessageSequence {
        get { counters.queuedFrom }
        set { counters.queuedFrom = newValue }
    }

    var indexedThrough: MessageSequence {
        get { counters.indexedThrough }
        set { counters.indexedThrough = newValue }
    }

    /// The sequence that the next message will have.
    var nextSequence: MessageSequence { counters.sequence }

    /// Must be called by all that puts something into an outbox: after the commit its pushes begin.
    func noteOutbox(of account: AccountKey, _ kind: OutboxKind) {
        filled.insert(OutboxKey(account: account, kind: kind))
    }

    /// Must be called by all that changes a blacklist: the observer of blacklists is called with it after the commit.
    func noteBlacklist(_ change: BlacklistChange) { blacklistChanges.append(change) }

    /// Must be called by all that puts messages back into the queue: the scan for queued ones begins at the first.
    func noteQueued(from sequence: MessageSequence) { counters.queuedFrom = min(counters.queuedFrom, sequence) }

    /// Runs one piece of work and gathers its effects.
    func gatheringEffects(_ body: () throws -> Void) rethrows -> Effects {
        effects = Effects()
        try body()
        return effects
    }

    // MARK: The marker

    /// The next free numbers, as they are committed.
    var givenOut: MarkerContent.Numbers { Self.numbers(committedCounters) }

    private static func numbers(_ counters: Counters) -> MarkerContent.Numbers {
        MarkerContent.Numbers(sequence: counters.sequence, attempt: counters.attempt, outbox: counters.outbox)
    }

    /// From now on no number is given out that the marker has not reserved.
    func keep(_ marker: StateMarker) {
        self.marker = marker
        reserved = marker.reserved
    }

    /// Gives out nothing before `numbers`.
    func skip(to numbers: MarkerContent.Numbers) {
        let next = Self.numbers(counters).past(numbers)
        counters.sequence = next.sequence
        counters.attempt = next.attempt
        counters.outbox = next.outbox
    }

    // MARK: Sums, written once per transaction

    /// A movement of a balance: one ledger entry now, one addition to the balance at the end of the transaction.
    func book(
        _ kind: LedgerKind, account: AccountKey, amount: Int64, at: Timestamp, reference: MessageSequence? = nil,
        note: String? = nil
    ) throws {
        guard amount != 0 else { return }
        addLedger.bind(1, account)
        addLedger.bind(2, at.milliseconds)
        addLedger.bind(3, kind.rawValue)
        addLedger.bind(4, amount)
        addLedger.bind(5, reference)
        addLedger.bind(6, note)
        try addLedger.run()
        balances[account, default: 0] += amount
    }

    func count(account: AccountKey, day: Int, _ change: (inout AccountTotal) -> Void) {
        change(&accountTotals[DayOf(owner: account, day: day), default: AccountTotal()])
    }

    /// One more failed message of this status.
    func countFailure(_ status: DeliveryStatus, account: AccountKey, day: Int) {
        failureTotals[FailureOfDay(place: DayOf(owner: account, day: day), status: status.code), default: 0] += 1
    }

    func count(channel: ChannelKey, day: Int, _ change: (inout ChannelTotal) -> Void) {
        change(&channelTotals[DayOf(owner: channel, day: day), default: ChannelTotal()])
    }

    // MARK: The transaction

    func begin() {
        savedBefore = committedCounters
        counters = committedCounters
        balances.removeAll(keepingCapacity: true)
        accountTotals.removeAll(keepingCapacity: true)
        channelTotals.removeAll(keepingCapacity: true)
        failureTotals.removeAll(keepingCapacity: true)
        filled.removeAll()
        blacklistChanges.removeAll()
    }

    /// Runs `work` in a transaction of the database, whose statements are prepared once.
    func transaction(_ work: () throws -> Void) throws {
        try beginTransaction.run()
        do {
            try work()
            try commitTransaction.run()
        } catch {
            try? db.rollback()
            throw error
        }
    }

    /// Writes counters and sums; the last step before the commit.
    func finish() throws {
        let next = Self.numbers(counters)
        if next.exceeds(reserved), let marker {
            reserved = try marker.reserve(for: next, given: givenOut)
        }
        for (place, name) in Counters.names.enumerated() where counters[place] != committedCounters[place] {
            saveCounter.bind(1, name)
            saveCounter.bind(2, counters[place])
            try saveCounter.run()
        }
        for (account, change) in balances {
            addBalance.bind(1, change)
            addBalance.bind(2, account)
            try addBalance.run()
        }
        try writeTotals()
        committedCounters = counters
    }

    private func writeTotals() throws {
        for (key, total) in accountTotals {
            let values = [
                key.owner.rawValue, Int64(key.day), total.messages, total.segments, total.delivered, total.failed,
                total.charged, total.refunded, total.unsent, total.timed, total.deliveredFast,
            ]
            for (index, value) in values.enumerated() { addAccountTotal.bind(Int32(index + 1), value) }
            try addAccountTotal.run()
        }
        for (key, total) in channelTotals {
            let values = [
                key.owner.rawValue, Int64(key.day), total.submitted, total.refused, total.delivered, total.failed,
            ]
            for (index, value) in values.enumerated() { addChannelTotal.bind(Int32(index + 1), value) }
            try addChannelTotal.run()
        }
        for (key, messages) in failureTotals {
            addFailureTotal.bind(1, key.place.owner)
            addFailureTotal.bind(2, key.place.day)
            addFailureTotal.bind(3, key.status)
            addFailureTotal.bind(4, messages)
            try addFailureTotal.run()
        }
    }

    /// After a transaction was thrown away: nothing read or counted in it holds.
    func rollBack() {
        if let savedBefore { committedCounters = savedBefore }
        counters = committedCounters
        refundRules.removeAll()
        listRules = nil
        routes = nil
        attemptCache.removeAll()
    }

    private static func storedCounters(_ db: Database) throws -> Counters {
        var stored = Counters()
        for row in try Row.fetchAll(db, sql: "SELECT name, value FROM counter") {
            let name: String = row["name"]
            if let place = Counters.names.firstIndex(of: name) {
                let range = 0...(MessageID.lastSequence.rawValue + 1)
                stored[place] = try row.checked("value", range, of: "the counter \(name)")
            }
        }
        return stored
    }
}
