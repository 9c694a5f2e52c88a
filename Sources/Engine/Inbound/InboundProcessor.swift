import Logging
public import Messaging
import Store
import Synchronization

/// Where everything that carriers hand us comes in: stored raw first, then read, then applied.
public struct InboundProcessor: Sendable {
    /// A reply whose access number several accounts share belongs to who last sent within this time.
    static let lastSenderWindow: Int64 = 72 * 3_600_000
    /// How far back in the record index a reply's message is looked for where the access number tells the owner.
    static let answeredChunksMax = 16

    let store: Store
    let accounts: AccountStore
    let billing: Billing
    let counters: EngineCounters
    let clock: Clock
    let logger: Logger
    /// How much lies here without an owner.
    public let intake: IntakeWatch
    /// Whether bodies were stored that could not be applied then.
    let unapplied = DirtyFlag()
    let lastReports = LastReports()
    /// Takes messages that are to be tried on another channel.
    let requeue: @Sendable ([CommittedPart]) -> Void

    /// Stores a raw body; when this returns it is durable and may be acknowledged.
    /// - Parameters:
    ///   - refusal: why nothing in it may be applied: it is kept for the operator only.
    ///   - wait: how long the caller waits; nil: as long as it takes.
    /// - Throws: `busy` when `wait` has passed, and it may be stored all the same; else `unavailable`, `damaged` or
    ///   `closed`.
    public func keep(
        _ body: [UInt8], of kind: InboundKind, from entry: ChannelEntry, refusal: String? = nil,
        within wait: Duration? = nil
    ) async throws(StoreFailure) -> InboundBody {
        let at = clock.now()
        guard let refusal else {
            let id = try await store.keep(body, of: kind, from: entry.key, at: at, within: wait)
            return InboundBody(id: id, channel: entry.key, kind: kind, body: body)
        }
        let kept = try await store.keepRefused(
            body, of: kind, from: entry.key, at: at, failure: refusal, within: wait)
        if kept.isNew { intake.note(IntakeLoad(unreadable: 1, bytes: body.count), of: entry) }
        return InboundBody(id: kept.id, channel: entry.key, kind: kind, body: body)
    }

    /// Reads and applies a stored body, once, however often it is handed in.
    /// - Returns: what was in it; nil when its dialect cannot read it: it stays stored for the operator.
    /// - Throws: `unavailable`, `damaged` or `closed` when it cannot be applied now; it will be, as soon as the
    ///   database takes writes.
    @discardableResult
    public func process(_ inbound: InboundBody, from entry: ChannelEntry) async throws(StoreFailure) -> InboundItems? {
        try await work(inbound, from: entry)?.items
    }

