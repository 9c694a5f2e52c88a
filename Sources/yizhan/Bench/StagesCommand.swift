internal import ArgumentParser
import Glibc
import Messaging

/// `yizhan bench stages DIRECTORY`: what one single message costs this processor, stage by stage, in the program's own
/// code without network.
struct StagesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stages", abstract: "Measure the processor time that each stage of a message takes.",
        shouldDisplay: false)

    @Argument(help: "A folder for the database; it must hold none.")
    var directory: String

    @Option(help: "Single messages to measure with.")
    var messages = 20_000

    @Option(help: "Messages of one commit.")
    var group = 64

    @Option(help: "A file of limits; exit with 1 when a stage costs more.")
    var check: String?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (1...10_000_000).contains(messages), (1...100_000).contains(group) else {
            throw ValidationError("--messages and --group are above 0.")
        }
    }

    func run() async throws {
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
            throw Terminal.failure("\(directory) cannot be made.")
        }
        GBK.prepare()
        var bench = try await StageBench(directory: directory)
        // Once for the caches and for what is made when first used.
        try await bench.run(messages: min(messages, 2000), group: group)
        let stages = try await bench.run(messages: messages, group: group)
        await bench.close()
        let sum = stages.reduce(0) { $0 + $1.microseconds }
        let rows = stages.map { ($0.name, JSONText.integer(Int64($0.microseconds * 1000))) }
        let allocations = stages.compactMap { stage in
            stage.allocations.map { (stage.name, JSONText.integer(Int64(($0 * 1000).rounded()))) }
        }
        let value = JSONText.object([
            ("messages", .integer(messages)), ("group", .integer(group)), ("nanoseconds", .object(rows)),
            ("sum_nanoseconds", .integer(Int64(sum * 1000))), ("allocations_thousandths", .object(allocations)),
        ])
        var table = TextTable([("STAGE", .left), ("CPU µs", .right), ("ALLOC", .right), ("WHAT", .left)])
        for stage in stages {
            table.add([
                stage.name, Self.decimal(stage.microseconds), stage.allocations.map(Self.decimal) ?? "–", stage.what,
            ])
        }
        table.add(["sum", Self.decimal(sum), "", ""])
        print(json ? value.description : table.text)
        guard let check else { return }
        let costs = stages.map {
            Cost(name: $0.name, allocations: $0.allocations, percent: 100 * $0.microseconds / sum)
        }
        if try !CostLimits(path: check).check(costs) { throw ExitCode.failure }
    }

    static func decimal(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let rest = String(hundredths % 100)
        return "\(hundredths / 100).\(rest.count < 2 ? "0" : "")\(rest)"
    }
}
