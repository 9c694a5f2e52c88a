import Logging
public import Messaging
import Store

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
    /// Takes messages that are to be tried on another channel.
    let requeue: @Sendable ([CommittedPart]) -> Void

    /// Stores a raw body; when this returns it is durable and may be acknowledged.
    public func keep(
        _ body: [UInt8], of kind: InboundKind, from entry: ChannelEntry
    ) async throws(StoreFailure) -> InboundBody {
        let id = try await store.keep(body, of: kind, from: entry.number, at: clock.now())
        return InboundBody(id: id, channel: entry.number, kind: kind, body: body)
    }

    /// Keeps a stored body for the operator instead of applying it.
    public func refuse(_ inbound: InboundBody, because reason: String) async throws(StoreFailure) {
        try await store.markUnreadable(inbound.id, because: reason)
    }

    /// Reads and applies a stored body.
    /// - Returns: what was in it; nil when its dialect cannot read it: it stays stored for the operator.
    @discardableResult
    public func process(_ inbound: InboundBody, from entry: ChannelEntry) async throws(StoreFailure) -> InboundItems? {
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
        let replies = try await owned(items.replies, from: entry)
        let outcome = try await store.apply(
            reports: items.reports, replies: replies, of: inbound.id, from: entry.number, at: clock.now())
        await note(outcome, items: items)
        if outcome.parked > 0 {
            logger.warning(
                "reports or replies match nothing and are parked",
                metadata: ["channel": "\(entry.channel.name)", "count": "\(outcome.parked)"])
        }
        return items
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

    private func owned(
        _ replies: [CarrierReply], from entry: ChannelEntry
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
        if !open.isEmpty {
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
