import AdminProtocol
import ArgumentParser
import Messaging

/// `yizhan ledger …`
struct LedgerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "The ledger.", subcommands: [LedgerVerifyCommand.self])
}

/// `yizhan ledger verify`
struct LedgerVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Proves that every balance equals the sum of its ledger.",
        discussion: """
            Exit 0 with a line of totals, or exit 1 with a line for each difference. What was found sound is noted, \
            and the next proof reads only what came after it. One proof at a time; interrupting the command ends it.
            """)

    @Flag(help: "Read every entry, those too that were proved before.")
    var full = false

    @OptionGroup var admin: AdminOptions

    func run() throws {
        var request = AdminLedgerVerify()
        request.full = full
        let asked = request
        let report = try admin.connected(timeout: .seconds(3600)) { client throws(AdminClientError) in
            guard case .ledger(let report) = try client.call(.ledgerVerify(asked)) else {
                throw AdminClient.unexpected
            }
            return report
        }
        try admin.show(json: Self.json(report), text: Self.text(report))
        if !report.isSound { throw ExitCode(1) }
    }

    static func json(_ report: AdminLedgerReport) -> JSONText {
        let differences = report.differences.map { difference in
            let unit = ChargeUnit(difference.chargeBy)
            return JSONText.object(
                [("account", .string(difference.account)), ("charge_by", .string(unit.rawValue))]
                    + unit.members("stored", difference.storedUnits) + unit.members("summed", difference.summedUnits))
        }
        return .object([
            ("sound", .bool(report.isSound)), ("accounts", .integer(report.accounts)),
            ("entries", .integer(report.entries)), ("money", .string(ChargeUnit.money.text(report.moneyMicro))),
            ("money_micro", .integer(report.moneyMicro)), ("count_segments", .integer(report.countSegments)),
            ("full", .bool(report.full)), ("proved_before", .integer(report.provedBefore)),
            ("differences_total", .integer(report.total)), ("differences", .array(differences)),
        ])
    }

    static func text(_ report: AdminLedgerReport) -> String {
        let totals =
            "\(report.accounts) accounts, \(report.entries) entries, \(ChargeUnit.money.labelled(report.moneyMicro)), "
            + ChargeUnit.count.labelled(report.countSegments)
            + (report.provedBefore > 0 ? " (\(report.provedBefore) entries were proved before)" : "")
        if report.isSound { return "ledger sound: " + totals }
        var lines = report.differences.map { difference in
            let unit = ChargeUnit(difference.chargeBy)
            return Terminal.printable(difference.account)
                + ": balance \(unit.labelled(difference.storedUnits)), ledger \(unit.labelled(difference.summedUnits))"
        }
        let unnamed = report.total - UInt64(report.differences.count)
        if unnamed > 0 { lines.append("and \(unnamed) more") }
        lines.append("ledger NOT sound: \(report.total) differences; " + totals)
        return lines.joined(separator: "\n")
    }
}

extension AdminLedgerReport {
    /// How many differences there are, named or not.
    var total: UInt64 { max(differencesTotal, UInt64(differences.count)) }
    var isSound: Bool { total == 0 }
}
