import AdminProtocol
import ArgumentParser
import Messaging

/// `yizhan blacklist …`
struct BlacklistCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "blacklist",
        abstract: "Numbers that get nothing from an account that has the rule on ('yizhan rule set').",
        subcommands: [BlacklistAddCommand.self, BlacklistRemoveCommand.self, BlacklistListCommand.self])
}

extension AdminClient {
    /// Changes a list, in as many requests as it takes.
    fileprivate func change(
        _ change: AdminBlacklistChange, add: [String] = [], remove: [String] = []
    ) throws(AdminClientError) -> AdminBlacklistCount {
        var count = AdminBlacklistCount()
        var (added, removed) = (add[...], remove[...])
        repeat {
            var piece = change
            piece.add = Array(added.prefix(BlacklistCommand.batchMax))
            added = added.dropFirst(BlacklistCommand.batchMax)
            piece.remove = Array(removed.prefix(BlacklistCommand.batchMax))
            removed = removed.dropFirst(BlacklistCommand.batchMax)
            guard case .blacklistCount(let done) = try call(.blacklistChange(piece)) else { throw Self.unexpected }
            count.changed += done.changed
            count.total = done.total
        } while !added.isEmpty || !removed.isEmpty
        return count
    }
}

extension BlacklistCommand {
    /// Numbers in one request: about half a frame.
    fileprivate static let batchMax = 20_000
}

extension AdminOptions {
    fileprivate func show(_ count: AdminBlacklistCount) throws {
        try show(
            json: .object([("changed", .integer(count.changed)), ("total", .integer(count.total))]),
            text: "\(count.changed) changed, \(count.total) numbers on the list")
    }
}

/// `yizhan blacklist add ID MOBILE…`
struct BlacklistAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Puts numbers on an account's blacklist.")

    @Argument(help: "The account's id.")
    var id: AccountIDArgument

    @Argument(help: "Numbers.")
    var mobiles: [String]

    @Option(help: "Why; shown in the list.")
    var reason = ""

    @OptionGroup var admin: AdminOptions

    func validate() throws {
        for mobile in mobiles where PhoneNumber(mobile) == nil {
            throw ValidationError("'\(mobile)' is no number that a message can be sent to.")
        }
    }

    func run() throws {
        var change = AdminBlacklistChange()
        change.account = id.id
        change.reason = reason
        try admin.show(try admin.connected { try $0.change(change, add: mobiles) })
    }
}

/// `yizhan blacklist remove ID MOBILE…`
struct BlacklistRemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Takes numbers off an account's blacklist.")

    @Argument(help: "The account's id.")
    var id: AccountIDArgument

    @Argument(help: "Numbers.")
    var mobiles: [String]

    @OptionGroup var admin: AdminOptions

    func run() throws {
        var change = AdminBlacklistChange()
        change.account = id.id
        try admin.show(try admin.connected { try $0.change(change, remove: mobiles) })
    }
}

/// `yizhan blacklist list ID`
struct BlacklistListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists an account's blacklist.")

    @Argument(help: "The account's id.")
    var id: AccountIDArgument

    @OptionGroup var admin: AdminOptions

    func run() throws {
        let account = id.id
        let numbers = try admin.connected { try $0.wholeBlacklist(of: account) }
        let items = numbers.map { number in
            JSONText.object([
                ("mobile", .string(number.mobile)), ("at_ms", .moment(number.atMs)),
                ("reason", .string(number.reason)),
            ])
        }
        var table = TextTable([("NUMBER", .left), ("SINCE", .left), ("REASON", .left)])
        for number in numbers {
            table.add([number.mobile, Timestamp(milliseconds: number.atMs).chinaText, number.reason])
        }
        try admin.show(json: .object([("numbers", .array(items))]), text: table.text)
    }
}
