import GRDB
public import Messaging

extension Store {
    /// Sums the whole ledger in one snapshot.
    public func verifyLedger() async throws(StoreFailure) -> LedgerVerdict {
        try await read { db in
            var verdict = LedgerVerdict()
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT a.id, a.balance, a.charge_unit, IFNULL(l.total, 0) AS total, IFNULL(l.entries, 0) AS entries
                    FROM account a LEFT JOIN (
                        SELECT account, SUM(amount) AS total, COUNT(*) AS entries FROM ledger GROUP BY account
                    ) l ON l.account = a.number ORDER BY a.id
                    """)
            for row in rows {
                verdict.accounts += 1
                verdict.entries += row["entries"] as Int64
                let stored: Int64 = row["balance"]
                let summed: Int64 = row["total"]
                let unit = ChargeUnit(rawValue: row["charge_unit"]) ?? .money
                if unit == .money { verdict.money += summed } else { verdict.count += summed }
                if stored != summed {
                    verdict.differences.append(.init(account: row["id"], unit: unit, stored: stored, summed: summed))
                }
            }
            let strays = try Int64.fetchOne(
                db, sql: "SELECT COUNT(*) FROM ledger WHERE account NOT IN (SELECT number FROM account)")
            if let strays, strays > 0 {
                verdict.differences.append(.init(account: "(no account)", unit: .count, stored: 0, summed: strays))
            }
            return verdict
        }
    }
}
