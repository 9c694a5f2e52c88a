public import Logging
public import Messaging
public import Secrets
public import Store
import Synchronization

/// All the actors, wired: the one thing that fronts, portals and the admin server talk to.
public final class Engine: Sendable {
    /// The settings that it was made with; they do not change.
    public let configuration: EngineConfiguration
    let store: Store
    /// The accounts and their secrets.
    public let accounts: AccountStore
    /// The channels, their secrets and drivers; changes go through `addChannel` and `updateChannel`.
    public let channels: ChannelStore
    /// The routes and ported numbers; changes go through the engine, which has the dispatcher take note.
    public let routes: RouteStore
    /// The accounts' templates, words, blacklists and limits.
    public let rules: RuleStore
    /// The balances; takes submissions in.
    public let billing: Billing
    /// Takes in what carriers push.
    public let inbound: InboundProcessor
    /// Reports and replies without an owner.
    public let unmatched: UnmatchedItems
    /// Messages whose call has no known outcome.
    public let uncertain: UncertainResolution
    /// Scheduled messages.
    public let scheduled: ScheduledMessages
    /// Judges credentials.
    public let authenticator: Authenticator
    /// Access tokens.
    public let tokens: TokenStore
    /// What customers collect.
    public let outbox: Outbox
    /// Timelines, lists and totals.
    public let records: Records
    /// Pushes to customers.
    public let pusher: Pusher
    /// Figures since the start.
    public let counters = EngineCounters()
    /// How much of each carrier lies here without an owner.
    public let intake: IntakeWatch
    /// Requests that were refused.
    public let refusals: RefusalLog
    /// The people who log in to the pages.
    public let users: UserStore
    /// Who changed what.
    public let audit: AuditTrail
    /// Whether the database takes writes.
    public let storage: StorageHealth
    /// Whether actors and commits answer, and what takes long.
    public let life: LifeWatch
    /// Who is told when balances are low.
    public let alerts: BalanceAlerts
    /// Imports, batches and exports.
    public let taskRunner: TaskRunner
    let dispatcher: Dispatcher
    let poller: ReportPoller
    let maintenance: Maintenance
    private let logger: Logger
    private let tasks = Mutex<[Task<Void, Never>]>([])

    /// Wires everything and reads nothing yet. `key` seals the secrets on disk; `maker` makes the drivers towards
    /// carriers, `pushes` those towards customers; `alertLink` calls the webhooks of balance alerts.
    public init(
        store: Store, key: SealingKey, maker: any CarrierLinkMaker, pushes: any PushLinkMaker = NoPushLinks(),
        alertLink: any AlertLink = NoAlertLink(), configuration: EngineConfiguration, logger: Logger
    ) {
        let clock = configuration.clock
        self.store = store
        self.configuration = configuration
        self.logger = logger
        storage = Self.storageHealth(of: store, configuration, logger)
        let pusher = Self.pusher(of: store, pushes, configuration, counters, logger)
        self.pusher = pusher
        accounts = AccountStore(store: store, key: key, clock: clock, onChange: { pusher.follow($0) })
        channels = ChannelStore(
            store: store, key: key, maker: maker, clock: clock, isSafe: configuration.isSafe, logger: logger)
        let intake = IntakeWatch(rule: configuration.intake, logger: logger)
        self.intake = intake
        routes = RouteStore(store: store, clock: clock)
        let rules = RuleStore(store: store, accounts: accounts, clock: clock)
        self.rules = rules
        store.observeBlacklists { [weak rules] in rules?.follow($0) }
        outbox = Outbox(
            store: store, counters: counters, clock: clock, waitMax: .milliseconds(configuration.collectionWaitMax))
        records = Records(store: store, clock: clock)
        authenticator = Authenticator(
            accounts: accounts, logins: LoginGuard(counters: counters, clock: clock, logger: logger), clock: clock)
        refusals = RefusalLog(store: store, rule: configuration.refusals, clock: clock)
        users = UserStore(store: store, key: key, configuration: configuration)
        audit = AuditTrail(store: store, clock: clock, logger: logger)
        tokens = Self.tokens(of: store, configuration)
        // Billing is made before the dispatcher that it feeds: the reference is filled in below, before anything runs.
        let reference = DispatcherReference()
        billing = Self.billing(of: store, accounts, counters, configuration, reference)
        inbound = InboundProcessor(
            store: store, accounts: accounts, billing: billing, counters: counters, clock: clock, logger: logger,
            intake: intake, requeue: { reference.sendAgain($0) })
        let poller = ReportPoller(inbound: inbound, storage: storage, configuration: configuration, logger: logger)
        self.poller = poller
        dispatcher = Dispatcher(
            store: store, accounts: accounts, routes: routes, inbound: inbound, counters: counters,
            configuration: configuration, logger: logger, onSubmitted: { poller.noteActivity(on: $0) })
        reference.connect(dispatcher)
        unmatched = UnmatchedItems(
            store: store, inbound: inbound, channels: channels, accounts: accounts, configuration: configuration,
            logger: logger)
        uncertain = UncertainResolution(
            store: store, inbound: inbound, dispatcher: dispatcher, channels: channels, clock: clock, logger: logger)
        life = LifeWatch(
            store: store, billing: billing, dispatcher: dispatcher, channels: channels, time: configuration.time,
            logger: logger)
        alerts = BalanceAlerts(
            store: store, accounts: accounts, billing: billing, link: alertLink, sender: configuration.alertAccount,
            clock: clock, logger: logger)
        scheduled = ScheduledMessages(store: store, inbound: inbound, clock: clock)
        taskRunner = TaskRunner(
            store: store, accounts: accounts, billing: billing, configuration: configuration, logger: logger)
        maintenance = Maintenance(
            store: store, inbound: inbound, dispatcher: dispatcher, unmatched: unmatched, uncertain: uncertain,
            tokens: tokens, users: users, audit: audit, storage: storage, configuration: configuration, logger: logger)
    }

