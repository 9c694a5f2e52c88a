import AdminProtocol
import AdminServer
import Administration
import ArgumentParser
import Messaging
import Secrets

/// `yizhan account add ID …`
struct AccountAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Makes an account.")

    enum Settings: SettingSource {
        static let options = forAdd(AccountSettings.table.options)
    }

    @Argument(help: "1 to 32 letters, digits, dots, underscores and hyphens.")
    var id: AccountIDArgument

    @Option(help: ArgumentHelp("What it starts with, in yuan or segments.", valueName: "amount"))
    var balance: String?

    @OptionGroup var settings: SettingOptions<Settings>
    @OptionGroup var admin: AdminOptions

    private var unit: ChargeUnit { settings["charge_by"] == .text(ChargeUnit.count.rawValue) ? .count : .money }

    func validate() throws {
        if settings["price_micro"] == nil, unit == .money {
            throw ValidationError("Say with --price what a segment costs in yuan; --price 0 for nothing.")
        }
        if let balance { _ = try unit.parse(balance, option: "--balance") }
        if case .text(let credit)? = settings["credit_units"] {
            _ = try unit.parse(credit, option: "--credit", minimum: 0)
        }
    }

    func run() throws {
        var add = AdminAccountAdd()
        add.id = id.id
        add.settings = try settings.settings(unit: unit)
        let made = settings["api_password"] == nil ? try Self.makePassword() : nil
        if let made { add.settings["api_password"] = .text(made) }
        if let balance { add.balanceUnits = try unit.parse(balance, option: "--balance") }
        let account = try admin.connected { try $0.account(.accountAdd(add)) }
        try admin.show(account, password: made)
    }

    /// An interface password that cannot be guessed.
    private static func makePassword() throws -> String {
        // Of each byte a few values are passed over.
        guard let password = PasswordRule.make(from: try SecureRandom.bytes(PasswordRule.madeLength * 4)) else {
            throw ValidationError("No password could be made; give one with --api-password.")
        }
        return password
    }
}

/// `yizhan account set ID …`
struct AccountSetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Changes what is given of an account; an empty value empties it.")

    enum Settings: SettingSource {
        static let options = forSet(AccountSettings.table.options)
    }

    @Argument(help: "The account's id.")
    var id: AccountIDArgument

    @OptionGroup var settings: SettingOptions<Settings>
    @OptionGroup var admin: AdminOptions

    func validate() throws {
        if settings.isEmpty { throw ValidationError("Say what to change: see 'yizhan account set --help'.") }
    }

    func run() throws {
        let account = try admin.connected { client in
            // What an amount means depends on the account, unless this very command changes that.
            var unit = ChargeUnit.money
            if case .text(let name)? = settings["charge_by"] {
                unit = ChargeUnit(rawValue: name) ?? unit
            } else if settings.hasAmount {
                unit = try client.account(id: id.id).unit
            }
            var set = AdminAccountSet()
            set.id = id.id
            set.settings = try settings.settings(unit: unit)
            return try client.account(.accountSet(set))
        }
        try admin.show(account)
    }
}

/// `yizhan account disable ID`
struct AccountDisableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Refuses an account's requests from now on.")

    @Argument(help: "The account's id.")
    var id: AccountIDArgument

    @OptionGroup var admin: AdminOptions

    func run() throws {
        var enable = AdminAccountEnable()
        enable.id = id.id
        enable.enabled = false
        try admin.show(try admin.connected { try $0.account(.accountEnable(enable)) })
    }
}

/// `yizhan account enable ID`
struct AccountEnableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable", abstract: "Accepts an account's requests again.")

    @Argument(help: "The account's id.")
    var id: AccountIDArgument

    @OptionGroup var admin: AdminOptions

    func run() throws {
        var enable = AdminAccountEnable()
        enable.id = id.id
        enable.enabled = true
        try admin.show(try admin.connected { try $0.account(.accountEnable(enable)) })
    }
}

/// `yizhan account unlock ID`
struct AccountUnlockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock",
        abstract: "Lets an account in again at once from where too many wrong credentials came.")

    @Argument(help: "The account's id.")
    var id: AccountIDArgument

    @OptionGroup var admin: AdminOptions

    func run() throws {
        var unlock = AdminAccountUnlock()
        unlock.id = id.id
        try admin.show(try admin.connected { try $0.account(.accountUnlock(unlock)) })
    }
}

/// `yizhan account recharge ID AMOUNT`
struct AccountRechargeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recharge", abstract: "Adds to an account's balance; a negative amount corrects a mistake.")

    @Argument(help: "The account's id.")
    var id: AccountIDArgument

    @Argument(help: "Yuan or segments, as the account is charged.")
    var amount: String

    @Option(parsing: .unconditional, help: "A note for the ledger.")
    var note: String?

    @OptionGroup var admin: AdminOptions

    func validate() throws {
        guard Money(amount) != nil else {
            throw ValidationError("AMOUNT is a number with at most six decimals; not '\(amount)'.")
        }
    }

    func run() throws {
        let account = try admin.connected { client in
            let unit = try client.account(id: id.id).unit
            var recharge = AdminAccountRecharge()
            recharge.id = id.id
            recharge.amountUnits = try unit.parse(amount, option: "AMOUNT")
            recharge.chargeBy = unit.wire
            recharge.note = note ?? ""
            return try client.account(.accountRecharge(recharge))
        }
        try admin.show(account)
    }
}
