import Messaging
import Store
import Testing

/// A carrier that says the same again and again.
struct RepetitionTests {
    private let world: World
    private let account: AccountKey
    private let channel: ChannelKey

    init() async throws {
        world = try World()
        account = try await world.account()
        channel = try await world.channel()
    }

    private func sent() async throws -> MessageSequence {
        let sequence = try await world.send(account)
        try await world.submit(channel, [sequence])
        return sequence
    }

    @Test(arguments: ["DELIVRD", "ACCEPTD"])
    func `a report that comes a hundred times is two lines of a timeline at most`(status: String) async throws {
        let sequence = try await sent()
        let report = World.report("m\(sequence)", status)
        var outcome = try await world.apply([report], from: channel)
        #expect(outcome.matched == 1 && outcome.known == 0 && outcome.hasNews)
        for _ in 0..<50 {
            outcome = try await world.apply([report, report], from: channel, at: World.noon.adding(milliseconds: 5))
        }
        #expect(outcome.matched == 2 && outcome.known == 2 && outcome.parked == 0 && !outcome.hasNews)
        #expect(try world.count("SELECT COUNT(*) FROM event") == 1)
        let times = status == "DELIVRD" ? "100 times" : "101 times"
        #expect(try await world.timeline(sequence).entries.contains { $0.detail.contains("\(status), \(times)") })
    }

    @Test func `reports of ever different status do not fill a timeline`() async throws {
        let sequence = try await sent()
        try await world.apply([World.report("m\(sequence)")], from: channel)
        try await world.apply((0..<300).map { World.report("m\(sequence)", "MK:\($0)") }, from: channel)
        #expect(try world.count("SELECT COUNT(*) FROM event") == 8)
        #expect(try world.count("SELECT SUM(times) FROM event") == 300)
    }

    @Test func `a report that matches nothing is parked once, each that differs by itself`() async throws {
        let one = World.report("m7", id: 5)
        let others = [
            World.report("m8", id: 5), World.report("m7", id: 6), World.report("m7", id: 5, segment: 1),
            World.report("m7", id: 5, mobile: "13800138001"), World.report("m7", id: 5, key: "k"),
            World.report("m7", id: 5, "UNDELIV"), World.report("m7"),
        ]
        #expect(try await world.apply([one], from: channel).parked == 1)
        let outcome = try await world.apply([one, one] + others + others, from: channel)
        #expect(outcome.parked == others.count && outcome.repeated == 2 + others.count && outcome.hasNews)
        #expect(try await !world.apply([one] + others, from: channel).hasNews)
        let second = try await world.channel("second")
        #expect(try await world.apply([one], from: second).parked == 1)
        #expect(try await world.store.intakeLoads()[channel]?.parked == 1 + others.count)
        #expect(try await world.store.intakeLoads()[second] == IntakeLoad(parked: 1))
    }

    @Test func `replies that nothing tells apart are two, but not a flood`() async throws {
        let reply = CarrierReply(carrierID: nil, mobile: "13800138000", accessNumber: "1", content: "T")
        let owned = OwnedReply(account: nil, reply: reply, accessExtension: "")
        #expect(try await world.apply([], replies: [owned, owned], from: channel).parked == 2)
        try await world.apply([], replies: Array(repeating: owned, count: 500), from: channel)
        #expect(try world.count("SELECT COUNT(*) FROM parked_reply") == 20)
    }

    @Test func `a body that cannot be read is kept once, and its copies are counted`() async throws {
        let store = world.store
        for second in 0..<5 {
            let at = World.noon.adding(milliseconds: Int64(second) * 1000)
            let id = try await store.keep(Array("junk".utf8), of: .polledReports, from: channel, at: at)
            #expect(try await store.markUnreadable(id, because: "not JSON") == (second == 0))
        }
        let other = try await store.keep(Array("junk".utf8), of: .polledReplies, from: channel, at: World.noon)
        #expect(try await store.markUnreadable(other, because: "not JSON"))
        for body in ["wrong", "wrong", "junk"] {
            _ = try await store.keepRefused(
                Array(body.utf8), of: .pushed, from: channel, at: World.noon, failure: "wrong credentials")
        }
        let items = try await store.parkedItems(ParkedFilter(), limit: 100)
        let copies = items.map { item -> Int in
            guard case .body(let body) = item.content else { return 0 }
            return body.copies
        }
        #expect(copies == [1, 2, 1, 5])
        #expect(try await store.intakeLoads()[channel] == IntakeLoad(unreadable: 4, bytes: 17))
        // One that may be applied is never taken for a copy.
        let pending = try await store.keep(Array("junk".utf8), of: .pushed, from: channel, at: World.noon)
        #expect(try await store.pendingInbound().map(\.id) == [pending])
    }

    @Test func `what is discarded is gone; what waits to be applied stays`() async throws {
        let store = world.store
        try await world.apply([World.report("m7"), World.report("m8")], from: channel)
        let body = try await store.keepRefused([1], of: .pushed, from: channel, at: World.noon, failure: "no").id
        let pending = try await store.keep([2], of: .pushed, from: channel, at: World.noon)
        let ids = [
            ParkedID(.report, 1), ParkedID(.report, 99), ParkedID(.reply, 1),
            ParkedID(.body, ParkedRowID(body.rawValue)),
            ParkedID(.body, ParkedRowID(pending.rawValue)),
        ]
        #expect(try await store.discardParked(ids) == 2)
        #expect(try await store.discardParked([]) == 0)
        #expect(try await store.parkedItems(ParkedFilter(), limit: 9).map(\.id.text) == ["R2", "B\(pending)"])
    }
}