    private static func tokens(of store: Store, _ configuration: EngineConfiguration) -> TokenStore {
        TokenStore(
            store: store, clock: configuration.clock, lifetime: configuration.tokenLifetime,
            waitMax: .milliseconds(configuration.collectionWaitMax))
    }

    private static func billing(
        of store: Store, _ accounts: AccountStore, _ counters: EngineCounters, _ configuration: EngineConfiguration,
        _ reference: DispatcherReference
    ) -> Billing {
        Billing(
            store: store, accounts: accounts, counters: counters, submissionsMax: configuration.submissionsMax,
            recipientsMax: configuration.messagesInMemoryMax, waitMax: configuration.submissionWaitMax,
            validityMax: configuration.reportExpiry, clock: configuration.clock, onCommit: { reference.send($0) })
    }

    /// One that follows the store.
    private static func storageHealth(
        of store: Store, _ configuration: EngineConfiguration, _ logger: Logger
    ) -> StorageHealth {
        let storage = StorageHealth(clock: configuration.clock, logger: logger)
        store.observe { storage.note($0) }
        return storage
    }

    /// One that follows the store.
    private static func pusher(
        of store: Store, _ maker: any PushLinkMaker, _ configuration: EngineConfiguration, _ counters: EngineCounters,
        _ logger: Logger
    ) -> Pusher {
        let pusher = Pusher(
            store: store, maker: maker, rule: configuration.push, clock: configuration.clock, time: configuration.time,
            counters: counters, logger: logger)
        store.observeOutboxes { pusher.wake($0) }
        return pusher
    }

