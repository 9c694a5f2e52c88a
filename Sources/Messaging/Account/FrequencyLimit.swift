/// At most so many messages to one number within a period.
public struct FrequencyLimit: Hashable, Sendable {
    /// Messages within the period, 1 to `countMax`.
    public var count: Int
    /// In milliseconds.
    public var period: Int64

    /// The highest `count`.
    public static let countMax = 100
    /// The longest `period`, in milliseconds: one day.
    public static let periodMax: Int64 = 24 * 3_600_000
    /// Limits of one account.
    public static let limitsMax = 4

    /// Nil unless there are 1 to 100 messages in one second to one day.
    public init?(count: Int, period: Int64) {
        guard (1...Self.countMax).contains(count), (1000...Self.periodMax).contains(period) else { return nil }
        self.count = count
        self.period = period
    }
}

extension FrequencyLimit: CustomStringConvertible {
    /// `5/1h`: a count and a period in seconds, minutes, hours or days.
    public init?(_ text: some StringProtocol) {
        let pieces = text.split(separator: "/", omittingEmptySubsequences: false)
        guard pieces.count == 2, let count = Int(pieces[0]), let unit = pieces[1].last,
            let length = Self.units.first(where: { $0.letter == unit })?.length,
            let number = Int64(pieces[1].dropLast()), (1...86_400).contains(number)
        else { return nil }
        self.init(count: count, period: number * length)
    }

    /// `5/1h`, in the largest unit that divides the period; in `ms` where none does.
    public var description: String {
        for unit in Self.units where period % unit.length == 0 {
            return "\(count)/\(period / unit.length)\(unit.letter)"
        }
        return "\(count)/\(period)ms"
    }

    /// Largest first.
    private static let units: [(letter: Character, length: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000),
    ]
}

/// When messages went to which numbers lately, for one account's limits. Pure and bounded: when too many numbers are
/// remembered, those that were not written to for longest are forgotten, and may be written to again.
public struct FrequencyWindow: Sendable {
    /// Numbers remembered unless the initializer says otherwise.
    public static let numbersMaxDefault = 500_000
    /// By which times may seem to be ahead where threads look at the clock one after another, in milliseconds.
    private static let aheadMax: Int64 = 1000

    private let numbersMax: Int
    /// Of each number, the latest times, oldest first; a number is in one of the two.
    private var young: [PhoneNumber: [Int64]] = [:]
    private var old: [PhoneNumber: [Int64]] = [:]
    private var youngSince: Int64?

    /// - Parameter numbersMax: how many numbers are remembered at most, in two generations of half as many each.
    public init(numbersMax: Int = numbersMaxDefault) {
        self.numbersMax = numbersMax
    }

    /// How many numbers are remembered.
    public var count: Int { young.count + old.count }

    /// Whether one more message may go to a number, and if so, counts it.
    public mutating func admit(_ number: PhoneNumber, limits: [FrequencyLimit], at now: Timestamp) -> Bool {
        guard let period = limits.map(\.period).max(), let kept = limits.map(\.count).max() else { return true }
        turn(at: now, period: period)
        // Times that are ahead were noted before the clock was set back: they count as absent.
        let latest = now.milliseconds + Self.aheadMax
        var times = (young[number] ?? old[number] ?? []).filter { $0 <= latest }
        for limit in limits {
            guard times.count >= limit.count else { continue }
            // The one that many messages back must lie outside of the period.
            if now.milliseconds - times[times.count - limit.count] < limit.period { return false }
        }
        times.append(now.milliseconds)
        if times.count > kept { times.removeFirst(times.count - kept) }
        old[number] = nil
        young[number] = times
        return true
    }

    /// Takes back one message that `admit` counted at this time, if it is remembered still.
    public mutating func forget(_ number: PhoneNumber, at time: Timestamp) {
        if !Self.remove(time.milliseconds, of: number, from: &young) {
            _ = Self.remove(time.milliseconds, of: number, from: &old)
        }
    }

    private static func remove(
        _ time: Int64, of number: PhoneNumber, from times: inout [PhoneNumber: [Int64]]
    ) -> Bool {
        guard var kept = times[number], let place = kept.lastIndex(of: time) else { return false }
        kept.remove(at: place)
        times[number] = kept.isEmpty ? nil : kept
        return true
    }

    /// Numbers that were not written to for a whole period are forgotten in the next one.
    private mutating func turn(at now: Timestamp, period: Int64) {
        let since = min(youngSince ?? now.milliseconds, now.milliseconds)
        youngSince = since
        guard now.milliseconds - since >= period || young.count >= max(1, numbersMax / 2) else { return }
        old = young
        young = [:]
        youngSince = now.milliseconds
    }
}
