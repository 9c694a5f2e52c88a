import AdminProtocol
import ArgumentParser

/// `yizhan channel add NAME …`
struct ChannelAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Makes a channel.")

    @Argument(help: "A name for it.")
    var name: String

    @Option(help: ArgumentHelp("The interface that the carrier speaks.", discussion: ChannelSettingsOptions.dialects))
    var dialect: String

    @Option(help: "Where the carrier listens.")
    var url: String

    @Option(help: "Our account there.")
    var user: String

    @Option(help: "Its password; - reads it from standard input.")
    var password: SecretArgument

    @Option(help: ArgumentHelp("The access number that handsets show.", valueName: "digits"))
    var number: String

    @OptionGroup var settings: ChannelSettingsOptions
    @OptionGroup var admin: AdminOptions

    func validate() throws {
        if name.isEmpty { throw ValidationError("A channel's name is not empty.") }
        try ChannelSettingsOptions.check(url: url)
        try ChannelSettingsOptions.check(number: number)
    }

    func run() throws {
        var add = AdminChannelAdd()
        add.name = name
        add.settings = try settings.settings()
        add.settings.dialect = dialect
        add.settings.url = url
        add.settings.user = user
        add.settings.password = try password.read(option: "--password")
        add.settings.number = number
        try admin.show(try admin.connected { try $0.channel(.channelAdd(add)) })
    }
}

/// `yizhan channel set NAME …`
struct ChannelSetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Changes what is given of a channel.")

    @Argument(help: "The channel's name.")
    var name: String

    @Option(help: ArgumentHelp("The interface that the carrier speaks.", discussion: ChannelSettingsOptions.dialects))
    var dialect: String?

    @Option(help: "Where the carrier listens.")
    var url: String?

    @Option(help: "Our account there.")
    var user: String?

    @Option(help: "Its password; - reads it from standard input.")
    var password: SecretArgument?

    @Option(help: ArgumentHelp("The access number that handsets show.", valueName: "digits"))
    var number: String?

    @Flag(
        help: """
            Makes a new token for the address to which the carrier pushes, and prints it; the old one is taken for 24 \
            hours more.
            """)
    var newCallbackToken = false

    @OptionGroup var settings: ChannelSettingsOptions
    @OptionGroup var admin: AdminOptions

    func validate() throws {
        if settings.isEmpty, dialect == nil, url == nil, user == nil, password == nil, number == nil,
            !newCallbackToken
        {
            throw ValidationError("Say what to change: see 'yizhan channel set --help'.")
        }
        if let url { try ChannelSettingsOptions.check(url: url) }
        if let number { try ChannelSettingsOptions.check(number: number) }
    }

    func run() throws {
        var set = AdminChannelSet()
        set.name = name
        set.settings = try settings.settings()
        if let dialect { set.settings.dialect = dialect }
        if let url { set.settings.url = url }
        if let user { set.settings.user = user }
        if let password { set.settings.password = try password.read(option: "--password") }
        if let number { set.settings.number = number }
        if newCallbackToken { set.settings.newCallbackToken = true }
        try admin.show(try admin.connected { try $0.channel(.channelSet(set)) })
    }
}

/// `yizhan channel enable NAME`
struct ChannelEnableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable", abstract: "Sends over a channel again.")

    @Argument(help: "The channel's name.")
    var name: String

    @OptionGroup var admin: AdminOptions

    func run() throws {
        var enable = AdminChannelEnable()
        enable.name = name
        enable.enabled = true
        try admin.show(try admin.connected { try $0.channel(.channelEnable(enable)) })
    }
}
