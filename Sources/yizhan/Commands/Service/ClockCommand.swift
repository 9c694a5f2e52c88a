import AdminProtocol
import ArgumentParser
import Messaging

/// `yizhan clock …`
struct ClockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clock", abstract: "The clock that the appliance goes by.", subcommands: [ClockAcceptCommand.self])
}

/// `yizhan clock accept`
struct ClockAcceptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept",
        abstract: "Takes the system clock for right, as it is now.",
        discussion: """
            The appliance compares the system clock with one that cannot be set, and at its start with its newest \
            record. While they are more than a minute apart, nothing expires, is released or given back by time, and \
            status says so. When the system clock is right, this command lets it go on; messages whose time has \
            passed by that clock end then.
            """)

    @OptionGroup var admin: AdminOptions

    func run() throws {
        let clock = try admin.connected { client throws(AdminClientError) in
            guard case .clock(let clock) = try client.call(.clockAccept(AdminClockAccept())) else {
                throw AdminClient.unexpected
            }
            return clock
        }
        try admin.show(json: ClockView.json(clock), text: ClockView.text(clock))
    }
}

/// A clock for people and programs.
enum ClockView {
    static func json(_ clock: AdminClock) -> JSONText {
        .object([
            ("held", .bool(clock.held)), ("wall_ms", .integer(clock.wallMs)), ("house_ms", .integer(clock.houseMs)),
            ("lead_ms", .integer(clock.leadMs)), ("reason", .string(clock.reason)),
        ])
    }

    /// After it was accepted; `clock` is as it was before.
    static func text(_ clock: AdminClock) -> String {
        let wall = Timestamp(milliseconds: clock.wallMs).chinaText
        guard clock.held else { return "the clock was right already: \(wall) in China" }
        return "accepted: it is \(wall) in China; what waited for its time goes on"
    }
}
