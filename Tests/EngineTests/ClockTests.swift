import Messaging
import Store
import Testing

@testable import Engine

/// What a wrong clock does to an engine: nothing that cannot be taken back.
struct ClockTests {
    private static let day: Int64 = 86_400_000

    private struct Scene {
        var house: House
        var clocks: TwoClocks
        var carrier: FakeCarrier
        var entry: AccountEntry
        /// Submitted, and never reported.
        var open: MessageSequence
        /// For tomorrow.
        var scheduled: MessageSequence
        var balance: Int64
    }

    private func scene(in directory: TemporaryDirectory? = nil) async throws -> Scene {
        let clocks = TwoClocks()
        let carrier = FakeCarrier(answer: { carrier, call in
            .accepted(.consecutive(from: carrier.takeIDs(call.messages.count)))
        })
        let house = try await House.open(["one": carrier], in: directory, clocks: clocks) { $0.sweepInterval = 5 }
        try await house.channel("one")
        let entry = try await house.account(refund: .failed)
        let open = try await house.send(by: entry)
        try await house.waitUntil(open, is: .submitted)
        let due = house.engine.configuration.clock.now().adding(milliseconds: Self.day)
        let scheduled = try await house.send(by: entry, at: due)
        return Scene(
            house: house, clocks: clocks, carrier: carrier, entry: entry, open: open, scheduled: scheduled,
            balance: entry.runtime.balance)
    }

    /// A round of all housekeeping that goes by time.
    private func sweeps(_ house: House) async throws {
        let maintenance = house.engine.maintenance
        try await maintenance.releaseDue()
        _ = try await maintenance.sweep(0)
        try await maintenance.unmatched.retry()
    }

    private func expectUntouched(_ scene: Scene) async throws {
        #expect(try await scene.house.timeline(scene.open).state == .submitted)
        #expect(try await scene.house.timeline(scene.scheduled).state == .scheduled)
        #expect(scene.entry.runtime.balance == scene.balance)
        #expect(scene.carrier.sent == [scene.open])
    }

    @Test(arguments: [5, -5, 4000] as [Int64])
    func `a wall clock that jumps ends, releases and refunds nothing, and stamps nothing`(days: Int64) async throws {
        let scene = try await scene()
        let house = scene.house
        let before = house.engine.configuration.clock.now()
        scene.clocks.set(aheadBy: days * Self.day)
        scene.clocks.pass(milliseconds: 12_000)
        try await sweeps(house)
        try await expectUntouched(scene)
        #expect(house.engine.configuration.time.isHeld)
        let problem = try #require(house.engine.configuration.time.look().problem)
        #expect(problem.contains("yizhan clock accept"), "\(problem)")
        #expect(problem.contains(days < 0 ? "back" : "forward"), "\(problem)")
        let sent = try await house.send(by: scene.entry)
        #expect(try await house.timeline(sent).acceptedAt == before.adding(milliseconds: 12_000))
        // A call that is under way while a day passes would be given up, and its channel then fail for good: the test's
        // clock stands.
        try await eventually("its call has ended") { house.engine.counters.snapshot.submittedMessages >= 2 }
        // It comes back, and a day later the scheduled message goes out.
        scene.clocks.set(aheadBy: -days * Self.day)
        #expect(!house.engine.configuration.time.isHeld)
        scene.clocks.pass(milliseconds: Self.day)
        try await house.waitUntil(scene.scheduled, is: .submitted)
        scene.clocks.pass(milliseconds: 3 * Self.day + 1000)
        try await house.finals(3)
        #expect(try await house.timeline(scene.open).status == "EXPIRED")
        #expect(try await house.isSound())
        await house.stop()
    }

    /// Messages end three days after they could have been sent: the scheduled one a day after the other.
    @Test(arguments: [(84, .submitted), (120, .failed)] as [(Int64, MessageState)])
    func `a clock that somebody accepts is gone by at once`(hours: Int64, scheduled: MessageState) async throws {
        let scene = try await scene()
        scene.clocks.set(aheadBy: hours * Self.day / 24)
        try await sweeps(scene.house)
        try await expectUntouched(scene)
        let before = try await scene.house.engine.acceptClock()
        #expect(before.state == .parted)
        #expect(before.lead == hours * Self.day / 24)
        try await scene.house.finals(scheduled == .submitted ? 1 : 2)
        #expect(try await scene.house.timeline(scene.open).status == "EXPIRED")
        try await scene.house.waitUntil(scene.scheduled, is: scheduled)
        if scheduled != .submitted {
            #expect(try await scene.house.timeline(scene.scheduled).status == "EXPIRED")
            #expect(scene.carrier.sent == [scene.open])
        }
        #expect(scene.house.engine.configuration.time.look().problem == nil)
        await scene.house.stop()
    }

