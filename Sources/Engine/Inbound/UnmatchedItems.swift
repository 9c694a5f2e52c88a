import Logging
public import Messaging
import Store

/// What carriers handed us and that has found no owner: tries it again, and lets the operator look at it.
public struct UnmatchedItems: Sendable {
    let store: Store
    let inbound: InboundProcessor
    let channels: ChannelStore
    let accounts: AccountStore
    let configuration: EngineConfiguration
    let logger: Logger

    /// Reports or replies that one round tries.
    private static let triesMax = 500
    private static let bodiesPerPage = 16
    private static let pagesPerRound = 16
    /// What one call of the operator's replays.
    private static let replaysMax = 200
    private static let bodyReplaysMax = 8
    /// A thousand years, while the clock cannot be believed.
    private static let withoutEnd: Int64 = 1000 * 366 * 86_400_000

    private var now: Timestamp { configuration.clock.now() }

    /// One round for reports and replies that are due.
    func retry() async throws(StoreFailure) {
        let now = now
        guard try await store.hasParkedDue(at: now) else { return }
        let parkFor = configuration.time.isHeld ? Self.withoutEnd : configuration.parking.parkFor
        let reports = try await store.retryReports(at: now, parkFor: parkFor, limit: Self.triesMax)
        await inbound.apply(reports.effects)
        let due = try await store.dueReplies(at: now, limit: Self.triesMax)
        // By the access number alone: who last sent to the handset was asked when the reply came.
        let owned = try await owners(of: due, asksSenders: false)
        let replies = try await store.settleReplies(owned, .until(parkFor: parkFor), at: now)
        await inbound.apply(replies.effects)
        if reports.expired + replies.expired > 0 {
            logger.warning(
                "reports or replies found no owner and wait for the operator: yizhan inbound list --state expired",
                metadata: ["count": "\(reports.expired + replies.expired)"])
        }
    }

    private func owners(
        of replies: [ParkedReply], asksSenders: Bool
    ) async throws(StoreFailure) -> [(id: ParkedRowID, owned: OwnedReply)] {
        guard !replies.isEmpty else { return [] }
        let entries = await entries()
        var result: [(id: ParkedRowID, owned: OwnedReply)] = []
        for (channel, group) in Dictionary(grouping: replies, by: \.channel) {
            guard let entry = entries[channel] else {
                result += group.map { ($0.id, OwnedReply(account: nil, reply: $0.reply, accessExtension: "")) }
                continue
            }
            let owned = try await inbound.owned(group.map(\.reply), from: entry, asksSenders: asksSenders)
            result += zip(group, owned).map { ($0.id, $1) }
        }
        return result
    }

    private func entries() async -> [ChannelKey: ChannelEntry] {
        Dictionary(await channels.all.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
    }

    /// Reads bodies that were stored and not applied: a crash or a disk in trouble came between.
    /// - Parameter deadline: younger ones are left to those who stored them; nil when there are none.
    func readPending(receivedBy deadline: Timestamp?) async throws(StoreFailure) {
        var last: InboundID = 0
        for page in 0... {
            if deadline != nil, page >= Self.pagesPerRound { return }
            let pending = try await store.pendingInbound(
                after: last, receivedBy: deadline, limit: Self.bodiesPerPage)
            guard let end = pending.last else { return }
            let entries = await entries()
            for body in pending {
                guard let entry = entries[body.channel] else {
                    try await store.markUnreadable(body.id, because: "its channel is gone")
                    continue
                }
                if entry.problem != nil { continue }
                do {
                    try await inbound.process(body, from: entry)
                } catch .closed {
                    throw .closed
                } catch {
                    // The others behind it are not to wait for it.
                    logger.failure(error, "a stored body cannot be applied; trying again", ["inbound": "\(body.id)"])
                }
            }
            last = end.id
        }
    }

    /// Deletes what waited for the operator for too long.
    func prune() async throws(StoreFailure) {
        while !Task.isCancelled,
            try await store.pruneParked(at: now, keepFor: configuration.parking.keepFor)
        {}
    }

    /// Counts what lies here, so that carriers that were suspended are asked again when there is room.
    func measure() async throws(StoreFailure) {
        let loads = try await store.intakeLoads()
        inbound.intake.replace(loads, names: await entries().mapValues(\.channel.name))
    }

    // MARK: For the operator

    /// Deletes items for good, all that are there.
    /// - Returns: how many.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func discard(_ ids: [ParkedID]) async throws(StoreFailure) -> Int {
        let count = try await store.discardParked(ids)
        try await measure()
        return count
    }

