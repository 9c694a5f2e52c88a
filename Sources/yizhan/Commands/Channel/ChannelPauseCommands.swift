import AdminProtocol
import ArgumentParser

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
