import AdminProtocol
import ArgumentParser
import Messaging

/// `yizhan rule …`
struct RuleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rule",
        abstract: "What an account's messages must not be.",
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
    /// Prints the rules that a command has left behind.
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

    @Flag(
        inversion: .prefixedNo,
        help: "Whether every content must match one of the account's templates ('yizhan template').")
    var requireTemplate: Bool?

    @Flag(
        inversion: .prefixedNo,
        help: "Whether a content must begin or end with the account's signature; if not, it is put in front.")
    var checkSignature: Bool?

    @Flag(
        inversion: .prefixedNo,
        help: """
            Whether numbers on the account's blacklist ('yizhan blacklist') get nothing: such a message is accepted, \
            not charged, and reported as MBBLACK.
            """)
    var blacklist: Bool?

    @Flag(
        inversion: .prefixedNo,
        help: """
            Whether a reply of T, TD, N, R or 退订 puts its number on the account's blacklist; with this the numbers \
            there get nothing, as with --blacklist.
            """)
    var optOut: Bool?

    @Option(
        help: ArgumentHelp(
            """
            At most so many messages to one number in a period, as 5/1h; up to four with commas between, 'none' for \
            no limit. They are counted since the last start.
            """, valueName: "n/period,…"))
    var frequency: String?

    @OptionGroup var admin: AdminOptions

    func validate() throws {
        if requireTemplate == nil, checkSignature == nil, blacklist == nil, optOut == nil, frequency == nil {
            throw ValidationError("Say what to change: see 'yizhan rule set --help'.")
        }
        for text in limits ?? [] where FrequencyLimit(text) == nil {
            throw ValidationError(
                "--frequency takes limits as 1/60s or 5/1h, of at most 100 messages in at most a day; not '\(text)'.")
        }
    }

    private var limits: [String]? {
        frequency.map { text in
            text == "none" ? [] : text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
    }

    func run() throws {
        var set = AdminRuleSet()
        set.account = id.id
        if let requireTemplate { set.settings.requireTemplate = requireTemplate }
        if let checkSignature { set.settings.checkSignature = checkSignature }
        if let blacklist { set.settings.blacklist = blacklist }
        if let optOut { set.settings.optOut = optOut }
        if let limits { set.settings.frequency.limits = limits }
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
