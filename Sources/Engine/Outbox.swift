public import Messaging
import Store

/// What waits for customers to be collected. Collecting consumes: what was handed out once is not handed out again. Of
/// a kind that an account has pushed there is nothing to collect.
public struct Outbox: Sendable {
    let store: Store
    let counters: EngineCounters
    let clock: Clock

    /// The oldest reports of an account, at most `limit`; durable as collected when this returns.
    public func collectReports(for entry: AccountEntry, limit: Int) async throws(StoreFailure) -> [CustomerReport] {
        if entry.account.push.url(of: .reports) != nil { return [] }
        let reports = try await store.collectReports(for: entry.number, limit: limit, at: clock.now())
        counters.collected(reports.count)
        return reports
    }

    /// The oldest replies of an account, at most `limit`; durable as collected when this returns.
    public func collectReplies(for entry: AccountEntry, limit: Int) async throws(StoreFailure) -> [CustomerReply] {
        if entry.account.push.url(of: .replies) != nil { return [] }
        let replies = try await store.collectReplies(for: entry.number, limit: limit, at: clock.now())
        counters.collected(replies.count)
        return replies
    }
}
