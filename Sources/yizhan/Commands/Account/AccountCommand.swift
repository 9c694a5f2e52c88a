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
    func show(_ account: AdminAccount) throws {
        try show(json: AccountView(account).json, text: AccountView(account).text)
    }
}
