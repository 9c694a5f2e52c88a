import ArgumentParser

/// A length of time on the command line: digits and a unit, `200ms`, `5s`, `10m`, `72h`.
struct DurationArgument: ExpressibleByArgument, Hashable, Sendable, CustomStringConvertible {
    /// Never negative; at most ten years.
    let duration: Duration
    private let text: String

    private static let millisecondsMax: UInt64 = 10 * 366 * 86_400_000

    /// Nil unless `argument` is written so.
    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        guard let count = UInt64(digits) else { return nil }
        let unit: UInt64
        switch argument[digits.endIndex...] {
        case "ms": unit = 1
        case "s": unit = 1000
        case "m": unit = 60_000
        case "h": unit = 3_600_000
        default: return nil
        }
        let (milliseconds, overflow) = count.multipliedReportingOverflow(by: unit)
        guard !overflow, milliseconds <= Self.millisecondsMax else { return nil }
        duration = .milliseconds(milliseconds)
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
