import AdminProtocol
import ArgumentParser
import Messaging

/// What `account add` and `account set` share.
struct AccountSettingsOptions: ParsableArguments {
    @Option(help: "A name for people.")
    var name: String?

    @Option(
        help: ArgumentHelp("Price of one segment in yuan, not below zero, at most six decimals.", valueName: "yuan"))
    var price: PriceArgument?

    @Option(help: "Whether it pays before or after.")
    var payment: Account.Payment?

    @Option(help: "Whether balance and charges are money or a count of segments.")
    var chargeBy: ChargeUnit?

    @Option(
        help: ArgumentHelp("How far below zero a postpaid balance may go, in yuan or segments.", valueName: "amount"))
    var credit: String?

    @Option(help: ArgumentHelp("The account's API key; - reads it from standard input.", valueName: "key"))
    var apiKey: SecretArgument?

    @OptionGroup(title: "Dialects beside operator-v2")
    var dialects: AccountDialectOptions

    @Flag(inversion: .prefixedNo, help: "Whether the interface password may be sent as it is.")
    var allowPlainPassword: Bool?

    @Option(
        help: ArgumentHelp(
            "An address or network that may send; give it again for more; 'any' for all.", valueName: "cidr"))
    var allowIP: [NetworkArgument] = []

    @Option(help: ArgumentHelp("Digits behind a channel's number, before the customer's own.", valueName: "digits"))
    var `extension`: String?

    @Option(help: ArgumentHelp("Put in front of contents that carry none.", valueName: "【text】"))
    var signature: String?

    @Option(help: "Whose failure gives the charge back: nobody's, the platform's and carrier's, or also the handset's.")
    var refund: Account.RefundRule?

    @Option(
        help: ArgumentHelp(
            "How long its messages are worth sending, 10s or more; 'none' for as long as they wait.",
            discussion: "What has not left for a carrier by then ends as EXPIRED and is paid back in full.",
            valueName: "duration"))
    var validFor: ValidityArgument?

    @OptionGroup var push: PushSettingsOptions
    @OptionGroup var access: AccountAccessOptions

    func validate() throws {
        if let digits = self.extension, !digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            throw ValidationError("--extension takes digits only; not '\(digits)'.")
        }
        if let signature, !signature.isEmpty, !(signature.hasPrefix("【") && signature.hasSuffix("】")) {
            throw ValidationError("--signature is written 【…】; not '\(signature)'.")
        }
    }

    var isEmpty: Bool {
        name == nil && price == nil && payment == nil && chargeBy == nil && credit == nil && apiKey == nil
            && allowPlainPassword == nil && allowIP.isEmpty && self.extension == nil && signature == nil
            && refund == nil && validFor == nil && dialects.isEmpty && push.isEmpty && access.isEmpty
    }

    /// What was given, for the wire; `unit` is what the account is charged by.
    func settings(unit: ChargeUnit) throws -> AdminAccountSettings {
        var settings = AdminAccountSettings()
        if let name { settings.name = name }
        if let price { settings.priceMicro = price.price.microYuan }
        if let payment { settings.payment = payment.wire }
        if let chargeBy { settings.chargeBy = chargeBy.wire }
        if let credit { settings.creditUnits = try unit.parse(credit, option: "--credit", minimum: 0) }
        if let apiKey { settings.apiKey = try apiKey.read(option: "--api-key") }
        if let allowPlainPassword { settings.allowPlainPassword = allowPlainPassword }
        if !allowIP.isEmpty { settings.allowIp.cidrs = allowIP.compactMap(\.network?.description) }
        if let digits = self.extension { settings.extension = digits }
        if let signature { settings.signature = signature }
        if let refund { settings.refund = refund.wire }
        if let validFor { settings.validForSeconds = validFor.seconds }
        try dialects.fill(&settings)
        push.write(to: &settings)
        access.write(to: &settings)
        return settings
    }
}

extension Account.Payment {
    var wire: AdminPayment {
        switch self {
        case .prepaid: .prepaid
        case .postpaid: .postpaid
        }
    }
}

extension Account.RefundRule {
    var wire: AdminRefundRule {
        switch self {
        case .never: .never
        case .refused: .refused
        case .failed: .failed
        }
    }
}
