import GRDB
public import Messaging
import Synchronization

/// A message that went to a handset over a channel.
public struct LastSending: Hashable, Sendable {
    /// The store's number of the account.
    public var account: AccountKey
    /// Its id.
    public var message: MessageID
    /// The full number that it went out under.
    public var accessNumber: String
    /// The customer's own part of that.
    public var customerExtension: String

    /// `accessNumber` is the full one: channel number, account extension and customer extension.
    public init(account: AccountKey, message: MessageID, accessNumber: String, customerExtension: String) {
        self.account = account
        self.message = message
        self.accessNumber = accessNumber
        self.customerExtension = customerExtension
    }
}

extension Store {
    /// For each number what was last sent to it on this channel since `since`, the latest first, of each account and
    /// full number the latest only: messages that are not in the record index yet are known in memory, the others are
    /// looked up.
    /// - Parameters:
    ///   - wanted: the handsets' numbers, and of each the full numbers that it answered. A search ends where the latest
    ///     sendings from all of these are found.
    ///   - chunksMax: how many pieces of the record index are looked into for a number, the latest first.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func lastSendings(
        to wanted: [PhoneNumber: Set<String>], on channel: ChannelKey, since: Timestamp, chunksMax: Int = .max
    ) async throws(StoreFailure) -> [PhoneNumber: [LastSending]] {
        try await read { db in
            let search = LastSenderSearch(db: db, channel: channel, since: since)
            let indexed =
                try MessageSequence.fetchOne(db, sql: "SELECT value FROM counter WHERE name = 'indexed_through'") ?? 0
            var findings = wanted.mapValues { LastSenderSearch.Finding(wanted: $0) }
            try self.recentMessages.withLock { recent in
                try search.find(&findings, in: &recent, after: indexed)
            }
            for (mobile, finding) in findings where !finding.isComplete {
                var finding = finding
                try search.lookUp(mobile, through: indexed, chunksMax: chunksMax, into: &finding)
                findings[mobile] = finding
            }
            return findings.mapValues(\.sendings).filter { !$0.value.isEmpty }
        }
    }
}

/// The messages that are not in the record index yet, by number: read once, in their order, when a search needs them.
struct RecentMessages: Sendable {
    /// Messages that are held; more than the index leaves unless it has stopped.
    static let countMax = 4 * Int(RecordChunk.size)

    private let countMax: Int
    /// Nothing up to this one is held.
    private(set) var indexed: MessageSequence = 0
    /// Everything behind `indexed` and up to this one is.
    private(set) var through: MessageSequence = 0
    /// The place of the latest message to each number.
    private var latest: [Int64: Int32] = [:]
    private var sequences: [MessageSequence] = []
    /// The place of the message before to the same number; -1: none.
    private var before: [Int32] = []

    init(countMax: Int = RecentMessages.countMax) {
        self.countMax = countMax
    }

    var isFull: Bool { sequences.count >= countMax }

    /// Reads what came since the last time, and forgets what is indexed.
    /// - Returns: how many messages were read.
    mutating func extend(_ db: Database, after indexed: MessageSequence) throws -> Int {
        if self.indexed != indexed {
            self = RecentMessages(countMax: countMax)
            self.indexed = indexed
            through = indexed
        }
        let statement = try SQLiteStatement(
            db, "SELECT sequence, mobile FROM message WHERE sequence > ?1 AND mobile <> 0 ORDER BY sequence")
        statement.bind(1, through)
        defer { statement.reset() }
        let known = sequences.count
        while !isFull, try statement.next() {
            through = statement.id(0)
            let place = Int32(sequences.count)
            before.append(latest.updateValue(place, forKey: statement.int(1)) ?? -1)
            sequences.append(through)
        }
        return sequences.count - known
    }

    /// Messages to a number, the latest first.
    func messages(to mobile: PhoneNumber) -> some Sequence<MessageSequence> {
        sequence(first: latest[mobile.rawValue] ?? -1) { before[Int($0)] }
            .prefix { $0 >= 0 }
            .lazy.map { sequences[Int($0)] }
    }
}

private struct LastSenderSearch {
    let db: Database
    let channel: ChannelKey
    let since: Timestamp

    /// Messages to one number that are looked at in one place.
    private static let messagesMax = 1000

    /// What the search for one number has found, and whether it goes on.
    struct Finding {
        private static let sendingsMax = 16

        /// The latest first.
        private(set) var sendings: [LastSending] = []
        /// Full numbers that are still looked for.
        private var open: Set<String>
        private var hasReachedEnd = false

        init(wanted: Set<String>) { open = wanted }

        var isComplete: Bool { hasReachedEnd || open.isEmpty || sendings.count >= Self.sendingsMax }

