import Logging
import Messaging
import Store

/// What has to happen now and then: scheduled submissions become due, messages without a report expire, uncertain
/// attempts are settled, and what has no owner is tried again.
struct Housekeeper {
    let store: Store
    let desk: InboundDesk
    let dispatcher: Dispatcher
    let parking: ParkingDesk
    let uncertain: UncertainDesk
    let tokens: TokenDesk
    let storage: StorageWatch
    let configuration: EngineConfiguration
    let logger: Logger

    private static let scheduleInterval: Duration = .milliseconds(200)
    /// Messages that one commit passes by, a few milliseconds of reading, and such commits in a second.
    private static let skipLimit = 20_000
    private static let skipsMax = 10
    private static let recoveryInterval: Duration = .milliseconds(500)
    /// A report that came before its submit reply finds its message within this time after it.
    private static let parkingInterval: Duration = .milliseconds(500)
    /// A body that is older than this is not being applied by whoever stored it.
    private static let pendingAge: Int64 = 5_000

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
                let released = try await store.releaseDue(at: configuration.clock.now())
                if released.parts.isEmpty { return }
                dispatcher.enqueueDue(released.parts.filter { !$0.messages.isEmpty })
                await desk.apply(released.effects)
            }
        }
    }

    func runParking() async {
        await every(Self.parkingInterval) { try await parking.retry() }
    }

    func runSweep() async {
        var reviewedThrough: Int64 = 0
        await every(.milliseconds(configuration.sweepInterval)) {
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
            reviewedThrough = try await uncertain.review(after: reviewedThrough)
            try await parking.readPending(receivedBy: now.adding(milliseconds: -Self.pendingAge))
            try await parking.prune()
            try await tokens.sweep()
        }
    }

    /// Tries whether the database takes writes again when it did not, and applies what could not be applied meanwhile.
    func runRecovery() async {
        await every(Self.recoveryInterval) {
            if storage.isFailing { try await store.probe() }
            guard !storage.isFailing, desk.leftovers.take() else { return }
            try await parking.readPending(receivedBy: configuration.clock.now())
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