    /// Does `load`, then `begin`.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func start() async throws(StoreFailure) {
        try await load()
        try await begin()
    }

    /// Loads what is stored and takes up what the last run left. No carrier is asked yet: carriers forget what they
    /// hand out, and the service may still fail to start. Submissions are taken from now on, and wait for `begin`.
    /// - Throws: `damaged` when stored secrets do not open with the master key or the file is damaged, `unavailable`
    ///   when the disk fails, `closed` after `stop`.
    public func load() async throws(StoreFailure) {
        try await compareClocks()
        try await accounts.load()
        try await rules.load()
        try await channels.load()
        try await routes.load()
        try await tokens.load()
        try await users.load()
        try await authenticator.logins.load(store, accounts.directory)
        await billing.load()
        try await alerts.load()
        let interrupted = try await store.markInterruptedAttempts(at: configuration.clock.now())
        if interrupted > 0 {
            logger.warning("attempts were interrupted; they wait for reports", metadata: ["count": "\(interrupted)"])
        }
        try await unmatched.readPending(receivedBy: nil)
        try await unmatched.measure()
    }

    /// Messages that would end by a clock that is ahead wait until an operator accepts the clock.
    private func compareClocks() async throws(StoreFailure) {
        let record = try await store.timeOnRecord()
        let aheadMax = max(configuration.reportExpiry, Self.pauseMax)
        configuration.time.begin(newest: record.newest, aheadMax: record.hasOpenMessages ? aheadMax : nil)
        try await store.takeUpPutOff(at: configuration.clock.now())
    }

    /// Takes the system clock for right from now on, and goes by it.
    /// - Returns: what the clocks said before.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func acceptClock() async throws(StoreFailure) -> TimeKeeper.Reading {
        let before = configuration.time.accept()
        let now = configuration.clock.now()
        logger.notice("the system clock was accepted", metadata: ["now": "\(now.chinaText)"])
        try await store.takeUpPutOff(at: now)
        // Those too that seem to have come later than now.
        try await unmatched.readPending(receivedBy: nil)
        try await store.noteTime(now)
        return before
    }

    /// For as long the service may have been off without the clock having to be accepted, in milliseconds.
    private static let pauseMax: Int64 = 72 * 3_600_000

    /// Begins to work: billing, dispatching, polling, pushing.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func begin() async throws(StoreFailure) {
        let entries = await channels.all
        if configuration.isSafe { quiesce() }
        _ = dispatcher.events.push(.channelsChanged(entries))
        for entry in entries { await poller.watch(entry, isFirst: true) }
        if !configuration.isSafe { try await pusher.start(accounts.directory) }
        let (billing, dispatcher, maintenance, counters) = (billing, dispatcher, maintenance, counters)
        let (life, authenticator, refusals, alerts) = (life, authenticator, refusals, alerts)
        let taskRunner = taskRunner
        tasks.withLock {
            $0 = [
                Task { await billing.run() }, Task { await dispatcher.run() }, Task { await maintenance.runSchedule() },
                Task { await maintenance.runSweep() }, Task { await maintenance.runParking() },
                Task { await maintenance.runHistory(of: counters) }, Task { await maintenance.runBookkeeping() },
                Task { await maintenance.runRecovery() }, Task { await maintenance.runClock() },
                Task { await maintenance.runAccess(authenticator.logins, refusals) }, Task { await life.run() },
                Task { await maintenance.runAlerts(alerts) }, Task { await taskRunner.run() },
            ]
        }
    }

    /// Makes no new calls; submissions are still taken, and kept for the next start.
    public func quiesce() { _ = dispatcher.events.push(.quiesce) }

    /// Stops taking submissions, lets calls under way end within `drain`, and closes the store. What is under way then
    /// is uncertain at the next start.
    public func stop(drain: Duration) async {
        quiesce()
        await taskRunner.stop(grace: max(drain, .seconds(5)))
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
        // What was noted since the last second; a disk that does not take it does not keep the service from stopping.
        try? await authenticator.logins.flush(to: store)
        try? await refusals.flush()
        try? await users.sweep()
        audit.retry()
        for entry in await channels.all { await entry.link.close() }
        if !configuration.time.isHeld { try? await store.noteTime(configuration.clock.now()) }
        await store.close()
    }

    // MARK: Channels

    /// Adds a channel, which is given messages and polled at once.
    /// - Throws: what is wrong with the settings, or why they could not be stored.
    public func addChannel(
        _ channel: Channel, endpoint: ChannelEndpoint, callback: CallbackChange = CallbackChange()
    ) async throws(ChannelStore.ChangeFailure) -> ChannelEntry {
        let entry = try await channels.add(channel, endpoint: endpoint, callback: callback)
        await announce(entry)
        return entry
    }

    /// Changes a channel; `change` gets it as it is. Calls under way end as they are.
    /// - Throws: what is wrong with the settings, or why they could not be stored.
    public func updateChannel(
        name: String, callback: CallbackChange = CallbackChange(),
        _ change: @Sendable (inout Channel, inout ChannelEndpoint) -> Void
    ) async throws(ChannelStore.ChangeFailure) -> ChannelEntry {
        let entry = try await channels.update(name: name, callback: callback, change)
        await announce(entry)
        return entry
    }

    private func announce(_ entry: ChannelEntry) async {
        _ = dispatcher.events.push(.channelsChanged([entry]))
        await poller.watch(entry)
    }

    // MARK: For status

    /// What is known of each channel at work, by the channel's number.
    public func channelStatus() async -> [ChannelKey: ChannelStatus] { await dispatcher.channelStatus() }

    /// Messages waiting in memory, those of them without a channel, and whether more wait on disk.
    public func queueStatus() async -> (waiting: Int, unrouted: Int, hasBacklog: Bool) {
        await dispatcher.queueStatus()
    }

    /// Since when the first message waits that has no channel; nil: none waits, or it is not known.
    public func oldestUnrouted() async -> Timestamp? { await dispatcher.oldestUnrouted() }

    /// When a carrier last handed over a report, by the channel's number; since the start.
    public var lastReports: [ChannelKey: Timestamp] { inbound.lastReports.all }

    /// Returns only when the journal and the actors have answered; the watchdog, which cannot wait, asks `life`. A disk
    /// that takes no writes is not counted as a failure: reads are answered meanwhile.
    /// - Throws: `damaged` or `closed`; a disk that takes no writes is no reason.
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
private final class DispatcherReference: Sendable {
    private let dispatcher = Mutex<Dispatcher?>(nil)

