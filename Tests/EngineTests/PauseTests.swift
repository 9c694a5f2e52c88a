import Messaging
import Store
import Testing

@testable import Engine

/// Channels that are paused, and what switching one off would do.
struct PauseTests {
    private static func pause(_ house: House, _ name: String, _ isPaused: Bool = true) async throws {
        let now = house.clock.now
        _ = try await house.engine.updateChannel(name: name) { channel, _ in channel.pausedAt = isPaused ? now : nil }
        let number = try #require(await house.engine.channels.channel(named: name)?.key)
        try await eventually("the lane knows") {
            await house.engine.dispatcher.isPaused(number) == isPaused
        }
    }

    private static func waiting(_ house: House, _ name: String) async throws -> Int {
        let number = try #require(await house.engine.channels.channel(named: name)?.key)
        return await house.engine.channelStatus()[number]?.queued ?? -1
    }

    @Test func `a paused channel keeps what comes, through a restart, and sends it when it goes on`() async throws {
        let carrier = FakeCarrier()
        let house = try await House.open(["one": carrier])
        try await house.channel("one")
        let account = try await house.account()
        try await Self.pause(house, "one")
        let first = try await house.send(by: account)
        let second = try await house.send((0..<30).map { String(13_900_000_000 + $0) }, by: account)
        try await eventually("they wait") { try await Self.waiting(house, "one") == 31 }
        let again = try await house.again()
        try await eventually("they wait") { try await Self.waiting(again, "one") == 31 }
        #expect(await again.engine.queueStatus().unrouted == 0)
        #expect(try await again.timeline(first).state == .queued)
        #expect(carrier.calls.isEmpty)
        try await Self.pause(again, "one", false)
        try await again.finals(31)
        #expect(carrier.sent.sorted() == Array(first...second + 29))
        #expect(try await again.isSound())
        await again.stop()
    }

