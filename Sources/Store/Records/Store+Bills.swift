import GRDB
public import Messaging

extension Store {
    /// Lists movements of balances, the latest first, as far as the budget reaches. Reads on a long reader.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func ledger(_ search: LedgerSearch) async throws(StoreFailure) -> SearchPage<LedgerEntry, LedgerEntryID> {
        try await readLong { db in try LedgerRun(db: db, search: search).page() }
    }

    /// The figures of each account and day of acceptance, the latest day first, at most `limit` rows.
    /// - Parameter days: in China as yyyymmdd, both ends included.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func dailyTotals(
        of scope: AccountScope, days: ClosedRange<Int>, limit: Int = 10_000
    ) async throws(StoreFailure) -> [DailyTotal] {
        try await readLong { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM account_total WHERE \(scope.condition("account")) AND day BETWEEN ? AND ?
                    ORDER BY day DESC, account LIMIT ?
                    """,
                arguments: [days.lowerBound, days.upperBound, limit]
            ).map { row in
                DailyTotal(
                    account: row["account"], day: Int(row.clamped("day", 0...99_991_231)),
                    total: AccountTotal(row: row))
            }
        }
    }

    /// The sum of all accounts of a scope over some days of acceptance.
    /// - Parameter days: in China as yyyymmdd, both ends included.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func total(of scope: AccountScope, days: ClosedRange<Int>) async throws(StoreFailure) -> AccountTotal {
        try await readLong { db in
            var total = AccountTotal()
            let rows = try Row.fetchCursor(
                db,
                sql: "SELECT * FROM account_total WHERE \(scope.condition("account")) AND day BETWEEN ? AND ?",
                arguments: [days.lowerBound, days.upperBound])
            while let row = try rows.next() { total.add(AccountTotal(row: row)) }
            return total
        }
    }

    /// Failed messages of some days of acceptance by the code of their status, the most frequent first, at most `limit`
    /// codes. Days before this was counted have none.
    /// - Parameter days: in China as yyyymmdd, both ends included.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func failures(
        of scope: AccountScope, days: ClosedRange<Int>, limit: Int = 20
    ) async throws(StoreFailure) -> [FailureCount] {
        try await readLong { db in
            var counts: [String: Int64] = [:]
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT status, messages FROM failure_total
                    WHERE \(scope.condition("account")) AND day BETWEEN ? AND ?
                    """,
                arguments: [days.lowerBound, days.upperBound])
            while let row = try rows.next() {
                counts[row["status"], default: 0].addSaturating(row["messages"])
            }
            return Array(FailureCount.sorted(counts).prefix(limit))
        }
    }
}

/// One search over the ledger.
private struct LedgerRun {
    let db: Database
    let search: LedgerSearch

    func page() throws -> SearchPage<LedgerEntry, LedgerEntryID> {
        let limit = max(1, search.limit)
        if search.kinds == [.recharge] { return try recharges(limit) }
        guard search.scope.accounts?.isEmpty != true, let range = try range() else {
            return SearchPage(items: [], next: nil)
        }
        let statement = try db.cachedStatement(
            sql: "\(LedgerEntry.select) WHERE l.id BETWEEN ? AND ? AND \(condition) ORDER BY l.id DESC LIMIT ?")
        let work = SearchWork(search.budget)
        var found: [LedgerEntry] = []
        var high = range.upperBound
        while high >= range.lowerBound {
            let low = max(range.lowerBound, high - (SequenceWindows.scanned - 1))
            found += try Row.fetchAll(
                statement, arguments: [low.rawValue, high.rawValue] + times + [limit - found.count]
            ).compactMap { LedgerEntry(row: $0) }
            if found.count >= limit { return SearchPage(items: found, next: found.last?.id) }
            work.step()
            if low > range.lowerBound, work.isOver {
                let at = try Int64.fetchOne(db, sql: "SELECT at FROM ledger WHERE id = ?", arguments: [low.rawValue])
                return SearchPage(items: found, next: low, lookedBackTo: at.map { Timestamp(milliseconds: $0) })
            }
            high = low - 1
        }
        return SearchPage(items: found, next: nil)
    }

