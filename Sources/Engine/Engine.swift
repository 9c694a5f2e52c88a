public import Logging
public import Messaging
public import Secrets
public import Store
import Synchronization

/// All the actors, wired: the one thing that fronts, portals and the admin server talk to.
public final class Engine: Sendable {
    public let configuration: EngineConfiguration
    let store: Store
    public let accounts: AccountStore
    public let channels: ChannelStore
    public let routes: RouteStore
    public let rules: RuleStore
    public let billing: Billing
    public let desk: InboundDesk
    public let parking: ParkingDesk
    public let uncertain: UncertainDesk
    public let schedule: ScheduleDesk
    public let gatekeeper: Gatekeeper
    public let tokens: TokenDesk
    public let outbox: Outbox
    public let records: Records
    public let pusher: Pusher
    public let counters = EngineCounters()
    /// Whether the database takes writes.
    public let storage: StorageWatch
    let dispatcher: Dispatcher
    let poller: ReportPoller
    private let housekeeper: Housekeeper
    private let logger: Logger
    private let tasks = Mutex<[Task<Void, Never>]>([])

    public init(
        store: Store, key: SealingKey, maker: any CarrierLinkMaker, pushes: any PushLinkMaker = NoPushLinks(),
        configuration: EngineConfiguration, logger: Logger
    ) {
        let clock = configuration.clock
        self.store = store
        self.configuration = configuration
        self.logger = logger
        let storage = StorageWatch(clock: clock, logger: logger)
        self.storage = storage
        store.observe { storage.note($0) }
        let pusher = Pusher(
            store: store, maker: pushes, rule: configuration.push, clock: clock, counters: counters, logger: logger)
        self.pusher = pusher
        store.observeOutboxes { pusher.wake($0) }
        accounts = AccountStore(store: store, key: key, clock: clock, onChange: { pusher.follow($0) })
        channels = ChannelStore(store: store, key: key, maker: maker, clock: clock)
        routes = RouteStore(store: store, clock: clock)
        let rules = RuleStore(store: store, accounts: accounts, clock: clock)
        self.rules = rules
        store.observeBlacklists { [weak rules] in rules?.follow($0) }
        outbox = Outbox(store: store, counters: counters, clock: clock)
        records = Records(store: store, clock: clock)
        gatekeeper = Gatekeeper(accounts: accounts, lockOut: LockOut(), clock: clock)
        tokens = TokenDesk(store: store, clock: clock, lifetime: configuration.tokenLifetime)
        // Billing is made before the dispatcher that it feeds: the outlet is filled in below, before anything runs.
        let outlet = Outlet()
        billing = Billing(
            store: store, accounts: accounts, counters: counters, submissionsMax: configuration.submissionsMax,
            recipientsMax: configuration.messagesInMemoryMax, waitMax: configuration.submissionWaitMax, clock: clock,
            outlet: { outlet.send($0) })
        desk = InboundDesk(
            store: store, accounts: accounts, billing: billing, counters: counters, clock: clock, logger: logger,
            requeue: { outlet.sendAgain($0) })
        let poller = ReportPoller(desk: desk, storage: storage, configuration: configuration, logger: logger)
        self.poller = poller
        dispatcher = Dispatcher(
            store: store, accounts: accounts, routes: routes, desk: desk, counters: counters,
            configuration: configuration, logger: logger, onSubmitted: { poller.noteActivity(on: $0) })
        outlet.connect(dispatcher)
        parking = ParkingDesk(
            store: store, desk: desk, channels: channels, accounts: accounts, configuration: configuration,
            logger: logger)
        uncertain = UncertainDesk(
            store: store, desk: desk, dispatcher: dispatcher, channels: channels, clock: clock, logger: logger)
        schedule = ScheduleDesk(store: store, desk: desk, clock: clock)
        housekeeper = Housekeeper(
            store: store, desk: desk, dispatcher: dispatcher, parking: parking, uncertain: uncertain, tokens: tokens,
            storage: storage, configuration: configuration, logger: logger)
    }

