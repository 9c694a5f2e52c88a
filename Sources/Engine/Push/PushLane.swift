import Messaging

/// One account's pushes of one kind: what is done next. A pure state machine; `PushRunner` does what it says and tells
/// what came of it.
///
/// One push is under way at a time, so that the order is kept. After a failure it rests, each time longer, unless the
/// dialect has one attempt only.
struct PushLane {
    enum Action: Equatable {
        /// Until something is noted.
        case wait
        case rest(milliseconds: Int64)
        /// Settles what was answered, if something was; `loads`: and takes what comes next.
        case step(loads: Bool)
        case send
        case end
    }

    private enum Phase: Equatable {
        /// Nothing waits, as far as is known.
        case idle
        /// Something may wait.
        case due
        /// Something is loaded and not sent.
        case loaded
        /// An answer has come that is not settled; what was not accepted is tried again then.
        case answered(next: Timestamp?)
        case resting(until: Timestamp)
    }

    private let rule: PushRule
    /// Each entry has one attempt, whatever comes of it.
    var triesOnce: Bool
    private var phase = Phase.due
    private var hasMore = false
    /// In a row.
    private(set) var failures = 0
    /// Whose turn it is: what is new, or what is pushed once more.
    private(set) var prefersReplay = false

    /// - Parameter record: as it was when the service stopped.
    init(rule: PushRule, triesOnce: Bool, record: PushLaneRecord? = nil, at now: Timestamp) {
        self.rule = rule
        self.triesOnce = triesOnce
        guard let record else { return }
        failures = record.failures
        if let next = record.nextTryAt, next > now { phase = .resting(until: next) }
    }

    // MARK: What is done

    /// - Parameter isOn: whether there is an address to push to.
    func action(at now: Timestamp, isOn: Bool, isStopping: Bool = false) -> Action {
        switch phase {
        case .answered(let next): return .step(loads: next == nil && isOn && !isStopping)
        // It has its number, and what has one attempt only counts as collected already: sent also at the end.
        case .loaded: return .send
        case _ where isStopping: return .end
        case .idle: return .wait
        case .due: return isOn ? .step(loads: true) : .wait
        case .resting(let until):
            guard isOn else { return .wait }
            // No longer than a pause can be, should the clock have been set back.
            let left = min(until.milliseconds(since: now), rule.pauseMax)
            return left > 0 ? .rest(milliseconds: left) : .step(loads: true)
        }
    }

    // MARK: What was noted

    /// Something was put into the outbox.
    mutating func noteMore() {
        hasMore = true
        if phase == .idle { phase = .due }
    }

    /// The address is another, or something is to be pushed once more: tried at once.
    mutating func noteChange() {
        noteMore()
        if case .resting = phase { phase = .due }
    }

    /// A pause is over, whatever the clock says.
    mutating func noteTimer() {
        if case .resting = phase { phase = .due }
    }

    /// A step begins: what is put into the outbox from now on may not be seen by it.
    mutating func noteStep() { hasMore = false }

    /// A step that was to load has ended.
    mutating func noteLoaded(_ hasLoad: Bool) {
        prefersReplay.toggle()
        phase = hasLoad ? .loaded : hasMore ? .due : .idle
    }

    /// A step that only settled has ended.
    mutating func noteSettled() {
        if case .answered(let next?) = phase { phase = .resting(until: next) } else { phase = .due }
    }

    /// - Parameter jitter: 0 to 1.
    /// - Returns: when the same is tried again, if it is.
    mutating func noteAnswer(isAccepted: Bool, at now: Timestamp, jitter: Double) -> Timestamp? {
        failures = isAccepted ? 0 : failures + 1
        let pause = rule.pause(afterFailures: failures, jitter: jitter)
        let next = isAccepted || triesOnce ? nil : now.adding(milliseconds: pause)
        phase = .answered(next: next)
        return next
    }
}