    /// The entries that times and page leave; entries are a little out of order.
    private func range() throws -> ClosedRange<LedgerEntryID>? {
        guard var last = try LedgerEntryID.fetchOne(db, sql: "SELECT MAX(id) FROM ledger") else { return nil }
        var first: LedgerEntryID = 1
        if let from = search.from {
            first = try db.firstLedgerEntry(since: from.adding(milliseconds: -LedgerEntry.disorder))
        }
        if let to = search.to {
            last = min(last, try db.firstLedgerEntry(since: to.adding(milliseconds: LedgerEntry.disorder)) - 1)
        }
        if let before = search.before { last = min(last, before > .min ? before - 1 : .min) }
        return first <= last ? first...last : nil
    }

    private var condition: String {
        var parts = [search.scope.condition("l.account")]
        if !search.kinds.isEmpty {
            parts.append("(" + search.kinds.map { "l.\($0.condition)" }.sorted().joined(separator: " OR ") + ")")
        }
        if search.from != nil { parts.append("l.at >= ?") }
        if search.to != nil { parts.append("l.at < ?") }
        return parts.joined(separator: " AND ")
    }

    private var times: StatementArguments {
        StatementArguments([search.from, search.to].compactMap { $0?.milliseconds })
    }

    /// Recharges are few and have an index of their own.
    private func recharges(_ limit: Int) throws -> SearchPage<LedgerEntry, LedgerEntryID> {
        let sql = """
            \(LedgerEntry.select) WHERE l.\(LedgerKind.recharge.condition) AND \(condition) AND l.id < ?
            ORDER BY l.id DESC LIMIT ?
            """
        let found = try Row.fetchAll(
            db.cachedStatement(sql: sql), arguments: times + [search.before?.rawValue ?? .max, limit]
        ).compactMap { LedgerEntry(row: $0) }
        return SearchPage(items: found, next: found.count < limit ? nil : found.last?.id)
    }
}

extension LedgerEntry {
    /// Entries are booked as of acceptance and are committed together, so that their times are a little out of order.
    static let disorder: Int64 = 15_000

    /// Rows of `ledger` named `l` with what else an entry shows.
    static let select = """
        SELECT l.id, l.account, l.at, l.kind, l.amount, l.reference, l.note, o.id AS account_id, o.charge_unit
        FROM ledger l CROSS JOIN account o ON o.number = l.account
        """

    /// Nil for a kind that is none.
    init?(row: Row) {
        guard let kind = LedgerKind(rawValue: row["kind"]) else { return nil }
        self.init(
            id: row["id"], account: row["account"], accountID: row["account_id"],
            unit: ChargeUnit(rawValue: row["charge_unit"]) ?? .money, at: Timestamp(milliseconds: row["at"]),
            kind: kind, amount: row["amount"],
            reference: (row["reference"] as MessageSequence?).map { MessageID(sequence: $0) }, note: row["note"] ?? "")
    }
}

extension Database {
    /// The first ledger entry that was booked at `moment` or later, by halves.
    func firstLedgerEntry(since moment: Timestamp) throws -> LedgerEntryID {
        let statement = try cachedStatement(sql: "SELECT id, at FROM ledger WHERE id >= ? ORDER BY id LIMIT 1")
        var low: LedgerEntryID = 1
        var high = (try LedgerEntryID.fetchOne(self, sql: "SELECT MAX(id) FROM ledger") ?? 0) + 1
        while low < high {
            let middle = low + low.distance(to: high) / 2
            guard let row = try Row.fetchOne(statement, arguments: [middle.rawValue]),
                (row["at"] as Int64) < moment.milliseconds
            else {
                high = middle
                continue
            }
            low = (row["id"] as LedgerEntryID) + 1
        }
        return low
    }
}
