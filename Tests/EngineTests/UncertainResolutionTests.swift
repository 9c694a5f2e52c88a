import Messaging
import Store
import Synchronization
import Testing

@testable import Engine

/// Lost submit replies, as operators and channels' rules settle them.
struct UncertainResolutionTests {
    private static let halfHour = Channel.uncertainAfterDefault

    /// Loses the reply to the first call, and delivers from then on.
    private static func losesFirst() -> FakeCarrier {
        let calls = Mutex(0)
        return FakeCarrier { carrier, call in
            let isFirst = calls.withLock { count in
                count += 1
                return count == 1
            }
            return isFirst ? .uncertain(reason: "closed") : await FakeCarrier.deliver(carrier, call)
        }
    }

    private func uncertain(
        _ house: House, _ mobiles: [String] = [House.mobile], by account: AccountEntry
    ) async throws -> MessageSequence {
        let sequence = try await house.send(mobiles, by: account)
        try await eventually("an uncertain attempt") {
            try await house.timeline(sequence + Int64(mobiles.count) - 1).attemptState == .uncertain
        }
        return sequence
    }

    /// Waits while the clock goes on, as a channel that backs off needs it.
    private func creep(_ house: House, until what: String, _ condition: () async throws -> Bool) async throws {
        try await eventually(what) {
            house.clock.advance(milliseconds: 100)
            return try await condition()
        }
    }

    private func listed(_ house: House) async throws -> [MessageSequence] {
        try await house.engine.uncertain.list(channel: nil, account: nil, from: .start, limit: 100).messages
            .map(\.id.sequence)
    }

    @Test func `what an operator has sent again goes out, and its report counts`() async throws {
        let carrier = Self.losesFirst()
        try await House.with(["one": carrier]) { house in
            let account = try await house.account()
            let sequence = try await uncertain(house, by: account)
            #expect(try await listed(house) == [sequence])
            let settled = try await house.engine.uncertain.resolve(
                [MessageID(sequence: sequence), MessageID(sequence: 77)], as: .resend, reason: "")
            #expect(settled.settled == 1)
            #expect(settled.refused.map(\.id.rawValue) == [77])
            try await house.waitUntil(sequence, is: .delivered)
            #expect(carrier.sent == [sequence, sequence])
            #expect(try await listed(house).isEmpty)
            #expect(try await house.engine.outbox.collectReports(for: account, limit: 9).count == 1)
            #expect(account.runtime.balance == 999_999 * House.price)
            #expect(try await house.isSound())
        }
    }

    @Test func `what an operator ends as failed is paid back at once where failures are`() async throws {
        try await House.with(["one": FakeCarrier { _, _ in .uncertain(reason: "closed") }]) { house in
            let account = try await house.account(refund: .failed)
            let first = try await uncertain(house, [House.mobile, "13800138001"], by: account)
            let ids = [MessageID(sequence: first)]
            _ = try await house.engine.uncertain.resolve(ids, as: .failed, reason: "the carrier has lost it")
            #expect(account.runtime.balance == 999_999 * House.price)
            #expect(house.engine.counters.snapshot.failedMessages == 1)
            _ = try await house.engine.uncertain.resolve(
                [MessageID(sequence: first + 1)], as: .delivered, reason: "")
            #expect(account.runtime.balance == 999_999 * House.price)
            #expect(house.engine.counters.snapshot.deliveredMessages == 1)
            let reports = try await house.engine.outbox.collectReports(for: account, limit: 9)
            #expect(reports.map(\.status) == [.undeliverable, .delivered])
            #expect(try await house.isSound())
        }
    }

