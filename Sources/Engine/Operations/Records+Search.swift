public import Messaging
import Secrets
import Store

// What customers' pages show. Every query takes the accounts that its user may read.
extension Records {
    /// Messages that meet all conditions, the latest first, as far as the budget reaches.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func search(
        _ search: MessageSearch
    ) async throws(StoreFailure) -> SearchPage<MessageRecord, MessageSequence> {
        try await store.search(search)
    }

    /// Messages by their ids, in the same order, without those outside of the scope.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func records(of ids: [MessageID], scope: AccountScope) async throws(StoreFailure) -> [MessageRecord] {
        try await store.records(of: ids, scope: scope)
    }

    /// What is on record of one message.
    /// - Throws: `notFound`, also for a message outside of the scope; `unavailable`, `damaged` or `closed`.
    public func timeline(of id: MessageID, scope: AccountScope) async throws(StoreFailure) -> MessageTimeline {
        try await store.timeline(of: id, scope: scope)
    }

    /// Requests with what became of their messages, the latest first, as far as the budget reaches.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func batches(_ search: BatchSearch) async throws(StoreFailure) -> SearchPage<Batch, MessageSequence> {
        try await store.batches(search)
    }

    /// One request, by any of its messages.
    /// - Throws: `notFound`, also for a request outside of the scope; `unavailable`, `damaged` or `closed`.
    public func batch(_ id: MessageID, scope: AccountScope) async throws(StoreFailure) -> Batch {
        try await store.batch(id, scope: scope)
    }

    /// Replies that meet all conditions, the latest to arrive first, as far as the budget reaches.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func replies(_ search: ReplySearch) async throws(StoreFailure) -> SearchPage<ReplyRecord, OutboxEntryID> {
        try await store.replies(search)
    }

    /// The latest that was sent to a number and came from it.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func timeline(
        of mobile: PhoneNumber, scope: AccountScope, before: MessageSequence? = nil,
        beforeReply: OutboxEntryID? = nil, limit: Int = 50
    ) async throws(StoreFailure) -> NumberTimeline {
        var messages = MessageSearch(scope: scope)
        (messages.mobile, messages.before, messages.limit) = (mobile, before, limit)
        var replies = ReplySearch(scope: scope)
        (replies.mobile, replies.before, replies.limit) = (mobile, beforeReply, limit)
        return NumberTimeline(messages: try await store.search(messages), replies: try await store.replies(replies))
    }

    // MARK: Bills

    /// Movements of balances, the latest first, as far as the budget reaches.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func ledger(_ search: LedgerSearch) async throws(StoreFailure) -> SearchPage<LedgerEntry, LedgerEntryID> {
        try await store.ledger(search)
    }

    /// What was booked for a request: its charges and what was paid back of its messages.
    /// - Throws: `notFound`, also for a request outside of the scope; `unavailable`, `damaged` or `closed`.
    public func ledgerEntries(
        ofRequest id: MessageID, scope: AccountScope, limit: Int = 1000
    ) async throws(StoreFailure) -> [LedgerEntry] {
        try await store.ledgerEntries(ofRequest: id, scope: scope, limit: limit)
    }

    /// What was booked for a message: the charge of its part of the request and what was paid back of the message.
    /// - Throws: `notFound`, also for a message outside of the scope; `unavailable`, `damaged` or `closed`.
    public func ledgerEntries(of id: MessageID, scope: AccountScope) async throws(StoreFailure) -> [LedgerEntry] {
        try await store.ledgerEntries(of: id, scope: scope)
    }

    /// The figures of each account and day of acceptance, the latest day first, at most `limit` rows.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func dailyTotals(
        of scope: AccountScope, days: ClosedRange<Int>, limit: Int = 10_000
    ) async throws(StoreFailure) -> [DailyTotal] {
        try await store.dailyTotals(of: scope, days: days, limit: limit)
    }

    /// The sum of all accounts of a scope over some days of acceptance.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func total(of scope: AccountScope, days: ClosedRange<Int>) async throws(StoreFailure) -> AccountTotal {
        try await store.total(of: scope, days: days)
    }

    /// Failed messages of some days by the code of their status, the most frequent first.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func failures(
        of scope: AccountScope, days: ClosedRange<Int>, limit: Int = 20
    ) async throws(StoreFailure) -> [FailureCount] {
        try await store.failures(of: scope, days: days, limit: limit)
    }

    /// The last days up to today, the earliest first, each with the sum of the scope's accounts; days without messages
    /// are all 0.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func course(
        of scope: AccountScope, days count: Int = 30
    ) async throws(StoreFailure) -> [(day: Int, total: AccountTotal)] {
        let days = Self.days(before: clock.now(), count: count, includingToday: true)
        guard let first = days.first, let last = days.last else { return [] }
        var totals = Dictionary(uniqueKeysWithValues: days.map { ($0, AccountTotal()) })
        for row in try await store.dailyTotals(of: scope, days: first...last, limit: .max) {
            totals[row.day]?.add(row.total)
        }
        return days.map { ($0, totals[$0] ?? AccountTotal()) }
    }

    /// For how long a balance lasts at the pace of the last seven whole days.
    /// - Parameter balance: what may be spent, credit included, in the charge unit.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func outlook(
        balance: Int64, of scope: AccountScope
    ) async throws(StoreFailure) -> BalanceOutlook {
        let days = Self.days(before: clock.now(), count: BalanceOutlook.spanDays, includingToday: false)
        guard let first = days.first, let last = days.last else { return BalanceOutlook(balance: balance, spent: 0) }
        let total = try await store.total(of: scope, days: first...last)
        return BalanceOutlook(balance: balance, spent: total.net)
    }

    /// Days in China as yyyymmdd, the earliest first.
    static func days(before now: Timestamp, count: Int, includingToday: Bool) -> [Int] {
        let last = includingToday ? 0 : 1
        return (last..<(last + max(0, count))).reversed().map {
            now.adding(milliseconds: -Int64($0) * 86_400_000).chinaDay
        }
    }

    // MARK: Everything that a search finds

    /// All messages that meet the conditions, a page at a time: memory does not grow with them. What is accepted after
    /// the first page is not among them.
    public func all(_ search: MessageSearch) -> SearchSequence<MessageRecord, MessageSequence> {
        SearchSequence { [store] place async throws(StoreFailure) in
            var search = search
            (search.before, search.limit, search.budget) = (place ?? search.before, Self.pageOfAll, .background)
            return try await store.search(search)
        }
    }

    /// All requests that meet the conditions, a page at a time.
    public func all(_ search: BatchSearch) -> SearchSequence<Batch, MessageSequence> {
        SearchSequence { [store] place async throws(StoreFailure) in
            var search = search
            (search.before, search.limit, search.budget) = (place ?? search.before, Self.pageOfAll, .background)
            return try await store.batches(search)
        }
    }

    /// All replies that meet the conditions, a page at a time.
    public func all(_ search: ReplySearch) -> SearchSequence<ReplyRecord, OutboxEntryID> {
        SearchSequence { [store] place async throws(StoreFailure) in
            var search = search
            (search.before, search.limit, search.budget) = (place ?? search.before, Self.pageOfAll, .background)
            return try await store.replies(search)
        }
    }

    /// All movements of balances that meet the conditions, a page at a time.
    public func all(_ search: LedgerSearch) -> SearchSequence<LedgerEntry, LedgerEntryID> {
        SearchSequence { [store] place async throws(StoreFailure) in
            var search = search
            (search.before, search.limit, search.budget) = (place ?? search.before, Self.pageOfAll, .background)
            return try await store.ledger(search)
        }
    }

    private static let pageOfAll = 1000

    // MARK: Saved queries

    /// The longest text of a saved query, in bytes.
    public static let savedQueryBytesMax = 4096
    private static let savedFor: Int64 = 24 * 3_600_000

    /// Keeps the text of a query for 24 hours.
    /// - Parameter owner: who may read it.
    /// - Returns: its id, 32 hexadecimal digits of randomness.
    /// - Throws: `unavailable` when the text is longer than `savedQueryBytesMax`, without randomness, and with
    ///   `damaged` when disk or file fail; `closed` when the service is ended.
    public func save(query body: String, owner: String) async throws(StoreFailure) -> String {
        guard body.utf8.count <= Self.savedQueryBytesMax else {
            throw .limitReached("a saved query has at most \(Self.savedQueryBytesMax) bytes")
        }
        guard let bytes = try? SecureRandom.bytes(16) else { throw .unavailable("there is no randomness") }
        let digits = Array("0123456789abcdef".utf8)
        let id = String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
        let now = clock.now()
        try await store.saveQuery(
            body, id: id, owner: owner, until: now.adding(milliseconds: Self.savedFor), at: now)
        return id
    }

    /// The text of a query that `owner` saved within 24 hours; nil: there is none.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func savedQuery(_ id: String, owner: String) async throws(StoreFailure) -> String? {
        try await store.savedQuery(id, owner: owner, at: clock.now())
    }
}

