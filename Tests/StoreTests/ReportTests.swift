import Messaging
import Store
import Testing

struct ReportTests {
    private var world: World
    private let account: AccountKey
    private let channel: ChannelKey

    init() async throws {
        world = try World()
        account = try await world.account(accessExtension: "88")
        channel = try await world.channel()
    }

    private func submitted(segments: Int = 1) async throws -> MessageSequence {
        let sequence = try await world.accept(
            World.part(
                account, segments: segments, customID: "cust", customData: "data", accountExtension: "88",
                accessExtension: "01")
        ).acceptance.firstID.sequence
        try await world.submit(channel, [sequence])
        return sequence
    }

    @Test func `the first final report wins and a repetition is only an event`() async throws {
        let sequence = try await submitted()
        try await world.apply([World.report("m\(sequence)")], from: channel)
        let again = try await world.apply([World.report("m\(sequence)", "UNDELIV")], from: channel)
        #expect(again.matched == 1)
        #expect(again.effects == Effects())
        let timeline = try await world.timeline(sequence)
        #expect(timeline.status == "DELIVRD")
        #expect(timeline.entries.filter { $0.kind == "repeated report" }.map(\.detail) == ["UNDELIV"])
        #expect(try await world.collect(account).map(\.status) == [.delivered])
        let total = try await world.store.total(account: account, days: World.today...World.today)
        #expect(total.delivered == 1)
        #expect(total.failed == 0)
    }

    @Test func `the same report twice in one body counts once`() async throws {
        let sequence = try await submitted()
        let outcome = try await world.apply(
            [World.report("m\(sequence)"), World.report("m\(sequence)")], from: channel)
        #expect(outcome.matched == 2)
        #expect(outcome.effects.finals == 1)
        #expect(try await world.collect(account).count == 1)
    }

    @Test func `a report of the whole message speaks for every segment`() async throws {
        let sequence = try await submitted(segments: 3)
        try await world.apply([World.report("m\(sequence)")], from: channel)
        let reports = try await world.collect(account)
        #expect(reports.map(\.id.rawValue) == (0..<3).map { sequence.rawValue + $0 * MessageID.segmentStride })
        #expect(reports.map(\.segmentNumber) == [1, 2, 3])
        #expect(reports.allSatisfy { $0.segmentTotal == 3 && $0.status == .delivered })
        #expect(try await world.timeline(sequence).state == .delivered)
    }

    @Test func `a message is final when its last segment is, and failed if one is`() async throws {
        let sequence = try await submitted(segments: 3)
        for (segment, status) in [(3, "DELIVRD"), (1, "MK:0001")] {
            let outcome = try await world.apply(
                [World.report("m\(sequence)", segment: segment, of: 3, status)], from: channel)
            #expect(outcome.effects.finals == 0)
            #expect(try await world.timeline(sequence).state == .submitted)
        }
        let last = try await world.apply([World.report("m\(sequence)", segment: 2, of: 3)], from: channel)
        #expect(last.effects.finals == 1)
        let timeline = try await world.timeline(sequence)
        #expect(timeline.state == .failed)
        #expect(timeline.status == "MK:0001")
        let reports = try await world.collect(account)
        #expect(reports.map(\.segmentNumber) == [3, 1, 2])
        #expect(reports.map(\.status.code) == ["DELIVRD", "MK:0001", "DELIVRD"])
    }

    @Test func `segments that are still open expire, and their fate decides the message's`() async throws {
        let sequence = try await submitted(segments: 2)
        try await world.apply([World.report("m\(sequence)", segment: 2, of: 2)], from: channel)
        let later = World.noon.adding(milliseconds: 1)
        #expect(try await world.store.expire(begunBefore: later, at: later).effects.finals == 1)
        #expect(try await world.collect(account).map(\.status) == [.delivered, .expired])
        #expect(try await world.timeline(sequence).state == .failed)
        // What comes after that is late.
        try await world.apply([World.report("m\(sequence)", segment: 1, of: 2)], from: channel)
        #expect(try await world.collect(account).isEmpty)
    }

    @Test(arguments: ["ACCEPTD", "ENROUTE"])
    func `an interim report is noted and not handed out`(_ status: String) async throws {
        let sequence = try await submitted()
        let outcome = try await world.apply([World.report("m\(sequence)", status)], from: channel)
        #expect(outcome.matched == 1)
        #expect(outcome.effects == Effects())
        #expect(try await world.collect(account).isEmpty)
        #expect(try await world.timeline(sequence).state == .submitted)
        #expect(try await world.timeline(sequence).entries.contains { $0.kind == "interim report" })
        try await world.apply([World.report("m\(sequence)")], from: channel)
        #expect(try await world.timeline(sequence).state == .delivered)
    }

    @Test func `a report tells the customer all that the dialect has room for`() async throws {
        let sequence = try await submitted()
        let later = World.noon.adding(milliseconds: 5000)
        try await world.apply([World.report("m\(sequence)", "MK:0001")], from: channel, at: later)
        let report = try #require(try await world.collect(account).first)
        #expect(report.customID == "cust")
        #expect(report.customData == "data")
        #expect(report.mobile == "13800138000")
        #expect(report.accessNumber == "106900121228801")
        #expect(report.accessExtension == "01")
        #expect(report.submittedAt == World.noon)
        #expect(report.reportedAt == later)
    }

