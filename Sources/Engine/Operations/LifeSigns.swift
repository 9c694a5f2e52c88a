public import Store

/// What the watchdog goes by: when the actors and the journal answered last, and what the journal is doing. A pure
/// state machine; moments are milliseconds of uptime.
public struct LifeSigns: Sendable {
    /// What the watchdog makes of it.
    public enum Verdict: Hashable, Sendable {
        /// All have answered in time.
        case alive
        /// A commit takes long and its thread waits for the kernel: the disk hangs, which a restart does not help.
        case waitsForDisk
        /// Actors or the journal have not answered in time: a restart helps.
        case dead
    }

    /// How old an answer may be, in milliseconds.
    public static let patience: Int64 = 20_000

    private var actorsAnsweredAt: Int64
    private var commitsAnsweredAt: Int64

    /// All have answered at `now`, in milliseconds of uptime.
    public init(at now: Int64) {
        actorsAnsweredAt = now
        commitsAnsweredAt = now
    }

    /// The actors that do not run on the commit queue have answered.
    public mutating func noteActors(at now: Int64) { actorsAnsweredAt = max(actorsAnsweredAt, now) }

    /// A commit has come to its end, and billing, which runs on the same queue, has answered.
    public mutating func noteCommits(at now: Int64) { commitsAnsweredAt = max(commitsAnsweredAt, now) }

    /// What to make of the answers so far; `underWay` is the commit at this moment, nil for none.
    public func verdict(at now: Int64, underWay: CommitUnderWay?) -> Verdict {
        guard now - actorsAnsweredAt <= Self.patience else { return .dead }
        if now - commitsAnsweredAt <= Self.patience { return .alive }
        return underWay?.isInSystemCall == true ? .waitsForDisk : .dead
    }
}