/// Everything that a search finds, in pages of one after the other. Never an empty page.
public struct SearchSequence<Item: Sendable, Place: Hashable & Sendable>: AsyncSequence, Sendable {
    /// The page that ends before a place; nil: the first.
    public typealias Fetch = @Sendable (Place?) async throws(StoreFailure) -> SearchPage<Item, Place>
    private let fetch: Fetch

    /// - Parameter fetch: asked once for each page.
    public init(fetch: @escaping Fetch) {
        self.fetch = fetch
    }

    /// Starts with the first page.
    public func makeAsyncIterator() -> Iterator { Iterator(fetch: fetch) }

    /// A place in the sequence.
    public struct Iterator: AsyncIteratorProtocol, Sendable {
        fileprivate let fetch: Fetch
        private var place: Place?
        private var isOver = false

        fileprivate init(fetch: @escaping Fetch) {
            self.fetch = fetch
        }

        /// The next page; nil after the last.
        /// - Throws: `StoreFailure`, `closed` when the task is cancelled.
        public mutating func next() async throws -> [Item]? {
            while !isOver {
                if Task.isCancelled { throw StoreFailure.closed }
                let page = try await fetch(place)
                place = page.next
                isOver = page.next == nil
                if !page.items.isEmpty { return page.items }
            }
            return nil
        }
    }
}
