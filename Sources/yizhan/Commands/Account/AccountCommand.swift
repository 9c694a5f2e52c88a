import AdminProtocol
import ArgumentParser

/// `yizhan account …`
struct AccountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account",
        abstract: "Customers' accounts.",
        subcommands: [
            AccountAddCommand.self, AccountShowCommand.self, AccountListCommand.self, AccountSetCommand.self,
            AccountDisableCommand.self, AccountEnableCommand.self, AccountRechargeCommand.self,
            AccountUnlockCommand.self,
        ])
}

extension AdminClient {
    /// A request whose answer is an account.
    func account(_ call: AdminRequest.OneOf_Call) throws(AdminClientError) -> AdminAccount {
        guard case .account(let account) = try self.call(call) else { throw Self.unexpected }
        return account
    }

    func account(id: String) throws(AdminClientError) -> AdminAccount {
        var show = AdminAccountShow()
        show.id = id
        return try account(.accountShow(show))
    }
}

extension AdminOptions {
    /// Prints the account as it is after a command.
    /// - Parameter password: one that was made for it, which cannot be shown again.
    func show(_ account: AdminAccount, password: String? = nil) throws {
        let view = AccountView(account)
        guard let password else { return try show(json: view.json, text: view.text) }
        let lines = "interface password, shown only now: \(password)\n\n" + view.text
        try show(json: view.json(withPassword: password), text: lines)
    }
}

/// `yizhan account show ID`
struct AccountShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Shows an account.")

    @Argument(help: "The account's id.")
    var id: AccountIDArgument

    @OptionGroup var admin: AdminOptions

    func run() throws {
        try admin.show(try admin.connected { try $0.account(id: id.id) })
    }
}

/// `yizhan account list`
struct AccountListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the accounts.")

    @OptionGroup var admin: AdminOptions

    func run() throws {
        let accounts = try admin.connected { try $0.allAccounts() }.map { AccountView($0) }
        try admin.show(json: .object([("accounts", .array(accounts.map(\.json)))]), text: AccountView.table(accounts))
    }
}
