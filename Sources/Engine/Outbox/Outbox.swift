public import Messaging
import Store

/// What waits for customers to be collected. Collecting consumes: what was handed out once is not handed out again, in
/// whichever dialect. Of a kind that an account has pushed there is nothing to collect.
public struct Outbox: Sendable {
    let store: Store
    let counters: EngineCounters
    let clock: Clock
    /// How long a customer waits for the disk.
    let waitMax: Duration

    /// The oldest reports of an account, at most `limit`; durable as collected when this returns. None: nothing waits.
    /// - Throws: `busy` when the disk has not answered in time, and nothing was collected; else `unavailable`,
    ///   `damaged` or `closed`.
    public func collectReports(
        for entry: AccountEntry, limit: Int, grain: ReportGrain = .segment
    ) async throws(StoreFailure) -> [CustomerReport] {
        if entry.account.push.url(of: .reports) != nil { return [] }
        let reports = try await store.collectReports(
            for: entry.key, limit: limit, at: clock.now(), grain: grain, within: waitMax)
        counters.collected(reports.count)
        return reports
    }

    /// The oldest replies of an account, at most `limit`; durable as collected when this returns.
    /// - Throws: `busy` when the disk has not answered in time, and nothing was collected; else `unavailable`,
    ///   `damaged` or `closed`.
    public func collectReplies(for entry: AccountEntry, limit: Int) async throws(StoreFailure) -> [CustomerReply] {
        if entry.account.push.url(of: .replies) != nil { return [] }
        let replies = try await store.collectReplies(for: entry.key, limit: limit, at: clock.now(), within: waitMax)
        counters.collected(replies.count)
        return replies
    }

    /// The oldest replies of an account, at most `limit`, which stay until they are confirmed.
    /// - Throws: `busy` when the disk has not answered in time; else `unavailable`, `damaged` or `closed`.
    public func queryReplies(for entry: AccountEntry, limit: Int) async throws(StoreFailure) -> [CustomerReply] {
        if entry.account.push.url(of: .replies) != nil { return [] }
        return try await store.queryReplies(for: entry.key, limit: limit, within: waitMax)
    }

    /// Collects an account's replies up to this one; durable when this returns.
    /// - Throws: `busy` when the disk has not answered in time, and nothing was confirmed; else `unavailable`,
    ///   `damaged` or `closed`.
    public func confirmReplies(for entry: AccountEntry, through last: MessageID) async throws(StoreFailure) {
        if entry.account.push.url(of: .replies) != nil { return }
        counters.collected(
            try await store.confirmReplies(for: entry.key, through: last, at: clock.now(), within: waitMax))
    }
}