    func connect(_ dispatcher: Dispatcher) { self.dispatcher.withLock { $0 = dispatcher } }

    func send(_ parts: [CommittedPart]) { dispatcher.withLock { $0 }?.enqueue(parts) }

    func sendAgain(_ parts: [CommittedPart]) { dispatcher.withLock { $0 }?.enqueueDue(parts) }
}

extension Engine {
    // MARK: Routes

    /// What would become of a message that an account sent now; the account's number in the store.
    public func explain(account: AccountKey, number: PhoneNumber) async -> RouteExplanation {
        await dispatcher.explain(account: account, number: number)
    }

    /// Adds a route; messages that wait without a channel are routed again.
    /// - Throws: `alreadyExists` when its name is taken; `limitReached` when there are too many; else `unavailable`,
    ///   `damaged` or `closed`.
    public func addRoute(_ route: Route) async throws(StoreFailure) {
        try await routes.add(route)
        announceRoutes()
    }

    /// Changes a route; `change` gets it as it is. Messages that wait without a channel are routed again.
    /// - Returns: the route as it is now.
    /// - Throws: `notFound`; else `unavailable`, `damaged` or `closed`.
    public func updateRoute(
        name: String, _ change: @Sendable (inout Route) -> Void
    ) async throws(StoreFailure) -> Route {
        let route = try await routes.update(name: name, change)
        announceRoutes()
        return route
    }

    /// Removes a route; messages that wait without a channel are routed again.
    /// - Returns: the route as it was.
    /// - Throws: `notFound`; else `unavailable`, `damaged` or `closed`.
    public func removeRoute(name: String) async throws(StoreFailure) -> Route {
        let route = try await routes.remove(name: name)
        announceRoutes()
        return route
    }

    /// Adds ported numbers or moves them to another carrier, and takes some out, all or nothing.
    /// - Throws: `limitReached` when there would be more than memory holds; else `unavailable`, `damaged` or `closed`.
    public func changePorted(
        add entries: [PortedNumber], remove: Set<PhoneNumber> = []
    ) async throws(StoreFailure) {
        try await routes.changePorted(add: entries, remove: remove)
        announceRoutes()
    }

    /// What waits without a channel may have one now.
    private func announceRoutes() { _ = dispatcher.events.push(.channelsChanged([])) }
}
