public import AdminProtocol
public import Engine
import Glibc
import Messaging

/// Carries admin requests out on the engine.
public struct EngineBridge: AdminHandling {
    let engine: Engine
    let version: String
    let startedAt: Timestamp
    private let startedAtUptime: Int64
    let residentBytes: @Sendable () -> UInt64

    static let pageMax = 200

    /// - Parameter residentBytes: the process's resident memory.
    public init(engine: Engine, version: String, residentBytes: @escaping @Sendable () -> UInt64) {
        self.engine = engine
        self.version = version
        self.residentBytes = residentBytes
        startedAt = engine.configuration.clock.now()
        startedAtUptime = engine.configuration.clock.uptime()
    }

    public func handle(_ request: AdminRequest.OneOf_Call) async throws(AdminError) -> AdminResponse.OneOf_Result {
        switch request {
        case .accountAdd(let request): .account(try await add(request))
        case .accountShow(let request): .account(try await message(of: account(request.id)))
        case .accountList(let request): .accounts(try await list(request))
        case .accountSet(let request): .account(try await set(request))
        case .accountEnable(let request): .account(try await enable(request))
        case .accountRecharge(let request): .account(try await recharge(request))
        case .accountUnlock(let request): .account(try await unlock(request))
        case .channelAdd(let request): .channel(try await add(request))
        case .channelShow(let request): .channel(try await message(of: channel(request.name)))
        case .channelList(let request): .channels(try await list(request))
        case .channelSet(let request): .channel(try await set(request))
        case .channelEnable(let request): .channel(try await enable(request))
        case .channelPause(let request): .channel(try await pause(request))
        case .channelOutlook(let request): .channelOutlook(try await outlook(request))
        case .messageShow(let request): .message(try await show(request))
        case .messageList(let request): .messages(try await list(request))
        case .messageSettle(let request): .settled(try await settle(request))
        case .messageCancel(let request): .cancelled(try await cancel(request))
        case .refusalList(let request): .refusals(try await list(request))
        case .ledgerVerify(let request): .ledger(try await verifyLedger(request))
        case .clockAccept: .clock(try await acceptClock())
        case .statusShow: .status(try await status())
        case .inboundList(let request): .inboundItems(try await list(request))
        case .inboundShow(let request): .inboundItem(try await show(request))
        case .inboundReplay(let request): .inboundReplayed(try await replay(request))
        case .inboundDiscard(let request): .inboundDiscarded(try await discard(request))
        case .pushList(let request): .pushLanes(try await list(request))
        case .pushReplay(let request): .pushReplayed(try await replay(request))
        case .routeAdd, .routeShow, .routeList, .routeSet, .routeEnable, .routeRemove, .routeExplain, .portedChange,
            .portedList:
            try await handleRoute(request)
        case .ruleShow, .ruleSet, .wordsChange, .templateAdd, .templateRemove, .templateList, .blacklistChange,
            .blacklistList:
            try await handleRules(request)
        }
    }

    /// Runs what the store may refuse and says it in the protocol's words.
    func stored<T>(
        _ what: String, _ body: () async throws(StoreFailure) -> T
    ) async throws(AdminError) -> T {
        do {
            return try await body()
        } catch {
            throw Self.error(error, what)
        }
    }

    static func error(_ failure: StoreFailure, _ what: String) -> AdminError {
        switch failure {
        case .notFound: .notFound("There is no \(what).")
        case .alreadyExists: .alreadyExists("There is \(article(of: what)) \(what) already.")
        case .unavailable(let words): .unavailable("The database does not take it: \(words).")
        case .damaged(let words): .internal("The database is damaged: \(words).")
        case .busy(let words): .unavailable("Not now: \(words).")
        case .closed: .unavailable("The service is stopping.")
        }
    }

    private static func article(of word: String) -> String {
        word.first.map { "aeiouAEIOU".contains($0) } == true ? "an" : "a"
    }

    // MARK: Messages and ledger

