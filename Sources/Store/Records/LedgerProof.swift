import GRDB
import Messaging

/// What the ledger's first entries come to, by account.
struct LedgerProof: Sendable {
    struct Sum: Hashable, Sendable {
        var amount: Int64 = 0
        var entries: Int64 = 0
    }

    /// Entries that one query reads: some ten milliseconds and a few megabytes.
    static let pieceMax: Int64 = 50_000

    /// The last entry of them.
    var through: LedgerEntryID = 0
    var sums: [AccountKey: Sum] = [:]

    var entries: Int64 { sums.values.reduce(0) { $0 &+ $1.entries } }

    init() {}

    /// What was noted.
    init(_ db: Database) throws {
        through = try LedgerEntryID.fetchOne(db, sql: "SELECT value FROM counter WHERE name = 'ledger_proof'") ?? 0
        for row in try Row.fetchAll(db, sql: "SELECT account, amount, entries FROM ledger_proof") {
            sums[row["account"]] = Sum(amount: row["amount"], entries: row["entries"])
        }
    }

    /// With the entries up to another one.
    func adding(_ db: Database, through end: LedgerEntryID) throws -> LedgerProof {
        var result = self
        result.through = end
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT account, SUM(amount) AS amount, COUNT(*) AS entries FROM ledger
                WHERE id > ? AND id <= ? GROUP BY account
                """,
            arguments: [through.rawValue, end.rawValue])
        while let row = try rows.next() {
            let account: AccountKey = row["account"]
            var sum = result.sums[account] ?? Sum()
            let (amount, overflow) = sum.amount.addingReportingOverflow(row["amount"])
            if overflow { throw StoreFailure.damaged("the ledger of account number \(account) passes all bounds") }
            sum.amount = amount
            sum.entries &+= row["entries"]
            result.sums[account] = sum
        }
        return result
    }

    /// Compares with the balances.
    func verdict(_ db: Database) throws -> LedgerVerdict {
        var verdict = LedgerVerdict()
        var strays = sums
        let rows = try Row.fetchCursor(db, sql: "SELECT number, id, balance, charge_unit FROM account ORDER BY id")
        while let row = try rows.next() {
            let sum = strays.removeValue(forKey: row["number"]) ?? Sum()
            verdict.accounts += 1
            verdict.entries &+= sum.entries
            let stored: Int64 = row["balance"]
            let unit = ChargeUnit(rawValue: row["charge_unit"]) ?? .money
            if unit == .money { verdict.money &+= sum.amount } else { verdict.count &+= sum.amount }
            if stored != sum.amount {
                verdict.differences.append(
                    .init(account: row["id"], unit: unit, stored: stored, summed: sum.amount))
            }
        }
        if !strays.isEmpty {
            let entries = strays.values.reduce(0) { $0 &+ $1.entries }
            verdict.differences.append(.init(account: "(no account)", unit: .count, stored: 0, summed: entries))
        }
        return verdict
    }
}
