import Logging
import Messaging
import Store
import Synchronization

/// Looks, once a second, whether the actors and the journal live, whether a commit takes long, and whether the clocks
/// agree; says each change once.
public final class LifeWatch: Sendable {
    private struct State {
        var signs: LifeSigns
        var areActorsAsked = false
        var areCommitsAsked = false
        /// When `commits` may be asked again.
        var nextCommitAt: Int64
        var saidCommit: Int64?
        var saidClock = ClockGuard.State.agreed
    }

    private let store: Store
    private let billing: Billing
    private let dispatcher: Dispatcher
    private let channels: ChannelStore
    private let time: TimeKeeper
    private let logger: Logger
    private let state: Mutex<State>

    /// A commit that has taken this long is said, in milliseconds.
    static let longCommit: Int64 = 5_000
    static let interval: Duration = .seconds(1)
    /// Between two commits that are made only to see that they end, in milliseconds: each costs an fsync.
    private static let commitInterval: Int64 = 8_000

    init(
        store: Store, billing: Billing, dispatcher: Dispatcher, channels: ChannelStore, time: TimeKeeper, logger: Logger
    ) {
        self.store = store
        self.billing = billing
        self.dispatcher = dispatcher
        self.channels = channels
        self.time = time
        self.logger = logger
        let now = time.clock.uptime()
        state = Mutex(State(signs: LifeSigns(at: now), nextCommitAt: now))
    }

    /// How long the commit under way has taken, if that is worth a word; in milliseconds.
    public var longCommit: Int64? {
        store.commitAge.flatMap { $0 >= Self.longCommit ? $0 : nil }
    }

    /// A sentence for the operator; nil when all is well.
    public var problem: String? {
        longCommit.map { milliseconds in
            "A commit has taken \(milliseconds / 1000) s so far: the disk of the state folder does not answer. New "
                + "messages are refused, collections are put off; it goes on by itself when the disk does."
        }
    }

    /// Until its task is cancelled.
    func run() async {
        while !Task.isCancelled {
            look(provesCommits: false)
            try? await Task.sleep(for: Self.interval)
        }
    }

    /// One look. Does not wait: who is asked answers into the state, or never.
    /// - Parameter provesCommits: makes a commit now and then to see that it ends. Without it the verdict says nothing
    ///   of commits.
    @discardableResult
    public func look(provesCommits: Bool) -> LifeSigns.Verdict {
        let now = time.clock.uptime()
        let underWay = store.commitUnderWay
        let asks = state.withLock { state -> (actors: Bool, commits: Bool) in
            let asks = (
                !state.areActorsAsked, provesCommits && !state.areCommitsAsked && now >= state.nextCommitAt
            )
            state.areActorsAsked = true
            if asks.1 {
                state.areCommitsAsked = true
                state.nextCommitAt = now + Self.commitInterval
            }
            return asks
        }
        if asks.actors { Task { await askActors() } }
        if asks.commits { Task { await askCommits() } }
        sayCommit(underWay?.milliseconds ?? 0)
        sayClock()
        return state.withLock { $0.signs.verdict(at: now, underWay: underWay) }
    }

    private func askActors() async {
        _ = await dispatcher.queueStatus()
        _ = await channels.all
        let now = time.clock.uptime()
        state.withLock { state in
            state.areActorsAsked = false
            state.signs.noteActors(at: now)
        }
    }

    /// That the disk takes no writes, or the store is closed, is no sign of death: both are answers.
    private func askCommits() async {
        try? await store.probe()
        await billing.credit([:])
        let now = time.clock.uptime()
        state.withLock { state in
            state.areCommitsAsked = false
            state.signs.noteCommits(at: now)
        }
    }

    private func sayCommit(_ milliseconds: Int64) {
        let said = state.withLock { state -> (begins: Bool, lasted: Int64?) in
            if milliseconds >= Self.longCommit {
                defer { state.saidCommit = milliseconds }
                return (state.saidCommit == nil, nil)
            }
            defer { state.saidCommit = nil }
            return (false, state.saidCommit)
        }
        if said.begins {
            logger.critical(
                "a commit has taken \(milliseconds / 1000) s so far: the disk does not answer; new messages are refused"
            )
        } else if let lasted = said.lasted {
            logger.notice("the disk answers again", metadata: ["commit_took_at_least_ms": "\(lasted)"])
        }
    }

    private func sayClock() {
        let reading = time.look()
        let isNews = state.withLock { state in
            defer { state.saidClock = reading.state }
            return state.saidClock != reading.state
        }
        guard isNews else { return }
        if let problem = reading.problem {
            logger.critical("\(problem)")
        } else {
            logger.notice("the system clock can be believed again", metadata: ["now": "\(reading.wall.chinaText)"])
        }
    }
}
