public import Messaging
import Store

/// What is on record: timelines, totals, the ledger. Reads on readers of its own, beside the commits.
public struct Records: Sendable {
    let store: Store
    let clock: Clock

    /// The id that the next message gets.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func nextMessage() async throws(StoreFailure) -> MessageID { try await store.nextMessage() }

    /// What is on record of one message, its entries in the order of their times.
    /// - Throws: `notFound`; `unavailable`, `damaged` or `closed` as any read.
    public func timeline(of id: MessageID) async throws(StoreFailure) -> MessageTimeline {
        try await store.timeline(of: id)
    }

    /// Messages by number, account and day, the latest first.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func list(_ query: RecordQuery) async throws(StoreFailure) -> RecordPage { try await store.records(query) }

    /// Proves that every balance is the sum of its ledger entries; may take long.
    /// - Parameter isFull: reads every entry, those too that were proved before.
    /// - Throws: `busy` while another proof is under way, `closed` when the task is cancelled; `unavailable` or
    ///   `damaged`.
    public func verifyLedger(isFull: Bool = false) async throws(StoreFailure) -> LedgerVerdict {
        try await store.verifyLedger(isFull: isFull)
    }

    /// Sums over all accounts, channels and days.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func grandTotal() async throws(StoreFailure) -> GrandTotal { try await store.grandTotal() }

    /// Messages that a channel's carrier has and that have no final report yet.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func awaitingReports(of entry: ChannelEntry) async throws(StoreFailure) -> Int64 {
        let ever = try await store.total(channel: entry.key, days: 0...Int(Int32.max))
        // Totals of a damaged file may be any: a wrong figure, not the end of the process.
        return max(0, ever.submitted &+ ever.refused &- ever.delivered &- ever.failed)
    }

    /// Of today and of this month, in China.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func totals(of entry: AccountEntry) async throws(StoreFailure) -> (
        today: AccountTotal, month: AccountTotal
    ) {
        let day = clock.now().chinaDay
        let today = try await store.total(account: entry.key, days: day...day)
        return (today, try await store.total(account: entry.key, days: Self.month(of: day)))
    }

    /// Of today and of this month, in China.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func totals(of entry: ChannelEntry) async throws(StoreFailure) -> (
        today: ChannelTotal, month: ChannelTotal
    ) {
        let day = clock.now().chinaDay
        let today = try await store.total(channel: entry.key, days: day...day)
        return (today, try await store.total(channel: entry.key, days: Self.month(of: day)))
    }

    /// Messages of a channel by the day of their attempt, in China as yyyymmdd, both ends included.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func total(of entry: ChannelEntry, days: ClosedRange<Int>) async throws(StoreFailure) -> ChannelTotal {
        try await store.total(channel: entry.key, days: days)
    }

    private static func month(of day: Int) -> ClosedRange<Int> { (day / 100 * 100 + 1)...(day / 100 * 100 + 31) }
}
