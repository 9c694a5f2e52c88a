import GRDB
public import Messaging

extension Store {
    /// For each number the account that last sent to it on this channel since `since`: the messages that are not in the
    /// record index yet are read once for all numbers, the others are looked up.
    public func lastSenders(
        to mobiles: Set<PhoneNumber>, on channel: Int64, since: Timestamp
    ) async throws(StoreFailure) -> [PhoneNumber: Int64] {
        try await read { db in
            let search = LastSenderSearch(db: db, channel: channel, since: since)
            let indexed = try Int64.fetchOne(db, sql: "SELECT value FROM counter WHERE name = 'indexed_through'") ?? 0
            var owners = try search.scan(for: mobiles, after: indexed)
            for mobile in mobiles where owners[mobile] == nil {
                owners[mobile] = try search.lookUp(mobile, through: indexed)
            }
            return owners
        }
    }
}

private struct LastSenderSearch {
    let db: Database
    let channel: Int64
    let since: Timestamp

    func scan(for mobiles: Set<PhoneNumber>, after indexed: Int64) throws -> [PhoneNumber: Int64] {
        var open = mobiles
        var owners: [PhoneNumber: Int64] = [:]
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT m.mobile, s.account, s.accepted_at, a.channel FROM message m
                JOIN submission s ON s.id = m.submission JOIN attempt a ON a.id = m.attempt
                WHERE m.sequence > ? ORDER BY m.sequence DESC
                """,
            arguments: [indexed])
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
