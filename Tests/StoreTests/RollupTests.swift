import Messaging
import Store
import Testing

/// The figures of days and codes, kept in the commits that change them.
struct RollupTests {
    private let world: World
    private let account: AccountKey
    private let channel: ChannelKey

    init() async throws {
        world = try World()
        account = try await world.account()
        channel = try await world.channel()
    }

    private var scope: AccountScope { AccountScope([account]) }

    private func total() async throws -> AccountTotal {
        try await world.store.total(of: scope, days: World.today...World.today)
    }

    private func failures() async throws -> [FailureCount] {
        try await world.store.failures(of: scope, days: World.today...World.today)
    }

    @Test(arguments: [(4999, 1), (5000, 1), (5001, 0), (60_000, 0)] as [(Int64, Int64)])
    func `a delivery is fast up to five seconds after acceptance`(milliseconds: Int64, fast: Int64) async throws {
        _ = try await world.send(account)
        try await world.submit(channel, [1], carrierID: 500)
        try await world.apply(
            [World.report(id: 500)], from: channel, at: World.noon.adding(milliseconds: milliseconds))
        let total = try await total()
        #expect((total.delivered, total.timed, total.deliveredFast) == (1, 1, fast))
    }

    @Test func `the time of a scheduled message runs from when it became due`() async throws {
        let due = World.noon.adding(milliseconds: 3_600_000)
        _ = try await world.accept(World.part(account, due: due))
        _ = try await world.store.releaseDue(at: due)
        try await world.submit(channel, [1], carrierID: 500)
        try await world.apply([World.report(id: 500)], from: channel, at: due.adding(milliseconds: 3000))
        #expect(try await total().deliveredFast == 1)
    }

    @Test func `what no carrier had counts as not sent, and every failure under its code`() async throws {
        _ = try await world.accept(World.part(account, ["13800138000", "13800138001", "13800138002", "13"]))
        try await world.submit(channel, [1, 2], carrierID: 500)
        let refused = try await world.begin(channel, [3])
        try await world.settle(refused, .refused(status: .rejected, detail: "no"))
        try await world.apply(
            [World.report(id: 500, "UNDELIV"), World.report(id: 501, mobile: "13800138001", "MK:0001")],
            from: channel)
        let total = try await total()
        #expect((total.messages, total.delivered, total.failed, total.unsent) == (4, 0, 4, 2))
        #expect((total.sent, total.unknown) == (2, 0))
        #expect(
            try await failures() == [
                FailureCount(code: "REJECTD", count: 2), FailureCount(code: "MK:0001", count: 1),
                FailureCount(code: "UNDELIV", count: 1),
            ])
    }

    @Test func `a message of which the last segment arrived and another did not was sent`() async throws {
        _ = try await world.send(account, segments: 2)
        try await world.submit(channel, [1], carrierID: 500)
        let reports = [
            World.report(id: 500, segment: 1, of: 2, "UNDELIV"),
            World.report(id: 500 + MessageID.segmentStride, segment: 2, of: 2),
        ]
        try await world.apply(reports, from: channel)
        let total = try await total()
        #expect((total.failed, total.unsent, total.sent) == (1, 0, 1))
        #expect(try await failures() == [FailureCount(code: "UNDELIV", count: 1)])
    }

    @Test func `figures of other accounts and days are not added`() async throws {
        let other = try await world.account("OTHER")
        for owner in [account, other] {
            for day in 0..<2 {
                let at = World.noon.adding(milliseconds: Int64(day) * 86_400_000)
                _ = try await world.accept(World.part(owner, ["13"], at: at))
            }
        }
        #expect(try await total().messages == 1)
        #expect(try await failures() == [FailureCount(code: "REJECTD", count: 1)])
        let both = AccountScope([account, other])
        let rows = try await world.store.dailyTotals(of: both, days: World.today...World.today + 1)
        #expect(rows.map(\.day) == [World.today + 1, World.today + 1, World.today, World.today])
        #expect(rows.map(\.account) == [account, other, account, other])
        #expect(try await world.store.total(of: AccountScope([]), days: 0...99_999_999).messages == 0)
        #expect(try await world.store.total(of: .everything, days: 0...99_999_999).messages == 4)
    }

    @Test func `a cancelled message is a failure that no carrier had, and its charge is not spent`() async throws {
        let due = World.noon.adding(milliseconds: 3_600_000)
        _ = try await world.accept(World.part(account, due: due))
        _ = try await world.store.cancelScheduled(
            [MessageID(rawValue: 1)], allOfRequest: false, reason: "", at: World.noon)
        let total = try await total()
        #expect((total.failed, total.unsent, total.net) == (1, 1, 0))
        #expect(try await failures() == [FailureCount(code: "DELETED", count: 1)])
    }
}
