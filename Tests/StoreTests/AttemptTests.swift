import Foundation
import GRDB
import Messaging
import Store
import Testing

struct AttemptTests {
    @Test func `a message that stands twice in a call is begun once`() async throws {
        let world = try World()
        let account = try await world.account()
        let channel = try await world.channel()
        let first = try await world.send(account, ["13800138000", "13800138001", "13800138002"])
        let twice = SequenceRuns([first, first + 1, first, first + 1, first + 2])
        let begun = try await world.store.begin([NewAttempt(channel: channel, messages: twice)], at: World.noon)
        #expect(begun.first?.only == [first, first + 1, first + 2])
        let stored = try world.sql { try Data.fetchOne($0, sql: "SELECT messages FROM attempt") }
        #expect(stored.flatMap { SequenceRuns(encoded: Array($0)) }?.sequences == [first, first + 1, first + 2])
    }

    @Test func `an attempt is durable before it is made, and uncertain after a crash`() async throws {
        var world = try World()
        let account = try await world.account()
        let channel = try await world.channel()
        let first = try await world.send(account, ["13800138000", "13800138001"])
        _ = try await world.begin(channel, [first, first + 1])
        try world.crash()
        #expect(try await world.timeline(first).state == .submitted)
        #expect(try await world.timeline(first).attemptState == .begun)
        #expect(try await world.store.markInterruptedAttempts(at: World.noon) == 1)
        #expect(try await world.timeline(first).attemptState == .uncertain)
        #expect(try await world.store.markInterruptedAttempts(at: World.noon) == 0)
        // Nobody knows: it is not sent again, and a report still settles it.
        #expect(try await world.store.queued(from: 0, limit: 10).parts.isEmpty)
        let outcome = try await world.apply([World.report("m\(first)a1", mobile: "13800138001")], from: channel)
        #expect(outcome.matched == 1)
        #expect(try await world.timeline(first + 1).state == .delivered)
        #expect(try await world.timeline(first).state == .submitted)
    }

    @Test func `settled attempts are not touched by a restart`() async throws {
        var world = try World()
        let account = try await world.account()
        let channel = try await world.channel()
        let sequence = try await world.send(account)
        try await world.submit(channel, [sequence], carrierID: 77)
        try await world.reopen()
        #expect(try await world.store.markInterruptedAttempts(at: World.noon) == 0)
        #expect(try await world.timeline(sequence).attemptState == .accepted)
    }

    @Test func `only queued messages begin`() async throws {
        let world = try World()
        let account = try await world.account()
        let channel = try await world.channel()
        let first = try await world.send(account, (0..<5).map { "1380013800\($0)" })
        try await world.submit(channel, [first + 1])
        _ = try await world.store.fail([first + 3], with: .noRoute, at: World.noon)
        let begun = try await world.store.begin(
            [
                NewAttempt(channel: channel, messages: SequenceRuns(first...(first + 4))),
                NewAttempt(channel: channel, messages: SequenceRuns([first])),
            ], at: World.noon)
        #expect(begun[0].only == [first, first + 2, first + 4])
        #expect(begun[1].only == [])
        try await world.settle(begun[0].id, .accepted(.consecutive(from: 500)))
        // The carrier counts those that went out.
        try await world.apply([World.report(id: 501, mobile: "13800138002")], from: channel)
        #expect(try await world.timeline(first + 2).state == .delivered)
        #expect(try await world.store.total(channel: channel, days: World.today...World.today).submitted == 4)
    }

    @Test func `all of a call that may begin is said in short`() async throws {
        let world = try World()
        let account = try await world.account()
        let channel = try await world.channel()
        let first = try await world.send(account, (0..<9).map { "1380013800\($0)" })
        let messages = SequenceRuns([first + 8, first, first + 1, first + 5])
        let begun = try await world.store.begin([NewAttempt(channel: channel, messages: messages)], at: World.noon)
        #expect(begun.first?.only == nil)
        #expect(begun.first?.id == 1)
    }

    @Test(arguments: [
        Settlement.Outcome.refusedForNow(detail: "code -100003"), .notSent(detail: "connection refused"),
    ])
    func `what certainly was not taken is queued again`(_ outcome: Settlement.Outcome) async throws {
        let world = try World()
        let account = try await world.account()
        let channel = try await world.channel()
        let first = try await world.send(account, ["13800138000", "13800138001"])
        let attempt = try await world.begin(channel, [first, first + 1])
        #expect(try await world.settle(attempt, outcome) == Effects())
        let (parts, _) = try await world.store.queued(from: 0, limit: 10)
        #expect(parts.flatMap(\.messages).map(\.sequence) == [first, first + 1])
        #expect(try await world.collect(account).isEmpty)
        let again = try await world.begin(channel, [first, first + 1])
        #expect(again == attempt + 1)
        #expect(try await world.timeline(first).attemptState == .begun)
        #expect(try await world.balance(account) == World.opening - 2 * World.price)
    }

