internal import ArgumentParser

/// `yizhan bench …`
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Load on a running appliance, and what a benchmark needs beside it.",
        subcommands: [
            LoadCommand.self, BaselineCommand.self, FillCommand.self, StagesCommand.self, HTTPCommand.self,
            PushesCommand.self, SearchCommand.self,
        ],
        defaultSubcommand: LoadCommand.self)
}
