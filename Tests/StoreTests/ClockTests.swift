import Messaging
import Store
import Testing

struct ClockTests {
    @Test func `what was put off by a clock that was ahead is tried now`() async throws {
        let world = try World()
        let channel = try await world.channel()
        let later = World.noon.adding(milliseconds: 5 * 86_400_000)
        let reply = CarrierReply(carrierID: 1, mobile: "13800138000", accessNumber: "99", content: "1")
        let parked = OwnedReply(account: nil, reply: reply, accessExtension: "")
        try await world.apply([World.report("m99")], replies: [parked], from: channel, at: later)
        #expect(try await world.store.dueReplies(at: World.noon, limit: 9).isEmpty)
        try await world.store.takeUpPutOff(at: World.noon)
        #expect(try await world.store.dueReplies(at: World.noon, limit: 9).count == 1)
        #expect(try await world.store.retryReports(at: World.noon, parkFor: 86_400_000, limit: 9).tried == 1)
    }

    @Test func `what is put off by a pause that can be is left alone`() async throws {
        let world = try World()
        let channel = try await world.channel()
        try await world.apply([World.report("m99")], from: channel)
        try await world.store.takeUpPutOff(at: World.noon.adding(milliseconds: -1000))
        #expect(try await world.store.hasParkedDue(at: World.noon) == false)
    }

    @Test func `the newest moment on record is that of the ends of the tables, or what was noted`() async throws {
        let world = try World()
        #expect(try await world.store.timeOnRecord().newest == nil)
        let account = try await world.account()
        #expect(try await world.store.timeOnRecord().newest == World.noon)
        #expect(try await world.store.timeOnRecord().hasOpenMessages == false)
        let sequence = try await world.send(account, at: World.noon.adding(milliseconds: 1))
        #expect(try await world.store.timeOnRecord().newest == World.noon.adding(milliseconds: 1))
        #expect(try await world.store.timeOnRecord().hasOpenMessages)
        let channel = try await world.channel()
        let attempt = try await world.begin(channel, [sequence], at: World.noon.adding(milliseconds: 2))
        #expect(try await world.store.timeOnRecord().newest == World.noon.adding(milliseconds: 2))
        try await world.settle(attempt, .accepted(nil), at: World.noon.adding(milliseconds: 3))
        #expect(try await world.store.timeOnRecord().newest == World.noon.adding(milliseconds: 3))
        try await world.store.noteTime(World.noon.adding(milliseconds: 4))
        #expect(try await world.store.timeOnRecord().newest == World.noon.adding(milliseconds: 4))
    }
}
