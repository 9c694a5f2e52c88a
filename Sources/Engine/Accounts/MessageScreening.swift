public import Messaging
import Store
import Synchronization

/// One account's rules at work; event loops ask it and never wait for the disk. Shared by all pictures of the account.
public final class MessageScreening: Sendable {
    private struct State {
        var rules = ScreeningRules()
        var blacklist: Set<PhoneNumber> = []
        var window = FrequencyWindow()
        var refusals: [ScreeningRules.Rule: Int] = [:]
    }

    /// False: accounts without rules do not take the lock.
    private let isActive = Atomic<Bool>(false)
    private let state = Mutex(State())

    /// Without rules: everything is let pass.
    public init() {}

    /// The rules as they were published last.
    public var rules: ScreeningRules { state.withLock { $0.rules } }
    /// Numbers on the account's blacklist.
    public var blacklistCount: Int { state.withLock { $0.blacklist.count } }
    /// How many submissions and messages each rule has kept back since the start.
    public var refusals: [ScreeningRules.Rule: Int] { state.withLock { $0.refusals } }

    /// Whether nothing goes to a number, because it is on the account's blacklist and the account heeds that.
    public func isBlacklisted(_ number: PhoneNumber) -> Bool {
        state.withLock { $0.rules.heedsBlacklist && $0.blacklist.contains(number) }
    }

    /// Judges a submission, and counts its messages for the frequency limits.
    /// - Returns: the recipients that nothing goes to, by their place among all of the submission, and which rule
    ///   says so. Almost always empty.
    /// - Throws: `contentRejected` with the rule's name; `tooFrequent` when no recipient is left for that reason.
    func screen(
        _ submission: Submission, by account: Account, at now: Timestamp
    ) throws(Rejection) -> [Int: ScreeningRules.Rule] {
        guard isActive.load(ordering: .relaxed) || !submission.templateID.isEmpty else { return [:] }
        let rules = rules
        for part in submission.parts {
            do throws(Rejection) {
                try rules.judge(part.content, templateID: submission.templateID, signature: account.signature)
            } catch {
                if case .contentRejected(let name) = error, let rule = ScreeningRules.Rule(rawValue: name) {
                    state.withLock { $0.refusals[rule, default: 0] += 1 }
                }
                throw error
            }
        }
        guard rules.heedsBlacklist || !rules.limits.isEmpty else { return [:] }
        let (blocked, isAllTooFrequent) = state.withLock { state in
            Self.blocked(submission, rules, &state, at: now)
        }
        if isAllTooFrequent { throw .tooFrequent }
        return blocked
    }

    private static func blocked(
        _ submission: Submission, _ rules: ScreeningRules, _ state: inout State, at now: Timestamp
    ) -> ([Int: ScreeningRules.Rule], isAllTooFrequent: Bool) {
        var blocked: [Int: ScreeningRules.Rule] = [:]
        var place = 0
        var isSomeOpen = false
        for part in submission.parts {
            for recipient in part.recipients {
                defer { place += 1 }
                guard case .number(let number, _) = recipient else { continue }
                if rules.heedsBlacklist, state.blacklist.contains(number) {
                    blocked[place] = .blacklist
                } else if !state.window.admit(number, limits: rules.limits, at: now) {
                    blocked[place] = .frequency
                } else {
                    isSomeOpen = true
                }
            }
        }
        for rule in blocked.values { state.refusals[rule, default: 0] += 1 }
        let isAllTooFrequent = !isSomeOpen && !blocked.isEmpty && blocked.values.allSatisfy { $0 == .frequency }
        return (blocked, isAllTooFrequent)
    }

    /// Takes back what `screen` has counted of a submission that was refused after it.
    func forget(_ submission: AcceptedSubmission) {
        guard isActive.load(ordering: .relaxed) else { return }
        state.withLock { state in
            if state.rules.limits.isEmpty { return }
            for part in submission.parts {
                for (place, recipient) in part.recipients.enumerated() where part.blocked[place] == nil {
                    if case .number(let number, _) = recipient { state.window.forget(number, at: part.acceptedAt) }
                }
            }
        }
    }

    // MARK: For the rule store

    /// Counts what was sent before the start; in the order of time.
    func restore(_ sending: Sending) {
        state.withLock { state in
            _ = state.window.admit(sending.number, limits: state.rules.limits, at: sending.at)
        }
    }

    func publish(_ rules: ScreeningRules) {
        state.withLock { $0.rules = rules }
        isActive.store(rules.isActive, ordering: .relaxed)
    }

    func block(_ numbers: some Sequence<PhoneNumber>) { state.withLock { $0.blacklist.formUnion(numbers) } }

    func unblock(_ numbers: some Sequence<PhoneNumber>) { state.withLock { $0.blacklist.subtract(numbers) } }
}
