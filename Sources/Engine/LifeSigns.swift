public import Store

/// What the watchdog goes by: when the actors and the journal answered last, and what the journal is at. A pure state
/// machine; moments are milliseconds of the clock that nobody can set.
public struct LifeSigns: Sendable {
    public enum Verdict: Hashable, Sendable {
        case alive
        /// A commit takes long and its thread waits for the kernel: the disk hangs, which a restart does not help.
        case waitsForDisk
        case dead
    }

    /// How old an answer may be.
    public static let patience: Int64 = 20_000

    private var actorsAnsweredAt: Int64
    private var commitsAnsweredAt: Int64

    public init(at now: Int64) {
        actorsAnsweredAt = now
        commitsAnsweredAt = now
    }

    /// The actors that do not live on the commit queue have answered.
    public mutating func noteActors(at now: Int64) { actorsAnsweredAt = max(actorsAnsweredAt, now) }

    /// A commit has come to its end, and billing, which lives on the same queue, has answered.
    public mutating func noteCommits(at now: Int64) { commitsAnsweredAt = max(commitsAnsweredAt, now) }

    public func verdict(at now: Int64, underWay: CommitUnderWay?) -> Verdict {
        guard now - actorsAnsweredAt <= Self.patience else { return .dead }
        if now - commitsAnsweredAt <= Self.patience { return .alive }
        return underWay?.isInSystemCall == true ? .waitsForDisk : .dead
    }
}
