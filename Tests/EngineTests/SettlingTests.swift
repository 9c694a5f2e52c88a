import GRDB
import Messaging
import Synchronization
import Testing

@testable import Engine

/// How calls that ended are stored.
struct SettlingTests {
    private static func forget(_ attempt: AttemptID, in path: String) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(60)
        try DatabaseQueue(path: path, configuration: configuration).write { db in
            try db.execute(sql: "DELETE FROM attempt WHERE id = ?", arguments: [attempt.rawValue])
        }
    }

    @Test func `an outcome that can never be stored holds nothing up`() async throws {
        let path = Mutex("")
        let gate = Gate()
        let carrier = FakeCarrier { carrier, call in
            await gate.pass()
            if call.messages.count == 2 {
                do {
                    try Self.forget(call.attempt, in: path.withLock { $0 })
                } catch {
                    Issue.record(error)
                }
            }
            return await FakeCarrier.deliver(carrier, call)
        }
        try await House.with(["one": carrier]) { house in
            path.withLock { $0 = house.directory.path + "/yizhan.sqlite" }
            let account = try await house.account()
            let lost = try await house.send([House.mobile, "13800138001"], by: account)
            try await eventually("the call") { carrier.calls.count == 1 }
            let beside = try await house.send(["13800138002"], "other", by: account)
            try await eventually("the call beside it") { carrier.calls.count == 2 }
            gate.open()
            try await house.waitUntil(beside, is: .delivered)
            try await eventually("its outcome") { try await house.timeline(beside).attemptState == .accepted }
            let after = try await house.send(["13800138003"], by: account)
            try await house.waitUntil(after, is: .delivered)
            #expect(try await house.timeline(lost).state == .submitted)
        }
    }

    @Test func `numbers that a carrier refused in a call that it took are paid back with its answer`() async throws {
        let carrier = FakeCarrier { carrier, call in
            if call.messages.count > 1 { carrier.report(call, 0) }
            return .accepted(.shared("7"), refused: call.messages.count > 1 ? [1: "blacklisted"] : [:])
        }
        try await House.with(["one": carrier]) { house in
            let account = try await house.account()
            let first = try await house.send([House.mobile, "13800138001"], by: account)
            try await house.finals(2)
            #expect(try await house.timeline(first).state == .delivered)
            let timeline = try await house.timeline(first + 1)
            #expect(timeline.status == "REJECTD")
            #expect(timeline.entries.contains { $0.detail.contains("blacklisted") })
            try await eventually("the refund") { account.runtime.balance == 999_999 * House.price }
            #expect(house.engine.counters.snapshot.submittedMessages == 1)
            #expect(try await house.isSound())
        }
    }
}
