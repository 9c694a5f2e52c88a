import AdminProtocol
import Administration
import ArgumentParser

/// `yizhan channel add NAME …`
struct ChannelAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Makes a channel.")

    enum Settings: SettingSource {
        static let options = forAdd(ChannelSettings.table.options)
    }

    @Argument(help: "A name for it.")
    var name: String

    @OptionGroup var settings: SettingOptions<Settings>
    @OptionGroup var admin: AdminOptions

    func validate() throws {
        if name.isEmpty { throw ValidationError("A channel's name is not empty.") }
    }

    func run() throws {
        var add = AdminChannelAdd()
        add.name = name
        add.settings = try settings.settings()
        try admin.show(try admin.connected { try $0.channel(.channelAdd(add)) })
    }
}

/// `yizhan channel set NAME …`
struct ChannelSetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Changes what is given of a channel.")

    enum Settings: SettingSource {
        static let options = forSet(ChannelSettings.table.options)
    }

    @Argument(help: "The channel's name.")
    var name: String

    @OptionGroup var settings: SettingOptions<Settings>
    @OptionGroup var admin: AdminOptions

    func validate() throws {
        if settings.isEmpty { throw ValidationError("Say what to change: see 'yizhan channel set --help'.") }
    }

    func run() throws {
        var set = AdminChannelSet()
        set.name = name
        set.settings = try settings.settings()
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

/// `yizhan channel pause NAME`
struct ChannelPauseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Keeps what is routed to a channel waiting, and sends nothing over it.",
        discussion: "Reports of what was sent before are fetched as ever.")

    @Argument(help: "The channel's name.")
    var name: String

    @OptionGroup var admin: AdminOptions

    func run() throws { try admin.pause(name, true) }
}

/// `yizhan channel resume NAME`
struct ChannelResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Sends over a paused channel again, what waits first.")

    @Argument(help: "The channel's name.")
    var name: String

    @OptionGroup var admin: AdminOptions

    func run() throws { try admin.pause(name, false) }
}

extension AdminOptions {
    fileprivate func pause(_ name: String, _ paused: Bool) throws {
        var pause = AdminChannelPause()
        pause.name = name
        pause.paused = paused
        try show(try connected { try $0.channel(.channelPause(pause)) })
    }
}
