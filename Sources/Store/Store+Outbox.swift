import GRDB
public import Messaging

struct OutboxStatements {
    let selectCursor: SQLiteStatement
    let saveCursor: SQLiteStatement
    let saveCollection: SQLiteStatement
    let selectReports: SQLiteStatement
    let selectReplies: SQLiteStatement

    init(_ db: Database) throws {
        selectCursor = try SQLiteStatement(
            db, "SELECT collected_through FROM outbox_cursor WHERE account = ?1 AND kind = ?2")
        saveCursor = try SQLiteStatement(
            db,
            """
            INSERT INTO outbox_cursor (account, kind, collected_through) VALUES (?1, ?2, ?3)
            ON CONFLICT (account, kind) DO UPDATE SET collected_through = excluded.collected_through
            """)
        saveCollection = try SQLiteStatement(
            db, "INSERT INTO collection (account, kind, through, first, at) VALUES (?1, ?2, ?3, ?4, ?5)")
        selectReports = try SQLiteStatement(
            db,
            """
            SELECT r.id, r.sequence, r.segment, r.status, r.reported_at, m.mobile, i.text,
            s.custom_id, s.custom_data, s.access_extension, s.segments, s.accepted_at,
            c.access_number, o.access_extension
            FROM report r JOIN message m ON m.sequence = r.sequence JOIN submission s ON s.id = m.submission
            JOIN account o ON o.number = r.account
            LEFT JOIN invalid_number i ON m.mobile = 0 AND i.sequence = m.sequence
            LEFT JOIN attempt a ON a.id = m.attempt LEFT JOIN channel c ON c.number = a.channel
            WHERE r.account = ?1 AND r.id > ?2 ORDER BY r.id LIMIT ?3
            """)
        selectReplies = try SQLiteStatement(
            db,
            """
            SELECT id, mobile, access_number, access_extension, received_at, content FROM reply
            WHERE account = ?1 AND id > ?2 ORDER BY id LIMIT ?3
            """)
    }
}

extension Store {
    /// Hands out the oldest uncollected reports of an account; they count as collected when this returns.
    public func collectReports(
        for account: Int64, limit: Int, at: Timestamp
    ) async throws(StoreFailure) -> [CustomerReport] {
        try await journal.perform { writer in
            if try writer.isPushing(account, .reports) { return [] }
            let from = try writer.cursor(account, .reports)
            let entries = try writer.uncollectedReports(account, after: from, limit: limit)
            try writer.advance(account, .reports, ids: entries.map(\.id), at: at)
            return entries.map(\.report)
        }
    }

    /// Hands out the oldest uncollected replies of an account; they count as collected when this returns.
    public func collectReplies(
        for account: Int64, limit: Int, at: Timestamp
    ) async throws(StoreFailure) -> [CustomerReply] {
        try await journal.perform { writer in
            if try writer.isPushing(account, .replies) { return [] }
            let from = try writer.cursor(account, .replies)
            let replies = try writer.uncollectedReplies(account, after: from, limit: limit)
            try writer.advance(account, .replies, ids: replies.map(\.id.rawValue), at: at)
            return replies
        }
    }
}

extension Writer {
    func cursor(_ account: Int64, _ kind: OutboxKind) throws -> Int64 {
        let statement = outbox.selectCursor
        statement.bind(1, account)
        statement.bind(2, kind.rawValue)
        defer { statement.reset() }
        return try statement.next() ? statement.int(0) : 0
    }

    fileprivate func advance(_ account: Int64, _ kind: OutboxKind, ids: [Int64], at: Timestamp) throws {
        guard let first = ids.first, let last = ids.last else { return }
        outbox.saveCursor.bind(1, account)
        outbox.saveCursor.bind(2, kind.rawValue)
        outbox.saveCursor.bind(3, last)
        try outbox.saveCursor.run()
        outbox.saveCollection.bind(1, account)
        outbox.saveCollection.bind(2, kind.rawValue)
        outbox.saveCollection.bind(3, last)
        outbox.saveCollection.bind(4, first)
        outbox.saveCollection.bind(5, at.milliseconds)
        try outbox.saveCollection.run()
    }

    func uncollectedReports(
        _ account: Int64, after: Int64, limit: Int
    ) throws -> [(id: Int64, report: CustomerReport)] {
        let statement = outbox.selectReports
        statement.bind(1, account)
        statement.bind(2, after)
        statement.bind(3, limit)
        defer { statement.reset() }
        var entries: [(Int64, CustomerReport)] = []
        while try statement.next() {
            let mobile = statement.int(5)
            let segment = Int(statement.int(2))
            let exno = statement.text(9)
            let channel = Channel(name: "", accessNumber: statement.text(12))
            let report = CustomerReport(
                id: MessageID(sequence: statement.int(1)).segment(segment), customID: statement.text(7),
                segmentNumber: segment, segmentTotal: Int(statement.int(10)),
                mobile: mobile == 0 ? statement.text(6) : PhoneNumber(rawValue: mobile).text,
                accessNumber: channel.fullNumber(accountExtension: statement.text(13), customerExtension: exno),
                accessExtension: exno, submittedAt: Timestamp(milliseconds: statement.int(11)),
                reportedAt: Timestamp(milliseconds: statement.int(4)), status: DeliveryStatus(statement.text(3)),
                customData: statement.text(8))
            entries.append((statement.int(0), report))
        }
        return entries
    }

    func uncollectedReplies(_ account: Int64, after: Int64, limit: Int) throws -> [CustomerReply] {
        let statement = outbox.selectReplies
        statement.bind(1, account)
        statement.bind(2, after)
        statement.bind(3, limit)
        defer { statement.reset() }
        var replies: [CustomerReply] = []
        while try statement.next() {
            replies.append(
                CustomerReply(
                    id: MessageID(rawValue: statement.int(0)), mobile: statement.text(1),
                    accessNumber: statement.text(2), accessExtension: statement.text(3),
                    receivedAt: Timestamp(milliseconds: statement.int(4)), content: statement.text(5)))
        }
        return replies
    }
}
