import Messaging
import Store
import Testing

/// Requests with their figures, and the money that was booked for them.
struct BatchTests {
    private let world: World
    private let account: AccountKey
    private let channel: ChannelKey

    init() async throws {
        world = try World()
        account = try await world.account(refund: .failed)
        channel = try await world.channel()
    }

    private var scope: AccountScope { AccountScope([account]) }

    private func batches(_ change: (inout BatchSearch) -> Void = { _ in }) async throws -> [Batch] {
        var search = BatchSearch(scope: scope)
        change(&search)
        return try await world.store.batches(search).items
    }

    /// A request of two texts with five recipients: one invalid, one kept back; one delivered, one failed, one open.
    private func personalised() async throws -> Batch {
        var second = World.part(account, ["13800138002", "13800138003"], segments: 3, content: "第二")
        second.blocked = [1: .blacklist]
        _ = try await world.accept(
            World.part(account, ["13800138000", "13800138001", "13"], content: "第一"), second)
        try await world.submit(channel, [1, 2, 4], carrierID: 500)
        try await world.apply(
            [World.report(id: 500), World.report(id: 501, mobile: "13800138001", "UNDELIV")], from: channel,
            at: World.noon.adding(milliseconds: 4000))
        return try #require(try await batches().first)
    }

    @Test func `a request is counted over all of its parts`() async throws {
        let batch = try await personalised()
        #expect((batch.id.rawValue, batch.parts, batch.recipients, batch.content) == (1, 2, 5, "第一"))
        #expect(batch.counts == [.delivered: 1, .failed: 3, .awaitingReport: 1])
        #expect((batch.delivered, batch.failed, batch.unknown, batch.deliveredFast) == (1, 3, 1, 1))
        #expect(
            batch.failures == [
                FailureCount(code: "MBBLACK", count: 1), FailureCount(code: "REJECTD", count: 1),
                FailureCount(code: "UNDELIV", count: 1),
            ])
    }

    @Test func `its amounts are those of the ledger`() async throws {
        let batch = try await personalised()
        #expect((batch.segments, batch.charged, batch.refunded) == (5, 5 * World.price, World.price))
        let entries = try await world.store.ledgerEntries(ofRequest: batch.id, scope: scope)
        #expect(entries.map(\.kind) == [.charge, .charge, .refund])
        #expect(entries.map(\.amount) == [-2 * World.price, -3 * World.price, World.price])
        #expect(entries.reduce(0) { $0 + $1.amount } == batch.refunded - batch.charged)
        #expect(try await world.balance(account) == World.opening + batch.refunded - batch.charged)
        let total = try await world.store.total(of: scope, days: World.today...World.today)
        #expect((total.charged, total.refunded) == (batch.charged, batch.refunded))
        let ofMessage = try await world.store.ledgerEntries(of: MessageID(rawValue: 2), scope: scope)
        #expect(ofMessage.map(\.amount) == [-2 * World.price, World.price])
    }

    @Test func `requests are listed with the latest first, one row each, in pages`() async throws {
        for index in 0..<7 {
            let at = World.noon.adding(milliseconds: Int64(index) * 1000)
            let parts = (0..<3).map { World.part(account, ["1380013800\($0)"], at: at, content: "第\(index)批\($0)") }
            _ = try await world.accept([AcceptedSubmission(parts: parts)])
        }
        let whole = try await batches().map(\.id.rawValue)
        #expect(whole == [19, 16, 13, 10, 7, 4, 1])
        for budget in [SearchBudget.page, SearchBudget(milliseconds: 0, steps: 1)] {
            var search = BatchSearch(scope: scope)
            (search.limit, search.budget) = (2, budget)
            var paged: [Int64] = []
            repeat {
                let page = try await world.store.batches(search)
                paged += page.items.map(\.id.rawValue)
                search.before = page.next
            } while search.before != nil
            #expect(paged == whole)
        }
        #expect(try await batches { $0.content = "第3批" }.map(\.id.rawValue) == [10])
        #expect(try await batches { $0.recipientsMin = 4 }.isEmpty)
        #expect(
            try await batches {
                $0.from = World.noon.adding(milliseconds: 2000)
                $0.to = World.noon.adding(milliseconds: 4000)
            }.map(\.id.rawValue) == [10, 7])
        #expect(try await batches { $0.scope = AccountScope([]) }.isEmpty)
        #expect(try await world.store.batch(MessageID(rawValue: 12), scope: scope).id.rawValue == 10)
    }

    @Test func `requests of several recipients are found among single ones, in one part or in many`() async throws {
        _ = try await world.send(account)
        _ = try await world.accept(World.part(account, ["13800138000", "13800138001"]))
        _ = try await world.send(account)
        _ = try await world.accept(World.part(account, ["13800138000"]), World.part(account, ["13800138001"]))
        #expect(try await batches { $0.recipientsMin = 2 }.map(\.id.rawValue) == [5, 2])
        #expect(try await batches().map(\.id.rawValue) == [5, 4, 2, 1])
    }

    @Test func `the ledger is listed by account, time and kind, in pages`() async throws {
        let other = try await world.account("OTHER")
        try await world.store.recharge(account: account, amount: 5, note: "转账", at: World.noon)
        for index in 0..<5 {
            let at = World.noon.adding(milliseconds: Int64(index) * 60_000)
            _ = try await world.send(account, at: at)
            _ = try await world.send(other, at: at)
        }
        var search = LedgerSearch(scope: scope)
        search.limit = 3
        var entries: [LedgerEntry] = []
        repeat {
            let page = try await world.store.ledger(search)
            entries += page.items
            search.before = page.next
        } while search.before != nil
        #expect(entries.map(\.kind) == Array(repeating: .charge, count: 5) + [.recharge, .recharge])
        #expect(entries.map(\.id) == entries.map(\.id).sorted(by: >))
        #expect(entries.reduce(0) { $0 + $1.amount } == (try await world.balance(account)))
        var recharges = LedgerSearch(scope: scope)
        recharges.kinds = [.recharge]
        #expect(try await world.store.ledger(recharges).items.map(\.note) == ["转账", "opening balance"])
        var timed = LedgerSearch(scope: .everything)
        timed.kinds = [.charge]
        timed.from = World.noon.adding(milliseconds: 60_000)
        timed.to = World.noon.adding(milliseconds: 180_000)
        #expect(try await world.store.ledger(timed).items.map(\.accountID) == ["OTHER", "J10003", "OTHER", "J10003"])
    }
}