    /// Deletes some of what the filter fits.
    /// - Returns: how many; 0 at the end.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func discardSome(_ filter: ParkedFilter) async throws(StoreFailure) -> Int {
        var last: ParkedID?
        while true {
            let ids = try await store.parkedIDs(filter, after: last, limit: Self.discardsMax)
            let count = try await discard(ids)
            // Bodies that are not yet applied stay, and may fill a page.
            if count > 0 || ids.count < Self.discardsMax { return count }
            last = ids.last
        }
    }

    private static let discardsMax = 1_000

    /// How much waits for an operator: each figure counts up to `ParkedCounts.max`.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func counts() async throws(StoreFailure) -> ParkedCounts { try await store.parkedCounts() }

    /// Reports, then replies, then bodies, of each the newest first.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func list(
        _ filter: ParkedFilter, after cursor: ParkedID?, limit: Int
    ) async throws(StoreFailure) -> [ParkedItem] {
        try await store.parkedItems(filter, after: cursor, limit: limit)
    }

    /// One item; of a body the bytes from `offset` on, at most `length`.
    /// - Throws: `notFound`; `unavailable`, `damaged` or `closed` as any read.
    public func item(_ id: ParkedID, bytesFrom offset: Int, length: Int) async throws(StoreFailure) -> ParkedItem {
        try await store.parkedItem(id, bytesFrom: offset, length: length)
    }

    /// What trying items again by hand came to.
    public struct Replay: Sendable {
        /// Items that were to be tried, those that are not there included.
        public var tried = 0
        /// These are gone from the list: they have their owner, or the body was read.
        public var settled = 0
        /// Reports and replies of bodies that were read, which found no owner.
        public var parked = 0
        /// What stays, and why.
        public var left: [(id: ParkedID, reason: String)] = []
    }

    /// Tries these items now, all that are there.
    /// - Parameter owner: whose the replies are; nil to find that out.
    /// - Throws: `unavailable`, `damaged` or `closed`; items that were settled before that stay settled.
    public func replay(_ ids: [ParkedID], to owner: AccountEntry?) async throws(StoreFailure) -> Replay {
        var replay = Replay()
        replay.tried = ids.count
        var done = Set<ParkedID>()
        let reports = ids.filter { $0.kind == .report }.map(\.row)
        if !reports.isEmpty {
            let round = try await store.replayReports(reports, at: now)
            await inbound.apply(round.effects)
            done.formUnion(round.matched)
        }
        let replies = ids.filter { $0.kind == .reply }.map(\.row)
        if !replies.isEmpty {
            let round = try await store.settleReplies(try await owned(replies, to: owner), .byHand, at: now)
            await inbound.apply(round.effects)
            done.formUnion(round.matched)
        }
        for id in ids where id.kind == .body {
            guard try await read(id, &replay) else { continue }
            done.insert(id)
        }
        replay.settled = done.count
        let named = Set(replay.left.map(\.id))
        for id in ids where !done.contains(id) && !named.contains(id) {
            let reason = id.kind == .report ? "it matches no message" : "it has no owner"
            replay.left.append((id, try await exists(id) ? reason : "there is no such item"))
        }
        return replay
    }

    private func exists(_ id: ParkedID) async throws(StoreFailure) -> Bool {
        do {
            _ = try await store.parkedItem(id)
            return true
        } catch .notFound {
            return false
        }
    }

    private func owned(
        _ ids: [ParkedRowID], to owner: AccountEntry?
    ) async throws(StoreFailure) -> [(id: ParkedRowID, owned: OwnedReply)] {
        let replies = try await store.parkedReplies(ids)
        guard let owner else { return try await owners(of: replies, asksSenders: true) }
        let entries = await entries()
        return replies.map { parked in
            let prefix = (entries[parked.channel]?.channel.accessNumber ?? "") + owner.account.accessExtension
            let number = parked.reply.accessNumber
            let rest = number.hasPrefix(prefix) ? String(number.dropFirst(prefix.count)) : ""
            return (parked.id, OwnedReply(account: owner.key, reply: parked.reply, accessExtension: rest))
        }
    }

    /// - Returns: whether the body was read and is gone.
    private func read(_ id: ParkedID, _ replay: inout Replay) async throws(StoreFailure) -> Bool {
        let body: InboundBody
        do {
            body = try await store.inbound(InboundID(id.row.rawValue))
        } catch .notFound {
            return false
        }
        guard let entry = await entries()[body.channel] else {
            replay.left.append((id, "its channel is gone"))
            return false
        }
        if let problem = entry.problem {
            replay.left.append((id, "its channel has no driver: \(problem)"))
            return false
        }
        guard let outcome = try await inbound.outcome(of: body, from: entry) else {
            replay.left.append((id, "it cannot be read"))
            return false
        }
        replay.parked += outcome.parked
        return true
    }

    /// Tries the next of what is parked.
    /// - Parameter cursor: the last item that the call before tried; nil for the first.
    /// - Returns: the last item that was tried; nil at the end.
    /// - Throws: `unavailable`, `damaged` or `closed`; items that were settled before that stay settled.
    public func replayAll(
        _ filter: ParkedFilter, to owner: AccountEntry?, after cursor: ParkedID?
    ) async throws(StoreFailure) -> (replay: Replay, last: ParkedID?) {
        var ids = try await store.parkedIDs(filter, after: cursor, limit: Self.replaysMax)
        let bodies = ids.firstIndex { $0.kind == .body } ?? ids.endIndex
        // A body may hold hundreds of reports.
        ids = Array(ids.prefix(bodies + Self.bodyReplaysMax))
        return (try await replay(ids, to: owner), ids.last)
    }
}