    private func show(_ request: AdminMessageShow) async throws(AdminError) -> AdminMessageTimeline {
        let id = MessageID(rawValue: request.msgid)
        let timeline = try await stored("message \(request.msgid)") { () async throws(StoreFailure) in
            try await engine.records.timeline(of: id)
        }
        var message = AdminMessageTimeline()
        message.msgid = timeline.id.rawValue
        message.account = timeline.account
        message.mobile = timeline.mobile
        message.carrier = PhoneNumber(timeline.mobile).flatMap { engine.routes.directory.carrier(of: $0) }?.name ?? ""
        message.content = timeline.content
        message.segments = UInt32(clamping: timeline.segments)
        let isUncertain = timeline.state == .submitted && timeline.attemptState == .uncertain
        message.state = isUncertain ? "uncertain" : timeline.state.name
        message.status = timeline.status ?? ""
        message.channel = timeline.channel ?? ""
        message.accessNumber = timeline.accessNumber
        message.custid = timeline.customID
        message.chargeBy = AdminChargeBy(timeline.unit)
        message.chargedUnits = timeline.charged
        message.refundedUnits = timeline.refunded
        message.acceptedAtMs = timeline.acceptedAt.milliseconds
        message.scheduledAtMs = timeline.scheduledAt?.milliseconds ?? 0
        message.validUntilMs = timeline.validUntil?.milliseconds ?? 0
        message.finalAtMs = timeline.finalAt?.milliseconds ?? 0
        message.events = timeline.entries.prefix(1000).map { entry in
            var event = AdminEvent()
            event.atMs = entry.at.milliseconds
            event.kind = entry.kind
            event.text = entry.detail
            return event
        }
        return message
    }

    private func verifyLedger(_ request: AdminLedgerVerify) async throws(AdminError) -> AdminLedgerReport {
        let verdict = try await stored("ledger") { () async throws(StoreFailure) in
            try await engine.records.verifyLedger(isFull: request.full)
        }
        var report = AdminLedgerReport()
        report.accounts = UInt64(clamping: verdict.accounts)
        report.entries = UInt64(clamping: verdict.entries)
        report.moneyMicro = verdict.money
        report.countSegments = verdict.count
        report.full = verdict.isFull
        report.provedBefore = UInt64(clamping: verdict.provedBefore)
        report.differencesTotal = UInt64(clamping: verdict.differences.count)
        report.differences = verdict.differences.prefix(10_000).map { difference in
            var message = AdminLedgerDifference()
            message.account = difference.account
            message.chargeBy = AdminChargeBy(difference.unit)
            message.storedUnits = difference.stored
            message.summedUnits = difference.summed
            return message
        }
        return report
    }

    private func acceptClock() async throws(AdminError) -> AdminClock {
        AdminClock(
            try await stored("clock") { () async throws(StoreFailure) in try await engine.acceptClock() })
    }

    // MARK: Status

    private func status() async throws(AdminError) -> AdminStatus {
        let now = engine.configuration.clock.now()
        var status = AdminStatus()
        status.version = version
        status.pid = UInt32(bitPattern: getpid())
        status.startedAtMs = startedAt.milliseconds
        status.uptimeMs = engine.configuration.clock.uptime() - startedAtUptime
        status.rssBytes = residentBytes()
        let directory = engine.accounts.directory
        status.accounts = UInt64(clamping: directory.count)
        status.accountsEnabled = UInt64(clamping: directory.entries.count(where: \.account.isEnabled))
        let entries = await engine.channels.all
        status.channelsTotal = UInt64(clamping: entries.count)
        for entry in entries.prefix(Self.pageMax) { status.channels.append(try await message(of: entry)) }
        let queues = await engine.queueStatus()
        let firstUnrouted = await engine.oldestUnrouted()
        let unrouted = age(of: firstUnrouted, at: now)
        let oldest = max(unrouted, (await engine.laneStatus().values.map { age(of: $0.oldest, at: now) }).max() ?? 0)
        status.queues = [
            queue("billing", depth: engine.billing.waiting, limit: engine.configuration.submissionsMax),
            queue("dispatch", depth: queues.waiting, limit: engine.configuration.messagesInMemoryMax, oldest: oldest),
            queue("without channel", depth: queues.unrouted, limit: 0, oldest: unrouted),
        ]
        status.sinceStart = AdminCounters(engine.counters.snapshot)
        status.lastMinute = AdminCounters(engine.counters.lastMinute)
        let ever = try await stored("total") { () async throws(StoreFailure) in
            try await engine.records.grandTotal()
        }
        status.ever = AdminCounters(ever)
        let parked = try await stored("item") { () async throws(StoreFailure) in
            try await engine.parking.counts()
        }
        status.uncertainCalls = UInt64(clamping: parked.uncertainAttempts)
        status.inboundWaiting = UInt64(clamping: parked.waiting)
        status.inboundExpired = UInt64(clamping: parked.expired)
        status.inboundUnreadable = UInt64(clamping: parked.unreadable)
        status.inboundPending = UInt64(clamping: parked.pendingBodies)
        status.messageIds = AdminMessageIDs(
            next: try await stored("counter") { () async throws(StoreFailure) in
                try await engine.records.nextMessage()
            })
        let clock = engine.configuration.time.look()
        status.clock = AdminClock(clock)
        status.commitTakingMs = engine.life.longCommit ?? 0
        status.safeMode = engine.configuration.isSafe
        status.problems = [clock.problem, engine.life.problem].compactMap { $0 }
        status.problems += problems(status.channels, queues, oldest: firstUnrouted) + problems(parked)
        status.problems += carrierProblems(status.channels)
        status.healthy = status.problems.isEmpty
        status.notes = Self.notes(status.channels)
        return status
    }

