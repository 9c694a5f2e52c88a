import Messaging
import Store
import Testing

@testable import Engine

/// More messages wait than memory holds, and some channels take nothing.
struct WaitingTests {
    private static let gsm = "138"
    private static let unicom = "130"

    private static func mobiles(_ prefix: String, _ range: Range<Int>) -> [String] {
        range.map { String((Int(prefix) ?? 0) * 100_000_000 + $0) }
    }

    private static func held(by gate: Gate) -> FakeCarrier {
        FakeCarrier { carrier, call in
            await gate.pass()
            return await FakeCarrier.deliver(carrier, call)
        }
    }

    private static func little(_ configuration: inout EngineConfiguration) { configuration.messagesInMemoryMax = 300 }

    @Test func `what waits for a channel without an answer keeps no message of another`() async throws {
        let gate = Gate()
        let slow = Self.held(by: gate)
        let carriers = ["slow": slow, "quick": FakeCarrier()]
        try await House.with(carriers, channels: false, configure: Self.little) { house in
            try await house.channel("slow", networks: NetworkSet([.mobile]), connectionLimit: 1)
            try await house.channel("quick", networks: NetworkSet([.unicom]))
            let account = try await house.account()
            for batch in 0..<20 {
                _ = try await house.send(Self.mobiles(Self.gsm, batch * 100..<batch * 100 + 100), by: account)
                _ = try await house.send(Self.mobiles(Self.gsm, 5000 + batch..<5001 + batch), by: account)
            }
            for batch in 0..<10 {
                _ = try await house.send(Self.mobiles(Self.unicom, batch * 100..<batch * 100 + 100), by: account)
            }
            let last = try await house.send(Self.mobiles(Self.unicom, 7777..<7778), by: account)
            try await house.finals(1001)
            #expect(try await house.timeline(last).state == .delivered)
            #expect(await house.engine.queueStatus().hasBacklog)
            #expect(slow.calls.count == 1)
            gate.open()
            try await house.finals(3021)
            let sent = carriers.values.flatMap(\.sent)
            #expect(sent.sorted() == Array(1...3021))
            try await eventually("nothing waits") { await house.engine.queueStatus().waiting == 0 }
            #expect(try await house.isSound())
        }
    }

    @Test func `small submissions do not stand behind large ones on disk`() async throws {
        let gate = Gate()
        let carrier = FakeCarrier(limits: CallLimits(sameContentMax: 100, distinctMax: 10)) { carrier, call in
            if carrier.calls.count == 1 { await gate.pass() }
            return await FakeCarrier.deliver(carrier, call)
        }
        try await House.with(["one": carrier], channels: false, configure: Self.little) { house in
            try await house.channel("one", connectionLimit: 1)
            let account = try await house.account()
            _ = try await house.send(by: account)
            for batch in 0..<20 {
                _ = try await house.send(Self.mobiles(Self.gsm, batch * 100..<batch * 100 + 100), by: account)
            }
            let code = try await house.send(Self.mobiles(Self.gsm, 9999..<10_000), by: account)
            try await eventually("all wait") { await house.engine.queueStatus().waiting == 2001 }
            gate.open()
            try await house.finals(2002)
            let place = try #require(carrier.calls.firstIndex { $0.messages.contains { $0.sequence == code } })
            #expect(place <= 2)
            #expect(carrier.sent.sorted() == Array(1...2002))
        }
    }

    @Test func `what waits on disk for a channel that fails goes to the next one`() async throws {
        let gate = Gate()
        let down = FakeCarrier { _, _ in
            await gate.pass()
            return .notSent(reason: "connection refused")
        }
        let carriers = ["down": down, "next": FakeCarrier(), "last": FakeCarrier()]
        try await House.with(carriers, channels: false, configure: Self.little) { house in
            try await house.channel("down", priority: 9, connectionLimit: 2)
            try await house.channel("next", priority: 5)
            try await house.channel("last", priority: 1)
            let account = try await house.account()
            for batch in 0..<20 {
                _ = try await house.send(Self.mobiles(Self.gsm, batch * 100..<batch * 100 + 100), by: account)
            }
            try await eventually("all wait") {
                let status = await house.engine.channelStatus().values
                return status.reduce(0) { $0 + $1.queued + $1.inFlight } == 2000 && !down.calls.isEmpty
            }
            #expect(carriers["next"]?.sent.isEmpty == true)
            gate.open()
            try await house.finals(2000)
            #expect(carriers["next"]?.sent.sorted() == Array(1...2000))
            #expect(carriers["last"]?.sent.isEmpty == true)
            #expect(try await house.isSound())
        }
    }

