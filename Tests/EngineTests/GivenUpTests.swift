import Messaging
import Store
import Synchronization
import Testing

@testable import Engine

/// Drivers that do not end what they were asked.
struct GivenUpTests {
    private static func call(_ sequence: MessageSequence) -> ChannelScheduler.PlannedCall {
        let message = OutgoingMessage(
            sequence: sequence, mobile: PhoneNumber(rawValue: 13_800_138_000), content: "c", accessExtension: "",
            segments: 1, acceptedAt: TestClock.noon)
        return ChannelScheduler.PlannedCall(isUniform: false, messages: [message])
    }

    @Test func `a call leaves once: by its end, or when it is overdue`() {
        var calls = CallsUnderWay()
        calls.begin(Self.call(1), attempt: 1, durationMax: 100, uptime: 1000)
        calls.begin(Self.call(2), attempt: 2, durationMax: 100, uptime: 1050)
        calls.begin(Self.call(3), attempt: 3, durationMax: 1000, uptime: 1000)
        var overdue = calls.giveUpOverdue(uptime: 1199)
        #expect(overdue.isEmpty)
        overdue = calls.giveUpOverdue(uptime: 1200)
        #expect(overdue.map(\.attempt) == [1])
        let ends = [1, 2, 2, 77].map { calls.end($0) }
        #expect(ends == [false, true, false, false], "each leaves once")
        overdue = calls.giveUpOverdue(uptime: 2999)
        #expect(overdue.isEmpty)
        overdue = calls.giveUpOverdue(uptime: 3000)
        #expect(overdue.map { $0.call.messages[0].sequence } == [3])
        #expect(calls.count == 0 && calls.givenUp == 2)
    }

    @Test func `no limit and no clock makes it overflow`() {
        var calls = CallsUnderWay()
        calls.begin(Self.call(1), attempt: 1, durationMax: .max, uptime: .max)
        calls.begin(Self.call(2), attempt: 2, durationMax: .min, uptime: .max)
        calls.begin(Self.call(3), attempt: 3, durationMax: 0, uptime: 0)
        let overdue = calls.giveUpOverdue(uptime: 2)
        #expect(overdue.map(\.attempt) == [3])
        #expect(CallLimits(sameContentMax: 1, distinctMax: 1, durationMax: .max).givenUpAfter > .seconds(1))
    }

    @Test func `calls that never end are uncertain, free their places once, and are counted`() async throws {
        let gate = Gate()
        let isWell = Switch()
        let limits = CallLimits(sameContentMax: 1000, distinctMax: 100, durationMax: 10_000)
        let carrier = FakeCarrier(limits: limits) { carrier, call in
            if !isWell.isOn { await gate.pass() }
            return await FakeCarrier.deliver(carrier, call)
        }
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        try await House.with(["one": carrier], channels: false, configure: { $0.sweepInterval = 10 }) { house in
            let entry = try await house.channel("one", connectionLimit: 1)
            let account = try await house.account()
            let stuck = try await house.send(by: account)
            try await eventually("a call") { carrier.calls.count == 1 }
            house.clock.advance(milliseconds: 19_000)
            let waiting = try await house.send(["13900139000"], by: account)
            house.clock.advance(milliseconds: 1_001)
            try await eventually("its end") { try await house.timeline(stuck).attemptState == .uncertain }
            let status = try #require(await house.engine.channelStatus()[entry.key])
            #expect(status.callsGivenUp == 1)
            guard case .failing = status.health else {
                Issue.record("\(status.health)")
                return
            }
            isWell.isOn = true
            try await eventually("the next one's delivery") {
                house.clock.advance(milliseconds: 100)
                return try await house.timeline(waiting).state == .delivered
            }
            // What the driver says of it now has no reader, but the carrier's report has.
            gate.open()
            try await house.waitUntil(stuck, is: .delivered)
            let third = try await house.send(["13700137000"], by: account)
            try await house.waitUntil(third, is: .delivered)
            let after = try #require(await house.engine.channelStatus()[entry.key])
            #expect(after.inFlight == 0 && after.callsGivenUp == 1)
            #expect(try await house.isSound())
        }
    }

    @Test func `a fetch that never ends is given up, and polling goes on`() async throws {
        let gate = Gate()
        let limits = CallLimits(sameContentMax: 1000, distinctMax: 100, durationMax: 20)
        let carrier = FakeCarrier(limits: limits, fetchGate: gate)
        try await House.with(["one": carrier]) { house in
            let account = try await house.account(accessExtension: "8")
            carrier.reply(from: House.mobile, to: "106900121228", "lost")
            let number = try #require(await house.engine.channels.channel(named: "one")).key
            try await eventually("it is given up") { house.engine.intake.callsGivenUp(on: number) > 0 }
            gate.open()
            carrier.reply(from: House.mobile, to: "106900121228", "T")
            try await eventually("the next") {
                try await house.engine.outbox.queryReplies(for: account, limit: 9).map(\.content).contains("T")
            }
        }
    }

    @Test func `what a driver says too late is handed on, and who waits has gone on`() async {
        let gate = Gate()
        let late = Mutex<[Int]>([])
        let call = DriverCall {
            await gate.pass()
            return 7
        } late: { value in
            late.withLock { $0.append(value) }
        }
        #expect(await call.value(within: .milliseconds(1)) == nil)
        gate.open()
        _ = try? await eventually("the late one") { late.withLock { $0 } == [7] }
        #expect(late.withLock { $0 } == [7])
        #expect(await DriverCall { 8 }.value(within: .seconds(3600)) == 8)
    }
}
