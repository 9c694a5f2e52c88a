import GRDB
public import Messaging

extension Store {
    /// What is stored of balance alerts, at most one entry an account. A notice of a kind that this version does not
    /// know is left out.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func balanceAlerts() async throws(StoreFailure) -> [BalanceAlertRecord] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM balance_alert ORDER BY account").map {
                BalanceAlertRecord(row: $0)
            }
        }
    }

    /// Keeps these in the place of what was stored of the same accounts.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func keep(_ records: [BalanceAlertRecord]) async throws(StoreFailure) {
        try await groupCommit.perform { writer in
            let put = try writer.db.cachedStatement(
                sql: """
                    INSERT OR REPLACE INTO balance_alert (account, low_since, reported_at, is_reported, notice, balance,
                    threshold, noticed_at, sms_done, webhook_done, tries, next_try_at, answered_at, answer)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """)
            for record in records {
                let pending = record.pending
                try put.execute(arguments: [
                    record.account.rawValue, record.state.lowSince?.milliseconds, record.state.reportedAt?.milliseconds,
                    record.state.isReported, pending?.kind.rawValue, pending?.balance ?? 0, pending?.threshold ?? 0,
                    pending?.at.milliseconds ?? 0, pending?.isSMSDone ?? false, pending?.isWebhookDone ?? false,
                    pending?.tries ?? 0,
                    pending?.nextTryAt.milliseconds ?? 0, record.answeredAt?.milliseconds, record.answer,
                ])
            }
        }
    }

    /// What an account was charged for what was accepted on a day (yyyymmdd in China), refunds not deducted; in its
    /// charge unit. Billing asks, which must not wait for a reader: it is looked up where commits are made.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`.
    public func charged(_ account: AccountKey, on day: Int) async throws(StoreFailure) -> Int64 {
        try await groupCommit.perform { writer in
            let statement = try writer.db.cachedStatement(
                sql: "SELECT charged FROM account_total WHERE account = ? AND day = ?")
            return try Int64.fetchOne(statement, arguments: [account.rawValue, day]) ?? 0
        }
    }
}

extension BalanceAlertRecord {
    fileprivate init(row: Row) {
        func time(_ column: String) -> Timestamp? {
            (row[column] as Int64?).map { Timestamp(milliseconds: min(max($0, 0), 1 << 53)) }
        }
        self.init(
            account: row["account"],
            state: BalanceAlertState(
                lowSince: time("low_since"), reportedAt: time("reported_at"), isReported: row["is_reported"]),
            answeredAt: time("answered_at"), answer: row["answer"])
        guard let kind = (row["notice"] as String?).flatMap({ BalanceNotice.Kind(rawValue: $0) }) else { return }
        var pending = Pending(
            kind: kind, balance: row["balance"], threshold: row["threshold"],
            at: time("noticed_at") ?? Timestamp(milliseconds: 0))
        pending.isSMSDone = row["sms_done"]
        pending.isWebhookDone = row["webhook_done"]
        pending.tries = Int(row.clamped("tries", 0...1000))
        pending.nextTryAt = time("next_try_at") ?? pending.at
        self.pending = pending
    }
}