    /// Loads what is stored, takes up what the last run left, and begins to work.
    public func start() async throws(StoreFailure) {
        try await accounts.load()
        try await rules.load()
        try await channels.load()
        try await routes.load()
        try await tokens.load()
        await billing.load()
        let interrupted = try await store.markInterruptedAttempts(at: configuration.clock.now())
        if interrupted > 0 {
            logger.warning("attempts were interrupted; they wait for reports", metadata: ["count": "\(interrupted)"])
        }
        try await parking.readPending(receivedBy: nil)
        let entries = await channels.all
        _ = dispatcher.events.push(.channelsChanged(entries))
        for entry in entries { await poller.watch(entry) }
        try await pusher.start(accounts.directory)
        let (billing, dispatcher, housekeeper, counters) = (billing, dispatcher, housekeeper, counters)
        tasks.withLock {
            $0 = [
                Task { await billing.run() }, Task { await dispatcher.run() }, Task { await housekeeper.runSchedule() },
                Task { await housekeeper.runSweep() }, Task { await housekeeper.runParking() },
                Task { await housekeeper.runHistory(of: counters) }, Task { await housekeeper.runBookkeeping() },
                Task { await housekeeper.runRecovery() },
            ]
        }
    }

    /// Makes no new calls; submissions are still taken, and kept for the next start.
    public func quiesce() { _ = dispatcher.events.push(.quiesce) }

    /// Stops taking submissions, lets calls under way end within `drain`, and closes the store. What is under way then
    /// is uncertain at the next start.
    public func stop(drain: Duration) async {
        quiesce()
        billing.stop()
        let clock = ContinuousClock()
        let deadline = clock.now + drain
        // Beside the calls, of which a poll may take as long.
        let poller = poller
        let polling = Task { await poller.stop(grace: drain) }
        let pusher = pusher
        let pushing = Task { await pusher.stop(grace: drain) }
        while clock.now < deadline, billing.waiting > 0 { try? await Task.sleep(for: .milliseconds(5)) }
        while clock.now < deadline, await !dispatcher.isQuiet {
            try? await Task.sleep(for: .milliseconds(20))
        }
        await polling.value
        await pushing.value
        dispatcher.stop()
        let running = tasks.withLock { $0 }
        for task in running { task.cancel() }
        for task in running { await task.value }
        for entry in await channels.all { await entry.link.close() }
        await store.close()
    }

    // MARK: Channels

    /// Adds a channel, which is given messages and polled at once.
    /// - Throws: what is wrong with the settings, or why they could not be stored.
    public func addChannel(
        _ channel: Channel, endpoint: ChannelEndpoint
    ) async throws(ChannelStore.ChangeFailure) -> ChannelEntry {
        let entry = try await channels.add(channel, endpoint: endpoint)
        await announce(entry)
        return entry
    }

    /// Changes a channel; `change` gets it as it is. Calls under way end as they are.
    /// - Throws: what is wrong with the settings, or why they could not be stored.
    public func updateChannel(
        name: String, _ change: @Sendable (inout Channel, inout ChannelEndpoint) -> Void
    ) async throws(ChannelStore.ChangeFailure) -> ChannelEntry {
        let entry = try await channels.update(name: name, change)
        await announce(entry)
        return entry
    }

    private func announce(_ entry: ChannelEntry) async {
        _ = dispatcher.events.push(.channelsChanged([entry]))
        await poller.watch(entry)
    }

    // MARK: For status and the watchdog

    /// What is known of each channel at work, by the channel's number.
    public func laneStatus() async -> [Int64: LaneStatus] { await dispatcher.laneStatus() }

    /// Messages waiting in memory, those of them without a channel, and whether more wait on disk.
    public func queueStatus() async -> (waiting: Int, unrouted: Int, hasBacklog: Bool) {
        await dispatcher.queueStatus()
    }

    /// Returns only when the journal answers and the actors do. That the disk takes no writes is no sign of death: a
    /// restart would not help it, and reads are answered meanwhile.
    public func proveAlive() async throws(StoreFailure) {
        do {
            try await store.probe()
        } catch {
            guard error.isOfDisk else { throw error }
        }
        await billing.credit([:])
        _ = await dispatcher.queueStatus()
        _ = await channels.all
    }
}

/// Invariant: `connect` is called once, before anything is sent.
private final class Outlet: Sendable {
    private let dispatcher = Mutex<Dispatcher?>(nil)

    func connect(_ dispatcher: Dispatcher) { self.dispatcher.withLock { $0 = dispatcher } }

    func send(_ parts: [CommittedPart]) { dispatcher.withLock { $0 }?.enqueue(parts) }

    func sendAgain(_ parts: [CommittedPart]) { dispatcher.withLock { $0 }?.enqueueDue(parts) }
}
