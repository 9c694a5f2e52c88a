import Messaging
import Store
import Testing

@testable import Engine

/// A message's life through the whole engine.
struct LifeTests {
    @Test func `a message is accepted, charged, sent, reported and collected`() async throws {
        try await House.with { house in
            let account = try await house.account()
            let sequence = try await house.send([House.mobile], "【站】" + String(repeating: "字", count: 80), by: account)
            try await house.waitUntil(sequence, is: .delivered)
            #expect(house.carriers["one"]?.sent == [sequence])
            var reports: [CustomerReport] = []
            try await eventually("reports") {
                reports += try await house.engine.outbox.collectReports(for: account, limit: 500)
                return reports.count == 2
            }
            #expect(reports.map(\.status) == [.delivered, .delivered])
            #expect(try await house.engine.outbox.collectReports(for: account, limit: 500).isEmpty)
            #expect(account.runtime.balance == (1_000_000 - 2) * House.price)
            #expect(try await house.isSound())
            let counters = house.engine.counters.snapshot
            #expect(counters.acceptedMessages == 1)
            #expect(counters.acceptedSegments == 2)
            #expect(counters.submittedMessages == 1)
            #expect(counters.deliveredMessages == 1)
            #expect(counters.collectedEntries == 2)
        }
    }

    @Test func `a refusal ends the message, and the money is at once there to be spent`() async throws {
        let carrier = FakeCarrier { _, _ in .messageRefused(code: "-100012") }
        try await House.with(["one": carrier]) { house in
            let account = try await house.account(messages: 1)
            for _ in 0..<3 {
                let sequence = try await house.send(by: account)
                try await eventually("the refund") { account.runtime.balance == House.price }
                #expect(try await house.timeline(sequence).status == "REJECTD")
            }
            #expect(carrier.calls.count == 3)
            #expect(try await house.isSound())
        }
    }

    @Test func `one message that the carrier will not take does not hold up its call`() async throws {
        let bad = "13800138077"
        let carrier = FakeCarrier { carrier, call in
            if call.messages.contains(where: { $0.mobile.text == bad }) { return .messageRefused(code: "-100012") }
            return await FakeCarrier.deliver(carrier, call)
        }
        try await House.with(["one": carrier]) { house in
            let account = try await house.account()
            let mobiles = (0..<100).map { String(13_800_138_000 + $0) }
            let first = try await house.send(mobiles, by: account)
            try await house.finals(100)
            let counters = house.engine.counters.snapshot
            #expect(counters.deliveredMessages == 99)
            #expect(counters.failedMessages == 1)
            #expect(try await house.timeline(first + 77).status == "REJECTD")
            #expect(account.runtime.balance == (1_000_000 - 99) * House.price)
            // Each was in one call that the carrier took.
            let refusals = carrier.calls.filter { $0.messages.contains { $0.mobile.text == bad } }
            #expect(carrier.sent.count - refusals.flatMap(\.messages).count == 99)
        }
    }

    @Test func `a lost submit reply never makes a second message, and a report still ends it`() async throws {
        let carrier = FakeCarrier { _, _ in .uncertain(reason: "the connection was closed") }
        try await House.with(["one": carrier]) { house in
            let account = try await house.account()
            let mobiles = (0..<20).map { String(13_800_138_000 + $0) }
            let first = try await house.send(mobiles, by: account)
            try await eventually("the call") { house.engine.counters.snapshot.submittedMessages == 20 }
            // A second message goes out, so the dispatcher has been around again.
            let other = try await house.send(["13900139000"], by: account)
            try await eventually("the other call") { carrier.sent.contains(other) }
            #expect(carrier.sent.sorted() == Array(first..<(first + 20)) + [other])
            #expect(try await house.timeline(first).attemptState == .uncertain)
            let call = try #require(carrier.calls.first { $0.messages.count == 20 })
            carrier.report(call, 13)
            try await house.waitUntil(first + 13, is: .delivered)
            #expect(try await house.timeline(first + 12).state == .submitted)
        }
    }

    @Test func `a report may come before the submit reply`() async throws {
        let gate = Gate()
        let carrier = FakeCarrier { carrier, call in
            for index in call.messages.indices { carrier.report(call, index) }
            await gate.pass()
            return .accepted(.consecutive(from: carrier.takeIDs(call.messages.count)))
        }
        try await House.with(["one": carrier]) { house in
            let account = try await house.account()
            let first = try await house.send((0..<20).map { String(13_800_138_000 + $0) }, by: account)
            try await house.finals(20)
            #expect(try await house.timeline(first).attemptState == .begun)
            gate.open()
            try await eventually("the reply") { try await house.timeline(first).attemptState == .accepted }
            #expect(try await house.timeline(first).state == .delivered)
            #expect(try await house.engine.outbox.collectReports(for: account, limit: 500).count == 20)
            #expect(carrier.sent.count == 20)
        }
    }

    @Test func `an invalid number is reported and nobody is called`() async throws {
        try await House.with { house in
            let account = try await house.account()
            _ = try await house.send(["12", "abc"], by: account)
            let reports = try await house.engine.outbox.collectReports(for: account, limit: 500)
            #expect(reports.map(\.status) == [.rejected, .rejected])
            #expect(account.runtime.balance == 1_000_000 * House.price)
            #expect(house.carriers["one"]?.calls.isEmpty == true)
        }
    }

    @Test func `many messages of many submissions all arrive once`() async throws {
        try await House.with(["one": FakeCarrier(), "two": FakeCarrier()]) { house in
            let account = try await house.account()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for batch in 0..<40 {
                    group.addTask {
                        let count = batch % 2 == 0 ? 1 : 50
                        _ = try await house.send(
                            (0..<count).map { String(13_800_000_000 + batch * 100 + $0) }, by: account)
                    }
                }
                try await group.waitForAll()
            }
            try await house.finals(1020)
            let sent = house.carriers.values.flatMap(\.sent)
            #expect(sent.sorted() == Array(1...1020))
            var collected = Set<Int64>()
            while case let page = try await house.engine.outbox.collectReports(for: account, limit: 300), !page.isEmpty
            {
                for report in page { #expect(collected.insert(report.id.rawValue).inserted) }
            }
            #expect(collected.count == 1020)
            #expect(try await house.isSound())
        }
    }
}
