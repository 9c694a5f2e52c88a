public import Messaging
import Store

/// What can be done about messages that are scheduled for later.
public struct ScheduledMessages: Sendable {
    let store: Store
    let inbound: InboundProcessor
    let clock: Clock

    /// What cancelling came to.
    public struct Cancelled: Sendable {
        /// Messages that became final as DELETED.
        public var cancelled = 0
        /// What was not cancelled, and why not.
        public var refused: [(id: MessageID, reason: String)] = []
        /// Other messages of the same requests that were not scheduled, and are as they were.
        public var left = 0
    }

    /// Takes messages out that are scheduled still, in one transaction; what they cost goes back, whatever the
    /// account's refund rule.
    /// - Parameter allOfRequest: with each message all of its request that is scheduled still.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func cancel(
        _ ids: [MessageID], allOfRequest: Bool, reason: String
    ) async throws(StoreFailure) -> Cancelled {
        let outcome = try await store.cancelScheduled(
            ids, allOfRequest: allOfRequest, reason: reason, at: clock.now())
        await inbound.apply(outcome.effects)
        return Cancelled(cancelled: outcome.cancelled, refused: outcome.refused, left: outcome.left)
    }
}
