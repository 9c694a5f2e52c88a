import AdminProtocol
import Administration
import Messaging

extension AdminAccount {
    /// What it is charged by.
    var unit: ChargeUnit { ChargeUnit(rawValue: settings.text("charge_by")) ?? .money }

    /// Its logins by dialect.
    var logins: [String: String] {
        let logins = settings.list("logins").compactMap { AccountLogin($0) }
        return Dictionary(logins.map { ($0.dialect.rawValue, $0.login) }) { _, last in last }
    }
}

/// An account as the command line prints it.
struct AccountView {
    private let account: AdminAccount
    private let unit: ChargeUnit

    init(_ account: AdminAccount) {
        self.account = account
        unit = account.unit
    }

    var json: JSONText { .object(members) }

    func json(withPassword password: String) -> JSONText {
        .object(members + [("api_password", .string(password))])
    }

    private var members: [(String, JSONText)] {
        let logins = account.logins.sorted { $0.key < $1.key }.map { ($0.key, JSONText.string($0.value)) }
        let locks = account.locks.map { lock in
            JSONText.object([("address", .string(lock.address)), ("until_ms", .moment(lock.untilMs))])
        }
        let settings = AccountSettings.table.options.filter { $0.key != "logins" }
        return [("id", .string(account.id)), ("enabled", .bool(account.enabled))]
            + unit.members("balance", account.balanceUnits) + settings.members(account.settings, unit: unit) + [
                ("interfaces", .array(AccountInterface.all(of: account).map(\.json))),
                ("today", json(account.today)), ("this_month", json(account.thisMonth)),
                ("logins", .object(logins)), ("locks", .array(locks)),
            ]
    }

    var text: String {
        let locks = account.locks.map { lock in
            ("locked", "from \(lock.address) until \(Timestamp.text(lock.untilMs)), after wrong credentials")
        }
        let pairs =
            [
                ("account", account.id), ("state", account.enabled ? "enabled" : "disabled"),
                ("balance", unit.labelled(account.balanceUnits)),
            ] + AccountSettings.table.options.pairs(account.settings, unit: unit) + [
                ("reports", delivery("push_report")), ("replies", delivery("push_reply")),
                ("today", text(account.today)), ("this month", text(account.thisMonth)),
            ] + locks
        let interfaces = AccountInterface.all(of: account).map(\.text).joined(separator: "\n")
        return TextTable.pairs(pairs) + "\ninterfaces\n" + interfaces
    }

    static func table(_ accounts: [AccountView]) -> String {
        var table = TextTable([
            ("ACCOUNT", .left), ("STATE", .left), ("BALANCE", .right), ("UNIT", .left), ("CREDIT", .right),
            ("PRICE", .right), ("TODAY", .right), ("MONTH", .right), ("NAME", .left),
        ])
        for view in accounts {
            let account = view.account
            table.add([
                account.id, account.enabled ? "enabled" : "disabled", view.unit.text(account.balanceUnits),
                view.unit == .money ? "yuan" : "segments", view.unit.text(account.settings.integer("credit_units")),
                Money(microYuan: account.settings.integer("price_micro")).description,
                "\(account.today.messages)", "\(account.thisMonth.messages)", account.settings.text("name"),
            ])
        }
        return table.text
    }

    /// How entries reach the customer whose address is the setting `key`.
    private func delivery(_ key: String) -> String {
        let settings = account.settings
        let (url, dialect) = (settings.text(key), settings.text("push_dialect"))
        guard !url.isEmpty else { return "polled" }
        let format = dialect == PushDialect.operatorV2.rawValue ? " as \(settings.text("push_format"))" : ""
        return "pushed to \(url) in \(dialect)\(format)"
            + (settings.isOn("allow_private_push") ? ", also in private networks" : "")
    }

    private func json(_ totals: AdminAccountTotals) -> JSONText {
        .object(
            [
                ("messages", .integer(totals.messages)), ("segments", .integer(totals.segments)),
                ("delivered", .integer(totals.delivered)), ("failed", .integer(totals.failed)),
            ] + unit.members("charged", totals.chargedUnits) + unit.members("refunded", totals.refundedUnits))
    }

    private func text(_ totals: AdminAccountTotals) -> String {
        "\(totals.messages) messages, \(totals.segments) segments, \(totals.delivered) delivered, "
            + "\(totals.failed) failed, \(unit.text(totals.chargedUnits)) charged, "
            + "\(unit.text(totals.refundedUnits)) refunded"
    }
}
