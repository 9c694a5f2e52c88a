/// Decides whether the wall clock can be believed, by comparing it with a clock that cannot be set: a pure state
/// machine that is shown both now and then.
///
/// House time is the wall clock as long as the two run side by side, and goes on with the other one when they part:
/// it never jumps. All moments are milliseconds.
public struct ClockGuard: Sendable {
    /// What the comparison says of the wall clock.
    public enum State: Hashable, Sendable {
        /// The wall clock is believed.
        case agreed
        /// The wall clock was set by more than the tolerance while the process ran.
        case parted
        /// At the start the wall clock was behind the newest record.
        case behindRecords
        /// At the start the wall clock was so far ahead of the newest record that what is under way would end by it.
        case aheadOfRecords
    }

    /// How far the clocks may part before the wall clock is not believed.
    public static let tolerance: Int64 = 60_000
    /// What house time follows the wall clock by in a second, in milliseconds: more than any time service slews, and
    /// so little that house time never goes back.
    private static let followed: Int64 = 100
    /// The first moment of the year 10000: times that are read from a file stay below it.
    private static let latest: Int64 = 253_402_300_800_000

    /// What the last comparison said.
    public private(set) var state = State.agreed
    /// House time minus uptime.
    public private(set) var offset: Int64
    private var seen: Int64
    private let records: Records?

    private struct Records {
        /// The newest moment that is on record, as if it were at uptime 0.
        var newestOffset: Int64
        /// How far ahead of it a start may be; nil: nothing would end by it.
        var aheadMax: Int64?
    }

    /// - Parameters:
    ///   - newest: the newest moment that is on record; nil when there is none.
    ///   - aheadMax: how far ahead of it the wall clock may be; nil: as far as it likes.
    public init(wall: Int64, uptime: Int64, newest: Int64? = nil, aheadMax: Int64? = nil) {
        offset = wall - uptime
        seen = uptime
        records = newest.map { Records(newestOffset: min(max($0, 0), Self.latest) - uptime, aheadMax: aheadMax) }
        compareWithRecords(wall: wall, uptime: uptime)
    }

    /// Whether house time does not follow the wall clock, so that an operator has to look.
    public var isHeld: Bool { state != .agreed }

    /// House time at an uptime.
    public func time(atUptime uptime: Int64) -> Int64 { uptime + offset }

    /// How far the wall clock is ahead of what it should say.
    public func lead(wall: Int64, uptime: Int64) -> Int64 {
        guard state == .aheadOfRecords, let records else { return wall - uptime - offset }
        return wall - uptime - records.newestOffset
    }

    /// Looks at both clocks.
    public mutating func note(wall: Int64, uptime: Int64) {
        let elapsed = max(0, uptime - seen)
        seen = max(seen, uptime)
        guard state == .agreed || state == .parted else { return compareWithRecords(wall: wall, uptime: uptime) }
        let lead = wall - uptime - offset
        guard lead.magnitude <= Self.tolerance else {
            state = .parted
            return
        }
        state = .agreed
        let step = min(elapsed, Self.tolerance) * Self.followed / 1000
        offset += min(max(lead, -step), step)
    }

    /// Takes the wall clock as right, whatever it was compared with: an operator has checked it.
    public mutating func accept(wall: Int64, uptime: Int64) {
        offset = wall - uptime
        seen = max(seen, uptime)
        state = .agreed
    }

    /// Until the wall clock is where it can be, seen from the newest record. How long nothing ran is not known: it may
    /// be any time that ends nothing.
    private mutating func compareWithRecords(wall: Int64, uptime: Int64) {
        let wallOffset = wall - uptime
        guard let records else {
            offset = wallOffset
            state = .agreed
            return
        }
        let lead = wallOffset - records.newestOffset
        if lead < -Self.tolerance {
            offset = records.newestOffset
            state = .behindRecords
            return
        }
        offset = wallOffset
        state = records.aheadMax.map { lead > $0 } ?? false ? .aheadOfRecords : .agreed
    }
}