    @Test func `a channel that comes back is probed with one message and then gets the others`() async throws {
        let isDown = Switch()
        let carrier = FakeCarrier { carrier, call in
            isDown.isOn ? .channelRefused(code: "-100003") : await FakeCarrier.deliver(carrier, call)
        }
        let spare = FakeCarrier()
        try await House.with(["one": carrier, "spare": spare], channels: false) { house in
            try await house.channel("one", priority: 9)
            try await house.channel("spare")
            let account = try await house.account()
            isDown.isOn = true
            _ = try await house.send(Self.mobiles(Self.gsm, 0..<100), by: account)
            try await house.finals(100)
            #expect(carrier.calls.count == 1)
            isDown.isOn = false
            house.clock.advance(milliseconds: ChannelScheduler.backOffMin)
            let first = try await house.send(Self.mobiles(Self.gsm, 0..<50), by: account)
            try await house.finals(150)
            let again = carrier.calls.dropFirst().flatMap(\.messages).map(\.sequence)
            #expect(again == [first])
            #expect(spare.sent.count == 149)
            _ = try await house.send(Self.mobiles(Self.gsm, 0..<20), by: account)
            try await house.finals(170)
            #expect(spare.sent.count == 149)
        }
    }

    @Test func `messages without a channel wait on disk, and go out when there is one`() async throws {
        try await House.with(["one": FakeCarrier()], channels: false, configure: Self.little) { house in
            let account = try await house.account()
            for batch in 0..<20 {
                _ = try await house.send(Self.mobiles(Self.gsm, batch * 100..<batch * 100 + 100), by: account)
            }
            try await eventually("all wait") { await house.engine.queueStatus().unrouted == 2000 }
            try await house.channel("one")
            try await house.finals(2000)
            #expect(house.carriers["one"]?.sent.sorted() == Array(1...2000))
            #expect(await house.engine.queueStatus().unrouted == 0)
        }
    }

    @Test func `after a restart a channel without an answer holds nothing back either`() async throws {
        let gate = Gate()
        let before = ["slow": Self.held(by: gate), "quick": Self.held(by: gate)]
        let house = try await House.open(before)
        try await house.channel("slow", networks: NetworkSet([.mobile]), connectionLimit: 1)
        try await house.channel("quick", networks: NetworkSet([.unicom]), connectionLimit: 1)
        let account = try await house.account()
        for batch in 0..<20 {
            _ = try await house.send(Self.mobiles(Self.gsm, batch * 100..<batch * 100 + 100), by: account)
        }
        _ = try await house.send(Self.mobiles(Self.unicom, 0..<30), by: account)
        try await eventually("calls") { before.values.allSatisfy { $0.calls.count == 1 } }
        let last = try await house.send(Self.mobiles(Self.unicom, 100..<130), by: account)
        let after = ["slow": Self.held(by: gate), "quick": FakeCarrier()]
        let second = try await house.again(after, Self.little)
        try await second.waitUntil(last, is: .delivered)
        try await second.waitUntil(last + 29, is: .delivered)
        #expect(after["slow"]?.calls.count == 1)
        gate.open()
        let begun = before.values.flatMap(\.sent)
        try await second.finals(2060 - begun.count)
        #expect((begun + after.values.flatMap(\.sent)).sorted() == Array(1...2060))
        await second.stop()
    }

    @Test func `what comes faster than it is taken is left on disk, and goes out`() async throws {
        try await House.with(["one": FakeCarrier()], channels: false, configure: Self.little) { house in
            let account = try await house.account()
            for batch in 0..<5 {
                _ = try await house.send(Self.mobiles(Self.gsm, batch * 100..<batch * 100 + 100), by: account)
            }
            let parts = try await house.engine.store.queued(from: 0, limit: 1000).parts
            #expect(parts.count == 5)
            // All at once, which is more than may stand there; they stand twice then, and go out once.
            house.engine.dispatcher.enqueueDue(parts)
            try await house.channel("one")
            try await house.finals(500)
            try await eventually("nothing waits") { await house.engine.queueStatus().waiting == 0 }
            #expect(house.carriers["one"]?.sent.sorted() == Array(1...500))
        }
    }
}

