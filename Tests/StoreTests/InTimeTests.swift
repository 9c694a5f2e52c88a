import Messaging
import Store
import Testing

/// Messages that are worth sending for a time only.
struct InTimeTests {
    private var world: World
    private let account: AccountKey
    private let channel: ChannelKey

    private static let end = World.noon.adding(milliseconds: 300_000)

    init() async throws {
        world = try World()
        account = try await world.account(refund: .never)
        channel = try await world.channel()
    }

    /// The sequence of the first.
    private func send(_ count: Int = 1, until end: Timestamp? = Self.end, due: Timestamp? = nil) async throws
        -> MessageSequence
    {
        var part = World.part(account, (0..<count).map { "1380013800\($0)" }, due: due)
        part.validUntil = end
        return try await world.accept(part).acceptance.firstID.sequence
    }

    private func begin(_ sequences: [MessageSequence], at: Timestamp) async throws -> BegunAttempt {
        try await world.store.begin(
            [NewAttempt(channel: channel, messages: SequenceRuns(sequences), mayBeOver: true)], at: at)[0]
    }

    @Test func `its end comes back with it, from the queue, when it is due, and after a restart`() async throws {
        var world = world
        var part = World.part(account)
        part.validUntil = Self.end
        #expect(try await world.accept(part).ready.first?.validUntil == Self.end)
        _ = try await send(until: nil)
        _ = try await send(due: World.noon)
        #expect(try await world.store.releaseDue(at: World.noon).parts.map(\.validUntil) == [Self.end])
        try await world.reopen()
        let parts = try await world.store.queued(from: 0, limit: 10).parts
        #expect(parts.map(\.validUntil) == [Self.end, nil, Self.end])
        #expect(try await world.timeline(1).validUntil == Self.end)
        #expect(try await world.timeline(1).entries.contains { $0.kind == "valid until" })
        #expect(try await world.timeline(2).validUntil == nil)
    }

    @Test func `no call begins with a message whose time is over`() async throws {
        let first = try await send(2)
        let endless = try await send(2, until: nil)
        let just = try await begin([first], at: Self.end.adding(milliseconds: -1))
        #expect(just.only == nil)
        let late = try await begin([first + 1, endless, endless + 1], at: Self.end)
        #expect(late.only == [endless, endless + 1])
        #expect(try await world.timeline(first + 1).state == .queued)
        #expect(try await world.timeline(endless).state == .submitted)
    }

    @Test func `what was not sent in time ends as EXPIRED, with its whole charge, whatever the rule`() async throws {
        let first = try await send(2)
        let endless = try await send(until: nil)
        _ = try await world.store.fail([first, endless], with: .expired, at: Self.end)
        #expect(try await world.timeline(first).status == "EXPIRED")
        #expect(try await world.timeline(first).refunded == World.price)
        // That one merely waited too long; the account's rule is never.
        #expect(try await world.timeline(endless).status == "EXPIRED")
        #expect(try await world.timeline(endless).refunded == 0)
        #expect(try await world.collect(account).map(\.status) == [.expired, .expired])
        // It can still be sent.
        _ = try await world.store.fail([first + 1], with: .noRoute, at: World.noon)
        #expect(try await world.timeline(first + 1).refunded == 0)
        #expect(try await world.store.verifyLedger().differences.isEmpty)
    }

    @Test func `an uncertain one is not sent again when its time is over, by rule or by hand`() async throws {
        let first = try await send(2)
        let endless = try await send(until: nil)
        for sequences in [[first, first + 1], [endless]] {
            let attempt = try await begin(sequences, at: World.noon).id
            try await world.settle(attempt, .uncertain(detail: "closed"))
        }
        let due = [channel: Self.end]
        let before = try await world.store.reviewUncertain(
            after: 0, limit: 10, resendBefore: due, at: Self.end.adding(milliseconds: -1))
        #expect(before.due == [1, 2])
        let review = try await world.store.reviewUncertain(after: 0, limit: 10, resendBefore: due, at: Self.end)
        #expect(review.due == [2])
        let resent = try await world.store.resendUncertain([1, 2], at: Self.end)
        #expect(resent.parts.flatMap(\.messages).map(\.sequence) == [endless])
        let settled = try await world.store.settleByHand(
            [MessageID(sequence: first)], as: .resend, reason: "", at: Self.end)
        #expect(settled.settled == 0)
        #expect(settled.refused.first?.reason == "it was worth sending until 2024-07-09 12:05:00 only")
        // It may have left in time: its report counts.
        #expect(try await world.apply([World.report("m\(first)")], from: channel).matched == 1)
        #expect(try await world.timeline(first).state == .delivered)
    }

    @Test(arguments: [-1, 0] as [Int64])
    func `a failed one goes to a second channel in time only`(after: Int64) async throws {
        let two = try await world.channel("two")
        let members = [channel, two].map { Route.Member(channel: $0) }
        try await world.store.insert(
            Route(name: "r", channels: members, retryCodes: [DeliveryStatus("MK:0001")]), at: World.noon)
        let sequence = try await send()
        try await world.settle(begin([sequence], at: World.noon).id, .accepted(nil))
        let at = Self.end.adding(milliseconds: after)
        _ = try await world.apply([World.report("m\(sequence)", "MK:0001")], from: channel, at: at)
        #expect(try await world.timeline(sequence).state == (after < 0 ? .queued : .failed))
        guard after < 0 else { return }
        // It left in time once: what its carrier said of it is the end of it.
        _ = try await world.store.fail([sequence], with: .expired, at: Self.end)
        #expect(try await world.timeline(sequence).status == "MK:0001")
        #expect(try await world.timeline(sequence).refunded == 0)
    }

    @Test func `one that may have left in time, and was queued again, waits for its report when its time is over`()
        async throws
    {
        let sequence = try await send()
        try await world.settle(begin([sequence], at: World.noon).id, .uncertain(detail: "no answer"))
        _ = try await world.store.settleByHand(
            [MessageID(sequence: sequence)], as: .resend, reason: "", at: World.noon)
        #expect(try await world.timeline(sequence).state == .queued)
        _ = try await world.store.fail([sequence], with: .expired, at: Self.end)
        #expect(try await world.timeline(sequence).state == .submitted)
        _ = try await world.apply([World.report("m\(sequence)", "DELIVRD")], from: channel, at: Self.end)
        #expect(try await world.timeline(sequence).state == .delivered)
        #expect(try await world.timeline(sequence).refunded == 0)
    }

    @Test func `how long an account's messages are valid, and that a channel is paused, is kept`() async throws {
        var world = world
        var account = try #require(try await world.store.accounts().first)
        #expect(account.account.validFor == nil)
        account.account.validFor = 300_000
        try await world.store.update(account.account, key: account.key, sealedSecrets: [1])
        var channel = try #require(try await world.store.channels().first)
        #expect(channel.channel.pausedAt == nil)
        channel.channel.pausedAt = World.noon
        try await world.store.update(channel)
        try await world.reopen()
        #expect(try await world.store.accounts().first?.account.validFor == 300_000)
        #expect(try await world.store.channels().first?.channel.pausedAt == World.noon)
    }
}