    @Test(arguments: [Settlement.Outcome.accepted(nil), .uncertain(detail: "time-out")])
    func `what may have been taken is not queued again`(_ outcome: Settlement.Outcome) async throws {
        let world = try World()
        let account = try await world.account()
        let channel = try await world.channel()
        let sequence = try await world.send(account)
        try await world.settle(try await world.begin(channel, [sequence]), outcome)
        #expect(try await world.store.queued(from: 0, limit: 10).parts.isEmpty)
        #expect(
            try await world.store.begin(
                [NewAttempt(channel: channel, messages: SequenceRuns([sequence]))], at: World.noon)[0].only == [])
    }

    @Test func `a report that came before the refusal stands`() async throws {
        let world = try World()
        let account = try await world.account(refund: .refused)
        let channel = try await world.channel()
        let first = try await world.send(account, ["13800138000", "13800138001"])
        let attempt = try await world.begin(channel, [first, first + 1])
        try await world.apply([World.report("m\(first)")], from: channel)
        let effects = try await world.settle(attempt, .refused(status: .rejected, detail: "no"))
        #expect(effects.refunds == [account: World.price])
        #expect(try await world.timeline(first).state == .delivered)
        #expect(try await world.timeline(first + 1).state == .failed)
        #expect(try await world.collect(account).count == 2)
    }

    @Test func `a report that came before the message went back to the queue stands`() async throws {
        let world = try World()
        let account = try await world.account()
        let channel = try await world.channel()
        let first = try await world.send(account, ["13800138000", "13800138001"])
        let attempt = try await world.begin(channel, [first, first + 1])
        try await world.apply([World.report("m\(first)")], from: channel)
        try await world.settle(attempt, .refusedForNow(detail: "no"))
        let (parts, _) = try await world.store.queued(from: 0, limit: 10)
        #expect(parts.flatMap(\.messages).map(\.sequence) == [first + 1])
    }

    @Test func `an attempt that nobody began cannot be settled`() async throws {
        let world = try World()
        await #expect(throws: StoreFailure.notFound) { try await world.settle(1, .accepted(nil)) }
    }

    @Test func `uncertain messages expire once, and only old ones`() async throws {
        let world = try World()
        let account = try await world.account()
        let channel = try await world.channel()
        let first = try await world.send(account, (0..<6).map { "1380013800\($0)" })
        let hour: Int64 = 3_600_000
        for offset in 0..<6 {
            let attempt = try await world.begin(
                channel, [first + Int64(offset)], at: World.noon.adding(milliseconds: Int64(offset) * hour))
            if offset == 0 { try await world.settle(attempt, .uncertain(detail: "")) }
            if offset == 1 { try await world.settle(attempt, .accepted(nil)) }
            if offset == 2 { try await world.settle(attempt, .notSent(detail: "")) }
        }
        try await world.apply([World.report("m\(first + 3)", mobile: "13800138003")], from: channel)
        let deadline = World.noon.adding(milliseconds: 5 * hour)
        var finals = 0
        var rounds = 0
        var more = true
        while more {
            let (effects, rest) = try await world.store.expire(begunBefore: deadline, at: deadline, limit: 2)
            finals += effects.finals
            more = rest
            rounds += 1
        }
        // 0, 1 and the begun 4; not the queued 2, the delivered 3, the young 5.
        #expect(finals == 3)
        #expect(rounds == 3)
        let states = try await [0, 1, 2, 3, 4, 5].asyncMap { try await world.timeline(first + $0).status }
        #expect(states == ["EXPIRED", "EXPIRED", nil, "DELIVRD", "EXPIRED", nil])
        #expect(try await world.store.expire(begunBefore: deadline, at: deadline).effects == Effects())
        #expect(try await world.collect(account).count == 4)
    }

    @Test func `a transaction ends so many messages, and the rest of its last attempt`() async throws {
        let world = try World()
        let account = try await world.account()
        let channel = try await world.channel()
        for _ in 0..<4 {
            let first = try await world.send(account, (0..<5).map { "1380013800\($0)" })
            try await world.submit(channel, first..<(first + 5))
        }
        let later = World.noon.adding(milliseconds: 1)
        var rounds: [Int] = []
        var more = true
        while more {
            let (effects, rest) = try await world.store.expire(begunBefore: later, at: later, messagesMax: 6)
            rounds.append(effects.finals)
            more = rest
        }
        #expect(rounds == [10, 10])
    }

    @Test func `only a call of one message notes its refusal with the message`() async throws {
        let world = try World()
        let account = try await world.account()
        let channel = try await world.channel()
        let first = try await world.send(account, ["13800138000", "13800138001"])
        try await world.settle(try await world.begin(channel, [first, first + 1]), .refusedForNow(detail: "code 7"))
        #expect(try world.count("SELECT COUNT(*) FROM event") == 0)
        #expect(try await world.timeline(first).entries.contains { $0.detail.contains("code 7") })
        try await world.settle(try await world.begin(channel, [first]), .refusedForNow(detail: "code 8"))
        try await world.submit(channel, [first])
        #expect(try await world.timeline(first).entries.contains { $0.detail.contains("code 8") })
    }

    @Test(arguments: [Account.RefundRule.refused, .never])
    func `numbers that the carrier refused in a call that it took are final and paid back at once`(
        _ rule: Account.RefundRule
    ) async throws {
        let world = try World()
        let account = try await world.account(refund: rule)
        let channel = try await world.channel()
        let first = try await world.send(account, ["13800138000", "13800138001", "13800138002"])
        let attempt = try await world.begin(channel, first..<(first + 3))
        // Its report was there before the answer.
        try await world.apply([World.report("m\(first + 2)", mobile: "13800138002")], from: channel)
        let effects = try await world.settle(
            attempt, .accepted(.shared("7"), refused: [first + 1: "黑名单", first + 2: ""]))
        #expect(effects.failed == 1)
        #expect(effects.refunds == (rule == .refused ? [account: World.price] : [:]))
        let timeline = try await world.timeline(first + 1)
        #expect(timeline.state == .failed)
        #expect(timeline.status == "REJECTD")
        #expect(timeline.entries.contains { $0.detail.contains("黑名单") })
        #expect(try await world.timeline(first).state == .submitted)
        #expect(try await world.timeline(first).attemptState == .accepted)
        #expect(try await world.timeline(first + 2).state == .delivered)
        let total = try await world.store.total(channel: channel, days: World.today...World.today)
        #expect(total.submitted == 1)
        #expect(total.refused == 2)
        #expect(try await world.store.verifyLedger().differences.isEmpty)
    }

    @Test func `an old attempt expires although the clock was set back after it`() async throws {
        let world = try World()
        let account = try await world.account()
        let channel = try await world.channel()
        let first = try await world.send(account, ["13800138000", "13800138001"])
        let hour: Int64 = 3_600_000
        let early = try await world.begin(channel, [first], at: World.noon.adding(milliseconds: 2 * hour))
        try await world.settle(early, .accepted(nil))
        let tooSoon = World.noon.adding(milliseconds: hour)
        #expect(try await world.store.expire(begunBefore: tooSoon, at: tooSoon).effects == Effects())
        let late = try await world.begin(channel, [first + 1], at: World.noon)
        try await world.settle(late, .accepted(nil))
        #expect(try await world.store.expire(begunBefore: tooSoon, at: tooSoon).effects.finals == 2)
        #expect(try await world.timeline(first).status == "EXPIRED")
        #expect(try await world.timeline(first + 1).status == "EXPIRED")
    }

    @Test func `expiry goes on after a reopen where it was`() async throws {
        var world = try World()
        let account = try await world.account()
        let channel = try await world.channel()
        try await world.submit(channel, [try await world.send(account)])
        let later = World.noon.adding(milliseconds: 1)
        #expect(try await world.store.expire(begunBefore: later, at: later).effects.finals == 1)
        try await world.reopen()
        #expect(try await world.store.expire(begunBefore: later, at: later).effects.finals == 0)
        try await world.submit(channel, [try await world.send(account)])
        #expect(try await world.store.expire(begunBefore: later, at: later).effects.finals == 1)
    }

    @Test func `a message that a refused call left half reported still expires`() async throws {
        let world = try World()
        let account = try await world.account()
        let channel = try await world.channel()
        let sequence = try await world.send(account, segments: 2)
        let attempt = try await world.begin(channel, [sequence])
        try await world.apply([World.report("m\(sequence)", segment: 1, of: 2)], from: channel)
        try await world.settle(attempt, .refusedForNow(detail: "no"))
        let later = World.noon.adding(milliseconds: 1)
        _ = try await world.store.expire(begunBefore: later, at: later)
        #expect(try await world.timeline(sequence).state == .failed)
        #expect(try await world.collect(account).map(\.status) == [.delivered, .expired])
    }
}

extension Sequence {
    func asyncMap<Value>(_ transform: (Element) async throws -> Value) async throws -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
