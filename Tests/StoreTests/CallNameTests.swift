import GRDB
import Messaging
import Store
import Testing

/// Reports of carriers that name a whole call, and those that we name with digits.
struct CallNameTests {
    private let world: World
    private let account: AccountKey
    private let channel: ChannelKey
    private let mobiles = (0..<5).map { "1380013800\($0)" }

    init() async throws {
        world = try World()
        account = try await world.account()
        channel = try await world.channel()
    }

    /// Five messages in one call.
    private func call(_ key: String?) async throws -> (first: MessageSequence, attempt: AttemptID) {
        let first = try await world.send(account, mobiles)
        let attempt = try await world.begin(channel, first..<(first + 5))
        if let key { try await world.settle(attempt, .accepted(.shared(key))) }
        return (first, attempt)
    }

    private func delivered() throws -> [MessageSequence] {
        try world.sql {
            try Int64.fetchAll($0, sql: "SELECT sequence FROM message WHERE state = 3 ORDER BY sequence")
                .map { MessageSequence($0) }
        }
    }

    @Test func `by the carrier's name of the call and the telephone number`() async throws {
        let one = try await call("AB01")
        let two = try await call("AB02")
        try await world.apply([World.report(mobile: mobiles[3], key: "AB02")], from: channel)
        try await world.apply([World.report("anything", mobile: mobiles[1], key: "AB01")], from: channel)
        #expect(try delivered() == [one.first + 1, two.first + 3])
        let words = try await world.timeline(one.first).entries.map(\.detail)
        #expect(words.contains("accepted, carrier's id AB01"))
    }

    @Test(arguments: [("AB02", "13800138000"), ("AB01", "13900139000"), ("ab01", "13800138000"), ("AB01", "")])
    func `another name or number matches nothing`(key: String, mobile: String) async throws {
        _ = try await call("AB01")
        let outcome = try await world.apply([World.report(mobile: mobile, key: key)], from: channel)
        #expect(outcome.parked == 1)
        #expect(try delivered().isEmpty)
    }

    @Test func `a name is its channel's`() async throws {
        _ = try await call("AB01")
        let other = try await world.channel("other")
        #expect(try await world.apply([World.report(mobile: mobiles[0], key: "AB01")], from: other).parked == 1)
    }

    @Test func `of a call of one message the name says enough`() async throws {
        let first = try await world.send(account)
        let attempt = try await world.begin(channel, [first])
        try await world.settle(attempt, .accepted(.shared("AB01")))
        try await world.apply([World.report(mobile: "138****8000", key: "AB01")], from: channel)
        #expect(try delivered() == [first])
    }

    @Test func `an empty name is none`() async throws {
        _ = try await call("")
        #expect(try await world.apply([World.report(mobile: mobiles[0], key: "")], from: channel).parked == 1)
        #expect(try world.count("SELECT COUNT(*) FROM attempt WHERE carrier_key IS NOT NULL") == 0)
    }

    @Test func `a submit reply makes the reports that came before it due at once`() async throws {
        let made = try await call(nil)
        try await world.apply(
            [World.report(mobile: mobiles[2], key: "AB01"), World.report(mobile: mobiles[2], key: "AB02")],
            from: channel)
        let hour = World.noon.adding(milliseconds: 3_600_000)
        for _ in 0..<12 { _ = try await world.store.retryReports(at: hour, limit: 9) }
        #expect(try await world.store.hasParkedDue(at: hour) == false)
        try await world.settle(made.attempt, .accepted(.shared("AB01")), at: hour)
        let round = try await world.store.retryReports(at: hour, limit: 9)
        #expect(round.tried == 1)
        #expect(round.matched.count == 1)
        #expect(try delivered() == [made.first + 2])
    }

    // MARK: Digits

    @Test func `by our own digits when the submit reply was lost`() async throws {
        let made = try await call(nil)
        try await world.settle(made.attempt, .uncertain(detail: "closed"))
        let tag = CarrierTag(sequence: made.first, attempt: made.attempt).digits
        try await world.apply([World.report(tag, mobile: mobiles[4])], from: channel)
        #expect(try delivered() == [made.first + 4])
        let masked = try await world.apply([World.report(tag, mobile: "138****8000")], from: channel)
        #expect(masked.parked == 1)
    }

    @Test func `digits that are another's name of a call do not stand in its way`() async throws {
        let foreign = "00000000085899345937"
        let made = try await call(foreign)
        try await world.apply([World.report(foreign, mobile: mobiles[1], key: foreign)], from: channel)
        #expect(try delivered() == [made.first + 1])
    }

    @Test func `a message's own tag tells it from another to the same number in its call`() async throws {
        let one = try await world.send(account)
        let two = try await world.send(account)
        let attempt = try await world.submit(channel, [one, two])
        try await world.apply([World.report(CarrierTag(sequence: two, attempt: attempt).text)], from: channel)
        #expect(try delivered() == [two])
    }
}
