public import Messaging
import Store
import Synchronization

/// Counts refused requests in memory and stores them in batches, so that a flood of them costs neither memory nor
/// commits.
public final class RefusalLog: Sendable {
    private struct Tally {
        var times: Int64
        var firstAt: Timestamp
        var lastAt: Timestamp
    }

    private struct State {
        var tallies: [Refusal.Key: Tally] = [:]
        /// Keys of each account.
        var counts: [AccountKey: Int] = [:]
    }

    private let state = Mutex(State())
    private let store: Store
    private let rule: RefusalRule
    private let clock: Clock

    /// Between two flushes: of one account, and of all of them. Beyond it refusals are counted under their summary.
    static let accountKeysMax = 500
    static let keysMax = 10_000
    /// Rows of one transaction, and transactions of one flush: a flood must not hold up submissions.
    private static let rowsMax = 250
    private static let transactionsMax = 4
    /// Numbers of one submission that are told apart.
    private static let numbersMax = 50
    private static let mobileBytesMax = 32

    init(store: Store, rule: RefusalRule, clock: Clock) {
        self.store = store
        self.rule = rule
        self.clock = clock
    }

    /// Counts a refused request for each of its numbers; `mobiles` may be empty. Callable on any thread.
    public func note(_ key: Refusal.Key, mobiles: some Sequence<String>) {
        let now = clock.now()
        state.withLock { state in
            var count = 0
            var rest: Int64 = 0
            for mobile in mobiles {
                count += 1
                guard count <= Self.numbersMax else {
                    rest += 1
                    continue
                }
                var key = key
                key.mobile =
                    mobile.utf8.count <= Self.mobileBytesMax
                    ? mobile : String(decoding: mobile.utf8.prefix(Self.mobileBytesMax), as: UTF8.self)
                Self.add(key, 1, at: now, to: &state)
            }
            if count == 0 { rest = 1 }
            if rest > 0 { Self.add(key, rest, at: now, to: &state) }
        }
    }

    private static func add(_ key: Refusal.Key, _ times: Int64, at now: Timestamp, to state: inout State) {
        var key = key
        if state.tallies[key] == nil {
            let isFull = state.tallies.count >= keysMax || state.counts[key.account, default: 0] >= accountKeysMax
            if isFull { key = key.summary }
        }
        if let tally = state.tallies[key] {
            state.tallies[key] = Tally(times: tally.times + times, firstAt: tally.firstAt, lastAt: now)
            return
        }
        // Summaries are few, but an end there must be.
        guard state.tallies.count < keysMax * 2 else { return }
        state.tallies[key] = Tally(times: times, firstAt: now, lastAt: now)
        state.counts[key.account, default: 0] += 1
    }

    // MARK: What is stored

    /// Stores some of what was counted since the last time; what is not stored is kept for the next.
    func flush() async throws(StoreFailure) {
        for _ in 0..<Self.transactionsMax {
            let batch = take()
            if batch.isEmpty { return }
            do {
                try await store.add(batch, rule: rule)
            } catch {
                giveBack(batch)
                throw error
            }
        }
    }

    private func take() -> [Refusal] {
        state.withLock { state in
            let batch = state.tallies.prefix(Self.rowsMax).map { key, tally in
                Refusal(key: key, times: tally.times, firstAt: tally.firstAt, lastAt: tally.lastAt)
            }
            for refusal in batch {
                state.tallies[refusal.key] = nil
                let left = state.counts[refusal.key.account, default: 0] - 1
                state.counts[refusal.key.account] = left > 0 ? left : nil
            }
            return batch
        }
    }

    private func giveBack(_ batch: [Refusal]) {
        state.withLock { state in
            for refusal in batch { Self.add(refusal.key, refusal.times, at: refusal.lastAt, to: &state) }
        }
    }

    /// Forgets what is older than it is to be kept.
    func prune() async throws(StoreFailure) {
        let before = clock.now().adding(milliseconds: -rule.keepFor)
        while try await store.removeRefusals(before: before) {}
    }

    /// Refusals that are on record, with those of this moment.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func list(_ query: RefusalQuery) async throws(StoreFailure) -> RefusalPage {
        try await flush()
        return try await store.refusals(query)
    }

    /// For figures.
    var count: Int { state.withLock { $0.tallies.count } }
}
