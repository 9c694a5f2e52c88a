import GRDB
public import Messaging
import Synchronization

extension Store {
    /// For each number the account that last sent to it on this channel since `since`: messages that are not in the
    /// record index yet are known in memory, the others are looked up.
    public func lastSenders(
        to mobiles: Set<PhoneNumber>, on channel: Int64, since: Timestamp
    ) async throws(StoreFailure) -> [PhoneNumber: Int64] {
        try await read { db in
            let search = LastSenderSearch(db: db, channel: channel, since: since)
            let indexed = try Int64.fetchOne(db, sql: "SELECT value FROM counter WHERE name = 'indexed_through'") ?? 0
            var owners = try self.recentMessages.withLock { recent in
                try search.find(mobiles, in: &recent, after: indexed)
            }
            for mobile in mobiles where owners[mobile] == nil {
                owners[mobile] = try search.lookUp(mobile, through: indexed)
            }
            return owners
        }
    }
}

/// The messages that are not in the record index yet, by number: read once, as they come, and only where somebody asks.
struct RecentMessages: Sendable {
    /// Messages that are held; more than the index leaves unless it has stopped.
    static let countMax = 4 * Int(RecordChunk.size)

    private let countMax: Int
    /// Nothing up to this one is held.
    private(set) var indexed: Int64 = 0
    /// Everything behind `indexed` and up to this one is.
    private(set) var through: Int64 = 0
    /// The place of the latest message to each number.
    private var latest: [Int64: Int32] = [:]
    private var sequences: [Int64] = []
    /// The place of the message before to the same number; -1: none.
    private var before: [Int32] = []

    init(countMax: Int = RecentMessages.countMax) {
        self.countMax = countMax
    }

    var isFull: Bool { sequences.count >= countMax }

    /// Reads what came since the last time, and forgets what is indexed.
    /// - Returns: how many messages were read.
    mutating func extend(_ db: Database, after indexed: Int64) throws -> Int {
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
            through = statement.int(0)
            let place = Int32(sequences.count)
            before.append(latest.updateValue(place, forKey: statement.int(1)) ?? -1)
            sequences.append(through)
        }
        return sequences.count - known
    }

    /// Messages to a number, the latest first.
    func messages(to mobile: PhoneNumber) -> some Sequence<Int64> {
        sequence(first: latest[mobile.rawValue] ?? -1) { before[Int($0)] }
            .prefix { $0 >= 0 }
            .lazy.map { sequences[Int($0)] }
    }
}

private struct LastSenderSearch {
    let db: Database
    let channel: Int64
    let since: Timestamp

    func find(
        _ mobiles: Set<PhoneNumber>, in recent: inout RecentMessages, after indexed: Int64
    ) throws -> [PhoneNumber: Int64] {
        // What another search has read is further on than what this one sees.
        if recent.indexed > indexed { return try scan(for: mobiles, after: indexed) }
        _ = try recent.extend(db, after: indexed)
        var owners = recent.isFull ? try scan(for: mobiles, after: recent.through) : [:]
        for mobile in mobiles where owners[mobile] == nil {
            owners[mobile] = try owner(among: recent.messages(to: mobile))
        }
        return owners
    }

    /// - Parameter sequences: the latest first.
    private func owner(among sequences: some Sequence<Int64>) throws -> Int64? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT s.account, s.accepted_at, a.channel FROM message m JOIN submission s ON s.id = m.submission
                LEFT JOIN attempt a ON a.id = m.attempt WHERE m.sequence = ?
                """)
        for sequence in sequences {
            guard let row = try Row.fetchOne(statement, arguments: [sequence]) else { continue }
            if (row["accepted_at"] as Int64) < since.milliseconds { return nil }
            if (row["channel"] as Int64?) == channel { return row["account"] }
        }
        return nil
    }

    private func scan(for mobiles: Set<PhoneNumber>, after sequence: Int64) throws -> [PhoneNumber: Int64] {
        var open = mobiles
        var owners: [PhoneNumber: Int64] = [:]
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT m.mobile, s.account, s.accepted_at, a.channel FROM message m
                JOIN submission s ON s.id = m.submission JOIN attempt a ON a.id = m.attempt
                WHERE m.sequence > ? ORDER BY m.sequence DESC
                """,
            arguments: [sequence])
        while !open.isEmpty, let row = try rows.next() {
            if (row["accepted_at"] as Int64) < since.milliseconds { break }
            let mobile = PhoneNumber(rawValue: row["mobile"])
            guard open.contains(mobile), (row["channel"] as Int64) == channel else { continue }
            owners[mobile] = row["account"] as Int64
            open.remove(mobile)
        }
        return owners
    }

    func lookUp(_ mobile: PhoneNumber, through indexed: Int64) throws -> Int64? {
        guard indexed > 0 else { return nil }
        let statement = try db.cachedStatement(
            sql: """
                SELECT s.account, s.accepted_at, a.channel FROM number_index n
                JOIN message m ON m.sequence = n.sequence JOIN submission s ON s.id = m.submission
                LEFT JOIN attempt a ON a.id = m.attempt
                WHERE n.chunk = ? AND n.mobile = ? ORDER BY n.sequence DESC
                """)
        var chunk = RecordChunk.chunk(of: indexed)
        while chunk >= 0, try isYoung(chunk) {
            let rows = try Row.fetchCursor(statement, arguments: [chunk, mobile.rawValue])
            while let row = try rows.next() {
                if (row["accepted_at"] as Int64) < since.milliseconds { return nil }
                if (row["channel"] as Int64?) == channel { return row["account"] }
            }
            chunk -= 1
        }
        return nil
    }

    /// Whether anything in the chunk was accepted since `since`: its last submission is the youngest.
    private func isYoung(_ chunk: Int64) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: "SELECT accepted_at FROM submission WHERE id <= ? ORDER BY id DESC LIMIT 1")
        let last = try Int64.fetchOne(statement, arguments: [RecordChunk.range(chunk).upperBound])
        return (last ?? 0) >= since.milliseconds
    }
}
