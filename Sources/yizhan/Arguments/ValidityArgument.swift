import ArgumentParser
import Messaging

/// How long messages are worth sending: a length of time in whole seconds, or `none`.
struct ValidityArgument: ExpressibleByArgument {
    /// 0 for `none`.
    let seconds: UInt64

    init?(argument: String) {
        if argument == "none" {
            seconds = 0
            return
        }
        guard let duration = DurationArgument(argument: argument), duration.milliseconds >= Validity.durationMin,
            duration.milliseconds % 1000 == 0
        else { return nil }
        seconds = UInt64(clamping: duration.milliseconds / 1000)
    }
}
