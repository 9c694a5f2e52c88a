import Logging
import Messaging
import Store

/// What has to happen now and then: scheduled submissions become due, messages without a report expire, uncertain
/// attempts are settled, and what has no owner is tried again.
struct Maintenance {
    let store: Store
    let inbound: InboundProcessor
    let dispatcher: Dispatcher
    let unmatched: UnmatchedItems
    let uncertain: UncertainResolution
    let tokens: TokenStore
    let users: UserStore
    let audit: AuditTrail
    let storage: StorageHealth
    let configuration: EngineConfiguration
    let logger: Logger

    private static let scheduleInterval: Duration = .milliseconds(200)
    /// Messages that one commit passes by, a few milliseconds of reading, and such commits in a second.
    private static let skipLimit = 20_000
    private static let skipsMax = 10
    private static let recoveryInterval: Duration = .milliseconds(500)
    private static let clockInterval: Duration = .seconds(60)
    /// A report that came before its submit reply finds its message within this time after it.
    private static let parkingInterval: Duration = .milliseconds(500)
    /// A body that is older than this is not being applied by the task that stored it, in milliseconds.
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
        await every(Self.scheduleInterval) { try await releaseDue() }
    }

    /// Scheduled messages whose time has come go to the dispatcher.
    func releaseDue() async throws(StoreFailure) {
        guard !configuration.time.isHeld, let due = try await store.nextDue(), due <= configuration.clock.now()
        else { return }
        while !configuration.time.isHeld {
            let released = try await store.releaseDue(at: configuration.clock.now())
            if released.parts.isEmpty { return }
            dispatcher.enqueueDue(released.parts.filter { !$0.messages.isEmpty })
            await inbound.apply(released.effects)
        }
    }

    func runParking() async {
        await every(Self.parkingInterval) { try await unmatched.retry() }
    }

    func runSweep() async {
        var reviewedThrough: AttemptID = 0
        await every(.milliseconds(configuration.sweepInterval)) {
            reviewedThrough = try await sweep(reviewedThrough)
        }
    }

    /// One round.
    /// - Parameter reviewedThrough: what the round before returned; 0 for the first.
    func sweep(_ reviewedThrough: AttemptID) async throws(StoreFailure) -> AttemptID {
        let now = configuration.clock.now()
        let isHeld = configuration.time.isHeld
        if !isHeld { try await expire(at: now) }
        // It looks for messages that waited too long for a channel.
        _ = dispatcher.events.push(.tick)
        let through = try await uncertain.review(after: reviewedThrough, mayResend: !isHeld)
        try await unmatched.readPending(receivedBy: now.adding(milliseconds: -Self.pendingAge))
        if !isHeld { try await unmatched.prune() }
        try await unmatched.measure()
        if !isHeld {
            try await tokens.sweep()
            try await users.sweep()
        }
        return through
    }

    private func expire(at now: Timestamp) async throws(StoreFailure) {
        let deadline = now.adding(milliseconds: -configuration.reportExpiry)
        var more = true
        while more, !Task.isCancelled, !configuration.time.isHeld {
            let (effects, rest) = try await store.expire(begunBefore: deadline, at: now)
            await inbound.apply(effects)
            more = rest
        }
    }

    /// Notes the time now and then: at the next start it is what the clock is compared with.
    func runClock() async {
        try? await Task.sleep(for: Self.clockInterval)
        await every(Self.clockInterval) {
            guard !configuration.time.isHeld, !storage.isFailing else { return }
            try await store.noteTime(configuration.clock.now())
        }
    }

    /// Tries whether the database takes writes again when it did not, and applies what could not be applied meanwhile.
    func runRecovery() async {
        await every(Self.recoveryInterval) {
            if storage.isFailing, !storage.isDamaged { try await store.probe() }
            guard !storage.isFailing, inbound.unapplied.take() else { return }
            try await unmatched.readPending(receivedBy: configuration.clock.now())
        }
    }

    /// Stores what was refused and where accounts were right, and forgets refusals that are old.
    func runAccess(_ logins: LoginGuard, _ refusals: RefusalLog) async {
        await every(.seconds(1)) {
            try await logins.flush(to: store)
            try await refusals.flush()
            try await refusals.prune()
            audit.retry()
        }
    }

    /// Looks for low balances. Not while the clock is not believed, which pauses and times of notices go by.
    func runAlerts(_ alerts: BalanceAlerts) async {
        await every(.milliseconds(configuration.sweepInterval)) {
            if !configuration.isSafe, !configuration.time.isHeld { try await alerts.round() }
        }
    }

    private func every(_ interval: Duration, _ work: () async throws -> Void) async {
        while !Task.isCancelled {
            do {
                try await work()
            } catch StoreFailure.closed {
                // The service stops.
                return
            } catch {
                logger.failure(error as? StoreFailure ?? .closed, "housekeeping failed; trying again")
            }
            try? await Task.sleep(for: interval)
        }
    }
}
