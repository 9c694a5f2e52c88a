import Messaging
import Store
import Testing

/// Transactions that are thrown away because one piece of them failed.
struct ThrownAwayTests {
    private let mobiles = ["13800138000", "13800138001", "13800138002"]

    @Test func `what a thrown-away transaction said of a call holds for nobody after it`() async throws {
        let world = try World()
        let account = try await world.account()
        let channel = try await world.channel()
        let first = try await world.send(account, mobiles)
        let attempt = try await world.begin(channel, first..<(first + 3))
        let settlements = [
            Settlement(attempt: attempt, outcome: .accepted(.consecutive(from: 1000))),
            Settlement(attempt: attempt + 1, outcome: .accepted(nil)),
        ]
        await #expect(throws: StoreFailure.notFound) {
            try await world.store.settle(settlements, at: World.noon)
        }
        // The call's tag and a masked number: only the numbering that was thrown away would tell which message it is.
        let masked = World.report("m\(first)a\(attempt)", id: 1001, mobile: "")
        #expect(try await world.apply([masked], from: channel).parked == 1)
        #expect(try world.count("SELECT COUNT(*) FROM message WHERE state > 2") == 0)
        // And what is settled now holds.
        try await world.settle(attempt, .accepted(.consecutive(from: 2000)))
        try await world.apply([World.report(id: 2002, mobile: mobiles[2])], from: channel)
        #expect(try await world.timeline(first + 2).state == .delivered)
    }
}
