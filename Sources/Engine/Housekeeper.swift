import Logging
import Messaging
import Store

/// What has to happen now and then: scheduled submissions become due, messages without a report expire, parked
/// reports are tried again, and bodies that a crash left unread are read.
struct Housekeeper {
    let store: Store
    let desk: InboundDesk
    let dispatcher: Dispatcher
    let channels: ChannelStore
    let storage: StorageWatch
    let configuration: EngineConfiguration
    let logger: Logger

    private static let scheduleInterval: Duration = .milliseconds(200)
    private static let sweepInterval: Duration = .seconds(5)
    /// Messages that one commit passes by, a few milliseconds of reading, and such commits in a second.
    private static let skipLimit = 20_000
    private static let skipsMax = 10
    private static let recoveryInterval: Duration = .milliseconds(500)
    /// How long a parked report is tried again, and how many at a time.
    private static let parkedWindow: Int64 = 10 * 60_000
    private static let parkedMax = 2_000

    /// Keeps the place where queued messages begin and the record index up with what is stored.
    func runBookkeeping() async {
        await every(.seconds(1)) {
            var skips = 0
            while skips < Self.skipsMax, try await store.skipFinished(limit: Self.skipLimit) { skips += 1 }
            while !Task.isCancelled, try await store.indexNextChunk() {}
        }
    }

    func runHistory(of counters: EngineCounters) async {
        await every(.seconds(1)) { counters.remember() }
    }

    func runSchedule() async {
        await every(Self.scheduleInterval) {
            guard let due = try await store.nextDue(), due <= configuration.clock.now() else { return }
            while true {
                let parts = try await store.releaseDue(at: configuration.clock.now())
                if parts.isEmpty { return }
                dispatcher.enqueueDue(parts)
            }
        }
    }

    func runSweep() async {
        await every(Self.sweepInterval) {
            let now = configuration.clock.now()
            let deadline = now.adding(milliseconds: -configuration.reportExpiry)
            var more = true
            while more, !Task.isCancelled {
                let (effects, rest) = try await store.expire(begunBefore: deadline, at: now)
                await desk.apply(effects)
                more = rest
            }
            // It looks for messages that waited too long for a channel.
            _ = dispatcher.events.push(.tick)
            let since = now.adding(milliseconds: -Self.parkedWindow)
            let retried = try await store.retryParked(since: since, limit: Self.parkedMax, at: now)
            await desk.apply(retried.effects)
        }
    }

    /// Tries whether the database takes writes again when it did not, and applies what could not be applied meanwhile.
    func runRecovery() async {
        await every(Self.recoveryInterval) {
            if storage.isFailing { try await store.probe() }
            guard !storage.isFailing, desk.leftovers.take() else { return }
            do {
                try await readPending()
            } catch {
                desk.leftovers.note()
                throw error
            }
        }
    }

    /// Reads bodies that were stored and not applied yet.
    func readPending() async throws(StoreFailure) {
        var entries: [Int64: ChannelEntry] = [:]
        for entry in await channels.all { entries[entry.number] = entry }
        while true {
            let pending = try await store.pendingInbound()
            if pending.isEmpty { return }
            for body in pending {
                if let entry = entries[body.channel] {
                    try await desk.process(body, from: entry)
                } else {
                    try await store.markUnreadable(body.id, because: "its channel is gone")
                }
            }
        }
    }

    private func every(_ interval: Duration, _ work: () async throws -> Void) async {
        while !Task.isCancelled {
            do {
                try await work()
            } catch {
                logger.failure(error as? StoreFailure ?? .closed, "housekeeping failed; trying again")
            }
            try? await Task.sleep(for: interval)
        }
    }
}
