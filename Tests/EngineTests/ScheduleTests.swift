import Messaging
import Testing

@testable import Engine

/// Submissions for later, and those that are taken back.
struct ScheduleTests {
    private static let day: Int64 = 86_400_000

    @Test func `beyond 30 days nothing is accepted or charged, and at 30 days it is`() async throws {
        try await House.with { house in
            let account = try await house.account()
            let last = house.clock.now.adding(milliseconds: 30 * Self.day)
            #expect(
                await house.submit(by: account, at: last.adding(milliseconds: 1)) == .failure(.scheduleInvalid))
            #expect(account.runtime.balance == 1_000_000 * House.price)
            let sequence = try await house.send(by: account, at: last)
            #expect(account.runtime.balance == 999_999 * House.price)
            #expect(try await house.timeline(sequence).scheduledAt == last)
            house.clock.advance(milliseconds: 30 * Self.day)
            try await house.waitUntil(sequence, is: .delivered)
        }
    }

    @Test(arguments: [0, -1, -400 * 86_400_000] as [Int64])
    func `a time that has passed means now`(ahead: Int64) async throws {
        try await House.with { house in
            let account = try await house.account()
            let sequence = try await house.send(by: account, at: house.clock.now.adding(milliseconds: ahead))
            try await house.waitUntil(sequence, is: .delivered)
            #expect(try await house.timeline(sequence).scheduledAt == nil)
        }
    }

    @Test func `what became due while nothing ran goes out at the start`() async throws {
        let carrier = FakeCarrier()
        let house = try await House.open(["one": carrier])
        try await house.channel("one")
        let account = try await house.account()
        let sequence = try await house.send(by: account, at: house.clock.now.adding(milliseconds: Self.day))
        await house.stop()
        house.clock.advance(milliseconds: 3 * Self.day)
        let second = try await House.open(["one": carrier], in: house.directory, key: house.key, clock: house.clock)
        try await second.waitUntil(sequence, is: .delivered)
        #expect(carrier.sent == [sequence])
        await second.stop()
    }

    @Test func `what is cancelled is paid back at once, reported, and never sent`() async throws {
        let carrier = FakeCarrier()
        let house = try await House.open(["one": carrier])
        try await house.channel("one")
        let account = try await house.account(messages: 3, refund: .never)
        let due = house.clock.now.adding(milliseconds: Self.day)
        let first = try await house.send([House.mobile, "13900139000", "13100131000"], by: account, at: due)
        #expect(await house.submit(by: account) == .failure(.insufficientBalance))
        let one = try await house.engine.scheduled.cancel(
            [MessageID(sequence: first)], allOfRequest: false, reason: "")
        #expect(one.cancelled == 1)
        #expect(account.runtime.balance == House.price)
        // It can be spent again.
        let now = try await house.send(by: account)
        try await house.waitUntil(now, is: .delivered)
        let second = try await house.again()
        let again = try #require(second.engine.accounts.directory.account(id: "J10003"))
        let rest = try await second.engine.scheduled.cancel(
            [MessageID(sequence: first + 1)], allOfRequest: true, reason: "")
        #expect(rest.cancelled == 2)
        #expect(rest.left == 1)
        #expect(again.runtime.balance == 2 * House.price)
        second.clock.advance(milliseconds: 2 * Self.day)
        let last = try await second.send(by: again)
        try await second.waitUntil(last, is: .delivered)
        #expect(carrier.sent == [now, last])
        let reports = try await second.engine.outbox.collectReports(for: again, limit: 10)
        #expect(reports.filter { $0.status == .deleted }.map(\.id.sequence).sorted() == Array(first...first + 2))
        #expect(try await second.isSound())
        await second.stop()
    }
}
