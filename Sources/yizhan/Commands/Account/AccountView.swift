import AdminProtocol
import Messaging

/// An account as the command line prints it.
struct AccountView {
    private let account: AdminAccount
    private let unit: ChargeUnit

    init(_ account: AdminAccount) {
        self.account = account
        unit = ChargeUnit(account.chargeBy)
    }

    var json: JSONText { .object(members) }

    func json(withPassword password: String) -> JSONText {
        .object(members + [("api_password", .string(password))])
    }

    private var members: [(String, JSONText)] {
        [
            ("id", .string(account.id)), ("name", .string(account.name)), ("enabled", .bool(account.enabled)),
            ("price", .string(price)), ("price_micro", .integer(account.priceMicro)),
            ("payment", .string(account.payment.name)), ("charge_by", .string(unit.rawValue)),
        ] + unit.members("balance", account.balanceUnits) + unit.members("credit", account.creditUnits) + [
            ("refund", .string(account.refund.name)),
            ("allow_plain_password", .bool(account.allowPlainPassword)),
            ("allow_ip", .strings(account.allowIp)), ("extension", .string(account.extension)),
            ("signature", .string(account.signature)),
            ("valid_for_seconds", .integer(account.validForSeconds)),
            ("connection_limit", .integer(account.connectionLimit)),
            ("push_report", .optional(account.pushReport)), ("push_reply", .optional(account.pushReply)),
            ("push_dialect", .string(account.pushDialect)), ("push_format", .string(account.pushFormat)),
            ("allow_private_push", .bool(account.allowPrivatePush)),
            ("has_api_key", .bool(account.hasApiKey_p)), ("created_at_ms", .moment(account.createdAtMs)),
            ("client_id", .string(account.clientID)), ("has_client_secret", .bool(account.hasClientSecret_p)),
            ("enterprise_id", .string(account.enterpriseID)), ("sp_code", .string(account.spCode)),
            ("has_app_secret", .bool(account.hasAppSecret_p)), ("strict_serial", .bool(account.strictSerial)),
            ("no_data_code", .bool(account.noDataCode)),
            ("interfaces", .array(AccountInterface.all(of: account).map(\.json))),
            ("today", json(account.today)), ("this_month", json(account.thisMonth)),
        ] + accessMembers
    }

    private var accessMembers: [(String, JSONText)] {
        let logins = account.logins.sorted { $0.key < $1.key }.map { ($0.key, JSONText.string($0.value)) }
        let locks = account.locks.map { lock in
            JSONText.object([("address", .string(lock.address)), ("until_ms", .moment(lock.untilMs))])
        }
        return [("logins", .object(logins)), ("locks", .array(locks))]
    }

    /// Where the account is shut out from, and until when.
    private var locks: [(String, String)] {
        account.locks.map { lock in
            ("locked", "from \(lock.address) until \(Timestamp.text(lock.untilMs)), after wrong credentials")
        }
    }

    var text: String {
        let pairs: [(String, String)] = [
            ("account", account.id), ("name", account.name.isEmpty ? "-" : account.name),
            ("state", account.enabled ? "enabled" : "disabled"), ("balance", unit.labelled(account.balanceUnits)),
            ("credit", unit.labelled(account.creditUnits)), ("payment", account.payment.name),
            ("charged by", unit.rawValue), ("price", price + " yuan a segment"), ("refund", account.refund.name),
            ("plain password", account.allowPlainPassword ? "allowed" : "not allowed"),
            ("API key", account.hasApiKey_p ? "set" : "none"),
            ("from", account.allowIp.isEmpty ? "any address" : account.allowIp.joined(separator: ", ")),
            ("extension", account.extension.isEmpty ? "-" : account.extension),
            ("signature", account.signature.isEmpty ? "-" : account.signature),
            ("valid for", account.validForSeconds == 0 ? "as long as they wait" : "\(account.validForSeconds) s"),
            ("reports", delivery(account.pushReport)), ("replies", delivery(account.pushReply)),
            ("connections", "\(account.connectionLimit) at once"), ("today", text(account.today)),
            ("this month", text(account.thisMonth)),
        ]
        let interfaces = AccountInterface.all(of: account).map(\.text).joined(separator: "\n")
        return TextTable.pairs(pairs + locks) + "\ninterfaces\n" + interfaces
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
                view.unit == .money ? "yuan" : "segments", view.unit.text(account.creditUnits), view.price,
                "\(account.today.messages)", "\(account.thisMonth.messages)", account.name,
            ])
        }
        return table.text
    }

    /// How entries of a kind reach the customer.
    private func delivery(_ url: String) -> String {
        guard !url.isEmpty else { return "polled" }
        let format = account.pushDialect == PushDialect.operatorV2.rawValue ? " as \(account.pushFormat)" : ""
        return "pushed to \(url) in \(account.pushDialect)\(format)"
            + (account.allowPrivatePush ? ", also in private networks" : "")
    }

    private var price: String { Money(microYuan: account.priceMicro).description }

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

extension AdminPayment {
    /// As the command line writes it.
    var name: String {
        switch self {
        case .prepaid: "prepaid"
        case .postpaid: "postpaid"
        case .unspecified, .UNRECOGNIZED: "unknown"
        }
    }
}

extension AdminRefundRule {
    /// As the command line writes it.
    var name: String {
        switch self {
        case .never: "never"
        case .refused: "refused"
        case .failed: "failed"
        case .unspecified, .UNRECOGNIZED: "unknown"
        }
    }
}
