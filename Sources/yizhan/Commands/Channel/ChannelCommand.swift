import AdminProtocol
import ArgumentParser

/// `yizhan channel …`
struct ChannelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "channel",
        abstract: "Ways to carriers.",
        subcommands: [
            ChannelAddCommand.self, ChannelListCommand.self, ChannelShowCommand.self, ChannelSetCommand.self,
            ChannelDisableCommand.self, ChannelEnableCommand.self, ChannelPauseCommand.self,
            ChannelResumeCommand.self,
        ])
}

extension AdminClient {
    /// A request whose answer is a channel.
    func channel(_ call: AdminRequest.OneOf_Call) throws(AdminClientError) -> AdminChannel {
        guard case .channel(let channel) = try self.call(call) else { throw Self.unexpected }
        return channel
    }
}

extension AdminOptions {
    /// Prints the channel as it is after a command.
    func show(_ channel: AdminChannel) throws {
        try show(json: ChannelView(channel).json, text: ChannelView(channel).text)
    }
}

/// `yizhan channel list`
struct ChannelListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the channels.")

    @OptionGroup var admin: AdminOptions

    func run() throws {
        let channels = try admin.connected { try $0.allChannels() }.map { ChannelView($0) }
        try admin.show(json: .object([("channels", .array(channels.map(\.json)))]), text: ChannelView.table(channels))
    }
}

/// `yizhan channel show NAME`
struct ChannelShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Shows a channel.")

    @Argument(help: "The channel's name.")
    var name: String

    @OptionGroup var admin: AdminOptions

    func run() throws {
        var show = AdminChannelShow()
        show.name = name
        try admin.show(try admin.connected { try $0.channel(.channelShow(show)) })
    }
}
