import GRDB
public import Messaging

extension Store {
    /// Adds refusals to those of their days, in one transaction. An account that has its share of rows for a day gets
    /// what is new counted under `Refusal.Key.summary`, and the oldest rows of all go when there are too many.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func add(_ refusals: [Refusal], rule: RefusalRule) async throws(StoreFailure) {
        try await groupCommit.perform { writer in try RefusalWriter(writer.db, rule).add(refusals) }
    }

    /// Forgets refusals of days that ended before `moment`, a limited number at once.
    /// - Returns: whether there may be more.
    /// - Throws: `unavailable` or `damaged` when the disk or the file does not allow it, `closed` after `close` or when
    ///   the task is cancelled.
    public func removeRefusals(before moment: Timestamp, limit: Int = 1_000) async throws(StoreFailure) -> Bool {
        let day = moment.chinaDay
        let isThere = try await read { db in
            try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM refusal WHERE day < ?)", arguments: [day])
        }
        guard isThere == true else { return false }
        return try await groupCommit.perform { writer in
            try writer.db.execute(
                sql: "DELETE FROM refusal WHERE id IN (SELECT id FROM refusal WHERE day < ? LIMIT ?)",
                arguments: [day, limit])
            return writer.db.changesCount == limit
        }
    }

    /// Refusals, the latest first.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func refusals(_ query: RefusalQuery) async throws(StoreFailure) -> RefusalPage {
        try await read { db in
            var conditions: [String] = []
            var arguments: [any DatabaseValueConvertible] = []
            func require(_ condition: String, _ values: any DatabaseValueConvertible...) {
                conditions.append(condition)
                arguments += values
            }
            if let account = query.account { require("account = ?", account.rawValue) }
            if let name = query.name { require("account = 0 AND name = ?", name) }
            if let mobile = query.mobile { require("mobile = ?", mobile) }
            if let day = query.day { require("day = ?", day) }
            if let before = query.before { require("(last_at, id) < (?, ?)", before.lastAt, before.id.rawValue) }
            let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
            let limit = max(1, query.limit)
            let rows = try Row.fetchAll(
                db, sql: "SELECT * FROM refusal\(filter) ORDER BY last_at DESC, id DESC LIMIT ?",
                arguments: StatementArguments(arguments + [limit + 1]))
            let next = rows.count > limit ? rows[limit - 1] : nil
            return RefusalPage(
                refusals: rows.prefix(limit).map { Refusal(row: $0) },
                next: next.map { RefusalCursor(lastAt: $0["last_at"], id: $0["id"]) })
        }
    }
}

/// One transaction's additions. Confined to the journal's queue.
private struct RefusalWriter {
    private let db: Database
    private let rule: RefusalRule
    private let update: Statement
    private let insert: Statement

    init(_ db: Database, _ rule: RefusalRule) throws {
        self.db = db
        self.rule = rule
        update = try db.cachedStatement(
            sql: """
                UPDATE refusal SET times = times + ?, first_at = MIN(first_at, ?), last_at = MAX(last_at, ?)
                WHERE day = ? AND account = ? AND name = ? AND dialect = ? AND code = ? AND rule = ? AND mobile = ?
                    AND address = ?
                """)
        insert = try db.cachedStatement(
            sql: """
                INSERT INTO refusal
                    (times, first_at, last_at, day, account, name, dialect, code, rule, mobile, address)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
    }

    func add(_ refusals: [Refusal]) throws {
        /// Rows by day and account, as far as this transaction has asked for them.
        var counts: [Writer.DayOf<RowKind.Account>: Int] = [:]
        for refusal in refusals {
            if try isAdded(refusal) { continue }
            let day = refusal.lastAt.chinaDay
            let place = Writer.DayOf(owner: refusal.key.account, day: day)
            let count = try counts[place] ?? self.count(day: day, account: refusal.key.account)
            counts[place] = count
            if count < rule.accountRowsMax {
                try put(refusal)
                counts[place] = count + 1
                continue
            }
            var summary = refusal
            summary.key = refusal.key.summary
            if try !isAdded(summary) { try put(summary) }
        }
        // Ids grow by one; what is below the last `rowsMax` of them is the oldest.
        try db.execute(
            sql: "DELETE FROM refusal WHERE id <= (SELECT MAX(id) FROM refusal) - ?", arguments: [rule.rowsMax])
    }

    private func isAdded(_ refusal: Refusal) throws -> Bool {
        try update.execute(arguments: arguments(refusal))
        return db.changesCount > 0
    }

    private func put(_ refusal: Refusal) throws { try insert.execute(arguments: arguments(refusal)) }

    private func arguments(_ refusal: Refusal) -> StatementArguments {
        let key = refusal.key
        return [
            refusal.times, refusal.firstAt.milliseconds, refusal.lastAt.milliseconds, refusal.lastAt.chinaDay,
            key.account.rawValue, key.name, key.dialect, key.code, key.rule, key.mobile, key.address,
        ]
    }

    /// At most the share of one account.
    private func count(day: Int, account: AccountKey) throws -> Int {
        try Int.fetchOne(
            db,
            sql: "SELECT COUNT(*) FROM (SELECT 1 FROM refusal WHERE day = ? AND account = ? LIMIT ?)",
            arguments: [day, account.rawValue, rule.accountRowsMax]) ?? 0
    }
}

extension Refusal {
    fileprivate init(row: Row) {
        self.init(
            key: Key(
                account: row["account"], name: row["name"], dialect: row["dialect"], code: row["code"],
                rule: row["rule"], mobile: row["mobile"], address: row["address"]),
            times: row["times"], firstAt: Timestamp(milliseconds: row["first_at"]),
            lastAt: Timestamp(milliseconds: row["last_at"]))
    }
}