    @Test func `a clock that is behind the newest record at the start holds until it has passed it`() async throws {
        let directory = try TemporaryDirectory()
        let first = try await scene(in: directory)
        await first.house.stop()
        first.clocks.set(aheadBy: -2 * Self.day)
        first.clocks.reboot()
        let house = try await House.open(
            ["one": first.carrier], in: directory, key: first.house.key, clocks: first.clocks
        ) { $0.sweepInterval = 5 }
        #expect(house.engine.configuration.time.look().state == .behindRecords)
        #expect(house.engine.configuration.clock.now() == TestClock.noon)
        first.clocks.set(aheadBy: 3 * Self.day)
        try await house.waitUntil(first.scheduled, is: .submitted)
        #expect(house.engine.configuration.time.look().state == .agreed)
        await house.stop()
    }

    @Test func `a clock that is far ahead at the start holds while messages would end by it`() async throws {
        let directory = try TemporaryDirectory()
        let first = try await scene(in: directory)
        await first.house.stop()
        first.clocks.reboot()
        first.clocks.set(aheadBy: 84 * Self.day / 24)
        let house = try await House.open(
            ["one": first.carrier], in: directory, key: first.house.key, clocks: first.clocks
        ) { $0.sweepInterval = 5 }
        #expect(house.engine.configuration.time.look().state == .aheadOfRecords)
        try await sweeps(house)
        #expect(try await house.timeline(first.open).state == .submitted)
        #expect(try await house.timeline(first.scheduled).state == .scheduled)
        _ = house.engine.configuration.time.accept()
        try await house.finals(1)
        try await house.waitUntil(first.scheduled, is: .submitted)
        await house.stop()
    }

    @Test func `a token of a clock that was ahead does not outlive it`() async throws {
        let clocks = TwoClocks()
        let house = try await House.open(clocks: clocks)
        let entry = try await house.account()
        clocks.set(aheadBy: 5 * Self.day)
        _ = try await house.engine.acceptClock()
        let token = try await house.engine.tokens.issue(to: entry)
        #expect(house.engine.tokens.account(of: token) == entry.key)
        clocks.set(aheadBy: -5 * Self.day)
        _ = try await house.engine.acceptClock()
        #expect(house.engine.tokens.account(of: token) == nil)
        await house.stop()
    }

    @Test func `a pause of weeks without open messages needs nobody's word`() async throws {
        let directory = try TemporaryDirectory()
        let clocks = TwoClocks()
        let first = try await House.open(in: directory, clocks: clocks)
        try await first.account()
        await first.stop()
        clocks.set(aheadBy: 30 * Self.day)
        let second = try await House.open(in: directory, key: first.key, clocks: clocks)
        #expect(second.engine.configuration.time.look().state == .agreed)
        await second.stop()
    }

    @Test func `the time of an idle service is on record when it stops`() async throws {
        let directory = try TemporaryDirectory()
        let first = try await scene(in: directory)
        first.clocks.pass(milliseconds: 60 * 3_600_000)
        let last = first.house.engine.configuration.clock.now()
        await first.house.stop()
        let store = try Store(directory: directory.path)
        let record = try await store.timeOnRecord()
        #expect(record.newest == last)
        #expect(record.hasOpenMessages)
        await store.close()
    }

    @Test(
        "lengths are said in their two largest units",
        arguments: [
            (0, "0 s"), (999, "0 s"), (-61_000, "1 min 1 s"), (7_200_000, "2 h"), (5 * 86_400_000 + 2000, "5 d"),
            (90_000_000, "1 d 1 h"),
        ] as [(Int64, String)])
    func lengths(milliseconds: Int64, words: String) {
        #expect(TimeKeeper.Reading.words(milliseconds) == words)
    }
}
