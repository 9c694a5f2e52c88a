import Messaging
import Store
import Testing

@testable import Engine

struct QuiesceTests {
    @Test func `no call begins after quiesce, and what was taken since goes out after the next start`() async throws {
        let carrier = FakeCarrier()
        let house = try await House.open(["one": carrier])
        try await house.channel("one")
        let account = try await house.account()
        let before = try await house.send(by: account)
        try await house.waitUntil(before, is: .delivered)
        house.engine.quiesce()
        var after: [MessageSequence] = []
        for count in 1...3 {
            after.append(try await house.send(by: account))
            try await eventually("\(count) waiting") {
                await house.engine.queueStatus().waiting == count || carrier.calls.count > 1
            }
        }
        #expect(carrier.sent == [before])
        #expect(try await house.engine.store.newestAttempt() == 1)
        let second = try await house.again()
        for sequence in after { try await second.waitUntil(sequence, is: .delivered) }
        #expect(carrier.sent.sorted() == [before] + after)
        await second.stop()
    }
}
