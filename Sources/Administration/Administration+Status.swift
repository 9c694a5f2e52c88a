public import Engine
import Glibc
public import Messaging

/// The state of the service.
public struct ServiceStatus: Sendable {
    /// One of the engine's queues.
    public struct Queue: Sendable {
        /// `billing`, `dispatch` or `without channel`.
        public var name: String
        /// What waits in it: submissions in `billing`, else messages.
        public var depth: Int
        /// 0: none.
        public var limit: Int
        /// For how long the first item waits, in milliseconds; nil: that is not measured.
        public var oldestAge: Int64?
    }

    /// The software's.
    public var version: String
    /// The server's own.
    public var processID: Int32
    /// By the clock that the engine goes by.
    public var startedAt: Timestamp
    /// Milliseconds.
    public var uptime: Int64
    /// Resident memory of the process; 0 when it is not known.
    public var residentBytes: UInt64
    /// How many there are, disabled ones included.
    public var accounts: Int
    /// How many of them are enabled.
    public var enabledAccounts: Int
    /// The first of them; `channelsTotal` counts all.
    public var channels: [ChannelDetail]
    /// How many channels there are.
    public var channelsTotal: Int
    /// In a fixed order: `billing`, `dispatch`, `without channel`.
    public var queues: [Queue]
    /// What was counted since the start.
    public var sinceStart: EngineCounters.Snapshot
    /// What was counted in the last 60 seconds, or since the start if that is less.
    public var lastMinute: EngineCounters.Snapshot
    /// Sums over all messages ever accepted, kept in the database.
    public var ever: GrandTotal
    /// What waits for the operator; each figure counts up to `ParkedCounts.max`.
    public var parked: ParkedCounts
    /// The id that the next message gets.
    public var nextMessage: MessageID
    /// The clocks, compared for this answer.
    public var clock: TimeKeeper.Reading
    /// How long the commit under way has taken, in milliseconds; 0 while that is ordinary.
    public var commitTaking: Int64
    /// Whether it was started with `--safe`: nothing is sent, polled or pushed.
    public var isSafe: Bool
    /// One sentence each; none: the service is healthy.
    public var problems: [String]
    /// What is no problem and should not be forgotten, one sentence each.
    public var notes: [String]
}

extension Administration {
    /// The state of the service; compares the clocks, and reads the database.
    /// - Throws: `unavailable` or `internal` when the store fails.
    public func status() async throws(AdministrationError) -> ServiceStatus {
        let now = engine.configuration.clock.now()
        let directory = engine.accounts.directory
        let entries = await engine.channels.all
        let channels = try await details(of: Array(entries.prefix(Self.pageMax)))
        let queues = await engine.queueStatus()
        let firstUnrouted = await engine.oldestUnrouted()
        let unrouted = Self.age(of: firstUnrouted, at: now)
        let (ever, parked, next) = try await stored("total") { () async throws(StoreFailure) in
            (
                try await engine.records.grandTotal(), try await engine.unmatched.counts(),
                try await engine.records.nextMessage()
            )
        }
        let clock = engine.configuration.time.look()
        let problems =
            [clock.problem, engine.life.problem, engine.storage.problem].compactMap { $0 }
            + channels.compactMap(\.problemSentence) + Self.unrouted(queues.unrouted, since: firstUnrouted)
            + Self.problems(parked) + carrierProblems(channels)
        return ServiceStatus(
            version: version, processID: getpid(), startedAt: startedAt,
            uptime: engine.configuration.clock.uptime() - startedAtUptime, residentBytes: residentBytes(),
            accounts: directory.count, enabledAccounts: directory.entries.count(where: \.isEnabled),
            channels: channels, channelsTotal: entries.count,
            queues: [
                .init(name: "billing", depth: engine.billing.waiting, limit: engine.configuration.submissionsMax),
                .init(
                    name: "dispatch", depth: queues.waiting, limit: engine.configuration.messagesInMemoryMax,
                    oldestAge: max(unrouted, channels.map(\.oldestWaiting).max() ?? 0)),
                .init(name: "without channel", depth: queues.unrouted, limit: 0, oldestAge: unrouted),
            ], sinceStart: engine.counters.snapshot, lastMinute: engine.counters.lastMinute, ever: ever,
            parked: parked, nextMessage: next, clock: clock, commitTaking: engine.life.longCommit ?? 0,
            isSafe: engine.configuration.isSafe, problems: problems, notes: channels.compactMap(\.pauseNote))
    }

    private static func unrouted(_ count: Int, since oldest: Timestamp?) -> [String] {
        if count == 0 { return [] }
        let since = oldest.map { ", the first since \($0.chinaText)" } ?? ""
        return ["\(count) messages have no channel that is on\(since)."]
    }

    private static func problems(_ parked: ParkedCounts) -> [String] {
        let forOperator = parked.expired + parked.unreadable
        guard forOperator >= parkedProblemCount else { return [] }
        return ["\(forOperator) reports, replies or bodies from carriers wait for you: yizhan inbound list."]
    }

    /// So many that something is set up wrongly.
    private static let parkedProblemCount = 1000

    /// What is wrong with carriers and pushes beside the health of their channels.
    private func carrierProblems(_ channels: [ChannelDetail]) -> [String] {
        var problems: [String] = []
        if engine.configuration.isSafe {
            problems.append(
                "Safe mode: nothing is sent, polled or pushed. Put the settings right, then start without --safe.")
        }
        problems += channels.compactMap { channel in
            channel.suspended.map { reason in
                "Channel \(channel.name) is suspended, nothing is taken from its carrier: \(reason); "
                    + "see yizhan inbound list and yizhan inbound discard."
            }
        }
        return problems + engine.pusher.problems.map { "Account \($0.account) is pushed nothing: \($0.reason)." }
    }
}

extension ChannelDetail {
    fileprivate var problemSentence: String? {
        guard isEnabled, health == .down else { return nil }
        let since = healthSince.map { " since \($0.chinaText)" } ?? ""
        return "Channel \(name) takes nothing\(since): \(healthDetail)."
    }

    fileprivate var pauseNote: String? {
        pausedAt.map { since in
            "Channel \(name) is paused since \(since.chinaText); messages waiting for it: \(queued). "
                + "It goes on with: yizhan channel resume \(name)."
        }
    }
}
