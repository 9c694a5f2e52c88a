import GRDB
import Messaging
import Store
import Testing

struct ChargeTests {
    @Test func `charge, ledger, balance and totals agree`() async throws {
        let world = try World()
        let account = try await world.account()
        let accepted = try await world.accept(
            World.part(account, ["13800138000", "13900139000"], segments: 3), World.part(account, segments: 1))
        let cost = World.price * 7
        #expect(try await world.balance(account) == World.opening - cost)
        #expect(try world.count("SELECT SUM(amount) FROM ledger WHERE kind = 1") == -cost)
        #expect(try world.sql { try Int64.fetchAll($0, sql: "SELECT reference FROM ledger WHERE kind = 1") } == [1, 3])
        let total = try await world.store.total(account: account, days: World.today...World.today)
        #expect(total.messages == 3)
        #expect(total.segments == 7)
        #expect(total.charged == cost)
        #expect(total.refunded == 0)
        #expect(accepted.acceptance.firstID.sequence == 1)
    }

    @Test func `an invalid number is not charged and reported REJECTD at once`() async throws {
        let world = try World()
        let account = try await world.account(refund: .failed)
        let accepted = try await world.accept(
            World.part(account, ["12", "13800138000", "abc"], segments: 2, customData: "data"))
        #expect(try await world.balance(account) == World.opening - 2 * World.price)
        #expect(accepted.ready.flatMap(\.messages).map(\.sequence) == [2])
        let reports = try await world.collect(account)
        #expect(reports.map(\.status) == [.rejected, .rejected, .rejected, .rejected])
        #expect(reports.map(\.mobile) == ["12", "12", "abc", "abc"])
        #expect(reports.map(\.segmentNumber) == [1, 2, 1, 2])
        #expect(
            reports.map(\.id)
                == [1, 1 + MessageID.segmentStride, 3, 3 + MessageID.segmentStride].map {
                    MessageID(sequence: $0)
                })
        #expect(reports.allSatisfy { $0.customData == "data" })
        let total = try await world.store.total(account: account, days: World.today...World.today)
        #expect(total.failed == 2)
        #expect(total.segments == 2)
        #expect(total.refunded == 0)
        #expect(try world.count("SELECT COUNT(*) FROM ledger WHERE kind = 2") == 0)
    }

    @Test func `a submission of invalid numbers alone costs nothing and sends nothing`() async throws {
        let world = try World()
        let account = try await world.account()
        let accepted = try await world.accept(World.part(account, ["", "1", "二"]))
        #expect(accepted.ready.isEmpty)
        #expect(try await world.balance(account) == World.opening)
        #expect(try await world.store.verifyLedger().entries == 1)
        #expect(try await world.collect(account).count == 3)
        #expect(try await world.store.queued(from: 0, limit: 10).parts.isEmpty)
    }

    @Test func `the custom id is the customer's own, or made once for all parts`() async throws {
        let world = try World()
        let account = try await world.account()
        let own = try await world.accept(World.part(account, customID: "mine"), World.part(account))
        #expect(own.acceptance.customID == "mine")
        let made = try await world.accept(World.part(account, ["x"]), World.part(account, ["y"]))
        let other = try await world.accept(World.part(account))
        #expect(made.acceptance.customID.utf8.count == 20)
        #expect(made.acceptance.customID != other.acceptance.customID)
        let reports = try await world.collect(account)
        #expect(reports.map(\.customID) == [made.acceptance.customID, made.acceptance.customID])
    }

    @Test func `a recharge and a correction are entries like all others`() async throws {
        let world = try World()
        let account = try await world.account(balance: 10)
        let poor = try await world.account("POOR", unit: .count, balance: 0)
        try await world.store.recharge(account: account, amount: 90, note: "a gift", at: World.noon)
        try await world.store.recharge(account: account, amount: -40, note: nil, at: World.noon)
        try await world.store.recharge(account: poor, amount: 7, note: nil, at: World.noon)
        #expect(try await world.balance(account) == 60)
        let verdict = try await world.store.verifyLedger()
        #expect(verdict.accounts == 2)
        #expect(verdict.entries == 4)
        #expect(verdict.money == 60)
        #expect(verdict.count == 7)
        #expect(verdict.differences.isEmpty)
    }

    @Test func `a tampered balance is found and named`() async throws {
        let world = try World()
        let account = try await world.account()
        _ = try await world.account("OTHER")
        _ = try await world.send(account)
        try world.sql { try $0.execute(sql: "UPDATE account SET balance = balance + 1 WHERE id = 'J10003'") }
        let verdict = try await world.store.verifyLedger()
        #expect(verdict.differences.map(\.account) == ["J10003"])
        #expect(verdict.differences.first?.summed == World.opening - World.price)
        #expect(verdict.differences.first?.stored == World.opening - World.price + 1)
    }

    @Test func `an account without an entry is proved like every other`() async throws {
        let world = try World()
        _ = try await world.account(balance: 0)
        _ = try await world.account("OTHER", balance: 5)
        let verdict = try await world.store.verifyLedger()
        #expect(verdict.accounts == 2)
        #expect(verdict.entries == 1)
        #expect(verdict.differences.isEmpty)
        // Money from nowhere.
        try world.sql { try $0.execute(sql: "UPDATE account SET balance = 7 WHERE id = 'J10003'") }
        let tampered = try await world.store.verifyLedger()
        #expect(tampered.differences.map(\.account) == ["J10003"])
        #expect(tampered.differences.first?.stored == 7)
        #expect(tampered.differences.first?.summed == 0)
    }

    @Test func `a vanished or foreign ledger entry is found`() async throws {
        let world = try World()
        let account = try await world.account()
        _ = try await world.send(account)
        try world.sql { try $0.execute(sql: "DELETE FROM ledger WHERE kind = 1") }
        #expect(try await world.store.verifyLedger().differences.count == 1)
        try world.sql {
            try $0.execute(sql: "INSERT INTO ledger (account, at, kind, amount) VALUES (99, 0, 3, 5)")
        }
        #expect(try await world.store.verifyLedger().differences.count == 2)
    }

    @Test func `totals are read without the messages`() async throws {
        let world = try World()
        let account = try await world.account()
        let channel = try await world.channel()
        try await world.submit(channel, [try await world.send(account)])
        // Without these tables a query that looked at them would fail.
        try world.sql {
            try $0.execute(sql: "ALTER TABLE message RENAME TO hidden_message")
            try $0.execute(sql: "ALTER TABLE submission RENAME TO hidden_submission")
            try $0.execute(sql: "ALTER TABLE attempt RENAME TO hidden_attempt")
            try $0.execute(sql: "ALTER TABLE ledger RENAME TO hidden_ledger")
        }
        #expect(try await world.store.total(account: account, days: 20_240_701...20_240_731).messages == 1)
        #expect(try await world.store.total(channel: channel, days: 20_240_701...20_240_731).submitted == 1)
        let plan = try world.sql {
            try Row.fetchAll(
                $0, sql: "EXPLAIN QUERY PLAN SELECT * FROM account_total WHERE account = 1 AND day BETWEEN 1 AND 2"
            ).map { $0["detail"] as String }
        }
        #expect(plan.count == 1)
        #expect(plan.first?.hasPrefix("SEARCH account_total USING PRIMARY KEY") == true)
    }

    @Test func `a day ends at midnight in China`() async throws {
        let world = try World()
        let account = try await world.account()
        let midnight = World.noon.adding(milliseconds: 12 * 3_600_000)
        _ = try await world.send(account, at: midnight.adding(milliseconds: -1))
        _ = try await world.send(account, at: midnight)
        #expect(try await world.store.total(account: account, days: World.today...World.today).messages == 1)
        let tomorrow = World.today + 1
        #expect(try await world.store.total(account: account, days: tomorrow...tomorrow).messages == 1)
        #expect(try await world.store.total(account: account, days: World.today...tomorrow).messages == 2)
    }
}
