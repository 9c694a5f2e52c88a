import AdminProtocol
import Administration
import ArgumentParser

/// `yizhan rule …`
struct RuleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rule",
        abstract: "Content rules of an account.",
        subcommands: [RuleShowCommand.self, RuleSetCommand.self, RuleWordCommand.self])
}

extension AdminClient {
    /// A request whose answer is an account's rules.
    func rules(_ call: AdminRequest.OneOf_Call) throws(AdminClientError) -> AdminAccountRules {
        guard case .rules(let rules) = try self.call(call) else { throw Self.unexpected }
        return rules
    }
}

extension AdminOptions {
    /// Prints the rules as they are after a command.
    func show(_ rules: AdminAccountRules) throws {
        try show(json: RuleView(rules).json, text: RuleView(rules).text)
    }
}

/// `yizhan rule show ID`
struct RuleShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows an account's rules, and what they have kept back since the start.")

    @Argument(help: "The account's id.")
    var id: AccountIDArgument

    @OptionGroup var admin: AdminOptions

    func run() throws {
        var show = AdminRuleShow()
        show.account = id.id
        try admin.show(try admin.connected { try $0.rules(.ruleShow(show)) })
    }
}

/// `yizhan rule set ID …`
struct RuleSetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Switches an account's rules on and off; all are off at first.")

    @Argument(help: "The account's id.")
    var id: AccountIDArgument

    @OptionGroup var settings: SettingOptions<Settings>
    @OptionGroup var admin: AdminOptions

    enum Settings: SettingSource {
        static let options = RuleSettings.table.options
    }

    func validate() throws {
        if settings.isEmpty { throw ValidationError("Say what to change: see 'yizhan rule set --help'.") }
    }

    func run() throws {
        var set = AdminRuleSet()
        set.account = id.id
        set.settings = try settings.settings()
        try admin.show(try admin.connected { try $0.rules(.ruleSet(set)) })
    }
}

/// `yizhan rule word …`
struct RuleWordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "word",
        abstract: "Words that no content of an account may have.",
        subcommands: [RuleWordAddCommand.self, RuleWordRemoveCommand.self])
}

/// `yizhan rule word add ID WORD…`
struct RuleWordAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Blocks words.")

    @Argument(help: "The account's id.")
    var id: AccountIDArgument

    @Argument(help: "Words; capital and small letters of a to z are the same.")
    var words: [String]

    @OptionGroup var admin: AdminOptions

    func run() throws {
        var change = AdminWordsChange()
        change.account = id.id
        change.add = words
        try admin.show(try admin.connected { try $0.rules(.wordsChange(change)) })
    }
}

/// `yizhan rule word remove ID WORD…`
struct RuleWordRemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Blocks words no more.")

    @Argument(help: "The account's id.")
    var id: AccountIDArgument

    @Argument(help: "Blocked words.")
    var words: [String]

    @OptionGroup var admin: AdminOptions

    func run() throws {
        var change = AdminWordsChange()
        change.account = id.id
        change.remove = words
        try admin.show(try admin.connected { try $0.rules(.wordsChange(change)) })
    }
}
