import Messaging
import Testing

@testable import Engine

/// Accounts below accounts, in a running engine.
struct SubAccountTests {
    private static let day: Int64 = 86_400_000

    private static func child(
        _ house: House, of parent: AccountEntry, _ id: String = "C1", shares: Bool = true, messages: Int = 0,
        _ change: (inout Account) -> Void = { _ in }
    ) async throws -> AccountEntry {
        var account = Account(id: id, price: Money(microYuan: House.price), refundRule: .failed)
        account.parent = parent.key
        account.sharesBalance = shares
        change(&account)
        return try await house.engine.billing.addAccount(
            account, secrets: AccountSecrets(apiPassword: "111111"), openingBalance: Int64(messages) * House.price)
    }

    @Test func `children that share a balance spend it with their parent, down to its floor and no further`()
        async throws
    {
        try await House.with([:]) { house in
            let parent = try await house.account(messages: 3)
            let one = try await Self.child(house, of: parent)
            let two = try await Self.child(house, of: parent, "C2")
            #expect(one.payer == parent.key && one.balance == 3 * House.price)
            _ = try await house.send(by: one)
            #expect(parent.balance == 2 * House.price && two.balance == 2 * House.price)
            _ = try await house.send(by: two)
            _ = try await house.send(by: parent)
            for entry in [one, two, parent] {
                #expect(await house.submit(by: entry) == .failure(.insufficientBalance))
                #expect(entry.balance == 0)
            }
            #expect(try await house.engine.records.totals(of: one).today.messages == 1)
            #expect(try await house.isSound())
        }
    }