    private func queue(_ name: String, depth: Int, limit: Int, oldest: Int64 = 0) -> AdminQueue {
        var queue = AdminQueue()
        queue.name = name
        queue.depth = UInt64(clamping: depth)
        queue.limit = UInt64(clamping: limit)
        queue.oldestAgeMs = oldest
        return queue
    }

    private func problems(
        _ channels: [AdminChannel], _ queues: (waiting: Int, unrouted: Int, hasBacklog: Bool), oldest: Timestamp?
    ) -> [String] {
        var problems = engine.storage.problem.map { [$0] } ?? []
        problems += channels.filter { $0.enabled && $0.health == .down }.map { channel in
            let since =
                channel.healthSinceMs == 0
                ? "" : " since \(Timestamp(milliseconds: channel.healthSinceMs).chinaText)"
            return "Channel \(channel.name) takes nothing\(since): \(channel.healthDetail)."
        }
        if queues.unrouted > 0 {
            let since = oldest.map { ", the first since \($0.chinaText)" } ?? ""
            problems.append("\(queues.unrouted) messages have no channel that is on\(since).")
        }
        return problems
    }

    /// How long something has waited, in milliseconds: at least 1, and 0 where nothing waits.
    func age(of since: Timestamp?, at now: Timestamp) -> Int64 {
        since.map { max(1, now.milliseconds - $0.milliseconds) } ?? 0
    }

    private static func notes(_ channels: [AdminChannel]) -> [String] {
        channels.filter { $0.pausedAtMs != 0 }.map { channel in
            let since = Timestamp(milliseconds: channel.pausedAtMs).chinaText
            return "Channel \(channel.name) is paused since \(since); messages waiting for it: \(channel.queued). "
                + "It goes on with: yizhan channel resume \(channel.name)."
        }
    }

    private func problems(_ parked: ParkedCounts) -> [String] {
        let forOperator = parked.expired + parked.unreadable
        guard forOperator >= Self.parkedProblemCount else { return [] }
        return ["\(forOperator) reports, replies or bodies from carriers wait for you: yizhan inbound list."]
    }

    /// So many that something is set up wrongly.
    private static let parkedProblemCount = 1000
}

extension AdminMessageIDs {
    fileprivate init(next: MessageID) {
        self.init()
        epoch = UInt64(clamping: next.epoch)
        epochLast = UInt64(clamping: MessageID.epochMax)
        // What follows the last number of an epoch is no number of it any more.
        let given = next.rawValue - next.epoch << MessageID.epochBits - 1
        number = UInt64(clamping: min(given, MessageID.sequenceMax))
        numberLast = UInt64(clamping: MessageID.sequenceMax)
    }
}

extension AdminCounters {
    fileprivate init(_ snapshot: EngineCounters.Snapshot) {
        self.init()
        acceptedMessages = UInt64(clamping: snapshot.acceptedMessages)
        acceptedSegments = UInt64(clamping: snapshot.acceptedSegments)
        refusedRequests = UInt64(clamping: snapshot.refusedRequests)
        submittedMessages = UInt64(clamping: snapshot.submittedMessages)
        finalMessages = UInt64(clamping: snapshot.finalMessages)
        deliveredMessages = UInt64(clamping: snapshot.deliveredMessages)
        failedMessages = UInt64(clamping: snapshot.failedMessages)
        reportsStored = UInt64(clamping: snapshot.inboundReports)
        repliesStored = UInt64(clamping: snapshot.inboundReplies)
        outboxStored = UInt64(clamping: snapshot.outboxEntries)
        outboxCollected = UInt64(clamping: snapshot.collectedEntries)
        failedLogins = UInt64(clamping: snapshot.failedLogins)
        slowedLogins = UInt64(clamping: snapshot.slowedLogins)
    }

    /// What the totals hold; the rest is counted since the start only.
    fileprivate init(_ total: GrandTotal) {
        self.init()
        acceptedMessages = UInt64(clamping: total.messages)
        acceptedSegments = UInt64(clamping: total.segments)
        submittedMessages = UInt64(clamping: total.submitted)
        finalMessages = UInt64(clamping: total.delivered &+ total.failed)
        deliveredMessages = UInt64(clamping: total.delivered)
        failedMessages = UInt64(clamping: total.failed)
    }
}
