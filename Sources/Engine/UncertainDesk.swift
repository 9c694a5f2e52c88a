import Logging
public import Messaging
import Store

/// What can be done about calls of which nobody knows whether the carrier has them.
public struct UncertainDesk: Sendable {
    let store: Store
    let desk: InboundDesk
    let dispatcher: Dispatcher
    let channels: ChannelStore
    let clock: Clock
    let logger: Logger

    /// Attempts that one step of the review looks at, and steps of one round: a carrier's outage may have left
    /// hundreds of thousands.
    private static let attemptsPerStep = 200
    private static let stepsPerRound = 20
    private static let messagesPerCommit = 500
    /// Attempts that are settled in one commit, each after a look at all of its messages.
    private static let closedPerCommit = 20

    /// Uncertain messages. A page may be short, or empty, and yet not be the last.
    /// - Returns: a page, and where to go on; nil at the end.
    public func list(
        channel: ChannelEntry?, account: AccountEntry?, from cursor: UncertainCursor, limit: Int
    ) async throws(StoreFailure) -> (messages: [UncertainMessage], next: UncertainCursor?) {
        try await store.uncertainMessages(
            channel: channel?.number, account: account?.number, from: cursor, limit: limit)
    }

    /// What settling by hand came to.
    public struct Settled: Sendable {
        public var settled = 0
        /// What was not settled, and why not.
        public var refused: [(id: MessageID, reason: String)] = []
    }

    /// Settles these messages, if they are uncertain.
    public func settle(
        _ ids: [MessageID], as settlement: HandSettlement, reason: String
    ) async throws(StoreFailure) -> Settled {
        let outcome = try await store.settleByHand(ids, as: settlement, reason: reason, at: clock.now())
        await desk.apply(outcome.effects)
        enqueue(outcome.queued)
        return Settled(settled: outcome.settled, refused: outcome.refused)
    }

    /// Settles some of a channel's uncertain messages; those that become uncertain after the first call are left alone.
    /// - Parameter cursor: nil at first, then what the call before returned.
    /// - Returns: where to go on; nil at the end.
    public func settleAll(
        of channel: ChannelEntry, as settlement: HandSettlement, reason: String, from cursor: UncertainCursor?
    ) async throws(StoreFailure) -> (outcome: Settled, next: UncertainCursor?) {
        var start = cursor ?? .start
        if cursor == nil { start.through = try await store.newestAttempt() }
        let (messages, next) = try await list(
            channel: channel, account: nil, from: start, limit: Self.messagesPerCommit)
        if messages.isEmpty { return (Settled(), next) }
        return (try await settle(messages.map(\.id), as: settlement, reason: reason), next)
    }

    /// One round of the review: attempts all of whose messages have their end are settled, and the rule of channels
    /// that send again is carried out.
    /// - Parameters:
    ///   - attempt: the last one that the round before looked at; 0 to begin with the first.
    ///   - mayResend: whether the time that has passed can be believed.
    /// - Returns: the same for the next round.
    func review(after attempt: Int64, mayResend: Bool = true) async throws(StoreFailure) -> Int64 {
        let now = clock.now()
        var resendBefore: [Int64: Timestamp] = [:]
        for entry in await channels.all where mayResend && entry.channel.uncertainRule == .resend {
            resendBefore[entry.number] = now.adding(milliseconds: -entry.channel.uncertainAfter)
        }
        var last = attempt
        for _ in 0..<Self.stepsPerRound {
            let review = try await store.reviewUncertain(
                after: last, limit: Self.attemptsPerStep, resendBefore: resendBefore, at: now)
            for start in stride(from: 0, to: review.closed.count, by: Self.closedPerCommit) {
                let some = review.closed[start..<min(start + Self.closedPerCommit, review.closed.count)]
                try await store.closeUncertain(Array(some), at: now)
            }
            if !review.due.isEmpty { try await resend(review.due, at: now) }
            guard let next = review.last else { return 0 }
            last = next
        }
        return last
    }

    /// Some messages in a commit, so that submissions get their turn between.
    private func resend(_ attempts: [Int64], at now: Timestamp) async throws(StoreFailure) {
        var count = 0
        var hasMore = true
        while hasMore {
            let (parts, rest) = try await store.resendUncertain(
                attempts, at: now, messagesMax: Self.messagesPerCommit)
            enqueue(parts)
            count += parts.reduce(0) { $0 + $1.messages.count }
            hasMore = rest
        }
        logger.warning(
            "uncertain messages are queued again, as their channel's rule says", metadata: ["messages": "\(count)"])
    }

    private func enqueue(_ parts: [CommittedPart]) {
        if !parts.isEmpty { dispatcher.enqueueDue(parts) }
    }
}
