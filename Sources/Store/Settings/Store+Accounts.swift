import Foundation
import GRDB
public import Messaging

/// An account as it is stored; its secrets stay sealed here.
public struct StoredAccount: Sendable {
    /// The store's own number for it.
    public var key: AccountKey
    /// All settings but the secrets and the balance.
    public var account: Account
    /// `AccountSecrets`, sealed with the master key; opened by the engine alone.
    public var sealedSecrets: [UInt8]
    /// In the account's charge unit.
    public var balance: Int64
}

extension Store {
    /// Creates an account with an opening balance, which becomes its first ledger entry.
    /// - Throws: `alreadyExists`, also for an id that differs in letter case alone; `unavailable`, `damaged` or
    ///   `closed` as any commit.
    public func insert(
        _ account: Account, sealedSecrets: [UInt8], openingBalance: Int64, at: Timestamp
    ) async throws(StoreFailure) -> StoredAccount {
        try await groupCommit.perform { writer in
            let exists = try Bool.fetchOne(
                writer.db, sql: "SELECT EXISTS (SELECT 1 FROM account WHERE UPPER(id) = UPPER(?))",
                arguments: [account.id])
            if exists == true { throw StoreFailure.alreadyExists }
            var columns = account.columns
            columns["sealed_secrets"] = Data(sealedSecrets)
            columns["created_at"] = at.milliseconds
            try writer.db.insert(columns, into: "account")
            let key = AccountKey(writer.db.lastInsertedRowID)
            try writer.book(.recharge, account: key, amount: openingBalance, at: at, note: "opening balance")
            return StoredAccount(
                key: key, account: account, sealedSecrets: sealedSecrets, balance: openingBalance)
        }
    }

    /// Changes everything of an account but its balance, its id and what it is counted in.
    /// - Throws: `notFound`; `unavailable`, `damaged` or `closed` as any commit.
    public func update(
        _ account: Account, key: AccountKey, sealedSecrets: [UInt8]
    ) async throws(StoreFailure) {
        try await groupCommit.perform { writer in
            var columns = account.columns
            columns["sealed_secrets"] = Data(sealedSecrets)
            try writer.db.update(columns, of: "account", where: "number", is: key.rawValue)
            writer.refundRules.removeAll()
        }
    }

    /// All accounts, in the order of their ids.
    /// - Throws: `damaged` when a row holds a word that this version does not know.
    public func accounts() async throws(StoreFailure) -> [StoredAccount] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM account ORDER BY id").map { row in
                StoredAccount(
                    key: row["number"], account: try Account(row: row),
                    sealedSecrets: Array(row["sealed_secrets"] as Data), balance: row["balance"])
            }
        }
    }

    /// Adds to a balance (or takes, when negative).
    /// - Parameter amount: in the account's charge unit; 0 books nothing.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func recharge(
        account: AccountKey, amount: Int64, note: String?, at: Timestamp
    ) async throws(StoreFailure) {
        try await groupCommit.perform { writer in
            try writer.book(.recharge, account: account, amount: amount, at: at, note: note)
        }
    }

    /// Moves an amount from one balance to another: two entries of the ledger, in one transaction.
    /// - Parameters:
    ///   - amount: above 0, in the charge unit of both accounts.
    ///   - notes: of the entry of the account that it is taken from, and of the other.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func transfer(
        _ amount: Int64, from source: AccountKey, to target: AccountKey, notes: (out: String, in: String), at: Timestamp
    ) async throws(StoreFailure) {
        try await groupCommit.perform { writer in
            try writer.book(.recharge, account: source, amount: -amount, at: at, note: notes.out)
            try writer.book(.recharge, account: target, amount: amount, at: at, note: notes.in)
        }
    }

    /// Sums over all accounts, channels and days: rows of the totals, not of messages.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func grandTotal() async throws(StoreFailure) -> GrandTotal {
        try await readLong { db in
            var total = GrandTotal()
            let sums = try Row.fetchOne(
                db,
                sql: """
                    SELECT IFNULL(SUM(messages), 0) AS messages, IFNULL(SUM(segments), 0) AS segments,
                    IFNULL(SUM(delivered), 0) AS delivered, IFNULL(SUM(failed), 0) AS failed FROM account_total
                    """)
            if let sums {
                total.messages = sums["messages"]
                total.segments = sums["segments"]
                total.delivered = sums["delivered"]
                total.failed = sums["failed"]
            }
            total.submitted = try Int64.fetchOne(db, sql: "SELECT IFNULL(SUM(submitted), 0) FROM channel_total") ?? 0
            return total
        }
    }

    /// Sums over days of acceptance, both ends included (yyyymmdd in China).
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func total(account: AccountKey, days: ClosedRange<Int>) async throws(StoreFailure) -> AccountTotal {
        try await read { db in
            var total = AccountTotal()
            let sql = "SELECT * FROM account_total WHERE account = ? AND day BETWEEN ? AND ?"
            for row in try Row.fetchAll(db, sql: sql, arguments: [account.rawValue, days.lowerBound, days.upperBound]) {
                total.add(AccountTotal(row: row))
            }
            return total
        }
    }
}

