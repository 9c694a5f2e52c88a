import GRDB
public import Messaging

extension Store {
    /// Lists replies of some accounts, the latest to arrive first, as far as the budget reaches. Reads on a long
    /// reader.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func replies(_ search: ReplySearch) async throws(StoreFailure) -> SearchPage<ReplyRecord, OutboxEntryID> {
        try await readLong { db in try ReplyRun(db: db, search: search).page() }
    }
}

/// One search over replies: each account's own, merged.
private struct ReplyRun {
    let db: Database
    let search: ReplySearch

    private struct Key {
        var account: AccountKey
        var id: OutboxEntryID
    }

    private var limit: Int { max(1, search.limit) }
    private var before: OutboxEntryID { search.before ?? .max }

    func page() throws -> SearchPage<ReplyRecord, OutboxEntryID> {
        if search.scope.accounts?.isEmpty == true { return SearchPage(items: [], next: nil) }
        let (all, stop) = try search.mobile.map { try byNumber($0) } ?? byAccount()
        let found = all.sorted { $0.id > $1.id }.prefix(limit)
        let records = try found.compactMap { try record($0) }
        if found.count >= limit { return SearchPage(items: records, next: found.last?.id) }
        guard let stop else { return SearchPage(items: records, next: nil) }
        let at = try Int64.fetchOne(
            db, sql: "SELECT received_at FROM reply WHERE account = ? AND id = ?",
            arguments: [stop.account.rawValue, stop.id.rawValue])
        return SearchPage(
            items: records, next: stop.id, lookedBackTo: Timestamp(milliseconds: at ?? search.from?.milliseconds ?? 0))
    }

    /// Conditions beside account and place.
    private var condition: String {
        var parts = ["1"]
        if search.from != nil { parts.append("received_at >= ?") }
        if search.to != nil { parts.append("received_at < ?") }
        if !search.content.isEmpty { parts.append("instr(content, ?) > 0") }
        return parts.joined(separator: " AND ")
    }

    private var arguments: StatementArguments {
        StatementArguments([search.from, search.to].compactMap { $0?.milliseconds })
            + (search.content.isEmpty ? [] : [search.content])
    }

    private func byNumber(_ mobile: PhoneNumber) throws -> (keys: [Key], stop: Key?) {
        // In the plain form, and with the country's code as some carriers write it.
        let sql = """
            SELECT account, id FROM reply INDEXED BY reply_mobile WHERE mobile IN (?, ?, ?)
            AND \(search.scope.condition("account")) AND id < ? AND \(condition) ORDER BY id DESC LIMIT ?
            """
        let texts = [mobile.text, "86" + mobile.text, "+86" + mobile.text]
        return (
            try Row.fetchAll(
                db.cachedStatement(sql: sql),
                arguments: StatementArguments(texts) + [before.rawValue] + arguments + [limit]
            ).map { Key(account: $0["account"], id: $0["id"]) }, nil
        )
    }

    /// Each account's latest; where the budget ends, all accounts are cut at the highest place that one got down to.
    private func byAccount() throws -> (keys: [Key], stop: Key?) {
        let accounts =
            try search.scope.accounts.map { $0.sorted() }
            ?? AccountKey.fetchAll(db, sql: "SELECT number FROM account ORDER BY number")
        let work = SearchWork(search.budget)
        var found: [Key] = []
        var stop: Key?
        for account in accounts {
            let (ids, place) = try latest(of: account, work)
            found += ids.map { Key(account: account, id: $0) }
            if let place, place > stop?.id ?? .min { stop = Key(account: account, id: place) }
        }
        guard let stop else { return (found, nil) }
        return (found.filter { $0.id >= stop.id }, stop)
    }

    /// - Returns: what was found, and from where on all was looked at; nil: everything, or the page is full.
    private func latest(
        of account: AccountKey, _ work: SearchWork
    ) throws -> (ids: [OutboxEntryID], stop: OutboxEntryID?) {
        let place = try db.cachedStatement(
            sql: "SELECT id FROM reply WHERE account = ? AND id < ? ORDER BY id DESC LIMIT 1 OFFSET ?")
        let statement = try db.cachedStatement(
            sql: """
                SELECT id FROM reply WHERE account = ? AND id < ? AND id >= ? AND \(condition)
                ORDER BY id DESC LIMIT ?
                """)
        var ids: [OutboxEntryID] = []
        var end = before
        while ids.count < limit {
            // A window of so many rows, or of all that are left.
            let low = try OutboxEntryID.fetchOne(
                place, arguments: [account.rawValue, end.rawValue, SequenceWindows.scanned])
            var values: StatementArguments = [account.rawValue, end.rawValue, low?.rawValue ?? 0]
            values += arguments
            values += [limit - ids.count]
            ids += try OutboxEntryID.fetchAll(statement, arguments: values)
            work.step()
            guard let low else { return (ids, nil) }
            if ids.count < limit, work.isOver { return (ids, low) }
            end = low
        }
        return (ids, nil)
    }

    private func record(_ key: Key) throws -> ReplyRecord? {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT r.*, o.id AS account_id, s.content AS answered FROM reply r
                    JOIN account o ON o.number = r.account
                    LEFT JOIN message m ON m.sequence = r.answers LEFT JOIN submission s ON s.id = m.submission
                    WHERE r.account = ? AND r.id = ?
                    """), arguments: [key.account.rawValue, key.id.rawValue])
        guard let row else { return nil }
        return ReplyRecord(
            id: key.id, account: key.account, accountID: row["account_id"], mobile: row["mobile"],
            accessNumber: row["access_number"], receivedAt: Timestamp(milliseconds: row["received_at"]),
            content: row["content"],
            answered: (row["answers"] as MessageSequence?).map { MessageID(sequence: $0) },
            answeredContent: row["answered"])
    }
}