    /// As `process`, for a caller that waits no longer than `limit`: the body is durable, and is applied all the same.
    /// - Throws: `busy` when the limit has passed; else as `process`.
    public func process(
        _ inbound: InboundBody, from entry: ChannelEntry, within limit: Duration
    ) async throws(StoreFailure) {
        let call = DriverCall<Result<Void, StoreFailure>> {
            do throws(StoreFailure) {
                _ = try await process(inbound, from: entry)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        guard let result = await call.value(within: limit) else {
            throw .busy("the disk has not answered within \(limit)")
        }
        try result.get()
    }

    /// As `process`.
    /// - Returns: what applying it came to.
    func outcome(of inbound: InboundBody, from entry: ChannelEntry) async throws(StoreFailure) -> InboundOutcome? {
        try await work(inbound, from: entry)?.outcome
    }

    private func work(
        _ inbound: InboundBody, from entry: ChannelEntry
    ) async throws(StoreFailure) -> (items: InboundItems, outcome: InboundOutcome)? {
        do {
            return try await apply(inbound, from: entry)
        } catch {
            unapplied.note()
            throw error
        }
    }

    private func apply(
        _ inbound: InboundBody, from entry: ChannelEntry
    ) async throws(StoreFailure) -> (items: InboundItems, outcome: InboundOutcome)? {
        // It is read when there is a driver again.
        if entry.problem != nil { return nil }
        let items: InboundItems
        do {
            items = try entry.link.decode(inbound.kind, inbound.body)
        } catch {
            logger.error(
                "a carrier's body cannot be read; it is kept",
                metadata: ["channel": "\(entry.channel.name)", "inbound": "\(inbound.id)", "reason": "\(error.reason)"])
            if try await store.markUnreadable(inbound.id, because: error.reason) {
                intake.note(IntakeLoad(unreadable: 1, bytes: inbound.body.count), of: entry)
            }
            return nil
        }
        let number = entry.channel.accessNumber
        let replies = try await owned(items.replies.map { $0.reached(over: number) }, from: entry)
        let outcome = try await store.apply(
            reports: items.reports, replies: replies, of: inbound.id, from: entry.key, at: clock.now())
        if outcome.wasGone { return (items, outcome) }
        if !items.reports.isEmpty { lastReports.note(entry.key, at: clock.now()) }
        await note(outcome, items: items)
        if outcome.parked > 0 {
            intake.note(IntakeLoad(parked: outcome.parked), of: entry)
            logger.warning(
                "reports or replies match nothing and are parked",
                metadata: ["channel": "\(entry.channel.name)", "count": "\(outcome.parked)"])
        }
        return (items, outcome)
    }

    private func note(_ outcome: InboundOutcome, items: InboundItems) async {
        counters.received(reports: items.reports.count, replies: items.replies.count, parked: outcome.parked)
        await apply(outcome.effects)
    }

    /// Takes effects of a commit into the figures and balances in memory.
    func apply(_ effects: Effects) async {
        counters.finished(effects)
        if !effects.requeued.isEmpty { requeue(effects.requeued) }
        if !effects.refunds.isEmpty { await billing.credit(effects.refunds) }
    }

    /// Finds the owners of replies, and the messages that they answer.
    /// - Parameter asksSenders: whether who last sent to a handset counts too, which costs a look at many messages.
    func owned(
        _ replies: [CarrierReply], from entry: ChannelEntry, asksSenders: Bool = true
    ) async throws(StoreFailure) -> [OwnedReply] {
        guard !replies.isEmpty else { return [] }
        let parties = accounts.directory.entries.map {
            (key: $0.key, accessExtension: $0.account.accessExtension)
        }
        let owners = replies.map { reply in
            ReplyOwner.find(
                accessNumber: reply.accessNumber, channelNumber: entry.channel.accessNumber, accounts: parties)
        }
        // Those whose owner is known by the access number, and those whose owner is known by the messages only.
        var (told, open) = ([PhoneNumber: Set<String>](), [PhoneNumber: Set<String>]())
        for (reply, owner) in zip(replies, owners) {
            guard let mobile = PhoneNumber(reply.mobile) else { continue }
            if case .account = owner {
                told[mobile, default: []].insert(reply.accessNumber)
            } else {
                open[mobile, default: []].insert(reply.accessNumber)
            }
        }
        var sendings: [PhoneNumber: [LastSending]] = [:]
        if asksSenders {
            let since = clock.now().adding(milliseconds: -Self.lastSenderWindow)
            if !open.isEmpty { sendings = try await store.lastSendings(to: open, on: entry.key, since: since) }
            told = told.filter { open[$0.key] == nil }
            if !told.isEmpty {
                let more = try await store.lastSendings(
                    to: told, on: entry.key, since: since, chunksMax: Self.answeredChunksMax)
                sendings.merge(more) { first, _ in first }
            }
        }
        return zip(replies, owners).map { reply, owner in
            let answered = AnsweredSending(
                owner, accessNumber: reply.accessNumber,
                sendings: PhoneNumber(reply.mobile).flatMap { sendings[$0] } ?? [])
            return OwnedReply(
                account: answered.account, reply: reply, accessExtension: answered.customerExtension,
                answered: answered.message)
        }
    }
}

/// That something was left undone, until the note is taken.
final class DirtyFlag: Sendable {
    private let areThere = Atomic<Bool>(false)

    func note() { areThere.store(true, ordering: .relaxed) }

    /// - Returns: whether there was a note.
    func take() -> Bool { areThere.exchange(false, ordering: .relaxed) }
}
