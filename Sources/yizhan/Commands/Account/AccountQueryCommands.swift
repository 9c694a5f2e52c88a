import AdminProtocol
import ArgumentParser

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
