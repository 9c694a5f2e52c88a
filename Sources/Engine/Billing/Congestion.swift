/// When submissions are refused because too much waits to be committed: as a pure rule.
///
/// What may wait is what was lately committed in `waitMax`, so what is let in is answered in about that time.
struct Congestion {
    /// What a submission costs beside its recipients, each of which costs 1.
    static let submissionUnits = 10
    /// So much may wait in any case.
    static let unitsMin = 1024 * (submissionUnits + 1)
    /// A smaller batch says nothing about the rate: most of its time is one fsync.
    static let significantUnits = 256 * (submissionUnits + 1)
    /// A commit that takes this many times `waitMax` is stuck.
    static let stallFactor: Int64 = 3

    /// In milliseconds.
    let waitMax: Int64
    /// Units in a second, of the last batches; nil before there was a significant one.
    private var rate: Int64?

    init(waitMax: Int64) {
        self.waitMax = waitMax
    }

    /// Takes note of a batch and how long it took.
    mutating func note(units: Int, microseconds: Int64) {
        guard units >= Self.significantUnits else { return }
        let measured = Int64(units) * 1_000_000 / max(1, microseconds)
        rate = rate.map { ($0 * 3 + measured) / 4 } ?? measured
    }

    /// Units that may wait, those of the batch under way included.
    var unitsMax: Int {
        rate.map { max(Self.unitsMin, Int($0 * waitMax / 1000)) } ?? .max
    }

    var stallMilliseconds: Int64 { waitMax * Self.stallFactor }
}
