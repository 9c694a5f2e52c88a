import Messaging
import Store
import Synchronization
import Testing

@testable import Engine

/// A carrier that is polled, which forgets what it hands out, while the database takes no writes.
struct PolledDiskTests {
    private static let silent: FakeCarrier.Answer = { _, _ in .accepted(nil) }

    /// A house with one message that waits for its report.
    private func open(_ carrier: FakeCarrier) async throws -> (house: House, sequence: MessageSequence) {
        let house = try await House.open(["one": carrier])
        try await house.channel("one")
        let account = try await house.account(accessExtension: "8")
        let sequence = try await house.send(by: account)
        try await eventually("the call") { house.engine.counters.snapshot.submittedMessages == 1 }
        return (house, sequence)
    }

    @Test func `a fetched body is held until it is durable, not confirmed before, and nothing else is fetched`()
        async throws
    {
        let gate = Gate()
        let carrier = FakeCarrier(fetchGate: gate, answer: Self.silent)
        let (house, sequence) = try await open(carrier)
        let refusals = house.countRefusals()
        carrier.report(tag: "m\(sequence)", mobile: House.mobile)
        try await eventually("a fetch under way") { carrier.fetchable == 0 }
        try house.setDisk(refuses: true)
        gate.open()
        try await eventually("the trouble") { house.engine.storage.isFailing }
        carrier.reply(from: House.mobile, to: "106900121228", "T")
        // Meanwhile each poller had many turns.
        let seen = refusals.last
        try await eventually("more refusals") { refusals.last >= seen + 4 }
        #expect(carrier.fetchable == 1)
        #expect(carrier.confirmed(.polledReports).isEmpty)
        #expect(try await house.timeline(sequence).state == .submitted)
        try await house.endRefusal()
        try await house.waitUntil(sequence, is: .delivered)
        #expect(carrier.confirmed(.polledReports).count == 1)
        try await eventually("the reply") { house.engine.counters.snapshot.inboundReplies == 1 }
        #expect(carrier.fetchable == 0)
        #expect(house.engine.counters.snapshot.inboundReports == 1)
        await house.stop()
    }

    @Test func `a body that is durable and confirmed, but not applied, is applied when writes are taken again`()
        async throws
    {
        let opened = Mutex<House?>(nil)
        // The disk refuses between the body and what it says.
        let carrier = FakeCarrier(
            answer: Self.silent, onConfirm: { try? opened.withLock { $0 }?.setDisk(refuses: true) })
        let (house, sequence) = try await open(carrier)
        opened.withLock { $0 = house }
        carrier.report(tag: "m\(sequence)", mobile: House.mobile)
        try await eventually("the trouble") { house.engine.storage.isFailing }
        #expect(carrier.confirmed(.polledReports).count == 1)
        #expect(try await house.timeline(sequence).state == .submitted)
        #expect(try await house.engine.store.pendingInbound().count == 1)
        opened.withLock { $0 = nil }
        try await house.endRefusal()
        try await house.waitUntil(sequence, is: .delivered)
        try await eventually("nothing pending") { try await house.engine.store.pendingInbound().isEmpty }
        #expect(carrier.confirmed(.polledReports).count == 1)
        #expect(house.engine.counters.snapshot.deliveredMessages == 1)
        await house.stop()
    }
}
