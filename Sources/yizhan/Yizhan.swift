import ArgumentParser

/// The command line. Exit codes: 0 done, 1 refused or failed, 64 wrong arguments, 69 the appliance cannot be reached.
@main
struct Yizhan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "yizhan",
        abstract: "A short-message platform in one process.",
        version: "0.1.0",
        subcommands: [
            ServeCommand.self, SimulateCommand.self, BenchCommand.self, AccountCommand.self, ChannelCommand.self,
            RouteCommand.self, MessageCommand.self, InboundCommand.self, PushCommand.self, StatusCommand.self,
            LedgerCommand.self,
        ])

    static func main() async {
        await main(negativeAmountsLast(Array(CommandLine.arguments.dropFirst())))
    }

    /// `account recharge ID -5`: the parser takes `-5` for an option, so it goes behind a `--`.
    static func negativeAmountsLast(_ arguments: [String]) -> [String] {
        guard arguments.starts(with: ["account", "recharge"]), !arguments.contains("--") else { return arguments }
        let place = arguments.indices.dropFirst(2).first { index in
            let digit = arguments[index].dropFirst().first
            return arguments[index].hasPrefix("-") && digit.map { $0.isASCII && $0.isNumber } == true
                && arguments[index - 1] != "--note"
        }
        guard let place else { return arguments }
        var others = arguments
        let amount = others.remove(at: place)
        return others + ["--", amount]
    }
}
