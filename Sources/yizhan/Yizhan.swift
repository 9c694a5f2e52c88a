import ArgumentParser
import Sheets

/// The command line. Exit codes: 0 done, 1 refused or failed, 64 wrong arguments, 69 the appliance cannot be reached.
@main
struct Yizhan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "yizhan",
        abstract: "A short-message platform in one process.",
        version: "0.1.0",
        subcommands: [
            ServeCommand.self, InitCommand.self, SimulateCommand.self, BenchCommand.self, AccountCommand.self,
            ChannelCommand.self,
            RouteCommand.self, TemplateCommand.self, RuleCommand.self, BlacklistCommand.self, MessageCommand.self,
            InboundCommand.self, PushCommand.self, UserCommand.self, AuditCommand.self, StatusCommand.self,
            LedgerCommand.self, ClockCommand.self, SheetReadCommand.self,
        ])

    @MainActor
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        // On this thread, before there are others: each would take part of the reader's address space.
        if arguments.first == SheetReadCommand.configuration.commandName {
            exit(withError: ExitCode(SheetSandbox.readStandardInput(sheet: arguments.dropFirst().first)))
        }
        // The main task has the priority of an interactive program, and what it starts or awaits would inherit it:
        // libdispatch then tries to raise the priority of threads, which the service may not, and logs a line for each.
        // So it stays on the main thread, and waits for a detached task, which does not inherit its priority.
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            Task.detached(priority: .medium) {
                await run(arguments)
                done.resume()
            }
        }
    }

    private static func run(_ arguments: [String]) async {
        do {
            var command = try parseAsRoot(withValuesJoined(negativeAmountsLast(arguments)))
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            if exitCode(for: error) == .validationFailure, let sentence = unknownOption(in: arguments, error) {
                Terminal.complain(sentence)
                exit(withError: ExitCode.validationFailure)
            }
            exit(withError: error)
        }
    }

    /// What a command says of a missing or wrong value is no help when an option was misspelled: that is said first.
    static func unknownOption(in arguments: [String], _ error: any Error) -> String? {
        if fullMessage(for: error).contains("Unknown option") { return nil }
        var command: any ParsableCommand.Type = Yizhan.self
        var names = ["yizhan"]
        for argument in arguments {
            let found = command.configuration.subcommands.first { $0.configuration.commandName == argument }
            guard let found else { break }
            command = found
            names.append(argument)
        }
        let help = helpMessage(for: command, includeHidden: true)
        let known = Set(help.split { !($0.isLetter || $0.isNumber || $0 == "-") }.filter { $0.hasPrefix("--") })
        for argument in arguments.prefix(while: { $0 != "--" }) where argument.hasPrefix("--") {
            let option = argument.prefix { $0 != "=" }
            if !known.contains(option) {
                let line = names.joined(separator: " ")
                return "'\(line)' has no option \(option): see '\(line) --help'"
            }
        }
        return nil
    }

    /// `--price -1`: the parser takes `-1` for an option and says that the value is missing, so the two are joined.
    static func withValuesJoined(_ arguments: [String]) -> [String] {
        var joined: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" { return joined + [argument] + rest }
            let digit = argument.dropFirst().first
            let isNegative = argument.hasPrefix("-") && digit.map { $0.isASCII && $0.isNumber || $0 == "." } == true
            if isNegative, let option = joined.last, option.hasPrefix("--"), !option.contains("=") {
                joined[joined.count - 1] = "\(option)=\(argument)"
            } else {
                joined.append(argument)
            }
        }
        return joined
    }

    /// `account recharge ID -5`: the parser takes `-5` for an option, so it is moved after a `--`.
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
