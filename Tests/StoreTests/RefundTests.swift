import Messaging
import Store
import Testing

struct RefundTests {
    /// What each rule gives back of a message of two segments.
    struct Case: Sendable, CustomTestStringConvertible {
        var rule: Account.RefundRule
        var refused: Bool
        var undelivered: Bool
        var testDescription: String { rule.rawValue }
    }

    static let cases = [
        Case(rule: .never, refused: false, undelivered: false),
        Case(rule: .refused, refused: true, undelivered: false),
        Case(rule: .failed, refused: true, undelivered: true),
    ]

    static let cost = 2 * World.price

    private func expectRefund(_ isDue: Bool, _ world: World, _ account: AccountKey, _ effects: Effects) async throws {
        let amount = isDue ? Self.cost : 0
        #expect(effects.refunds == (isDue ? [account: Self.cost] : [:]))
        #expect(effects.finals == 1)
        #expect(try await world.balance(account) == World.opening - Self.cost + amount)
        let total = try await world.store.total(account: account, days: World.today...World.today)
        #expect(total.refunded == amount)
        #expect(total.failed == 1)
        #expect(try await world.timeline(1).refunded == amount)
        #expect(try await world.store.verifyLedger().differences.isEmpty)
    }

    @Test(arguments: cases) func `refused by the carrier`(_ given: Case) async throws {
        let world = try World()
        let account = try await world.account(refund: given.rule)
        let channel = try await world.channel()
        let attempt = try await world.begin(channel, [try await world.send(account, segments: 2)])
        let effects = try await world.settle(attempt, .refused(status: .rejected, detail: "code -100004"))
        try await expectRefund(given.refused, world, account, effects)
        #expect(try await world.collect(account).map(\.status) == [.rejected, .rejected])
        #expect(try await world.timeline(1).state == .failed)
        #expect(try await world.store.total(channel: channel, days: World.today...World.today).refused == 1)
    }

    @Test(arguments: cases) func `no route`(_ given: Case) async throws {
        let world = try World()
        let account = try await world.account(refund: given.rule)
        let sequence = try await world.send(account, segments: 2)
        let effects = try await world.store.fail([sequence], with: .noRoute, at: World.noon)
        try await expectRefund(given.refused, world, account, effects)
        #expect(try await world.collect(account).map(\.status) == [.noRoute, .noRoute])
        // A second time changes nothing.
        #expect(try await world.store.fail([sequence], with: .noRoute, at: World.noon) == Effects())
        #expect(try await world.collect(account).isEmpty)
    }

    @Test(arguments: cases) func `reported as not delivered`(_ given: Case) async throws {
        let world = try World()
        let account = try await world.account(refund: given.rule)
        let channel = try await world.channel()
        let sequence = try await world.send(account, segments: 2)
        try await world.submit(channel, [sequence])
        let effects = try await world.apply([World.report("m\(sequence)", "MK:0001")], from: channel).effects
        try await expectRefund(given.undelivered, world, account, effects)
        #expect(try await world.store.total(channel: channel, days: World.today...World.today).failed == 1)
    }

    @Test(arguments: cases) func `expired`(_ given: Case) async throws {
        let world = try World()
        let account = try await world.account(refund: given.rule)
        let channel = try await world.channel()
        try await world.submit(channel, [try await world.send(account, segments: 2)])
        let later = World.noon.adding(milliseconds: 1)
        let (effects, more) = try await world.store.expire(begunBefore: later, at: later)
        #expect(!more)
        try await expectRefund(given.undelivered, world, account, effects)
    }

    @Test(arguments: Account.RefundRule.allCases)
    func `a delivered message is never given back`(_ rule: Account.RefundRule) async throws {
        let world = try World()
        let account = try await world.account(refund: rule)
        let channel = try await world.channel()
        let sequence = try await world.send(account, segments: 2)
        try await world.submit(channel, [sequence])
        let effects = try await world.apply([World.report("m\(sequence)")], from: channel).effects
        #expect(effects.refunds.isEmpty)
        #expect(try await world.balance(account) == World.opening - Self.cost)
    }

    @Test func `only the segments that failed are given back, and the timeline says so at once`() async throws {
        let world = try World()
        let account = try await world.account(refund: .failed)
        let channel = try await world.channel()
        let sequence = try await world.send(account, segments: 3)
        try await world.submit(channel, [sequence])
        try await world.apply(
            [World.report("m\(sequence)", segment: 2, of: 3, "UNDELIV")], from: channel)
        #expect(try await world.balance(account) == World.opening - 2 * World.price)
        #expect(try await world.timeline(sequence).refunded == World.price)
        try await world.apply(
            [
                World.report("m\(sequence)", segment: 1, of: 3), World.report("m\(sequence)", segment: 3, of: 3),
                World.report("m\(sequence)", segment: 2, of: 3, "UNDELIV"),
            ], from: channel)
        #expect(try await world.balance(account) == World.opening - 2 * World.price)
        #expect(try await world.timeline(sequence).refunded == World.price)
        #expect(try await world.timeline(sequence).state == .failed)
    }

    @Test func `a rule that is changed holds for what fails afterwards`() async throws {
        let world = try World()
        let number = try await world.account(refund: .never)
        let channel = try await world.channel()
        let first = try await world.send(number, ["13800138000", "13800138001"])
        try await world.submit(channel, [first, first + 1])
        try await world.apply([World.report("m\(first)", "UNDELIV")], from: channel)
        var account = try await world.store.accounts()[0].account
        account.refundRule = .failed
        try await world.store.update(account, key: number, sealedSecrets: [])
        try await world.apply(
            [World.report("m\(first + 1)", mobile: "13800138001", "UNDELIV")], from: channel)
        #expect(try await world.balance(number) == World.opening - World.price)
    }

    @Test func `an account that pays nothing gets nothing back`() async throws {
        let world = try World()
        let account = try await world.account(refund: .failed, balance: 0)
        let sequence = try await world.send(account, cost: 0)
        #expect(try await world.store.fail([sequence], with: .noRoute, at: World.noon).refunds.isEmpty)
        #expect(try await world.store.verifyLedger().entries == 0)
    }

    @Test func `segments are given back to an account that is charged by count`() async throws {
        let world = try World()
        let account = try await world.account(refund: .refused, unit: .count, balance: 10)
        let sequence = try await world.send(account, segments: 4, cost: 1)
        #expect(try await world.balance(account) == 6)
        #expect(try await world.store.fail([sequence], with: .noRoute, at: World.noon).refunds == [account: 4])
        #expect(try await world.balance(account) == 10)
    }
}
