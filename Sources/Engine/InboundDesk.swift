import Logging
public import Messaging
import Store
import Synchronization

/// Where everything that carriers hand us comes in: stored raw first, then read, then applied.
public struct InboundDesk: Sendable {
    /// A reply whose access number several accounts share belongs to who last sent within this time.
    static let lastSenderWindow: Int64 = 72 * 3_600_000

    let store: Store
    let accounts: AccountStore
    let billing: Billing
    let counters: EngineCounters
    let clock: Clock
    let logger: Logger
    /// Whether bodies were stored that could not be applied then.
    let leftovers = Leftovers()
    /// Takes messages that are to be tried on another channel.
    let requeue: @Sendable ([CommittedPart]) -> Void

    /// Stores a raw body; when this returns it is durable and may be acknowledged.
    /// - Parameter refusal: why nothing in it may be applied: it is kept for the operator only.
    public func keep(
        _ body: [UInt8], of kind: InboundKind, from entry: ChannelEntry, refusal: String? = nil
    ) async throws(StoreFailure) -> InboundBody {
        let id = try await store.keep(body, of: kind, from: entry.number, at: clock.now(), failure: refusal)
        return InboundBody(id: id, channel: entry.number, kind: kind, body: body)
    }

    /// Reads and applies a stored body, once, however often it is handed in.
    /// - Returns: what was in it; nil when its dialect cannot read it: it stays stored for the operator.
    /// - Throws: when it cannot be applied now; it will be, as soon as the database takes writes.
    @discardableResult
    public func process(_ inbound: InboundBody, from entry: ChannelEntry) async throws(StoreFailure) -> InboundItems? {
        try await work(inbound, from: entry)?.items
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
            leftovers.note()
            throw error
        }
    }

    private func apply(
        _ inbound: InboundBody, from entry: ChannelEntry
    ) async throws(StoreFailure) -> (items: InboundItems, outcome: InboundOutcome)? {
        let items: InboundItems
        do {
            items = try entry.link.decode(inbound.kind, inbound.body)
        } catch {
            logger.error(
                "a carrier's body cannot be read; it is kept",
                metadata: ["channel": "\(entry.channel.name)", "inbound": "\(inbound.id)", "reason": "\(error.reason)"])
            try await store.markUnreadable(inbound.id, because: error.reason)
            return nil
        }
        let number = entry.channel.accessNumber
        let replies = try await owned(items.replies.map { $0.reached(over: number) }, from: entry)
        let outcome = try await store.apply(
            reports: items.reports, replies: replies, of: inbound.id, from: entry.number, at: clock.now())
        if outcome.wasGone { return (items, outcome) }
        await note(outcome, items: items)
        if outcome.parked > 0 {
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

    /// Finds the owners of replies.
    /// - Parameter asksSenders: whether who last sent to a handset counts too, which costs a look at many messages.
    func owned(
        _ replies: [CarrierReply], from entry: ChannelEntry, asksSenders: Bool = true
    ) async throws(StoreFailure) -> [OwnedReply] {
        guard !replies.isEmpty else { return [] }
        let parties = accounts.directory.entries.map {
            (number: $0.number, accessExtension: $0.account.accessExtension)
        }
        let owners = replies.map { reply in
            ReplyOwner.find(
                accessNumber: reply.accessNumber, channelNumber: entry.channel.accessNumber, accounts: parties)
        }
        var open = Set<PhoneNumber>()
        for (reply, owner) in zip(replies, owners) {
            if case .account = owner { continue }
            if let mobile = PhoneNumber(reply.mobile) { open.insert(mobile) }
        }
        var senders: [PhoneNumber: Int64] = [:]
        if asksSenders, !open.isEmpty {
            let since = clock.now().adding(milliseconds: -Self.lastSenderWindow)
            senders = try await store.lastSenders(to: open, on: entry.number, since: since)
        }
        return zip(replies, owners).map { reply, owner in
            let sender = PhoneNumber(reply.mobile).flatMap { senders[$0] }
            switch owner {
            case .account(let number, let rest):
                return OwnedReply(account: number, reply: reply, accessExtension: rest)
            case .lastSender(let among, let rest):
                let account = sender.flatMap { among.contains($0) ? $0 : nil }
                return OwnedReply(account: account, reply: reply, accessExtension: rest)
            case .nobody:
                return OwnedReply(account: sender, reply: reply, accessExtension: "")
            }
        }
    }
}

/// That something was left undone, until somebody takes the note.
final class Leftovers: Sendable {
    private let areThere = Atomic<Bool>(false)

    func note() { areThere.store(true, ordering: .relaxed) }

    /// - Returns: whether there was a note.
    func take() -> Bool { areThere.exchange(false, ordering: .relaxed) }
}