/// What waits too long ends.
struct ExpiryTests {
    private static let hour: Int64 = 3_600_000

    private func expire(_ house: House) async throws {
        house.clock.advance(milliseconds: house.engine.configuration.reportExpiry + 1)
        _ = house.engine.dispatcher.events.push(.tick)
    }

    @Test(arguments: [0, 30, 2000])
    func `messages behind a channel that takes nothing expire, with a report and their money`(memory: Int) async throws
    {
        let down = FakeCarrier { _, _ in .notSent(reason: "connection refused") }
        try await House.with(["down": down]) {
            if memory > 0 { $0.messagesInMemoryMax = memory }
        } _: { house in
            let account = try await house.account()
            for batch in 0..<10 {
                _ = try await house.send((0..<20).map { String(13_800_000_000 + batch * 20 + $0) }, by: account)
                _ = try await house.send([House.mobile], by: account)
            }
            try await eventually("all wait") {
                let status = await house.engine.channelStatus().values.first
                return status?.queued == 210 && status?.inFlight == 0
            }
            house.clock.advance(milliseconds: 48 * Self.hour)
            let young = try await house.send(["13900139000"], by: account)
            house.clock.advance(milliseconds: -48 * Self.hour)
            try await expire(house)
            // One of them may be on its way to the carrier when the others are ended; it is found at the next look.
            // No further than that: the young one must not expire, however often a slow machine looks.
            let latest = house.engine.configuration.clock.now().adding(milliseconds: 10 * Self.hour)
            try await eventually("210 final messages") {
                if house.engine.configuration.clock.now() < latest {
                    house.clock.advance(milliseconds: Dispatcher.expiryCheckInterval)
                }
                _ = house.engine.dispatcher.events.push(.tick)
                return house.engine.counters.snapshot.finalMessages >= 210
            }
            // It may be on its way to the carrier at this moment, in vain.
            try await house.waitUntil(young, is: .queued)
            try await eventually("the refund") { account.runtime.balance == (1_000_000 - 1) * House.price }
            let reports = try await house.engine.outbox.collectReports(for: account, limit: 500)
            #expect(reports.count == 210)
            #expect(reports.allSatisfy { $0.status == .expired })
            try await eventually("one waits") { await house.engine.queueStatus().waiting == 1 }
            #expect(try await house.isSound())
        }
    }

    @Test func `messages without a channel expire`() async throws {
        try await House.with(["one": FakeCarrier()], channels: false) { house in
            let account = try await house.account()
            _ = try await house.send((0..<20).map { String(13_800_000_000 + $0) }, by: account)
            try await eventually("they wait") { await house.engine.queueStatus().unrouted == 20 }
            try await expire(house)
            try await house.finals(20)
            #expect(await house.engine.queueStatus().waiting == 0)
            try await eventually("the refund") { account.runtime.balance == 1_000_000 * House.price }
        }
    }

    @Test func `a scheduled message is as old as it is due`() async throws {
        let isDown = Switch()
        let carrier = FakeCarrier { carrier, call in
            isDown.isOn ? .notSent(reason: "down") : await FakeCarrier.deliver(carrier, call)
        }
        try await House.with(["one": carrier]) { house in
            let account = try await house.account()
            let later = house.clock.now.adding(milliseconds: 96 * Self.hour)
            let sequence = try await house.send(by: account, at: later)
            let second = try await house.send(by: account, at: later.adding(milliseconds: Self.hour))
            house.clock.advance(milliseconds: 96 * Self.hour)
            _ = house.engine.dispatcher.events.push(.tick)
            try await house.waitUntil(sequence, is: .delivered)
            isDown.isOn = true
            house.clock.advance(milliseconds: Self.hour)
            try await eventually("it waits") { await house.engine.channelStatus().values.first?.queued == 1 }
            house.clock.advance(milliseconds: 71 * Self.hour)
            _ = house.engine.dispatcher.events.push(.tick)
            try await eventually("another try") { carrier.sent.filter { $0 == second }.count == 2 }
            #expect(try await house.timeline(second).status == nil)
            house.clock.advance(milliseconds: 2 * Self.hour)
            _ = house.engine.dispatcher.events.push(.tick)
            try await house.waitUntil(second, is: .failed)
            #expect(try await house.timeline(second).status == "EXPIRED")
        }
    }
}
