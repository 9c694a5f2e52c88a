import Messaging
import Store
import Testing

@testable import Engine

struct RoutingTests {
    @Test func `what one channel cannot send goes to the other`() async throws {
        let down = FakeCarrier { _, _ in .notSent(reason: "connection refused") }
        try await House.with(["down": down, "up": FakeCarrier()], channels: false) { house in
            try await house.channel("down", priority: 9)
            try await house.channel("up")
            let account = try await house.account()
            let first = try await house.send((0..<30).map { String(13_800_138_000 + $0) }, by: account)
            try await house.finals(30)
            #expect(down.sent == Array(first..<(first + 30)))
            #expect(house.carriers["up"]?.sent.sorted() == Array(first..<(first + 30)))
            #expect(try await house.timeline(first).channel == "up")
            #expect(try await house.isSound())
        }
    }

    @Test func `a channel that refuses everything is left alone and tried again later`() async throws {
        let carrier = FakeCarrier { carrier, call in
            if carrier.calls.count < 2 { return .channelRefused(code: "-100003") }
            return await FakeCarrier.deliver(carrier, call)
        }
        try await House.with(["one": carrier]) { house in
            let account = try await house.account()
            let sequence = try await house.send(by: account)
            try await eventually("the refusal") {
                let status = await house.engine.channelStatus().values.first
                return status?.health == .failing(reason: "refused with code -100003")
            }
            // The scheduler knows of the refusal a moment before it is stored.
            try await eventually("queued again") { try await house.timeline(sequence).state == .queued }
            #expect(account.runtime.balance == (1_000_000 - 1) * House.price)
            house.clock.advance(milliseconds: ChannelScheduler.backOffMin)
            try await house.waitUntil(sequence, is: .delivered)
            #expect(carrier.sent == [sequence, sequence])
        }
    }

    @Test func `a number that no channel serves ends as NOROUTE and is given back`() async throws {
        try await House.with(["one": FakeCarrier()], channels: false) { house in
            try await house.channel("one", networks: NetworkSet([.unicom]))
            let account = try await house.account()
            let first = try await house.send([House.mobile, "13000130000", "0085251234567"], by: account)
            try await house.finals(3)
            #expect(try await house.timeline(first).status == "NOROUTE")
            #expect(try await house.timeline(first + 1).status == "DELIVRD")
            #expect(try await house.timeline(first + 2).status == "NOROUTE")
            try await eventually("the refund") { account.runtime.balance == (1_000_000 - 1) * House.price }
            let reports = try await house.engine.outbox.collectReports(for: account, limit: 10)
            #expect(reports.count == 3)
        }
    }

    @Test func `without a channel messages wait, and go out when there is one`() async throws {
        try await House.with(["one": FakeCarrier()], channels: false) { house in
            let account = try await house.account()
            let first = try await house.send([House.mobile, "13900139000"], by: account)
            try await eventually("the queue") { await house.engine.queueStatus().unrouted == 2 }
            #expect(try await house.timeline(first).state == .queued)
            try await house.channel("one")
            try await house.finals(2)
            #expect(house.carriers["one"]?.sent.count == 2)
            #expect(await house.engine.queueStatus().waiting == 0)
        }
    }

    @Test func `a disabled channel sends nothing, and what waits on it moves to another`() async throws {
        let gate = Gate()
        let slow = FakeCarrier { carrier, call in
            await gate.pass()
            return await FakeCarrier.deliver(carrier, call)
        }
        try await House.with(["slow": slow, "spare": FakeCarrier()], channels: false) { house in
            try await house.channel("slow", connectionLimit: 1)
            let account = try await house.account()
            let first = try await house.send(by: account)
            try await eventually("the first call") { slow.calls.count == 1 }
            let second = try await house.send(["13900139000"], by: account)
            try await eventually("the second waits") { await house.engine.queueStatus().waiting == 1 }
            try await house.channel("spare", priority: -1)
            _ = try await house.engine.updateChannel(name: "slow") { channel, _ in channel.isEnabled = false }
            try await house.waitUntil(second, is: .delivered)
            #expect(house.carriers["spare"]?.sent == [second])
            gate.open()
            // A disabled channel's reports are still fetched.
            try await house.waitUntil(first, is: .delivered)
            #expect(slow.sent == [first])
        }
    }

    @Test func `a message that is twice in memory goes out once`() async throws {
        let gate = Gate()
        let carrier = FakeCarrier { carrier, call in
            await gate.pass()
            return await FakeCarrier.deliver(carrier, call)
        }
        try await House.with(["one": carrier], channels: false) { house in
            try await house.channel("one", connectionLimit: 1)
            let account = try await house.account()
            let first = try await house.send(by: account)
            try await eventually("the first call") { carrier.calls.count == 1 }
            let others = try await house.send(["13900139000", "13900139001"], by: account)
            try await eventually("the others wait") { await house.engine.queueStatus().waiting == 2 }
            // As when they are read from disk while they are on their way through memory.
            house.engine.dispatcher.enqueueDue(try await house.engine.store.queued(from: 0, limit: 10).parts)
            try await eventually("they wait twice") { await house.engine.queueStatus().waiting == 4 }
            gate.open()
            try await house.finals(3)
            try await eventually("an empty queue") { await house.engine.queueStatus().waiting == 0 }
            #expect(carrier.sent.sorted() == [first, others, others + 1])
        }
    }

    @Test func `more messages than memory holds are all sent, once`() async throws {
        let gate = Gate()
        let carrier = FakeCarrier { carrier, call in
            await gate.pass()
            return await FakeCarrier.deliver(carrier, call)
        }
        let configure: (inout EngineConfiguration) -> Void = { $0.messagesInMemoryMax = 300 }
        try await House.with(["one": carrier], channels: false, configure: configure) { house in
            try await house.channel("one", connectionLimit: 2)
            let account = try await house.account()
            for batch in 0..<30 {
                _ = try await house.send((0..<100).map { String(13_800_000_000 + batch * 100 + $0) }, by: account)
            }
            try await eventually("a backlog") { await house.engine.queueStatus().hasBacklog }
            gate.open()
            try await house.finals(3000)
            #expect(carrier.sent.sorted() == Array(1...3000))
            #expect(await house.engine.queueStatus().hasBacklog == false)
            #expect(try await house.isSound())
        }
    }

    @Test func `the same number many times in one submission is as many messages`() async throws {
        try await House.with { house in
            let account = try await house.account()
            let first = try await house.send(Array(repeating: House.mobile, count: 25), by: account)
            try await house.finals(25)
            #expect(house.carriers["one"]?.sent.sorted() == Array(first..<(first + 25)))
            for call in house.carriers["one"]?.calls ?? [] where call.isUniform {
                #expect(Set(call.messages.map(\.mobile)).count == call.messages.count)
            }
        }
    }
}
