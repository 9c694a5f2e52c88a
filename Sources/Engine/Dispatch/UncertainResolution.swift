import Logging
public import Messaging
import Store

/// What can be done about calls of which it is not known whether the carrier has them.
public struct UncertainResolution: Sendable {
    let store: Store
    let inbound: InboundProcessor
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
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func list(
        channel: ChannelEntry?, account: AccountEntry?, from cursor: UncertainCursor, limit: Int
    ) async throws(StoreFailure) -> (messages: [UncertainMessage], next: UncertainCursor?) {
        try await store.uncertainMessages(
            channel: channel?.key, account: account?.key, from: cursor, limit: limit)
    }

    /// What settling by hand came to.
    public struct Resolved: Sendable {
        /// Messages that were settled.
        public var settled = 0
        /// What was not settled, and why not.
        public var refused: [(id: MessageID, reason: String)] = []
    }

    /// Settles these messages, if they are uncertain.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func resolve(
        _ ids: [MessageID], as settlement: HandSettlement, reason: String
    ) async throws(StoreFailure) -> Resolved {
        let outcome = try await store.settleByHand(ids, as: settlement, reason: reason, at: clock.now())
        await inbound.apply(outcome.effects)
        return Resolved(settled: outcome.settled, refused: outcome.refused)
    }

    /// Settles some of a channel's uncertain messages; those that become uncertain after the first call are left alone.
    /// - Parameter cursor: nil at first, then what the call before returned.
    /// - Returns: where to go on; nil at the end.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func resolveAll(
        of channel: ChannelEntry, as settlement: HandSettlement, reason: String, from cursor: UncertainCursor?
    ) async throws(StoreFailure) -> (outcome: Resolved, next: UncertainCursor?) {
        var start = cursor ?? .start
        if cursor == nil { start.through = try await store.newestAttempt() }
        let (messages, next) = try await list(
            channel: channel, account: nil, from: start, limit: Self.messagesPerCommit)
        if messages.isEmpty { return (Resolved(), next) }
        return (try await resolve(messages.map(\.id), as: settlement, reason: reason), next)
    }

    /// One round of the review: attempts all of whose messages have their end are settled, and the rule of channels
    /// that send again is carried out.
    /// - Parameters:
    ///   - attempt: the last one that the round before looked at; 0 to begin with the first.
    ///   - mayResend: whether the time that has passed can be believed.
    /// - Returns: the same for the next round.
    func review(after attempt: AttemptID, mayResend: Bool = true) async throws(StoreFailure) -> AttemptID {
        let now = clock.now()
        var resendBefore: [ChannelKey: Timestamp] = [:]
        for entry in await channels.all where mayResend && entry.channel.uncertainRule == .resend {
            resendBefore[entry.key] = now.adding(milliseconds: -entry.channel.uncertainAfter)
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
    private func resend(_ attempts: [AttemptID], at now: Timestamp) async throws(StoreFailure) {
        var count = 0
        var hasMore = true
        while hasMore {
            let (parts, rest) = try await store.resendUncertain(
                attempts, at: now, messagesMax: Self.messagesPerCommit)
            if !parts.isEmpty { dispatcher.enqueueDue(parts) }
            count += parts.reduce(0) { $0 + $1.messages.count }
            hasMore = rest
        }
        logger.warning(
            "uncertain messages are queued again, as their channel's rule says", metadata: ["messages": "\(count)"])
    }
}