    @Test func `of many submissions at once of a whole family exactly as many are taken as the balance pays for`()
        async throws
    {
        try await House.with([:]) { house in
            let parent = try await house.account(messages: 20)
            var entries = [parent]
            for id in ["C1", "C2", "C3"] { entries.append(try await Self.child(house, of: parent, id)) }
            let family = entries
            let taken = await withTaskGroup(of: Bool.self) { group in
                for index in 0..<100 {
                    group.addTask { (try? await house.submit(by: family[index % 4]).get()) != nil }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(taken == 20 && parent.balance == 0)
            #expect(try await house.isSound())
        }
    }

    @Test func `a refund is in the payer's balance at once, though the child does not share it any more`()
        async throws
    {
        let carrier = FakeCarrier(answer: { _, _ in .messageRefused(code: "-100004") })
        try await House.with(["one": carrier], channels: false) { house in
            let parent = try await house.account(messages: 5)
            let child = try await Self.child(house, of: parent)
            let sequence = try await house.send(by: child)
            #expect(parent.balance == 4 * House.price)
            let own = try await house.engine.accounts.update(id: "C1") { account, _ in account.sharesBalance = false }
            #expect(own.payer == own.key && own.balance == 0)
            try await house.channel("one")
            try await house.waitUntil(sequence, is: .failed)
            try await eventually("refund") { parent.balance == 5 * House.price }
            #expect(own.balance == 0)
            #expect(await house.submit(by: own) == .failure(.insufficientBalance))
            #expect(try await house.isSound())
        }
    }

    @Test func `after a restart the family is as it was`() async throws {
        let house = try await House.open([:])
        let parent = try await house.account(messages: 5)
        _ = try await house.send(by: try await Self.child(house, of: parent))
        let again = try await house.again()
        let directory = again.engine.accounts.directory
        let child = try #require(directory.account(id: "c1"))
        #expect(child.parent?.key == parent.key && child.balance == 4 * House.price)
        #expect(directory.children(of: parent.key).map(\.account.id) == ["C1"])
        #expect(directory.scope(of: parent.key) == [parent.key, child.key])
        #expect(directory.scope(of: child.key) == [child.key])
        await again.stop()
    }

    @Test func `a disabled parent's children are refused, and let in again with it`() async throws {
        try await House.with([:]) { house in
            let parent = try await house.account(messages: 5)
            _ = try await Self.child(house, of: parent)
            let admit = { () throws(Rejection) -> AccountEntry in
                try house.engine.authenticator.admit(
                    id: "C1", address: [10, 0, 0, 1], find: { $0.account(id: "C1") }, verify: { _, _ in nil })
            }
            #expect(try admit().isEnabled)
            _ = try await house.engine.accounts.update(id: "J10003") { account, _ in account.isEnabled = false }
            #expect(throws: Rejection.accountDisabled) { try admit() }
            _ = try await house.engine.accounts.update(id: "J10003") { account, _ in account.isEnabled = true }
            #expect(try admit().isEnabled)
            _ = try await house.engine.accounts.update(id: "C1") { account, _ in account.isEnabled = false }
            #expect(throws: Rejection.accountDisabled) { try admit() }
            #expect(house.engine.accounts.directory.account(id: "J10003")?.isEnabled == true)
        }
    }

    @Test func `a parent's credit is its children's`() async throws {
        try await House.with([:]) { house in
            let parent = try await house.account(messages: 0)
            let child = try await Self.child(house, of: parent)
            #expect(await house.submit(by: child) == .failure(.insufficientBalance))
            _ = try await house.engine.accounts.update(id: "J10003") { account, _ in
                account.payment = .postpaid
                account.creditLimit = House.price
            }
            let now = try #require(house.engine.accounts.directory.account(id: "C1"))
            _ = try await house.send(by: now)
            #expect(await house.submit(by: now) == .failure(.insufficientBalance))
            #expect(now.balance == -House.price && now.balanceFloor == -House.price)
        }
    }

    @Test func `a transfer moves what is there and no credit`() async throws {
        try await House.with([:]) { house in
            let parent = try await house.account(messages: 2, payment: .postpaid, credit: 100 * House.price)
            let child = try await Self.child(house, of: parent, shares: false)
            let billing = house.engine.billing
            #expect(try await billing.transfer(2 * House.price, from: parent, to: child))
            #expect(try await !billing.transfer(1, from: parent, to: child))
            #expect(parent.balance == 0 && child.balance == 2 * House.price)
            _ = try await house.send(by: child)
            #expect(try await billing.transfer(House.price, from: child, to: parent))
            #expect(try await !billing.transfer(1, from: child, to: parent))
            #expect(try await house.isSound())
        }
    }

    // MARK: The limit of a day

    @Test func `an account spends no more than its limit a day, counts from the start of the day and begins anew`()
        async throws
    {
        let house = try await House.open([:])
        let parent = try await house.account(messages: 1000)
        let child = try await Self.child(house, of: parent) { $0.spendPerDayMax = 3 * House.price }
        for _ in 0..<2 { _ = try await house.send(by: child) }
        // The limit of a day holds across a restart.
        let again = try await house.again()
        let entry = try #require(again.engine.accounts.directory.account(id: "C1"))
        #expect(await again.submit(["13800138000", "13800138001"], by: entry) == .failure(.insufficientBalance))
        _ = try await again.send(by: entry)
        #expect(await again.submit(by: entry) == .failure(.insufficientBalance))
        again.clock.advance(milliseconds: Self.day)
        for _ in 0..<3 { _ = try await again.send(by: entry) }
        #expect(await again.submit(by: entry) == .failure(.insufficientBalance))
        #expect(entry.balance == 994 * House.price)
        #expect(try await again.isSound())
        await again.stop()
    }

    @Test func `what is refused for its balance or its key leaves the day's room as it was`() async throws {
        try await House.with([:]) { house in
            let parent = try await house.account(messages: 2)
            let child = try await Self.child(house, of: parent) { $0.spendPerDayMax = 3 * House.price }
            let three = ["13800138000", "13800138001", "13800138002"]
            #expect(await house.submit(three, by: child) == .failure(.insufficientBalance))
            _ = try await house.submit(by: child, key: "a").get()
            #expect(await house.submit(by: child, key: "a") == .failure(.submissionRepeated))
            #expect(try await house.engine.billing.recharge(parent, amount: 100 * House.price, note: nil))
            for _ in 0..<2 { _ = try await house.send(by: child) }
            #expect(await house.submit(by: child) == .failure(.insufficientBalance))
        }
    }

    @Test func `a limit that is set in the middle of a day counts what was charged before it`() async throws {
        try await House.with([:]) { house in
            let account = try await house.account()
            for _ in 0..<4 { _ = try await house.send(by: account) }
            let limited = try await house.engine.accounts.update(id: "J10003") { account, _ in
                account.spendPerDayMax = 5 * House.price
            }
            _ = try await house.send(by: limited)
            #expect(await house.submit(by: limited) == .failure(.insufficientBalance))
        }
    }
}

/// The rule of a day's limit.
struct DailySpendingTests {
    @Test func `a day that is not known has no room, and the days before yesterday's are forgotten`() {
        var spending = DailySpending()
        func takes(_ amount: Int64, on day: Int) -> Bool { spending.take(amount, of: 7, on: day, max: 9) }
        #expect(!takes(1, on: 20_240_709))
        spending.open(7, on: 20_240_709, spent: 4)
        #expect(takes(5, on: 20_240_709))
        #expect(!takes(1, on: 20_240_709))
        spending.give(2, to: 7, on: 20_240_709)
        #expect(takes(2, on: 20_240_709))
        spending.open(7, on: 20_240_710, spent: 0)
        #expect(spending.isKnown(7, on: 20_240_709))
        spending.open(7, on: 20_240_711, spent: 0)
        #expect(!spending.isKnown(7, on: 20_240_709) && spending.isKnown(7, on: 20_240_710))
        #expect(!takes(.max, on: 20_240_711))
    }
}