    @Test func `all of a channel is settled, however much it is, and nothing of another`() async throws {
        let carriers = [
            "one": FakeCarrier { _, _ in .uncertain(reason: "closed") },
            "two": FakeCarrier { _, _ in .uncertain(reason: "closed") },
        ]
        try await House.with(carriers, channels: false) { house in
            let one = try await house.channel("one", networks: NetworkSet([.mobile]))
            try await house.channel("two", networks: NetworkSet([.unicom]))
            let account = try await house.account()
            _ = try await uncertain(house, (0..<1200).map { String(13_800_138_000 + $0) }, by: account)
            let other = try await uncertain(house, ["13000130000"], by: account)
            try await eventually("all calls to be uncertain") {
                try await house.engine.unmatched.counts().uncertainAttempts == 3
            }
            var settled = 0
            var calls = 0
            var cursor: UncertainCursor?
            repeat {
                let (outcome, next) = try await house.engine.uncertain.resolveAll(
                    of: one, as: .delivered, reason: "asked", from: cursor)
                settled += outcome.settled
                calls += 1
                cursor = next
            } while cursor != nil
            #expect(settled == 1200)
            #expect(calls >= 3)
            #expect(house.engine.counters.snapshot.deliveredMessages == 1200)
            #expect(try await listed(house) == [other])
            #expect(try await house.engine.outbox.collectReports(for: account, limit: 2000).count == 1200)
        }
    }

    @Test func `a channel that resends queues again after its time, once, and one that holds never`() async throws {
        let carriers = [
            "one": FakeCarrier { _, _ in .uncertain(reason: "closed") },
            "two": FakeCarrier { _, _ in .uncertain(reason: "closed") },
        ]
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        try await House.with(carriers, channels: false, configure: { $0.sweepInterval = 10 }) { house in
            try await house.channel("one", networks: NetworkSet([.mobile]))
            try await house.channel("two", networks: NetworkSet([.unicom]))
            _ = try await house.engine.updateChannel(name: "one") { channel, _ in
                channel.uncertainRule = .resend
            }
            let account = try await house.account()
            let held = try await uncertain(house, ["13000130000"], by: account)
            let resent = try await uncertain(house, by: account)
            house.clock.advance(milliseconds: Self.halfHour - 1)
            // Rounds go by without anything.
            let later = try await uncertain(house, ["13800138001"], by: account)
            #expect(carriers["one"]?.sent == [resent, later])
            house.clock.advance(milliseconds: 1)
            try await creep(house, until: "the second call") { carriers["one"]?.sent.count == 3 }
            house.clock.advance(milliseconds: Self.halfHour)
            try await creep(house, until: "the later one's second call") { carriers["one"]?.sent.count == 4 }
            house.clock.advance(milliseconds: 10 * Self.halfHour)
            let last = try await house.send(["13800138002"], by: account)
            try await creep(house, until: "the last call, and the first attempts closed") {
                try await house.engine.unmatched.counts().uncertainAttempts == 4
            }
            #expect(carriers["one"]?.sent == [resent, later, resent, later, last])
            #expect(carriers["two"]?.sent == [held])
            #expect(try await listed(house).sorted() == [held, resent, later, last].sorted())
        }
    }

    @Test func `an attempt whose messages all have their end is settled by itself`() async throws {
        let carrier = FakeCarrier { _, _ in .uncertain(reason: "closed") }
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        try await House.with(["one": carrier], configure: { $0.sweepInterval = 10 }) { house in
            let account = try await house.account()
            let sequence = try await uncertain(house, by: account)
            carrier.report(tag: "m\(sequence)", mobile: House.mobile)
            try await eventually("the settlement") {
                try await house.timeline(sequence).attemptState == .accepted
            }
            #expect(try await house.engine.unmatched.counts().uncertainAttempts == 0)
        }
    }

    @Test func `a channel's rule is kept over a restart`() async throws {
        let house = try await House.open(["one": FakeCarrier()])
        try await house.channel("one")
        let fresh = try #require(await house.engine.channels.channel(named: "one"))
        #expect(fresh.channel.uncertainRule == .hold)
        #expect(fresh.channel.uncertainAfter == Self.halfHour)
        _ = try await house.engine.updateChannel(name: "one") { channel, _ in
            channel.uncertainRule = .resend
            channel.uncertainAfter = 7000
        }
        let second = try await house.again()
        let kept = try #require(await second.engine.channels.channel(named: "one"))
        #expect(kept.channel.uncertainRule == .resend)
        #expect(kept.channel.uncertainAfter == 7000)
        await second.stop()
    }
}
