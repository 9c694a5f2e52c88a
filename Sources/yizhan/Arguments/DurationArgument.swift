import Administration
import ArgumentParser

/// A length of time on the command line: digits and a unit, `200ms`, `5s`, `10m`, `72h`.
struct DurationArgument: ExpressibleByArgument, Hashable, Sendable, CustomStringConvertible {
    /// Never negative; at most ten years.
    let duration: Duration
    private let text: String

    /// Nil unless `argument` is written so.
    init?(argument: String) {
        guard let read = SettingDuration(argument) else { return nil }
        duration = .milliseconds(read.milliseconds)
        text = argument
    }

    /// For a default: `DurationArgument(milliseconds: 200)`.
    init(milliseconds: UInt32) {
        duration = .milliseconds(milliseconds)
        text = milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }

    var milliseconds: Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }

    var description: String { text }
    var defaultValueDescription: String { text }

    static func == (left: DurationArgument, right: DurationArgument) -> Bool { left.duration == right.duration }
    func hash(into hasher: inout Hasher) { hasher.combine(duration) }
}
