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
            ON CONFLICT (account, kind) DO UPDATE
            SET collected_through = MAX(collected_through, excluded.collected_through)
            """)
        saveCollection = try SQLiteStatement(
            db,
            """
            INSERT OR IGNORE INTO collection (account, kind, through, first, at, answer)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            """)
        selectReports = try SQLiteStatement(
            db,
            """
            SELECT r.id, r.sequence, r.segment, r.status, r.reported_at, m.mobile, i.text,
            s.custom_id, s.custom_data, s.access_extension, s.segments, s.accepted_at,
            IFNULL(a.access_number, c.access_number), \(Schema.accountExtension), IFNULL(s.request, s.id), m.status,
            m.\(MessageState.finalCondition) AND m.last_report = r.id, m.written, a.extension_room
            FROM report r JOIN message m ON m.sequence = r.sequence JOIN submission s ON s.id = m.submission
            LEFT JOIN invalid_number i ON m.mobile = 0 AND i.sequence = m.sequence
            LEFT JOIN attempt a ON a.id = m.attempt LEFT JOIN channel c ON c.number = a.channel
            WHERE r.account = ?1 AND r.id > ?2 ORDER BY r.id LIMIT ?3
            """)
        selectReplies = try SQLiteStatement(
            db,
            """
            SELECT id, mobile, access_number, access_extension, received_at, content, answers FROM reply
            WHERE account = ?1 AND id > ?2 ORDER BY id LIMIT ?3
            """)
    }
}

/// A run of outbox entries that was read.
struct OutboxPage<Entry: Sendable>: Sendable {
    var entries: [Entry] = []
    /// The rows of the entries.
    var ids: [OutboxEntryID] = []
    /// Of all rows that were read, whether they are given out or not.
    var first: OutboxEntryID?
    var last: OutboxEntryID?
    /// The row before them that was collected.
    var after: OutboxEntryID = 0
    var isWhole = true
}

extension Store {
    /// Rows that one transaction reads at most when it gives out fewer than it reads.
    static let rowsPerCollection = 4096
    /// What one answer or push is filled with, in bytes as they may become on the wire, but for its last entry. What
    /// has no room stays for the next.
    static let bytesPerCollection = 2 << 20

    /// Hands out the oldest uncollected reports of an account; they count as collected when this returns.
    ///
    /// With `grain` `message` a message is given out once, with the last of its rows; its other rows count as collected
    /// too. The cursor is the same for both.
    /// - Parameter wait: how long the customer waits; with `busy` nothing was collected.
    /// - Throws: `busy` when `wait` has passed; `unavailable`, `damaged` or `closed` when it cannot be committed.
    public func collectReports(
        for account: AccountKey, limit: Int, at: Timestamp, grain: ReportGrain = .segment, within wait: Duration? = nil
    ) async throws(StoreFailure) -> [CustomerReport] {
        guard limit > 0 else { return [] }
        while true {
            let page = try await groupCommit.perform(within: wait) { writer in
                if try writer.isPushing(account, .reports) { return OutboxPage<CustomerReport>() }
                let from = try writer.cursor(account, .reports)
                var page = try writer.uncollectedReports(
                    account, after: from, limit: limit, grain: grain,
                    rowsMax: grain == .segment ? limit : max(limit, Self.rowsPerCollection))
                page.after = from
                try writer.advance(account, .reports, first: page.first, last: page.last, at: at)
                return page
            } undo: { writer, page in
                try writer.takeBack(account, .reports, after: page.after, last: page.last)
            }
            // Rows that are not given out must not look like the end.
            if !page.entries.isEmpty || page.isWhole { return page.entries }
        }
    }

    /// Hands out the oldest uncollected replies of an account; they count as collected when this returns.
    /// - Parameter wait: how long the customer waits; with `busy` nothing was collected.
    /// - Throws: `busy` when `wait` has passed; `unavailable`, `damaged` or `closed` when it cannot be committed.
    public func collectReplies(
        for account: AccountKey, limit: Int, at: Timestamp, within wait: Duration? = nil
    ) async throws(StoreFailure) -> [CustomerReply] {
        try await groupCommit.perform(within: wait) { writer in
            var page = OutboxPage<CustomerReply>()
            if try writer.isPushing(account, .replies) { return page }
            page.after = try writer.cursor(account, .replies)
            page.entries = try writer.uncollectedReplies(account, after: page.after, limit: limit)
            page.first = page.entries.first.map { OutboxEntryID($0.id.rawValue) }
            page.last = page.entries.last.map { OutboxEntryID($0.id.rawValue) }
            try writer.advance(account, .replies, first: page.first, last: page.last, at: at)
            return page
        } undo: { writer, page in
            try writer.takeBack(account, .replies, after: page.after, last: page.last)
        }.entries
    }

    /// The oldest uncollected replies of an account, which stay so.
    /// - Throws: `busy` when `wait` has passed; `unavailable`, `damaged` or `closed` when it cannot be committed.
    public func queryReplies(
        for account: AccountKey, limit: Int, within wait: Duration? = nil
    ) async throws(StoreFailure) -> [CustomerReply] {
        try await groupCommit.perform(within: wait) { writer in
            if try writer.isPushing(account, .replies) { return [] }
            return try writer.uncollectedReplies(account, after: writer.cursor(account, .replies), limit: limit)
        }
    }

    /// Counts an account's uncollected replies up to this one as collected.
    /// - Returns: how many these were.
    /// - Throws: `busy` when `wait` has passed; `unavailable`, `damaged` or `closed` when it cannot be committed.
    public func confirmReplies(
        for account: AccountKey, through: MessageID, at: Timestamp, within wait: Duration? = nil
    ) async throws(StoreFailure) -> Int {
        try await groupCommit.perform(within: wait) { writer in
            if try writer.isPushing(account, .replies) { return 0 }
            let from = try writer.cursor(account, .replies)
            // Only up to one that is there: ids beyond it are still to be given out.
            let row = try Row.fetchOne(
                writer.db,
                sql: """
                    SELECT COUNT(*) AS count, MIN(id) AS first, MAX(id) AS last FROM reply
                    WHERE account = ? AND id > ? AND id <= ?
                    """,
                arguments: [account.rawValue, from.rawValue, through.rawValue])
            try writer.advance(account, .replies, first: row?["first"], last: row?["last"], at: at)
            return row?["count"] ?? 0
        }
    }
}

extension CustomerReply {
    /// About as long as it can be on the wire: a byte of a content takes three there, percent-encoded.
    fileprivate var bytesMax: Int {
        200 + mobile.utf8.count + accessNumber.utf8.count + accessExtension.utf8.count + content.utf8.count * 3
    }
}

extension CustomerReport {
    fileprivate var bytesMax: Int { 500 + mobile.utf8.count + customID.utf8.count + customData.utf8.count }
}

extension Writer {
    func cursor(_ account: AccountKey, _ kind: OutboxKind) throws -> OutboxEntryID {
        let statement = outbox.selectCursor
        statement.bind(1, account)
        statement.bind(2, kind.rawValue)
        defer { statement.reset() }
        return try statement.next() ? statement.id(0) : 0
    }

    /// Counts rows as collected by the customer itself.
    fileprivate func advance(
        _ account: AccountKey, _ kind: OutboxKind, first: OutboxEntryID?, last: OutboxEntryID?, at: Timestamp
    ) throws {
        guard let first, let last else { return }
        let key = OutboxKey(account: account, kind: kind)
        try collect(first...last, of: key, answer: nil, at: at)
        try moveCursor(to: last, of: key)
    }

    /// Rows that were counted as collected and whose answer was not sent are to be collected again. When later ones
    /// were collected in the same moment they stay collected, as if the answer had been lost on its way.
    fileprivate func takeBack(_ account: AccountKey, _ kind: OutboxKind, after: OutboxEntryID, last: OutboxEntryID?)
        throws
    {
        guard let last, try cursor(account, kind) == last else { return }
        let key: [any DatabaseValueConvertible] = [account.rawValue, kind.rawValue, last.rawValue]
        try db.execute(
            sql: "UPDATE outbox_cursor SET collected_through = ? WHERE account = ? AND kind = ?",
            arguments: [after.rawValue, account.rawValue, kind.rawValue])
        try db.execute(
            sql: "DELETE FROM collection WHERE account = ? AND kind = ? AND through = ?",
            arguments: StatementArguments(key))
    }

    /// Notes when rows were collected; the cursor is moved beside it.
    /// - Parameter answer: of a push; nil: the customer fetched them.
    func collect(_ rows: ClosedRange<OutboxEntryID>, of key: OutboxKey, answer: String?, at: Timestamp) throws {
        let statement = outbox.saveCollection
        statement.bind(key)
        statement.bind(3, rows.upperBound)
        statement.bind(4, rows.lowerBound)
        statement.bind(5, at.milliseconds)
        statement.bind(6, answer)
        try statement.run()
    }

    /// Never backwards.
    func moveCursor(to id: OutboxEntryID, of key: OutboxKey) throws {
        outbox.saveCursor.bind(key)
        outbox.saveCursor.bind(3, id)
        try outbox.saveCursor.run()
    }

    /// - Parameters:
    ///   - limit: entries at most.
    ///   - rowsMax: rows at most, those among them that are not given out.
    ///   - through: the last row that may be read.
    func uncollectedReports(
        _ account: AccountKey, after: OutboxEntryID, through: OutboxEntryID = .max, limit: Int, grain: ReportGrain,
        rowsMax: Int
    ) throws -> OutboxPage<CustomerReport> {
        let statement = outbox.selectReports
        statement.bind(1, account)
        statement.bind(2, after)
        statement.bind(3, rowsMax)
        defer { statement.reset() }
        var page = OutboxPage<CustomerReport>()
        var rows = 0
        var bytes = 0
        while page.entries.count < limit, bytes < Store.bytesPerCollection, try statement.next() {
            let id: OutboxEntryID = statement.id(0)
            if id > through { break }
            rows += 1
            if page.first == nil { page.first = id }
            page.last = id
            let isMessagesLast = statement.int(16) != 0
            guard grain == .segment || isMessagesLast else { continue }
            let report = Self.report(statement, grain)
            page.entries.append(report)
            page.ids.append(id)
            bytes += report.bytesMax
        }
        page.isWhole = rows < rowsMax
        return page
    }

    private static func report(_ statement: SQLiteStatement, _ grain: ReportGrain) -> CustomerReport {
        let mobile = statement.int(5)
        let isSegment = grain == .segment
        let segment = isSegment ? Int(statement.int(2)) : 1
        let writing = PhoneNumber.Writing(rawValue: UInt8(clamping: statement.int(17))) ?? .plain
        let sent = SentNumber(
            AccessExtension(account: statement.text(13), customer: statement.text(9)),
            behind: statement.optionalText(12), room: statement.optionalInt(18))
        return CustomerReport(
            id: MessageID(sequence: statement.id(1)).segment(segment), customID: statement.text(7),
            segmentNumber: segment, segmentTotal: isSegment ? Int(statement.int(10)) : 1,
            mobile: mobile == 0 ? statement.text(6) : PhoneNumber(rawValue: mobile).text(writing),
            accessNumber: sent.accessNumber, accessExtension: sent.customerExtension,
            submittedAt: Timestamp(milliseconds: statement.int(11)),
            reportedAt: Timestamp(milliseconds: statement.int(4)),
            status: DeliveryStatus(statement.text(isSegment ? 3 : 15)), customData: statement.text(8),
            requestID: MessageID(sequence: statement.id(14)))
    }

    func uncollectedReplies(_ account: AccountKey, after: OutboxEntryID, limit: Int) throws -> [CustomerReply] {
        let statement = outbox.selectReplies
        statement.bind(1, account)
        statement.bind(2, after)
        statement.bind(3, limit)
        defer { statement.reset() }
        var replies: [CustomerReply] = []
        var bytes = 0
        while bytes < Store.bytesPerCollection, try statement.next() {
            let reply = CustomerReply(
                id: MessageID(rawValue: statement.int(0)), mobile: statement.text(1),
                accessNumber: statement.text(2), accessExtension: statement.text(3),
                receivedAt: Timestamp(milliseconds: statement.int(4)), content: statement.text(5),
                answered: statement.optionalInt(6).map { MessageID(rawValue: $0) })
            replies.append(reply)
            bytes += reply.bytesMax
        }
        return replies
    }
}
