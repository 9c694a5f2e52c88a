import Messaging
import Store
import Testing

struct MatchingTests {
    private let world: World
    private let account: AccountKey
    private let channel: ChannelKey
    private let mobiles = (0..<10).map { "1380013800\($0)" }

    init() async throws {
        world = try World()
        account = try await world.account()
        channel = try await world.channel()
    }

    private func isDelivered(_ sequence: MessageSequence) async throws -> Bool {
        try await world.timeline(sequence).state == .delivered
    }

    /// Everything else is still waiting.
    private func expectOnly(_ sequence: MessageSequence) async throws {
        #expect(try await isDelivered(sequence))
        #expect(try world.count("SELECT COUNT(*) FROM message WHERE state = 3") == 1)
    }

    // MARK: By the custom id

    @Test func `by a message's own tag, whatever the carrier's id says`() async throws {
        let first = try await world.send(account, mobiles)
        try await world.submit(channel, first..<(first + 10), carrierID: 1000)
        try await world.apply([World.report("m\(first + 4)", id: 3, mobile: mobiles[4])], from: channel)
        try await expectOnly(first + 4)
    }

    @Test func `by a message's own tag with the number masked or missing`() async throws {
        let first = try await world.send(account, mobiles)
        try await world.submit(channel, first..<(first + 10))
        try await world.apply([World.report("m\(first)", mobile: "138****8000")], from: channel)
        try await world.apply([World.report("m\(first + 1)", mobile: "")], from: channel)
        #expect(try await isDelivered(first))
        #expect(try await isDelivered(first + 1))
    }

    @Test func `by a message's own tag with the number as the carrier writes it`() async throws {
        let first = try await world.send(account)
        try await world.submit(channel, [first])
        try await world.apply([World.report("m\(first)", mobile: "+8613800138000")], from: channel)
        try await expectOnly(first)
    }

    @Test func `a tag with another's number matches nothing`() async throws {
        let first = try await world.send(account, mobiles)
        try await world.submit(channel, first..<(first + 10))
        let outcome = try await world.apply([World.report("m\(first)", mobile: "13800138001")], from: channel)
        #expect(outcome.parked == 1)
        #expect(outcome.matched == 0)
    }

    @Test func `by a call's tag with the carrier's numbering`() async throws {
        let first = try await world.send(account, mobiles)
        let attempt = try await world.submit(channel, first..<(first + 10), carrierID: 1000)
        try await world.apply(
            [World.report("m\(first)a\(attempt)", id: 1007, mobile: mobiles[7])], from: channel)
        try await expectOnly(first + 7)
    }

    @Test func `by a call's tag with the id of a later segment`() async throws {
        let first = try await world.send(account, mobiles, segments: 2)
        let attempt = try await world.submit(channel, first..<(first + 10), carrierID: 1000)
        let reports = [1, 2].map { segment in
            World.report(
                "m\(first)a\(attempt)", id: MessageID(sequence: 1003).segment(segment).rawValue, segment: segment,
                of: 2, mobile: mobiles[3])
        }
        try await world.apply(reports, from: channel)
        try await expectOnly(first + 3)
    }

    @Test func `by a call's tag and the number when the submit reply was lost`() async throws {
        let first = try await world.send(account, mobiles)
        let attempt = try await world.begin(channel, first..<(first + 10))
        try await world.settle(attempt, .uncertain(detail: "closed"))
        try await world.apply(
            [World.report("m\(first)a\(attempt)", id: 99_007, mobile: mobiles[7])], from: channel)
        try await expectOnly(first + 7)
    }

    @Test func `by a call's tag and the number when the carrier does not count by one`() async throws {
        let first = try await world.send(account, mobiles)
        let attempt = try await world.submit(channel, first..<(first + 10), carrierID: 1000)
        try await world.apply(
            [World.report("m\(first)a\(attempt)", id: 1002, mobile: mobiles[1])], from: channel)
        try await expectOnly(first + 1)
    }

    @Test func `a report overtakes the submit reply`() async throws {
        let first = try await world.send(account, mobiles)
        let attempt = try await world.begin(channel, first..<(first + 10))
        try await world.apply(
            [World.report("m\(first)a\(attempt)", id: 1001, mobile: mobiles[1])], from: channel)
        try await expectOnly(first + 1)
        try await world.settle(attempt, .accepted(.consecutive(from: 1000)))
        try await expectOnly(first + 1)
        #expect(try await world.collect(account).count == 1)
    }

    // MARK: By the carrier's id alone

    @Test func `by the carrier's id alone, over several calls`() async throws {
        let first = try await world.send(account, mobiles)
        try await world.submit(channel, first..<(first + 3), carrierID: 1000)
        try await world.submit(channel, (first + 3)..<(first + 6), carrierID: 2000)
        try await world.submit(channel, (first + 6)..<(first + 10), carrierID: 3000)
        try await world.apply([World.report(id: 2002, mobile: mobiles[5])], from: channel)
        try await expectOnly(first + 5)
    }

