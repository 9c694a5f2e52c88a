public import Messaging
import Synchronization

/// The engine's time: the wall clock while it agrees with the uptime clock, else the uptime clock alone. What
/// ends messages, releases them or gives money back by time asks `isHeld` first.
public final class TimeKeeper: Sendable {
    private let source: Clock
    private let state: Mutex<ClockGuard>
    private let offset: Offset
    /// House time, which does not jump, and the source's uptime. Costs one look at a clock.
    public let clock: Clock

    /// Shared with the closure of `clock`, which must not hold the keeper.
    private final class Offset: Sendable {
        let milliseconds: Atomic<Int64>

        init(_ milliseconds: Int64) { self.milliseconds = Atomic(milliseconds) }
    }

    /// Believes the wall clock until `begin` compares it with what is on record.
    public init(source: Clock) {
        self.source = source
        let (wall, uptime) = Self.read(source)
        let first = ClockGuard(wall: wall, uptime: uptime)
        state = Mutex(first)
        let offset = Offset(first.offset)
        self.offset = offset
        clock = Clock(
            now: { Timestamp(milliseconds: source.uptime() + offset.milliseconds.load(ordering: .relaxed)) },
            uptime: source.uptime)
    }

    /// What is known at a start of the time before it.
    /// - Parameters:
    ///   - newest: the newest moment that is on record; nil when there is none.
    ///   - aheadMax: how far ahead of it the wall clock may be, in milliseconds; nil: as far as it likes.
    public func begin(newest: Timestamp?, aheadMax: Int64?) {
        change { state, wall, uptime in
            state = ClockGuard(wall: wall, uptime: uptime, newest: newest?.milliseconds, aheadMax: aheadMax)
        }
    }

    /// Whether nothing may happen by time now, because the wall clock cannot be believed.
    public var isHeld: Bool { look().isHeld }

    /// What the clocks say.
    public struct Reading: Hashable, Sendable {
        /// Whether the wall clock is believed, and if not, why.
        public var state: ClockGuard.State
        /// What the wall clock says.
        public var wall: Timestamp
        /// By which the engine goes.
        public var house: Timestamp
        /// How far the wall clock is ahead of what it is compared with, in milliseconds.
        public var lead: Int64

        /// Whether nothing may happen by time, because the wall clock is not believed.
        public var isHeld: Bool { state != .agreed }
    }

    /// Compares the clocks.
    @discardableResult
    public func look() -> Reading { change { $0.note(wall: $1, uptime: $2) } }

    /// Takes the wall clock for right from now on.
    /// - Returns: what it was before.
    public func accept() -> Reading {
        let before = look()
        change { $0.accept(wall: $1, uptime: $2) }
        return before
    }

    @discardableResult
    private func change(_ body: (inout ClockGuard, _ wall: Int64, _ uptime: Int64) -> Void) -> Reading {
        state.withLock { state in
            let (wall, uptime) = Self.read(source)
            body(&state, wall, uptime)
            offset.milliseconds.store(state.offset, ordering: .relaxed)
            return Reading(
                state: state.state, wall: Timestamp(milliseconds: wall),
                house: Timestamp(milliseconds: state.time(atUptime: uptime)),
                lead: state.lead(wall: wall, uptime: uptime))
        }
    }

    /// Both at nearly the same moment: a thread may rest between two looks, on a machine that was suspended for hours.
    private static func read(_ source: Clock) -> (wall: Int64, uptime: Int64) {
        var uptime = source.uptime()
        for _ in 0..<8 {
            let wall = source.now().milliseconds
            let after = source.uptime()
            if after - uptime < 1000 { return (wall, uptime) }
            uptime = after
        }
        return (source.now().milliseconds, uptime)
    }
}

extension TimeKeeper.Reading {
    /// A sentence for the operator; nil when all is well.
    public var problem: String? {
        let held =
            "Until it is right, or you say yizhan clock accept, nothing expires, is released or given back by time."
        switch state {
        case .agreed: return nil
        case .parted:
            return "The system clock says \(wall.chinaText) and was set \(Self.words(lead)) "
                + "\(lead < 0 ? "back" : "forward") while the service ran; the service goes on by \(house.chinaText). "
                + held
        case .behindRecords:
            return "The system clock says \(wall.chinaText), \(Self.words(lead)) before the newest record. " + held
        case .aheadOfRecords:
            return "The system clock says \(wall.chinaText), \(Self.words(lead)) after the newest record, and messages "
                + "under way would end by it. " + held
        }
    }

    /// `5 d 2 h`, `3 min`: the two largest units.
    static func words(_ milliseconds: Int64) -> String {
        let seconds = milliseconds.magnitude / 1000
        let parts = [
            (seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s"),
        ]
        let shown = parts.drop { $0.0 == 0 }.prefix(2).filter { $0.0 > 0 }
        return shown.isEmpty ? "0 s" : shown.map { "\($0.0) \($0.1)" }.joined(separator: " ")
    }
}