        mutating func add(_ sending: LastSending) {
            let isKnown = sendings.contains {
                $0.account == sending.account && $0.accessNumber == sending.accessNumber
            }
            if isKnown { return }
            sendings.append(sending)
            open.remove(sending.accessNumber)
        }

        /// What is earlier does not count.
        mutating func end() { hasReachedEnd = true }
    }

    /// What is said of a message, for `sending(_:)`.
    private static let columns = """
        m.sequence, s.account, s.accepted_at, a.channel, a.extension_room, s.access_extension,
        IFNULL(a.access_number, c.access_number) AS access_number, \(Schema.accountExtension) AS account_extension
        """
    private static let tables = """
        message m JOIN submission s ON s.id = m.submission LEFT JOIN attempt a ON a.id = m.attempt
        LEFT JOIN channel c ON c.number = a.channel
        """

    func find(
        _ findings: inout [PhoneNumber: Finding], in recent: inout RecentMessages, after indexed: MessageSequence
    ) throws {
        // What another search has read is further on than what this one sees.
        if recent.indexed > indexed { return try scan(for: &findings, after: indexed) }
        _ = try recent.extend(db, after: indexed)
        if recent.isFull { try scan(for: &findings, after: recent.through) }
        for mobile in findings.keys {
            guard var finding = findings[mobile] else { continue }
            try gather(among: recent.messages(to: mobile), into: &finding)
            findings[mobile] = finding
        }
    }

    /// - Parameter sequences: the latest first.
    private func gather(among sequences: some Sequence<MessageSequence>, into finding: inout Finding) throws {
        let statement = try db.cachedStatement(
            sql: "SELECT \(Self.columns) FROM \(Self.tables) WHERE m.sequence = ?")
        for sequence in sequences.prefix(Self.messagesMax) {
            if finding.isComplete { return }
            guard let row = try Row.fetchOne(statement, arguments: [sequence.rawValue]) else { continue }
            if (row["accepted_at"] as Int64) < since.milliseconds { return finding.end() }
            if let sending = sending(row) { finding.add(sending) }
        }
    }

    /// - Returns: nil for a message of another channel.
    private func sending(_ row: Row) -> LastSending? {
        guard (row["channel"] as ChannelKey?) == channel else { return nil }
        let asked = AccessExtension(account: row["account_extension"] ?? "", customer: row["access_extension"])
        let sent = SentNumber(asked, behind: row["access_number"], room: row["extension_room"])
        return LastSending(
            account: row["account"], message: MessageID(sequence: row["sequence"]), accessNumber: sent.accessNumber,
            customerExtension: sent.customerExtension)
    }

    /// Reads all messages, the latest first.
    private func scan(for findings: inout [PhoneNumber: Finding], after sequence: MessageSequence) throws {
        var open = findings.count { !$0.value.isComplete }
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT m.mobile, \(Self.columns) FROM \(Self.tables)
                WHERE m.sequence > ? AND m.attempt IS NOT NULL ORDER BY m.sequence DESC
                """,
            arguments: [sequence.rawValue])
        while open > 0, let row = try rows.next() {
            if (row["accepted_at"] as Int64) < since.milliseconds {
                for mobile in findings.keys { findings[mobile]?.end() }
                return
            }
            let mobile = PhoneNumber(rawValue: row["mobile"])
            guard var finding = findings[mobile], !finding.isComplete, let sending = sending(row) else { continue }
            finding.add(sending)
            if finding.isComplete { open -= 1 }
            findings[mobile] = finding
        }
    }

    func lookUp(_ mobile: PhoneNumber, through indexed: MessageSequence, chunksMax: Int, into finding: inout Finding)
        throws
    {
        guard indexed > 0 else { return }
        let statement = try db.cachedStatement(
            sql: "SELECT sequence FROM number_index WHERE chunk = ? AND mobile = ? ORDER BY sequence DESC LIMIT ?")
        var chunk = RecordChunk.chunk(of: indexed)
        var chunks = 0
        while chunk >= 0, chunks < chunksMax, !finding.isComplete, try isYoung(chunk) {
            let sequences = try MessageSequence.fetchAll(
                statement, arguments: [chunk, mobile.rawValue, Self.messagesMax])
            try gather(among: sequences, into: &finding)
            chunk = RecordChunk.before(chunk)
            chunks += 1
        }
    }

    /// Whether anything in the chunk was accepted since `since`: its last submission is the youngest.
    private func isYoung(_ chunk: Int64) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: "SELECT accepted_at FROM submission WHERE id <= ? ORDER BY id DESC LIMIT 1")
        let last = try Int64.fetchOne(statement, arguments: [RecordChunk.range(chunk).upperBound.rawValue])
        return (last ?? 0) >= since.milliseconds
    }
}