extension AccountTotal {
    /// A row of `account_total`.
    init(row: Row) {
        self.init()
        messages = row["messages"]
        segments = row["segments"]
        delivered = row["delivered"]
        failed = row["failed"]
        charged = row["charged"]
        refunded = row["refunded"]
        unsent = row["unsent"]
        timed = row["timed"]
        deliveredFast = row["delivered_fast"]
    }
}

extension Account {
    fileprivate var columns: Database.Columns {
        var columns: Database.Columns = [
            "id": id, "name": name, "price": price.microYuan, "payment": payment.rawValue,
            "charge_unit": chargeUnit.rawValue, "credit_limit": creditLimit, "refund_rule": refundRule.rawValue,
            "allows_plain_password": allowsPlainPassword,
            "allowed_networks": allowedNetworks.map(\.description).joined(separator: " "),
            "access_extension": accessExtension, "signature": signature, "connection_limit": connectionLimit,
            "is_enabled": isEnabled, "enterprise_id": enterpriseID, "client_id": clientID, "sp_code": spCode,
            "sms_serial_strict": smsSerialStrict, "no_data_code": noDataCode,
            "valid_for": validFor,
            "logins": loginsText, "parent": parent?.rawValue, "shares_balance": sharesBalance,
            "sub_price_floor": floorsSubPrices, "spend_per_day_max": spendPerDayMax,
        ]
        columns.merge(push.columns) { $1 }
        columns.merge(alert.columns) { $1 }
        return columns
    }

    fileprivate init(row: Row) throws {
        guard let payment = Payment(rawValue: row["payment"]), let unit = ChargeUnit(rawValue: row["charge_unit"]),
            let rule = RefundRule(rawValue: row["refund_rule"])
        else { throw StoreFailure.damaged("account \(row["id"] as String) has a word that is not known") }
        let what = "account \(row["id"] as String)"
        self.init(
            id: row["id"], name: row["name"],
            price: Money(microYuan: try row.checked("price", 0...Account.priceMax.microYuan, of: what)),
            payment: payment, chargeUnit: unit,
            creditLimit: try row.checked("credit_limit", 0...Account.amountMax, of: what), refundRule: rule,
            allowsPlainPassword: row["allows_plain_password"],
            allowedNetworks: (row["allowed_networks"] as String).split(separator: " ").compactMap { IPNetwork($0) },
            accessExtension: row["access_extension"], signature: row["signature"],
            connectionLimit: Int(row.clamped("connection_limit", 1...Int64(Account.connectionLimitMax))),
            isEnabled: row["is_enabled"],
            enterpriseID: row["enterprise_id"], clientID: row["client_id"], spCode: row["sp_code"],
            smsSerialStrict: row["sms_serial_strict"], noDataCode: row["no_data_code"])
        push = try PushSettings(row: row)
        validFor = row["valid_for"]
        logins = Self.logins(row["logins"])
        parent = row["parent"]
        sharesBalance = row["shares_balance"]
        floorsSubPrices = row["sub_price_floor"]
        spendPerDayMax = try row.checked("spend_per_day_max", 0...Account.amountMax, of: what)
        alert = try BalanceAlertSettings(row: row, of: what)
    }

    private var loginsText: String {
        logins.map { "\($0.key.rawValue)=\($0.value)" }.sorted().joined(separator: " ")
    }

    /// A dialect that this version does not know is passed over.
    private static func logins(_ text: String) -> [DialectName: String] {
        var logins: [DialectName: String] = [:]
        for pair in text.split(separator: " ") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let dialect = DialectName(rawValue: String(parts[0])) else { continue }
            logins[dialect] = String(parts[1])
        }
        return logins
    }
}

extension BalanceAlertSettings {
    fileprivate var columns: Database.Columns {
        [
            "alert_threshold": threshold, "alert_numbers": numbers.map(\.text).joined(separator: " "),
            "alert_webhook": webhook, "alert_form": form.rawValue, "alert_repeat": repeatAfter,
        ]
    }

    fileprivate init(row: Row, of what: String) throws {
        guard let form = Form(rawValue: row["alert_form"]) else {
            throw StoreFailure.damaged("\(what) has alerts in a form that is not known")
        }
        let range = Self.repeatAfterRange
        self.init(
            threshold: try row.checked("alert_threshold", 0...Account.amountMax, of: what),
            numbers: (row["alert_numbers"] as String).split(separator: " ").compactMap { PhoneNumber($0) },
            webhook: row["alert_webhook"], form: form, repeatAfter: row.clamped("alert_repeat", range))
    }
}
