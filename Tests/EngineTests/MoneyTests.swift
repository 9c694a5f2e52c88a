import Messaging
import Testing

@testable import Engine

struct MoneyTests {
    /// How many of `count` submissions at the same time are taken.
    private func accepted(of count: Int, _ house: House, _ account: AccountEntry, recipients: Int = 1) async -> Int {
        let mobiles = (0..<recipients).map { String(13_800_138_000 + $0) }
        return await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<count {
                group.addTask {
                    switch await house.submit(mobiles, by: account) {
                    case .success: return true
                    case .failure(let rejection):
                        #expect(rejection == .insufficientBalance)
                        return false
                    }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
    }

    @Test func `a prepaid account never falls below zero, however many ask at once`() async throws {
        try await House.with([:]) { house in
            let account = try await house.account(messages: 10)
            #expect(await accepted(of: 100, house, account) == 10)
            #expect(account.runtime.balance == 0)
            #expect(try await house.engine.records.totals(of: account).today.messages == 10)
            #expect(try await house.isSound())
        }
    }

    @Test func `a postpaid account goes down to its credit and no further`() async throws {
        try await House.with([:]) { house in
            let account = try await house.account(messages: 0, payment: .postpaid, credit: 7 * House.price + 1)
            #expect(await accepted(of: 50, house, account) == 7)
            #expect(account.runtime.balance == -7 * House.price)
            #expect(try await house.isSound())
        }
    }

    @Test func `a submission is paid whole or refused whole`() async throws {
        try await House.with([:]) { house in
            let account = try await house.account(messages: 10)
            #expect(await accepted(of: 20, house, account, recipients: 4) == 2)
            #expect(account.runtime.balance == 2 * House.price)
        }
    }

    @Test func `a submission that is repeated costs nothing, and the balance is right when its sender hears of it`()
        async throws
    {
        try await House.with { house in
            let account = try await house.account(messages: 100)
            var told: [Rejection?] = []
            for key in ["a", "a", "b", "a", nil, nil] {
                switch await house.submit(by: account, key: key) {
                case .success: told.append(nil)
                case .failure(let rejection): told.append(rejection)
                }
                let taken = told.count { $0 == nil }
                #expect(account.runtime.balance == Int64(100 - taken) * House.price)
            }
            #expect(told == [nil, .submissionRepeated, nil, .submissionRepeated, nil, nil])
            try await house.finals(4)
            #expect(house.carriers["one"]?.sent.count == 4)
            #expect(house.engine.counters.snapshot.acceptedMessages == 4)
            #expect(try await house.isSound())
        }
    }

    @Test func `a repetition is told so also when the first one took the last of the balance`() async throws {
        try await House.with([:]) { house in
            let account = try await house.account(messages: 1)
            var told: [Rejection?] = []
            for key in ["a", "a", "b", nil] {
                switch await house.submit(by: account, key: key) {
                case .success: told.append(nil)
                case .failure(let rejection): told.append(rejection)
                }
            }
            #expect(told == [nil, .submissionRepeated, .insufficientBalance, .insufficientBalance])
            #expect(account.runtime.balance == 0)
        }
    }

    @Test func `of many submissions with one key at the same time one is taken`() async throws {
        try await House.with([:]) { house in
            let account = try await house.account(messages: 1000)
            let results = await withTaskGroup(of: Result<Acceptance, Rejection>.self) { group in
                for _ in 0..<50 { group.addTask { await house.submit(by: account, key: "same") } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(results.count { (try? $0.get()) != nil } == 1)
            #expect(results.count { $0 == .failure(.submissionRepeated) } == 49)
            #expect(account.runtime.balance == 999 * House.price)
            #expect(try await house.isSound())
        }
    }

    @Test func `whoever was told that it is accepted sees the balance without it`() async throws {
        try await House.with([:]) { house in
            let account = try await house.account(messages: 300)
            for count in 1...300 {
                _ = try await house.send(by: account)
                #expect(account.runtime.balance == Int64(300 - count) * House.price)
            }
        }
    }

    @Test func `a recharge is there to be spent, and a correction stops at the floor`() async throws {
        try await House.with([:]) { house in
            let account = try await house.account(messages: 0)
            #expect(await house.submit(by: account) == .failure(.insufficientBalance))
            let billing = house.engine.billing
            #expect(try await billing.recharge(account, amount: 2 * House.price, note: nil))
            _ = try await house.send(by: account)
            #expect(try await !billing.recharge(account, amount: -House.price - 1, note: nil))
            #expect(try await billing.recharge(account, amount: -House.price, note: "taken back"))
            #expect(account.runtime.balance == 0)
            #expect(try await house.isSound())
        }
    }

    @Test func `balances are what they were after a restart`() async throws {
        let house = try await House.open()
        let account = try await house.account(messages: 5)
        _ = try await house.send(by: account)
        let second = try await house.again()
        let again = try #require(second.engine.accounts.directory.account(id: "J10003"))
        #expect(again.runtime.balance == 4 * House.price)
        #expect(await accepted(of: 9, second, again) == 4)
        await second.stop()
    }

    @Test func `what waits for its commit is bounded`() async throws {
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        try await House.with([:], configure: { $0.messagesInMemoryMax = 5 }) { house in
            let account = try await house.account()
            let mobiles = (0..<6).map { String(13_800_138_000 + $0) }
            #expect(await house.submit(mobiles, by: account) == .failure(.overloaded))
            // There is room again when the reply comes.
            for _ in 0..<5 { _ = try await house.send(Array(mobiles.prefix(5)), by: account) }
            #expect(account.runtime.balance == (1_000_000 - 25) * House.price)
        }
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        try await House.with([:], configure: { $0.submissionsMax = 0 }) { house in
            let account = try await house.account()
            #expect(await house.submit(by: account) == .failure(.overloaded))
            #expect(account.runtime.balance == 1_000_000 * House.price)
        }
    }

    @Test func `a stopped engine refuses and takes nothing`() async throws {
        let house = try await House.open()
        let account = try await house.account()
        await house.stop()
        #expect(await house.submit(by: account) == .failure(.overloaded))
        #expect(account.runtime.balance == 1_000_000 * House.price)
    }
}
