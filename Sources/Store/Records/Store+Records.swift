import GRDB
public import Messaging

extension Store {
    /// Lists messages by number, by account and by day, in any combination, the latest first. What it costs grows with
    /// the page and with the number of chunks, not with the messages stored.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func records(_ query: RecordQuery) async throws(StoreFailure) -> RecordPage {
        try await readLong { db in
            let search = RecordSearch(db: db, query: query)
            var sequences = try search.sequences()
            let isWhole = sequences.count <= query.limit
            sequences = Array(sequences.prefix(query.limit))
            return RecordPage(records: try search.records(sequences), next: isWhole ? nil : sequences.last)
        }
    }
}

/// One search over the record index and the messages that are not in it yet.
private struct RecordSearch {
    let db: Database
    let query: RecordQuery

    /// One more than the page has, to know whether there is another.
    private var wanted: Int { query.limit + 1 }

    func sequences() throws -> [MessageSequence] {
        guard let range = try range() else { return [] }
        let indexed =
            try MessageSequence.fetchOne(db, sql: "SELECT value FROM counter WHERE name = 'indexed_through'") ?? 0
        if query.mobile == nil, query.account == nil { return try all(in: range) }
        var found: [MessageSequence] = []
        let isNumber = query.mobile != nil
        if range.upperBound > indexed {
            let tail = max(range.lowerBound, indexed + 1)...range.upperBound
            found += try isNumber ? byNumber(scanning: tail) : byAccount(try submissions(scanning: tail), tail)
        }
        var chunk = RecordChunk.chunk(of: min(range.upperBound, indexed))
        while found.count < wanted, chunk >= RecordChunk.chunk(of: range.lowerBound) {
            let part = range.clamped(to: RecordChunk.range(chunk))
            found += try isNumber ? byNumber(chunk, part) : byAccount(try submissions(chunk, part), part)
            chunk = RecordChunk.before(chunk)
        }
        return found
    }

    // MARK: Where to look

    /// The sequences that the day and the place of the page leave.
    private func range() throws -> ClosedRange<MessageSequence>? {
        var first = try MessageSequence.fetchOne(db, sql: "SELECT MIN(sequence) FROM message") ?? 1
        var last = try MessageSequence.fetchOne(db, sql: "SELECT MAX(sequence) FROM message") ?? 0
        if let day = query.day {
            guard let start = Timestamp(chinaDay: day) else { return nil }
            first = try db.firstSubmission(since: start, through: last)
            last = min(last, try db.firstSubmission(since: start.adding(milliseconds: 86_400_000), through: last) - 1)
        }
        if let before = query.before { last = min(last, before - 1) }
        return first <= last ? first...last : nil
    }

    // MARK: Candidates, the latest first

    private func all(in range: ClosedRange<MessageSequence>) throws -> [MessageSequence] {
        try fetch(
            "SELECT sequence FROM message WHERE sequence BETWEEN ? AND ?",
            [range.lowerBound.rawValue, range.upperBound.rawValue])
    }

    private func byNumber(scanning range: ClosedRange<MessageSequence>) throws -> [MessageSequence] {
        let number = query.mobile?.rawValue ?? 0
        return try ofAccount(
            fetch(
                "SELECT sequence FROM message WHERE sequence BETWEEN ? AND ? AND mobile = ?",
                [range.lowerBound.rawValue, range.upperBound.rawValue, number],
                limit: query.account == nil ? wanted : .max))
    }

    private func byNumber(_ chunk: Int64, _ range: ClosedRange<MessageSequence>) throws -> [MessageSequence] {
        let number = query.mobile?.rawValue ?? 0
        return try ofAccount(
            fetch(
                "SELECT sequence FROM number_index WHERE sequence BETWEEN ? AND ? AND mobile = ? AND chunk = ?",
                [range.lowerBound.rawValue, range.upperBound.rawValue, number, chunk],
                limit: query.account == nil ? wanted : .max))
    }

    private func ofAccount(_ sequences: [MessageSequence]) throws -> [MessageSequence] {
        guard let account = query.account else { return sequences }
        let statement = try db.cachedStatement(
            sql: "SELECT s.account FROM message m JOIN submission s ON s.id = m.submission WHERE m.sequence = ?")
        return try sequences.filter { try AccountKey.fetchOne(statement, arguments: [$0.rawValue]) == account }
    }

    /// As many of the account's submissions, the latest first, as fill a page, with one that begins before `range`.
    private func submissions(scanning range: ClosedRange<MessageSequence>) throws -> [MessageSequence] {
        try fetch(
            "SELECT id AS sequence FROM submission WHERE id BETWEEN ? AND ? AND account = ?",
            [range.lowerBound.rawValue, range.upperBound.rawValue, query.account?.rawValue ?? 0])
            + straddling(range.lowerBound)
    }

