import Logging
public import Messaging
import Store
import Synchronization

/// Pushes what is in outboxes to the customers that have an address for it. Each account has a lane for reports and one
/// for replies, each in a task of its own; none waits for another's endpoint.
public final class Pusher: Sendable {
    private struct State {
        var runners: [OutboxKey: PushRunner] = [:]
        var tasks: [Task<Void, Never>] = []
        /// As the last run of the service left them; nil before the start and after the stop.
        var records: [OutboxKey: PushLaneRecord]?
        /// Why nothing is pushed where something should be.
        var problems: [OutboxKey: Problem] = [:]
    }

    /// An account whose address cannot work, and why, as a sentence without its full stop.
    public struct Problem: Hashable, Sendable {
        /// The account's id.
        public var account: String
        /// Why its address cannot work, as a sentence without its full stop.
        public var reason: String
    }

    /// Accounts with an address that cannot work, some of them, in the order of their ids.
    public var problems: [Problem] {
        let all = Set(state.withLock { $0.problems.values })
        return Array(all.sorted { ($0.account, $0.reason) < ($1.account, $1.reason) }.prefix(Self.problemsMax))
    }

    private static let problemsMax = 20

    private let maker: any PushLinkMaker
    private let context: PushRunner.Context
    private let state = Mutex(State())

    init(
        store: Store, maker: any PushLinkMaker, rule: PushRule, clock: Clock, time: TimeKeeper? = nil,
        counters: EngineCounters, logger: Logger
    ) {
        self.maker = maker
        context = PushRunner.Context(
            store: store, semaphore: PushSemaphore(), rule: rule, clock: clock, time: time, counters: counters,
            logger: logger)
    }

    // MARK: Life

    func start(_ directory: AccountDirectory) async throws(StoreFailure) {
        try await context.store.forgetPushesUnderWay()
        let records = try await context.store.pushLanes()
        state.withLock { state in
            state.records = Dictionary(
                records.map { (OutboxKey(account: $0.account, kind: $0.kind), $0) }, uniquingKeysWith: { $1 })
        }
        follow(directory)
    }

    /// Ends what is under way, within `grace`; what is not answered by then is pushed again after the next start.
    func stop(grace: Duration) async {
        let (runners, tasks) = state.withLock { state in
            state.records = nil
            defer { (state.runners, state.tasks) = ([:], []) }
            return (Array(state.runners.values), state.tasks)
        }
        for runner in runners { runner.stop() }
        let deadline = Task {
            do {
                try await Task.sleep(for: grace)
                for task in tasks { task.cancel() }
            } catch {}
        }
        for task in tasks { await task.value }
        deadline.cancel()
    }

    /// Takes up what accounts want now. Called in turns.
    func follow(_ directory: AccountDirectory) {
        guard state.withLock({ $0.records != nil }) else { return }
        for entry in directory.entries {
            for kind in OutboxKind.allCases { follow(entry, kind) }
        }
    }

    private func follow(_ entry: AccountEntry, _ kind: OutboxKind) {
        let key = OutboxKey(account: entry.key, kind: kind)
        let target = Self.target(of: entry, kind)
        if target == nil { state.withLock { $0.problems[key] = nil } }
        let runner = state.withLock { $0.runners[key] }
        guard runner != nil || target != nil, runner?.target != target else { return }
        let destination = target.flatMap { makeDestination(at: $0, entry, key) }
        if let runner { return runner.setDestination(destination) }
        guard let destination else { return }
        let made = PushRunner(key: key, account: entry.account.id, destination: destination, context: context)
        let isMine = state.withLock { state -> Bool in
            guard let records = state.records else { return false }
            state.runners[key] = made
            state.tasks.append(Task { await made.run(from: records[key]) })
            return true
        }
        guard !isMine else { return }
        Task { await destination.link.close() }
    }

