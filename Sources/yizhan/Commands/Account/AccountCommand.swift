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
    /// Prints the account that a command has left behind.
    /// - Parameter password: one that was made for it, which nobody can read again.
    func show(_ account: AdminAccount, password: String? = nil) throws {
        let view = AccountView(account)
        guard let password else { return try show(json: view.json, text: view.text) }
        let lines = "interface password, shown only now: \(password)\n\n" + view.text
        try show(json: view.json(withPassword: password), text: lines)
    }
}
