import Logging
import Messaging
import Store
import Synchronization

/// Fetches reports and replies from carriers that do not push: drains while there is data, then pauses; the pause
/// grows from `pollIntervalMin` to `pollIntervalMax`, 5 s by default, and shrinks again when messages go out.
public actor ReportPoller {
    private let inbound: InboundProcessor
    private let storage: StorageHealth
    private let configuration: EngineConfiguration
    private let logger: Logger
    private var pollers: [ChannelKey: [Task<Void, Never>]] = [:]
    private let activity = Mutex<[ChannelKey: Int]>([:])

    /// Concurrent drains of one carrier's reports: while one batch is applied, the next is on its way.
    private static let reportDrains = 2
    /// How often a pausing poller looks whether messages went out, in milliseconds.
    private static let glance: Int64 = 50
    /// How long a fetch that is under way may still take when polling is ended.
    private static let fetchGraceMax: Duration = .seconds(5)
    private static let fetchGraceMin: Duration = .seconds(1)
    private let fetchGrace = Mutex(ReportPoller.fetchGraceMax)
    /// A commit that has taken longer is of a disk that may hang, in milliseconds.
    private static let commitAgeMax: Int64 = 2_000
    /// The first pause after a failure.
    private static let failurePauseMin: Int64 = 1_000
    /// How often, twice a second, a fetched body is still tried to be stored after polling was ended.
    private static let triesAtStop = 4

    init(inbound: InboundProcessor, storage: StorageHealth, configuration: EngineConfiguration, logger: Logger) {
        self.inbound = inbound
        self.storage = storage
        self.configuration = configuration
        self.logger = logger
    }

    /// Messages went out on a channel: reports can be expected. Callable on any thread.
    nonisolated func noteActivity(on channel: ChannelKey) {
        activity.withLock { $0[channel, default: 0] &+= 1 }
    }

    /// Begins to poll a channel, or goes on with its new settings; a disabled channel's reports are still fetched.
    /// - Parameter isFirst: at the start: what an operator has changed meanwhile stays.
    func watch(_ entry: ChannelEntry, isFirst: Bool = false) {
        if isFirst, pollers[entry.key] != nil { return }
        for task in pollers[entry.key] ?? [] { task.cancel() }
        var tasks: [Task<Void, Never>] = []
        for kind in entry.link.polls {
            let drains = kind == .polledReports ? Self.reportDrains : 1
            for index in 0..<drains { tasks.append(Task { await self.poll(entry, kind, isLeader: index == 0) }) }
        }
        pollers[entry.key] = tasks
    }

    /// - Parameter grace: how long fetches that are under way may still take, between 1 s and 5 s.
    func stop(grace: Duration) async {
        fetchGrace.withLock { $0 = min(Self.fetchGraceMax, max(Self.fetchGraceMin, grace)) }
        let tasks = pollers.values.flatMap { $0 }
        pollers = [:]
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    /// One polling loop. Followers only help while the leader finds data.
    private nonisolated func poll(_ entry: ChannelEntry, _ kind: InboundKind, isLeader: Bool) async {
        var pause = configuration.pollIntervalMin
        var failures = 0
        while !Task.isCancelled {
            let seen = activityCount(entry.key)
            do {
                let found = try await drainOnce(entry, kind)
                if failures > 0 {
                    logger.warning(
                        "a carrier can be polled again",
                        metadata: ["channel": "\(entry.channel.name)", "what": "\(kind.name)", "failed": "\(failures)"])
                }
                failures = 0
                if found {
                    pause = configuration.pollIntervalMin
                    continue
                }
                pause = min(pause * 2, configuration.pollIntervalMax)
            } catch {
                failures += 1
                if failures == 1 || failures % 60 == 0 {
                    logger.warning(
                        "a carrier cannot be polled",
                        metadata: [
                            "channel": "\(entry.channel.name)", "what": "\(kind.name)", "reason": "\(error.reason)",
                        ])
                }
                pause = min(max(pause * 2, Self.failurePauseMin), configuration.pollIntervalMax)
            }
            var rest = isLeader ? pause : configuration.pollIntervalMax
            // So that pollers which lost a carrier together do not come back together.
            if failures > 0 { rest = Self.jittered(rest, Double.random(in: 0..<1)) }
            if await wait(rest, orActivityAfter: seen, on: entry.key, heedsActivity: failures == 0) {
                pause = configuration.pollIntervalMin
            }
        }
    }

    /// Between half of a pause and all of it.
    static func jittered(_ pause: Int64, _ jitter: Double) -> Int64 { pause / 2 + Int64(Double(pause / 2) * jitter) }

    /// Fetches, and goes on doing so for a while when polling is ended meanwhile: the carrier forgets what it hands
    /// out.
    private nonisolated func fetch(
        _ kind: InboundKind, from entry: ChannelEntry
    ) async throws(CarrierFailure) -> [UInt8]? {
        let fetch = DriverCall<Result<[UInt8]?, CarrierFailure>> {
            do throws(CarrierFailure) {
                return .success(try await entry.link.fetch(kind))
            } catch {
                return .failure(error)
            }
        } late: { result in
            // The carrier has forgotten it, so it is kept all the same.
            guard case .success(let body?) = result else { return }
            _ = try? await self.take(body, kind, from: entry)
        }
        guard let result = await value(of: fetch, from: entry) else {
            noteGivenUp("a fetch", kind, entry)
            throw CarrierFailure("no end of the fetch within twice its time limit")
        }
        return try result.get()
    }

    private nonisolated func value<T>(of call: DriverCall<T>, from entry: ChannelEntry) async -> T? {
        await withTaskCancellationHandler {
            await call.value(within: entry.link.limits.givenUpAfter)
        } onCancel: {
            let grace = fetchGrace.withLock { $0 }
            Task {
                try? await Task.sleep(for: grace)
                call.giveUp()
            }
        }
    }

    private nonisolated func noteGivenUp(_ what: String, _ kind: InboundKind, _ entry: ChannelEntry) {
        // At the end of a stop it is no fault of the driver.
        if Task.isCancelled { return }
        inbound.intake.noteGivenUp(entry)
        logger.error(
            "\(what) is given up: the driver did not end it in twice the time that it may take",
            metadata: ["channel": "\(entry.channel.name)", "what": "\(kind.name)"])
    }

    /// - Returns: whether there was data.
    private nonisolated func drainOnce(
        _ entry: ChannelEntry, _ kind: InboundKind
    ) async throws(CarrierFailure) -> Bool {
        // What the carrier hands out it forgets: it had better not while that cannot be stored.
        if storage.isFailing { throw CarrierFailure("the database takes no writes") }
        if inbound.store.commitAge ?? 0 > Self.commitAgeMax { throw CarrierFailure("the disk does not answer") }
        if let reason = inbound.intake.suspension(of: entry.key) { throw CarrierFailure("suspended: \(reason)") }
        guard let body = try await fetch(kind, from: entry) else { return false }
        return try await take(body, kind, from: entry)
    }

    /// Keeps, confirms and applies what was fetched.
    /// - Returns: whether anything in it was new.
    private nonisolated func take(
        _ body: [UInt8], _ kind: InboundKind, from entry: ChannelEntry
    ) async throws(CarrierFailure) -> Bool {
        let kept = try await keep(body, of: kind, from: entry)
        let confirmation = DriverCall { await entry.link.confirm(kind, body) }
        if await value(of: confirmation, from: entry) == nil { noteGivenUp("a confirmation", kind, entry) }
        do {
            // What a carrier hands out again is no reason to ask at once for more of it.
            return try await inbound.outcome(of: kept, from: entry)?.hasNews ?? false
        } catch {
            throw CarrierFailure("the body is stored but not applied yet: \(error)")
        }
    }

    /// What was fetched is gone at the carrier: it is kept whatever happens, and however long that takes, short of the
    /// end of the process.
    private nonisolated func keep(
        _ body: [UInt8], of kind: InboundKind, from entry: ChannelEntry
    ) async throws(CarrierFailure) -> InboundBody {
        var triesAtStop = Self.triesAtStop
        while true {
            do {
                return try await inbound.keep(body, of: kind, from: entry)
            } catch .closed {
                throw CarrierFailure("the store is closed")
            } catch {
                if Task.isCancelled { triesAtStop -= 1 }
                guard triesAtStop > 0 else {
                    logger.critical(
                        "a fetched body is lost: the database takes no writes, and the service stops",
                        metadata: [
                            "channel": "\(entry.channel.name)", "what": "\(kind.name)", "bytes": "\(body.count)",
                        ])
                    throw CarrierFailure("the body could not be stored")
                }
                logger.failure(error, "a fetched body cannot be stored; trying again")
                // In a task of its own, since sleep ends at once in one that is cancelled.
                await Task.detached { try? await Task.sleep(for: .milliseconds(500)) }.value
            }
        }
    }

    private nonisolated func activityCount(_ channel: ChannelKey) -> Int {
        activity.withLock { $0[channel] ?? 0 }
    }

    /// - Returns: true when it ended early because messages went out.
    private nonisolated func wait(
        _ milliseconds: Int64, orActivityAfter seen: Int, on channel: ChannelKey, heedsActivity: Bool
    ) async -> Bool {
        var left = milliseconds
        while left > 0, !Task.isCancelled {
            let slice = min(left, Self.glance)
            try? await Task.sleep(for: .milliseconds(slice))
            left -= slice
            if heedsActivity, activityCount(channel) != seen { return true }
        }
        return false
    }
}
