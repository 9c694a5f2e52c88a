import Messaging

/// Decides by a seed what goes wrong. Submissions, polls and the order of reports have a generator each, so that how
/// often a customer polls does not change what happens to its submissions; what happens to a message's reports follows
/// from its id alone.
struct FaultDice {
    /// What happens to one submission.
    struct SubmissionFate: Hashable {
        var isRefused: Bool
        var answer: AnswerFate
        var isSlow: Bool
        /// Reported before it is answered.
        var isEarly: Bool
    }

    /// What happens to the reports of one message.
    struct ReportPlan: Hashable {
        enum Repetition: Hashable {
            case atOnce, later, laterOtherwise
        }

        var isFailed = false
        var isLate = false
        /// Nil: every segment is reported once.
        var repetition: Repetition?
    }

    let faults: Faults
    private let reportSeed: UInt64
    private var submissions: SplitMix64
    private var polls: SplitMix64
    private var order: SplitMix64

    private static let unusualShare = 0.125

    init(_ faults: Faults, seed: UInt64) {
        self.faults = faults
        var seeds = SplitMix64(seed: ~seed)
        submissions = SplitMix64(seed: seeds.next())
        polls = SplitMix64(seed: seeds.next())
        order = SplitMix64(seed: seeds.next())
        reportSeed = seeds.next()
    }

    /// Draws as often for every submission, so that one share does not change what another one hits.
    mutating func nextSubmission() -> SubmissionFate {
        let isRefused = submissions.hits(faults.failShare)
        let isLost = submissions.hits(faults.lostAnswerShare)
        let isGarbage = submissions.hits(faults.garbageShare)
        let garbage = submissions.pick(Garbage.allCases.count)
        let isSlow = submissions.hits(faults.slowShare)
        let isEarly = submissions.hits(faults.isReordering ? Self.unusualShare : 0)
        let answer: AnswerFate = isLost ? .lost : isGarbage ? .garbage(Garbage.allCases[garbage]) : .sent
        return SubmissionFate(isRefused: isRefused, answer: answer, isSlow: isSlow, isEarly: isEarly)
    }

    /// The garbage that the next poll is answered with, nil for a good answer.
    mutating func nextPoll() -> Garbage? {
        let isGarbage = polls.hits(faults.garbageShare)
        let garbage = polls.pick(Garbage.allCases.count)
        return isGarbage ? Garbage.allCases[garbage] : nil
    }

    /// A place in 0..<count.
    mutating func nextPlace(below count: Int) -> Int { order.pick(count) }

    func reportPlan(of id: MessageID) -> ReportPlan {
        var plan = ReportPlan()
        guard faults.reportFailShare > 0 || faults.duplicateShare > 0 || faults.isReordering else { return plan }
        var generator = SplitMix64(seed: reportSeed ^ UInt64(bitPattern: id.sequence.rawValue))
        plan.isFailed = generator.hits(faults.reportFailShare)
        plan.isLate = generator.hits(faults.isReordering ? Self.unusualShare : 0)
        if generator.hits(faults.duplicateShare) {
            plan.repetition = [.atOnce, .later, .laterOtherwise][generator.pick(3)]
        }
        return plan
    }
}

/// What becomes of the answer to a submission.
enum AnswerFate: Hashable, Sendable {
    case sent
    /// The connection is closed in its place.
    case lost
    case garbage(Garbage)
}

extension SplitMix64 {
    /// Whether the next number falls within this share, 0…1.
    fileprivate mutating func hits(_ share: Double) -> Bool {
        Double(next() >> 11) * 0x1p-53 < share
    }

    /// Always takes one number, unlike `Int.random`.
    fileprivate mutating func pick(_ count: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(max(1, count))).high)
    }
}