    @Test func `by the carrier's id with a custom id that is not ours`() async throws {
        let first = try await world.send(account)
        try await world.submit(channel, [first], carrierID: 1000)
        try await world.apply([World.report("b3d0a2783d31b21b8573", id: 1000)], from: channel)
        try await expectOnly(first)
    }

    @Test(arguments: [999, 1003, 5000])
    func `a carrier's id of no call of ours matches nothing, not even by the number`(_ id: Int64) async throws {
        let first = try await world.send(account, Array(mobiles.prefix(3)))
        try await world.submit(channel, first..<(first + 3), carrierID: 1000)
        let outcome = try await world.apply([World.report(id: id, mobile: mobiles[0])], from: channel)
        #expect(outcome.parked == 1)
        #expect(try world.count("SELECT COUNT(*) FROM message WHERE state > 2") == 0)
    }

    @Test func `a carrier's id with another's number matches nothing`() async throws {
        let first = try await world.send(account, Array(mobiles.prefix(3)))
        try await world.submit(channel, first..<(first + 3), carrierID: 1000)
        let outcome = try await world.apply([World.report(id: 1001, mobile: "13900139000")], from: channel)
        #expect(outcome.parked == 1)
    }

    /// The carrier's number of the first message, and what it says of the eighth's second segment.
    @Test(
        arguments: [
            (1000, 1007 + 17_179_869_184), (5 << 38 | 1000, 5 << 38 | 1 << 34 | 1007),
            // Above 2⁶³, which wraps, and with a second segment there.
            (-9_000_000_000_000_000_000, -8_999_999_982_820_130_809),
            (.max - 10, Int64.max &- 10 &+ 7 &+ 17_179_869_184),
            // Numbers that 34 bits do not tell apart, and a carrier that gives all segments one.
            (1 << 34 | 1000, 2 << 34 | 1007), (1000, 1007),
        ] as [(Int64, Int64)])
    func `by the carrier's id of a later segment, in all 64 bits`(_ first: Int64, _ reported: Int64) async throws {
        let sequence = try await world.send(account, mobiles, segments: 2)
        let decoy = try await world.send(account, mobiles, segments: 2)
        try await world.submit(channel, decoy..<(decoy + 10), carrierID: first == 1000 ? 9 << 38 : 1000)
        try await world.submit(channel, sequence..<(sequence + 10), carrierID: first)
        for (segment, id) in [(1, first &+ 7), (2, reported)] {
            let report = World.report(id: id, segment: segment, of: 2, mobile: mobiles[7])
            #expect(try await world.apply([report], from: channel).matched == 1)
        }
        try await expectOnly(sequence + 7)
    }

    @Test(arguments: [2, 17, 1_000_000, .max])
    func `any number can stand as a segment`(_ segment: Int) async throws {
        let first = try await world.send(account, mobiles)
        try await world.submit(channel, first..<(first + 10), carrierID: 1000)
        let report = World.report(id: 77 << 34, segment: segment, of: .max, mobile: mobiles[0])
        #expect(try await world.apply([report], from: channel).parked == 1)
    }

    @Test func `by digits whose message is of a later epoch`() async throws {
        var world = world
        try await world.reopen(at: MessageSequence(3 << 38 | 500))
        let first = try await world.send(account, ["13800138000", "13800138000"])
        let attempt = try await world.begin(channel, [first, first + 1])
        try await world.settle(attempt, .uncertain(detail: "closed"))
        let tag = CarrierTag(sequence: first + 1, attempt: attempt)
        for text in [tag.digits, tag.text] {
            try await world.apply([World.report(text)], from: channel)
            #expect(try await world.timeline(first + 1).state == .delivered)
        }
        #expect(try await world.timeline(first).state == .submitted)
    }

    // MARK: What matches nothing

    @Test func `a report for a message of another channel is parked`() async throws {
        let other = try await world.channel("other", accessNumber: "106900")
        let first = try await world.send(account)
        let attempt = try await world.submit(channel, [first], carrierID: 1000)
        for tag in ["m\(first)", "m\(first)a\(attempt)", ""] {
            let outcome = try await world.apply([World.report(tag, id: 1000)], from: other)
            #expect(outcome.parked == 1)
        }
        #expect(try await world.timeline(first).state == .submitted)
    }

    @Test(arguments: ["m1", "m7", "m9223372036854775807", "m1a1", "m1a99", "", "m", "a1"])
    func `a report for a message that never went out is parked`(_ tag: String) async throws {
        _ = try await world.send(account)
        let outcome = try await world.apply([World.report(tag, id: 5)], from: channel)
        #expect(outcome.parked == 1)
        #expect(try await world.timeline(1).state == .queued)
    }

    @Test(arguments: [Int64.min, -1, 0, .max])
    func `any number can stand as carrier's id`(_ id: Int64) async throws {
        let first = try await world.send(account)
        let attempt = try await world.submit(channel, [first], carrierID: 1000)
        try await world.apply([World.report(id: id)], from: channel)
        try await world.apply([World.report("m\(first)a\(attempt)", id: id)], from: channel)
        try await expectOnly(first)
    }
}