    private func makeDestination(at target: PushTarget, _ entry: AccountEntry, _ key: OutboxKey) -> PushRunner
        .Destination?
    {
        do throws(CarrierFailure) {
            let destination = PushRunner.Destination(target: target, link: try maker.makePushLink(target))
            state.withLock { $0.problems[key] = nil }
            return destination
        } catch {
            let problem = Problem(account: entry.account.id, reason: error.reason)
            let isNew = state.withLock { $0.problems.updateValue(problem, forKey: key) != problem }
            if !isNew { return nil }
            context.logger.error(
                "an account's address for pushes cannot work; change it with yizhan account set",
                metadata: ["account": "\(entry.account.id)", "reason": "\(error.reason)"])
            return nil
        }
    }

    /// Nil: nothing is pushed. One that may not ask gets nothing pushed either; it waits.
    private static func target(of entry: AccountEntry, _ kind: OutboxKind) -> PushTarget? {
        guard entry.isEnabled, let url = entry.account.push.url(of: kind) else { return nil }
        // An account that has no login in operator-v2 can still get pushes in that dialect.
        let login = entry.account.login(in: .operatorV2) ?? entry.account.id
        return PushTarget(
            url: url, settings: entry.account.push, userID: login, password: entry.secrets.apiPassword)
    }

    /// Something was put into these outboxes, and is committed. Callable on any thread; does not wait.
    func wake(_ keys: Set<OutboxKey>) {
        let runners = state.withLock { state in
            state.runners.isEmpty ? [] : keys.compactMap { state.runners[$0] }
        }
        for runner in runners { runner.noteMore() }
    }

    // MARK: For the operator

    /// - Throws: a sentence when these settings cannot work.
    public func check(_ settings: PushSettings) throws(CarrierFailure) {
        for kind in OutboxKind.allCases {
            guard let url = settings.url(of: kind) else { continue }
            let target = PushTarget(url: url, settings: settings, userID: "", password: "")
            let link = try maker.makePushLink(target)
            Task { await link.close() }
        }
    }

    /// A lane and how much waits for it.
    public struct LaneStatus: Sendable {
        /// What is stored of it: its last answer, its failures and pauses.
        public var record: PushLaneRecord
        /// Where it pushes to; empty for none.
        public var url: String
        /// Counted up to `waitingMax`.
        public var waiting: Int
        /// Why nothing is pushed although there is an address, as a sentence without its full stop.
        public var problem: String?
    }

    /// Entries that `LaneStatus.waiting` counts at most.
    public static let waitingMax = 100_000

    /// The lanes of an account, also those that have pushed nothing yet.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func lanes(of entry: AccountEntry) async throws(StoreFailure) -> [LaneStatus] {
        let records = try await context.store.pushLanes(of: entry.key)
        var lanes: [LaneStatus] = []
        for kind in OutboxKind.allCases {
            let record = records.first { $0.kind == kind }
            let url = entry.account.push.url(of: kind)
            guard record != nil || url != nil else { continue }
            let key = OutboxKey(account: entry.key, kind: kind)
            let waiting = try await context.store.countWaiting(key, limit: Self.waitingMax)
            lanes.append(
                LaneStatus(
                    record: record ?? PushLaneRecord(account: entry.key, kind: kind), url: url ?? "",
                    waiting: waiting, problem: state.withLock { $0.problems[key]?.reason }))
        }
        return lanes
    }

    /// Pushes once more what was collected, pushed or given up in a time, both ends included.
    /// - Returns: how many entries.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func replay(
        _ kind: OutboxKind, of entry: AccountEntry, from: Timestamp, through: Timestamp
    ) async throws(StoreFailure) -> Int {
        let key = OutboxKey(account: entry.key, kind: kind)
        let count = try await context.store.replayPushes(key, from: from, through: through, at: context.clock.now())
        if count > 0 { state.withLock { $0.runners[key] }?.noteReplay() }
        return count
    }
}
