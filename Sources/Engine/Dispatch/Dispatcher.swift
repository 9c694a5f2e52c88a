import Logging
import Messaging
import Store
import Synchronization

/// Takes committed messages, chooses a channel for each, makes attempts durable, and has the drivers carry them out.
/// What to do is decided by the schedulers and by `ChannelChoice`; this is the shell around them.
public actor Dispatcher {
    enum Event: Sendable {
        case parts([CommittedPart])
        case due([CommittedPart])
        case ended(channel: ChannelKey, attempt: AttemptID, call: ChannelScheduler.PlannedCall, outcome: SubmitOutcome)
        /// Begun, and not made after all: some of it was not worth sending any more when that was durable.
        case late(channel: ChannelKey, attempt: AttemptID, call: ChannelScheduler.PlannedCall)
        case read(DiskRead, Result<QueuedPage, StoreFailure>)
        /// A pause after a failed read is over.
        case mayRead
        case channelsChanged([ChannelEntry])
        case tick
        /// No new calls from now on.
        case quiesce
    }

    let store: Store
    let accounts: AccountStore
    let routes: RouteStore
    let inbound: InboundProcessor
    let counters: EngineCounters
    let configuration: EngineConfiguration
    let logger: Logger
    /// Bounded by what can cause an event: an ending for each call under way (the channels' connection limits), one
    /// read, a tick for each wake-up, changes by an operator, and parts, which `arriving` bounds.
    nonisolated let events = Mailbox<Event>(countMax: .max)
    /// Messages in `events`. What comes when there are `messagesInMemoryMax` of them is left on disk: `overflow`.
    private nonisolated let arriving = Atomic<Int>(0)
    private nonisolated let overflow = Mutex(Spill())

    /// A scheduler in a box of its own. As a value of the dictionary it would be moved out and back with each message,
    /// and copied for each look at it.
    final class SchedulerBox {
        var scheduler: ChannelScheduler

        init(_ scheduler: ChannelScheduler) {
            self.scheduler = scheduler
        }
    }

    var schedulers: [ChannelKey: SchedulerBox] = [:]
    var entries: [ChannelKey: ChannelEntry] = [:]
    /// Messages that no channel takes at present; they wait on disk.
    var unrouted = Spill()
    /// Some of them should have been ended, which failed.
    var isUnroutedToBeTriedAgain = false
    /// Messages that no channel will ever take as things are set up, and those that waited too long; to be ended.
    var withoutRoute: [MessageSequence] = []
    var expired: [MessageSequence] = []
    /// When to look next for those that waited too long.
    var expiryCheckAt = Timestamp(milliseconds: 0)
    static let expiryCheckInterval: Int64 = 5_000
    var scan = StartScan()
    var isReading = false
    var refillHasTurn = false
    /// Messages that failed once and that no other channel takes; to be ended.
    var exhausted: [MessageSequence] = []
    var roundRobin = WeightedRoundRobin()
    private var tickAt: Timestamp?
    private var isQuiescing = false
    /// What carries out the calls under way, by their attempts.
    var drivers: [AttemptID: Task<Void, Never>] = [:]
    /// Called for each call that a carrier has taken: reports can be expected.
    let onSubmitted: @Sendable (ChannelKey) -> Void

    init(
        store: Store, accounts: AccountStore, routes: RouteStore, inbound: InboundProcessor, counters: EngineCounters,
        configuration: EngineConfiguration, logger: Logger, onSubmitted: @escaping @Sendable (ChannelKey) -> Void
    ) {
        self.store = store
        self.accounts = accounts
        self.routes = routes
        self.inbound = inbound
        self.counters = counters
        self.configuration = configuration
        self.logger = logger
        self.onSubmitted = onSubmitted
    }

    var now: Timestamp { configuration.clock.now() }

    /// A copy, which stays as it is while schedulers come and go.
    var channelKeys: [ChannelKey] { Array(schedulers.keys) }

    /// Hands new committed parts in, in the order of their commits; callable on any thread, never waits.
    nonisolated func enqueue(_ parts: [CommittedPart]) { arrive(parts, areNew: true) }

    /// Hands scheduled parts in whose time has come; callable on any thread, never waits.
    nonisolated func enqueueDue(_ parts: [CommittedPart]) { arrive(parts, areNew: false) }

    private nonisolated func arrive(_ parts: [CommittedPart], areNew: Bool) {
        let count = Self.messageCount(parts)
        guard count > 0 else { return }
        if arriving.add(count, ordering: .relaxed).newValue <= configuration.messagesInMemoryMax {
            _ = events.push(areNew ? .parts(parts) : .due(parts))
            return
        }
        arriving.subtract(count, ordering: .relaxed)
        overflow.withLock { spill in
            for part in parts {
                spill.insert(part.messages, waitingSince: part.availableAt, validUntil: part.validUntil)
            }
        }
        _ = events.push(.tick)
    }

    private static func messageCount(_ parts: [CommittedPart]) -> Int { parts.reduce(0) { $0 + $1.messages.count } }

    /// Works until `stop`.
    func run() async {
        while let batch = await events.next() {
            var endings: [Ending] = []
            var late: [Ending] = []
            for event in batch {
                switch event {
                case .parts(let parts): arrived(parts, areNew: true)
                case .due(let parts): arrived(parts, areNew: false)
                case .read(let read, let result): finish(read, result)
                case .mayRead: isReading = false
                case .channelsChanged(let changed): change(changed)
                case .tick: tickAt = nil
                case .quiesce: isQuiescing = true
                case .ended(let channel, let attempt, let call, let outcome):
                    endings.append(Ending(channel: channel, attempt: attempt, call: call, outcome: outcome))
                case .late(let channel, let attempt, let call):
                    let outcome = SubmitOutcome.notSent(reason: "it was too late for some of it")
                    late.append(Ending(channel: channel, attempt: attempt, call: call, outcome: outcome))
                }
            }
            takeOverflow()
            await settle(whatCounts(of: endings) + giveUpOverdue())
            await putBack(late)
            seekExpired()
            await endDoomed()
            let now = now
            await makeCalls(at: now)
            startRead()
            scheduleTick(since: now)
        }
    }

    private func arrived(_ parts: [CommittedPart], areNew: Bool) {
        arriving.subtract(Self.messageCount(parts), ordering: .relaxed)
        take(parts, areNew: areNew)
    }

    private func takeOverflow() {
        let spilled = overflow.withLock { spill -> Spill? in
            if spill.isEmpty { return nil }
            defer { spill = Spill() }
            return spill
        }
        guard let spilled else { return }
        unrouted.insert(spilled)
        unrouted.startRouting()
    }

    /// No call is under way and none will be.
    var isQuiet: Bool { isQuiescing && !schedulers.values.contains { $0.scheduler.callsInFlight > 0 } }

    nonisolated func stop() { events.close() }

    // MARK: Channels

    private func change(_ changed: [ChannelEntry]) {
        for entry in changed {
            let key = entry.key
            entries[key] = entry
            let box =
                schedulers[key] ?? SchedulerBox(ChannelScheduler(channel: entry.channel, limits: entry.link.limits))
            let servesOthers =
                box.scheduler.channel.networks != entry.channel.networks || box.scheduler.limits != entry.link.limits
                || box.scheduler.channel.accessNumber != entry.channel.accessNumber
            box.scheduler.channel = entry.channel
            box.scheduler.limits = entry.link.limits
            box.scheduler.reset()
            schedulers[key] = box
            if servesOthers { reroute(from: key) }
        }
        shareMemory()
        // Routes have changed: what was decided by them is decided again.
        if changed.isEmpty { return rerouteAll() }
        unrouted.startRouting()
        giveAwayFromClosed()
    }

    /// There may be a channel now for what waits on those that take nothing.
    func giveAwayFromClosed() {
        for key in channelKeys where schedulers[key]?.scheduler.isTaking == false { giveAway(from: key) }
    }

    /// Lets a message of each failing channel choose anew now and then: another one that failed may want a probe.
    func lendProbes() {
        let now = now
        guard schedulers.values.contains(where: { $0.scheduler.wantsProbe(at: now) }) else { return }
        for key in channelKeys
        where schedulers[key]?.scheduler.isFailing == true && schedulers[key]?.scheduler.channel.isPaused == false {
            if let item = schedulers[key]?.scheduler.takeOne() { route(item) }
        }
    }

    // MARK: Calls

    private func makeCalls(at now: Timestamp) async {
        if isQuiescing { return }
        var planned: [(channel: ChannelKey, call: ChannelScheduler.PlannedCall)] = []
        for key in channelKeys {
            while let call = schedulers[key]?.scheduler.nextCall(at: now) { planned.append((key, call)) }
            let late = schedulers[key]?.scheduler.takeLate() ?? []
            if !late.isEmpty { expire(late) }
        }
        guard !planned.isEmpty else { return }
        let attempts = planned.map { channel, call in
            NewAttempt(
                channel: channel, messages: SequenceRuns(call.messages.map(\.sequence)), mayBeOver: call.hasEnd,
                accessNumber: schedulers[channel]?.scheduler.channel.accessNumber,
                room: schedulers[channel]?.scheduler.limits.extensions ?? .widest)
        }
        let begun: [BegunAttempt]
        do {
            begun = try await store.begin(attempts, at: now)
        } catch {
            logger.failure(error, "attempts cannot be made durable; nothing is sent")
            for (channel, call) in planned { schedulers[channel]?.scheduler.withdraw(call) }
            later(.tick, afterMilliseconds: 1000)
            return
        }
        for ((channel, call), attempt) in zip(planned, begun) { start(call, attempt, on: channel) }
    }

    private func start(_ planned: ChannelScheduler.PlannedCall, _ begun: BegunAttempt, on channel: ChannelKey) {
        var call = planned
        if var open = begun.only {
            // A message that was read from disk while it was on its way through memory stands here twice.
            call.messages.removeAll { open.remove($0.sequence) == nil }
            let taken = Set(call.messages.map(\.sequence))
            let late = planned.messages.filter { $0.validUntil != nil && !taken.contains($0.sequence) }
            if !late.isEmpty { expire(late.map(\.sequence)) }
            schedulers[channel]?.scheduler.shrink(by: planned.messages.count - call.messages.count)
        }
        guard let entry = entries[channel] else { return }
        let made = call
        if made.hasLate(at: now) {
            _ = events.push(.late(channel: channel, attempt: begun.id, call: made))
            return
        }
        let request = CarrierCall(attempt: begun.id, isUniform: made.isUniform, messages: made.messages)
        let events = events
        schedulers[channel]?.scheduler.underWay.begin(
            made, attempt: begun.id, durationMax: entry.link.limits.durationMax,
            uptime: configuration.clock.uptime())
        drivers[begun.id] = Task {
            let outcome: SubmitOutcome =
                made.messages.isEmpty ? .accepted(nil) : await entry.link.submit(request)
            _ = events.push(.ended(channel: channel, attempt: begun.id, call: made, outcome: outcome))
        }
    }

    // MARK: Time

    /// - Parameter planned: when calls were planned last; what became possible after it must not be missed.
    private func scheduleTick(since planned: Timestamp) {
        let wanted = schedulers.values.compactMap { $0.scheduler.wakeUp(at: planned) }.min()
        guard let wanted, tickAt.map({ wanted < $0 }) ?? true else { return }
        tickAt = wanted
        later(.tick, afterMilliseconds: wanted.milliseconds(since: now))
    }

    func later(_ event: Event, afterMilliseconds delay: Int64) {
        let events = events
        Task {
            try? await Task.sleep(for: .milliseconds(delay))
            _ = events.push(event)
        }
    }
}
