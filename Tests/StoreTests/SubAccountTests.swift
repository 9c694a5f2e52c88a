import GRDB
import Messaging
import Store
import Testing

/// Who pays for a sub-account's messages, and that every ledger stays exact.
struct SubAccountTests {
    /// A parent and a child of it.
    private func family(_ world: World, shares: Bool) async throws -> (parent: AccountKey, child: AccountKey) {
        let parent = try await world.account("P1")
        var child = Account(id: "C1", price: Money(microYuan: World.price), refundRule: .failed)
        child.parent = parent
        child.sharesBalance = shares
        let stored = try await world.store.insert(child, sealedSecrets: [1, 2], openingBalance: 0, at: World.noon)
        return (parent, stored.key)
    }

    private func part(_ child: AccountKey, payer: AccountKey?, _ mobiles: [String], due: Timestamp? = nil)
        -> AcceptedPart
    {
        var part = World.part(child, mobiles, segments: 2, due: due)
        part.payer = payer
        return part
    }

    @Test func `what is stored of a sub-account is read again`() async throws {
        var world = try World()
        let (parent, key) = try await family(world, shares: true)
        var account = try #require(try await world.store.accounts().first { $0.key == key }).account
        #expect(account.parent == parent && account.sharesBalance && account.spendPerDayMax == 0)
        #expect(account.alert == BalanceAlertSettings())
        account.floorsSubPrices = true
        account.spendPerDayMax = 5
        account.alert = BalanceAlertSettings(
            threshold: 9, numbers: try ["13800138000", "13900139000"].map { try #require(PhoneNumber($0)) },
            webhook: "https://example.com/x", form: .dingtalk, repeatAfter: 600_000)
        try await world.store.update(account, key: key, sealedSecrets: [1])
        try await world.reopen()
        #expect(try await world.store.accounts().first { $0.key == key }?.account == account)
    }

    @Test func `a charge and its refunds move the payer's balance and ledger, and the totals are the sender's`()
        async throws
    {
        let world = try World()
        let (parent, child) = try await family(world, shares: true)
        let channel = try await world.channel()
        let first = try await world.accept(part(child, payer: parent, ["13800138000", "13800138001"]))
            .acceptance.firstID.sequence
        #expect(try await world.balance(parent) == World.opening - 4 * World.price)
        #expect(try await world.balance(child) == 0)
        let attempt = try await world.begin(channel, [first, first + 1])
        let effects = try await world.settle(attempt, .refused(status: .rejected, detail: "no"))
        #expect(effects.refunds == [parent: 4 * World.price])
        #expect(try await world.balance(parent) == World.opening)
        #expect(try await world.balance(child) == 0)
        let days = World.today...World.today
        let total = try await world.store.total(account: child, days: days)
        #expect(total.charged == 4 * World.price && total.refunded == 4 * World.price && total.messages == 2)
        #expect(try await world.store.total(account: parent, days: days).messages == 0)
        // Its reports are the sender's.
        #expect(try await world.collect(child).count == 4)
        #expect(try await world.collect(parent).isEmpty)
        #expect(try world.count("SELECT COUNT(*) FROM ledger WHERE account = ?", [child.rawValue]) == 0)
        #expect(try await world.store.verifyLedger().differences.isEmpty)
    }

    @Test(arguments: [true, false])
    func `a refund goes to who had paid, however the account is paid for by then`(_ sharedBefore: Bool) async throws {
        let world = try World()
        let (parent, child) = try await family(world, shares: sharedBefore)
        try await world.store.recharge(account: child, amount: World.opening, note: nil, at: World.noon)
        let channel = try await world.channel()
        let sequence = try await world.accept(part(child, payer: sharedBefore ? parent : nil, ["13800138000"]))
            .acceptance.firstID.sequence
        var account = try #require(try await world.store.accounts().first { $0.key == child }).account
        account.sharesBalance = !sharedBefore
        try await world.store.update(account, key: child, sealedSecrets: [1])
        try await world.submit(channel, [sequence])
        try await world.apply([World.report("m\(sequence)", "UNDELIV")], from: channel)
        #expect(try await world.timeline(sequence).refunded == 2 * World.price)
        #expect(try await world.balance(parent) == World.opening)
        #expect(try await world.balance(child) == World.opening)
        #expect(try await world.store.verifyLedger(isFull: true).differences.isEmpty)
    }

    @Test func `scheduled messages that are cancelled are paid back to the payer`() async throws {
        let world = try World()
        let (parent, child) = try await family(world, shares: true)
        let due = World.noon.adding(milliseconds: 3_600_000)
        let id = try await world.accept(part(child, payer: parent, ["13800138000"], due: due)).acceptance.firstID
        let outcome = try await world.store.cancelScheduled([id], allOfRequest: true, reason: "", at: World.noon)
        #expect(outcome.effects.refunds == [parent: 2 * World.price])
        #expect(try await world.balance(parent) == World.opening)
        #expect(try await world.store.verifyLedger().differences.isEmpty)
    }

    @Test func `after a crash between charge and refund every balance is the sum of its ledger`() async throws {
        var world = try World()
        let (parent, child) = try await family(world, shares: true)
        let channel = try await world.channel()
        let sequence = try await world.accept(part(child, payer: parent, ["13800138000"])).acceptance.firstID.sequence
        let attempt = try await world.begin(channel, [sequence])
        try world.crash()
        #expect(try await world.store.verifyLedger(isFull: true).differences.isEmpty)
        #expect(try await world.balance(parent) == World.opening - 2 * World.price)
        try await world.settle(attempt, .refused(status: .rejected, detail: "no"))
        try world.crash()
        #expect(try await world.store.verifyLedger(isFull: true).differences.isEmpty)
        #expect(try await world.balance(parent) == World.opening)
    }

    @Test func `a transfer is two entries in one commit`() async throws {
        let world = try World()
        let (parent, child) = try await family(world, shares: false)
        try await world.store.transfer(
            300, from: parent, to: child, notes: (out: "to C1", in: "from P1"), at: World.noon)
        #expect(try await world.balance(parent) == World.opening - 300)
        #expect(try await world.balance(child) == 300)
        #expect(try world.count("SELECT COUNT(*) FROM ledger WHERE amount IN (300, -300) AND note IS NOT NULL") == 2)
        #expect(try await world.store.verifyLedger().differences.isEmpty)
    }

    @Test func `what was charged on a day is what was accepted on it`() async throws {
        let world = try World()
        let (parent, child) = try await family(world, shares: true)
        _ = try await world.accept(part(child, payer: parent, ["13800138000"]))
        #expect(try await world.store.charged(child, on: World.today) == 2 * World.price)
        #expect(try await world.store.charged(child, on: World.today + 1) == 0)
        #expect(try await world.store.charged(parent, on: World.today) == 0)
    }

    @Test func `alerts are read as they were kept, and a notice of an unknown kind is left out`() async throws {
        var world = try World()
        let at = World.noon
        var record = BalanceAlertRecord(
            account: 7, state: BalanceAlertState(lowSince: at, reportedAt: at, isReported: true), answeredAt: at,
            answer: "HTTP 200")
        var pending = BalanceAlertRecord.Pending(kind: .low, balance: -5, threshold: 10, at: at)
        pending.isSMSDone = true
        pending.tries = 3
        pending.nextTryAt = at.adding(milliseconds: 99)
        record.pending = pending
        let other = BalanceAlertRecord(account: 9)
        try await world.store.keep([record, other])
        try await world.store.keep([record])
        try await world.reopen()
        #expect(try await world.store.balanceAlerts() == [record, other])
        try world.sql { try $0.execute(sql: "UPDATE balance_alert SET notice = 'balance_gone'") }
        #expect(try await world.store.balanceAlerts().allSatisfy { $0.pending == nil })
    }
}