    private func submissions(_ chunk: Int64, _ range: ClosedRange<MessageSequence>) throws -> [MessageSequence] {
        try fetch(
            """
            SELECT submission AS sequence FROM account_index
            WHERE submission BETWEEN ? AND ? AND account = ? AND chunk = ?
            """,
            [range.lowerBound.rawValue, range.upperBound.rawValue, query.account?.rawValue ?? 0, chunk])
            + straddling(range.lowerBound)
    }

    /// The account's submission that begins before `first` and goes on behind it.
    private func straddling(_ first: MessageSequence) throws -> [MessageSequence] {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT id, recipients, account FROM submission WHERE id < ? ORDER BY id DESC LIMIT 1"),
            arguments: [first.rawValue])
        guard let row, (row["account"] as AccountKey) == query.account else { return [] }
        let id: MessageSequence = row["id"]
        return id + (row["recipients"] as Int64) > first ? [id] : []
    }

    private func byAccount(_ submissions: [MessageSequence], _ range: ClosedRange<MessageSequence>) throws
        -> [MessageSequence]
    {
        let statement = try db.cachedStatement(sql: "SELECT recipients FROM submission WHERE id = ?")
        var found: [MessageSequence] = []
        for id in submissions {
            guard found.count < wanted, let recipients = try Int64.fetchOne(statement, arguments: [id.rawValue]) else {
                break
            }
            guard recipients > 0, id + recipients > range.lowerBound else { continue }
            let part = (id...id + recipients - 1).clamped(to: range)
            found += part.reversed().prefix(wanted - found.count)
        }
        return found
    }

    private func fetch(_ select: String, _ values: [Int64], limit: Int? = nil) throws -> [MessageSequence] {
        let statement = try db.cachedStatement(sql: select + " ORDER BY sequence DESC LIMIT ?")
        return try MessageSequence.fetchAll(statement, arguments: StatementArguments(values + [Int64(limit ?? wanted)]))
    }

    // MARK: The page

    func records(_ sequences: [MessageSequence]) throws -> [MessageRecord] {
        try db.records(sequences)
    }
}

extension Database {
    /// As many records as there are messages of these sequences, in the same order.
    func records(_ sequences: [MessageSequence]) throws -> [MessageRecord] {
        let statement = try cachedStatement(
            sql: """
                SELECT m.sequence, m.mobile, m.state, m.status, m.final_at, s.content, s.custom_id, s.segments,
                s.accepted_at, s.scheduled_at, s.account, IFNULL(s.request, s.id) AS request, o.id AS account_id,
                a.state AS attempt_state, c.name AS channel, i.text AS invalid
                FROM message m JOIN submission s ON s.id = m.submission JOIN account o ON o.number = s.account
                LEFT JOIN attempt a ON a.id = m.attempt LEFT JOIN channel c ON c.number = a.channel
                LEFT JOIN invalid_number i ON m.mobile = 0 AND i.sequence = m.sequence WHERE m.sequence = ?
                """)
        return try sequences.compactMap { sequence in
            guard let row = try Row.fetchOne(statement, arguments: [sequence.rawValue]) else { return nil }
            return MessageRecord(row: row)
        }
    }

    /// The first submission that was accepted at `moment` or later: they are numbered in the order of their acceptance,
    /// so that a search by halves finds it.
    func firstSubmission(since moment: Timestamp, through last: MessageSequence) throws -> MessageSequence {
        let statement = try cachedStatement(
            sql: "SELECT id, accepted_at FROM submission WHERE id >= ? ORDER BY id LIMIT 1")
        var low: MessageSequence = 1
        var high = last + 1
        while low < high {
            let middle = low + low.distance(to: high) / 2
            guard let row = try Row.fetchOne(statement, arguments: [middle.rawValue]),
                (row["accepted_at"] as Int64) < moment.milliseconds
            else {
                high = middle
                continue
            }
            low = (row["id"] as MessageSequence) + 1
        }
        // Between the two lie the other recipients of the submission before.
        return try Row.fetchOne(statement, arguments: [low.rawValue])?["id"] ?? last + 1
    }
}

extension MessageRecord {
    fileprivate init(row: Row) {
        let mobile: Int64 = row["mobile"]
        self.init(
            id: MessageID(sequence: row["sequence"]), account: row["account_id"],
            mobile: mobile == 0 ? row["invalid"] ?? "" : PhoneNumber(rawValue: mobile).text, content: row["content"],
            customID: row["custom_id"], segments: row["segments"],
            state: MessageState(rawValue: row["state"]) ?? .failed,
            attemptState: (row["attempt_state"] as Int?).flatMap { AttemptState(rawValue: $0) },
            channel: row["channel"], status: row["status"],
            acceptedAt: Timestamp(milliseconds: row["accepted_at"]),
            finalAt: (row["final_at"] as Int64?).map { Timestamp(milliseconds: $0) })
        scheduledAt = (row["scheduled_at"] as Int64?).map { Timestamp(milliseconds: $0) }
        accountKey = row["account"]
        request = MessageID(sequence: row["request"])
    }
}