    @Test func `the timeline tells a message's whole life in order`() async throws {
        let sequence = try await submitted(segments: 2)
        let later = World.noon.adding(milliseconds: 5000)
        try await world.apply([World.report("m\(sequence)")], from: channel, at: later)
        _ = try await world.store.collectReports(
            for: account, limit: 10, at: later.adding(milliseconds: 1))
        let timeline = try await world.timeline(sequence)
        #expect(timeline.entries.map(\.at).sorted() == timeline.entries.map(\.at))
        let kinds = timeline.entries.map(\.kind)
        #expect(
            kinds == [
                "accepted", "charged", "routed", "attempt 1", "attempt 1", "report", "report", "collected", "collected",
            ])
        #expect(timeline.account == "J10003")
        #expect(timeline.charged == 2 * World.price)
        #expect(timeline.channel == "sim")
        #expect(timeline.accessNumber == "106900121228801")
        #expect(timeline.finalAt == later)
        #expect(timeline.id.sequence == sequence)
        await #expect(throws: StoreFailure.notFound) { try await world.timeline(sequence + 1) }
    }

    @Test func `the timeline of any segment's id is the message's`() async throws {
        let sequence = try await submitted(segments: 2)
        let id = MessageID(sequence: sequence).segment(2)
        #expect(try await world.store.timeline(of: id).segments == 2)
    }

    // MARK: Raw bodies

    @Test func `a raw body is kept until it is applied, also over a crash`() async throws {
        var world = world
        let body: [UInt8] = [0, 1, 0xFF, 0x7B]
        let id = try await world.store.keep(body, of: .pushed, from: channel, at: World.noon)
        try world.crash()
        let pending = try await world.store.pendingInbound()
        #expect(pending.map(\.body) == [body])
        #expect(pending.map(\.kind) == [.pushed])
        #expect(pending.map(\.id) == [id])
        _ = try await world.store.apply(reports: [], replies: [], of: id, from: channel, at: World.noon)
        #expect(try await world.store.pendingInbound().isEmpty)
        #expect(try world.count("SELECT COUNT(*) FROM inbound") == 0)
    }

    @Test func `a body that is handed in twice is applied once`() async throws {
        let sequence = try await world.send(account)
        try await world.submit(channel, [sequence])
        let id = try await world.store.keep([1], of: .pushed, from: channel, at: World.noon)
        let reply = OwnedReply(
            account: account,
            reply: CarrierReply(carrierID: nil, mobile: "13800138000", accessNumber: "1069", content: "T"),
            accessExtension: "")
        for isRepeated in [false, true] {
            let outcome = try await world.store.apply(
                reports: [World.report("m\(sequence)")], replies: [reply], of: id, from: channel, at: World.noon)
            #expect(outcome.wasGone == isRepeated)
            #expect(outcome.matched == (isRepeated ? 0 : 2))
            #expect(outcome.effects.delivered == (isRepeated ? 0 : 1))
        }
        #expect(try world.count("SELECT COUNT(*) FROM reply") == 1)
    }

    @Test func `a reply that a carrier pushes again is one reply, and another by the same handset is another`()
        async throws
    {
        func reply(_ id: Int64?, _ mobile: String, at seconds: Int64) -> OwnedReply {
            OwnedReply(
                account: account,
                reply: CarrierReply(
                    carrierID: id, mobile: mobile, accessNumber: "1069", content: "T",
                    receivedAt: World.noon.adding(milliseconds: seconds * 1000)),
                accessExtension: "")
        }
        for _ in 0..<2 {
            try await world.apply(
                [],
                replies: [
                    reply(7, "13800138000", at: 0), reply(8, "13800138000", at: 0), reply(7, "13800138001", at: 0),
                    // A carrier that counts from the start again.
                    reply(7, "13800138000", at: 1),
                    // Without an id its time and text tell.
                    reply(nil, "13800138000", at: 0),
                ], from: channel)
        }
        #expect(try world.count("SELECT COUNT(*) FROM reply") == 5)
    }

    @Test func `a body that is refused stays for the operator and is not pending`() async throws {
        _ = try await world.store.keep([1], of: .pushed, from: channel, at: World.noon, failure: "wrong credentials")
        #expect(try await world.store.pendingInbound().isEmpty)
        #expect(try world.count("SELECT COUNT(*) FROM inbound WHERE failure = 'wrong credentials'") == 1)
    }

    @Test func `a body that cannot be read stays for the operator`() async throws {
        let id = try await world.store.keep([1], of: .polledReplies, from: channel, at: World.noon)
        try await world.store.markUnreadable(id, because: "not JSON")
        #expect(try await world.store.pendingInbound().isEmpty)
        #expect(try world.count("SELECT COUNT(*) FROM inbound WHERE failure = 'not JSON'") == 1)
    }

    @Test func `an empty body can be kept`() async throws {
        _ = try await world.store.keep([], of: .pushed, from: channel, at: World.noon)
        #expect(try await world.store.pendingInbound().map(\.body) == [[]])
    }
}
