internal import ArgumentParser
import Simulator

/// What `yizhan simulate` is to do wrong.
struct SimulateFaultOptions: ParsableArguments {
    @Option(help: "Refuse this share of submissions, 0 to 1.")
    var failRate = ShareArgument(share: 0)

    @Option(parsing: .unconditional, help: "The result that these are refused with; the default means: try later.")
    var failCode = -100_056

    @Option(help: "Report this share of messages as UNDELIV.")
    var reportFailRate = ShareArgument(share: 0)

    @Option(help: "Answer submissions that much later, 30s, or a share of them, 30s@0.1.")
    var slow: SlowArgument?

    @Option(help: "Answer this share of submissions (processed all the same) and polls with garbage.")
    var garbage = ShareArgument(share: 0)

    @Option(help: "Close the connection in the place of this share of answers to submissions, which are processed.")
    var lostAnswer = ShareArgument(share: 0)

    @Option(help: "Listen that long, then refuse connections that long, and again: UP/DOWN, 2s/1s.")
    var flap: FlapArgument?

    @Option(help: "Report this share of messages twice, some later, some later with another final status.")
    var duplicateReports = ShareArgument(share: 0)

    @Flag(help: "Hand reports out in shuffled order, some late, some before their submission's answer.")
    var reorder = false

    func validate() throws {
        guard failCode != 0 else { throw ValidationError("--fail-code takes the code of an error, not 0.") }
    }

    var faults: Faults {
        var faults = Faults()
        faults.failShare = failRate.share
        faults.failCode = failCode
        faults.reportFailShare = reportFailRate.share
        faults.slowShare = slow?.share.share ?? 0
        faults.slowDelay = slow?.delay.milliseconds ?? 0
        faults.garbageShare = garbage.share
        faults.lostAnswerShare = lostAnswer.share
        faults.flap = flap?.flap
        faults.duplicateShare = duplicateReports.share
        faults.isReordering = reorder
        return faults
    }
}

/// A share: `0.25`, from 0 to 1.
struct ShareArgument: ExpressibleByArgument, CustomStringConvertible {
    let share: Double

    /// Nil unless `argument` is written so.
    init?(argument: String) {
        guard let share = Double(argument), (0...1).contains(share) else { return nil }
        self.share = share
    }

    init(share: Double) {
        self.share = share
    }

    var description: String { share == 0 ? "0" : "\(share)" }
    var defaultValueDescription: String { description }
}

/// A delay, perhaps of a share only: `30s`, `30s@0.1`.
struct SlowArgument: ExpressibleByArgument {
    let delay: DurationArgument
    let share: ShareArgument

    /// Nil unless `argument` is written so.
    init?(argument: String) {
        let parts = argument.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let delay = DurationArgument(argument: parts[0]),
            let share = ShareArgument(argument: parts.count > 1 ? parts[1] : "1")
        else { return nil }
        self.delay = delay
        self.share = share
    }
}

/// Up and down, both above 0: `2s/500ms`.
struct FlapArgument: ExpressibleByArgument {
    let flap: Faults.Flap

    /// Nil unless `argument` is written so.
    init?(argument: String) {
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let up = DurationArgument(argument: parts[0]), up.milliseconds > 0,
            let down = DurationArgument(argument: parts[1]), down.milliseconds > 0
        else { return nil }
        flap = Faults.Flap(up: up.milliseconds, down: down.milliseconds)
    }
}