    @Test func `what waits does not go elsewhere, and reports of what was sent come in`() async throws {
        let gate = Gate()
        let one = FakeCarrier { carrier, call in .accepted(.consecutive(from: carrier.takeIDs(call.messages.count))) }
        let slow = FakeCarrier { _, _ in
            await gate.pass()
            return .notSent(reason: "down")
        }
        try await House.with(["one": one, "slow": slow, "two": FakeCarrier()], channels: false) { house in
            try await house.channel("one", priority: 9)
            try await house.channel("two")
            let account = try await house.account()
            let sent = try await house.send(by: account)
            try await house.waitUntil(sent, is: .submitted)
            try await Self.pause(house, "one")
            let kept = try await house.send(by: account)
            try await eventually("it waits") { try await Self.waiting(house, "one") == 1 }
            one.report(try #require(one.calls.first), 0)
            try await house.waitUntil(sent, is: .delivered)
            #expect(house.engine.lastReports.count == 1)
            #expect(try await house.timeline(kept).state == .queued)
            let number = PhoneNumber(rawValue: 13_800_138_000)
            let why = await house.engine.explain(account: account.key, number: number)
            #expect(why.outcome == .channel("one"))
            #expect(why.channels.map(\.isPaused) == [true, false])
            // A call that ends badly after the pause moves nothing either.
            try await house.channel("slow", priority: 20)
            let third = try await house.send(by: account)
            try await eventually("a call") { slow.calls.count == 1 }
            try await Self.pause(house, "slow")
            gate.open()
            try await eventually("it is back") { try await Self.waiting(house, "slow") == 1 }
            #expect(try await house.timeline(third).state == .queued)
            #expect(house.carriers["two"]?.calls.isEmpty == true)
        }
    }

    @Test func `before it is switched off it is told what would become of what waits`() async throws {
        try await House.with(["one": FakeCarrier(), "two": FakeCarrier()], channels: false) {
            $0.messagesInMemoryMax = 40
        } _: { house in
            let entry = try await house.channel("one", priority: 5)
            let account = try await house.account()
            try await Self.pause(house, "one")
            for first in [0, 20, 40] {
                _ = try await house.send((first..<first + 20).map { String(13_800_000_000 + $0) }, by: account)
            }
            _ = try await house.send((0..<20).map { String(13_000_000_000 + $0) }, by: account)
            _ = try await house.send((20..<25).map { String(13_000_000_000 + $0) }, by: account)
            try await eventually("they wait") { try await Self.waiting(house, "one") == 85 }
            let alone = try await house.engine.outlook(without: entry)
            #expect(alone == ChannelOutlook(waiting: 85, kept: 85))
            try await house.channel("two", networks: NetworkSet([.mobile, .telecom]))
            try await eventually("the lane") { await house.engine.channelStatus().count == 2 }
            let outlook = try await house.engine.outlook(without: entry)
            #expect(outlook == ChannelOutlook(waiting: 85, moved: 60, ended: 25, lost: [.unicom, .broadnet]))
            #expect(outlook.unknown == 0)
            // It comes true.
            _ = try await house.engine.updateChannel(name: "one") { channel, _ in channel.isEnabled = false }
            try await house.finals(85)
            #expect(house.carriers["two"]?.sent.count == 60)
        }
    }

    // MARK: The choice

    private static func candidate(
        _ key: ChannelKey, priority: Int = 0, isOpen: Bool = true, isPaused: Bool = false
    ) -> ChannelChoice.Candidate {
        var channel = Channel(name: "c\(key)", accessNumber: "1", priority: priority)
        channel.pausedAt = isPaused ? TestClock.noon : nil
        return ChannelChoice.Candidate(key: key, channel: channel, isOpen: isOpen, depth: 0)
    }

    private static let open = candidate(1)
    private static let lower = candidate(2, priority: -5)
    private static let paused = candidate(3, isPaused: true)
    private static let failing = candidate(4, isOpen: false)
    private static let higherFailing = candidate(5, priority: 5, isOpen: false)

    @Test(
        arguments: [
            ([paused], 3), ([paused, lower], 3), ([paused, open], 1), ([open, paused], 1), ([paused, failing], 4),
            ([higherFailing, paused], 5), ([paused, higherFailing, lower], 2), ([lower, higherFailing], 2),
            ([paused, candidate(6, priority: -5, isOpen: false)], 3),
        ] as [([ChannelChoice.Candidate], ChannelKey)])
    func `a paused channel has what is its own, and nothing instead of another`(
        _ candidates: [ChannelChoice.Candidate], _ chosen: ChannelKey
    ) {
        for order in [candidates, candidates.reversed()] {
            #expect(ChannelChoice.choose(for: .mobile, among: order) == .channel(chosen))
            let explained = ChannelChoice.explain(for: .mobile, among: order)
            #expect(explained.choice == .channel(chosen))
            for (candidate, verdict) in zip(order, explained.verdicts) where candidate.key == 3 && chosen != 3 {
                #expect(verdict == .paused)
            }
        }
    }

    @Test func `a lane tells since when it fails and since when the first waits`() throws {
        var bench = SchedulerBench()
        #expect(bench.scheduler.oldest == nil)
        bench.put(1, count: 1)
        let since = bench.now
        bench.now = bench.now.adding(milliseconds: 1000)
        bench.put(2, count: 20)
        #expect(bench.scheduler.oldest == since)
        for _ in 0..<3 {
            let call = bench.call()
            bench.end(try #require(call), .notSent(reason: "down"))
            #expect(bench.scheduler.healthSince == since.adding(milliseconds: 1000))
            bench.now = bench.now.adding(milliseconds: ChannelScheduler.backOffMax)
        }
        let call = bench.call()
        bench.end(try #require(call), .accepted(nil))
        #expect(bench.scheduler.health == .healthy)
        #expect(bench.scheduler.healthSince == bench.now)
        bench.scheduler.reset()
        #expect(bench.scheduler.healthSince == nil)
    }
}

extension Dispatcher {
    /// Nil: it has no such scheduler.
    fileprivate func isPaused(_ channel: ChannelKey) -> Bool? { schedulers[channel]?.scheduler.channel.isPaused }
}
