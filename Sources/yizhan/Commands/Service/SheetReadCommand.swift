import ArgumentParser
import Sheets

/// What the service starts to read a spreadsheet: see `SheetReaderProcess`.
struct SheetReadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sheet-read",
        abstract: "Reads the spreadsheet on standard input, for the service.",
        shouldDisplay: false)

    @Argument(help: "The sheet; without it the first visible one that has content.")
    var sheet: String?

    func run() throws {
        let status = SheetSandbox.readStandardInput(sheet: sheet)
        if status != 0 { throw ExitCode(status) }
    }
}
