import AdminProtocol
import ArgumentParser
import Glibc

/// `yizhan channel disable NAME`
struct ChannelDisableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Gives messages to other channels from now on, what waits too.",
        discussion: """
            Says before what will become of what waits. Where messages would end because no other channel takes them, \
            it asks, or wants --yes. To have them wait instead: yizhan channel pause.
            """)

    @Argument(help: "The channel's name.")
    var name: String

    @Flag(help: "Do it also where messages end by it.")
    var yes = false

    @OptionGroup var admin: AdminOptions

    func run() throws {
        let channel = try admin.connected { client in
            var ask = AdminChannelOutlook()
            ask.name = name
            guard case .channelOutlook(let outlook) = try client.call(.channelOutlook(ask)) else {
                throw AdminClient.unexpected
            }
            if let sentence = Self.sentence(outlook, name) { Terminal.complain(sentence) }
            if Self.endsMessages(outlook), !yes { try confirm() }
            var enable = AdminChannelEnable()
            enable.name = name
            enable.enabled = false
            return try client.channel(.channelEnable(enable))
        }
        try admin.show(channel)
    }

    private func confirm() throws {
        guard isatty(STDIN_FILENO) == 1 else {
            throw Terminal.failure(
                "Nothing was changed: give --yes to disable \(name) all the same, or let its messages wait with "
                    + "yizhan channel pause \(name).")
        }
        guard Terminal.ask("Disable \(name) all the same?") else {
            throw Terminal.failure("Nothing was changed.")
        }
    }

    static func endsMessages(_ outlook: AdminChannelPrognosis) -> Bool {
        outlook.ended > 0 || outlook.unknown > 0 || !outlook.lostNetworks.isEmpty
    }

    /// What will become of what waits, and of what comes; nil when there is nothing to say.
    static func sentence(_ outlook: AdminChannelPrognosis, _ name: String) -> String? {
        var parts: [String] = []
        let fates: [(count: UInt64, words: String)] = [
            (outlook.moved, "go to other channels"),
            (outlook.ended, "end as NOROUTE, since no other channel takes them"),
            (outlook.kept, "wait until a channel is on"), (outlook.unknown, "are too many to be looked at"),
        ]
        let waiting = fates.filter { $0.count > 0 }.map { "\($0.count) \($0.words)" }
        if !waiting.isEmpty {
            parts.append(
                "Of \(outlook.waiting) messages that wait for \(name), " + waiting.joined(separator: ", ") + ".")
        }
        if !outlook.lostNetworks.isEmpty {
            let networks = outlook.lostNetworks.joined(separator: ", ")
            parts.append(
                "New messages to \(networks), of some accounts at least, have no other channel and end as NOROUTE.")
        }
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }
}
