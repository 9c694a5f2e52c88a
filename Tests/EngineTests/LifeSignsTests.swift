import Logging
import Messaging
import Store
import Testing

@testable import Engine

/// What the watchdog is fed by.
struct LifeSignsTests {
    struct Case: Sendable {
        /// How long ago they answered.
        var actors: Int64
        var commits: Int64
        var underWay: CommitUnderWay?
        var verdict: LifeSigns.Verdict
    }

    private static let waiting = CommitUnderWay(milliseconds: 60_000, isInSystemCall: true)
    private static let computing = CommitUnderWay(milliseconds: 60_000, isInSystemCall: false)
    private static let patience = LifeSigns.patience

    @Test(arguments: [
        Case(actors: 0, commits: 0, underWay: nil, verdict: .alive),
        Case(actors: patience, commits: patience, underWay: nil, verdict: .alive),
        Case(actors: 0, commits: patience + 1, underWay: waiting, verdict: .waitsForDisk),
        Case(actors: 0, commits: 3_600_000, underWay: waiting, verdict: .waitsForDisk),
        // Stuck in the program, or in a transaction that no commit belongs to.
        Case(actors: 0, commits: patience + 1, underWay: computing, verdict: .dead),
        Case(actors: 0, commits: patience + 1, underWay: nil, verdict: .dead),
        // An actor that hangs is not excused by a disk that does.
        Case(actors: patience + 1, commits: 0, underWay: nil, verdict: .dead),
        Case(actors: patience + 1, commits: patience + 1, underWay: waiting, verdict: .dead),
    ])
    func `it lives while actors and commits answer, or a commit waits for the disk`(one: Case) {
        let now: Int64 = 10_000_000
        var signs = LifeSigns(at: 0)
        signs.noteActors(at: now - one.actors)
        signs.noteCommits(at: now - one.commits)
        // What is older than what is known changes nothing.
        signs.noteActors(at: 5)
        signs.noteCommits(at: 5)
        #expect(signs.verdict(at: now, underWay: one.underWay) == one.verdict)
    }

    @Test func `an engine at work lives, and proves it with a commit`() async throws {
        let clocks = TwoClocks()
        let house = try await House.open(clocks: clocks)
        let before = house.engine.store.commitCount
        #expect(house.engine.life.look(provesCommits: false) == .alive)
        #expect(house.engine.store.commitCount == before)
        #expect(house.engine.life.look(provesCommits: true) == .alive)
        try await eventually("a commit") { house.engine.store.commitCount > before }
        // Nobody has answered since, as far as the clock tells.
        clocks.pass(milliseconds: LifeSigns.patience + 60_000)
        #expect(house.engine.life.look(provesCommits: true) == .dead)
        try await eventually("answers") { house.engine.life.look(provesCommits: true) == .alive }
        #expect(house.engine.life.problem == nil)
        await house.stop()
    }

    @Test func `only a commit that ends speaks for the journal, whoever else answers meanwhile`() async throws {
        let clocks = TwoClocks()
        let house = try await House.open(clocks: clocks)
        let disk = house.makeHangingDisk()
        disk.hang()
        defer { disk.goOn() }
        _ = house.engine.life.look(provesCommits: true)
        try await eventually("a commit that hangs") { disk.isHolding }
        clocks.pass(milliseconds: LifeSigns.patience + 1)
        var verdict = LifeSigns.Verdict.dead
        try await eventually("the actors' answer") {
            verdict = house.engine.life.look(provesCommits: true)
            return verdict != .dead
        }
        #expect(verdict == .waitsForDisk)
        disk.goOn()
        try await eventually("the commit's end") { house.engine.life.look(provesCommits: true) == .alive }
        await house.stop()
    }

    @Test func `nobody is polled, and nothing sent, before the engine begins`() async throws {
        let directory = try TemporaryDirectory()
        let carrier = FakeCarrier()
        let first = try await House.open(["one": carrier], in: directory)
        try await first.channel("one")
        let entry = try await first.account()
        let due = first.clock.now.adding(milliseconds: 1000)
        _ = try await first.send(by: entry, at: due)
        await first.stop()
        carrier.reply(from: House.mobile, to: "10690012122", "1")
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let store = try Store(directory: directory.path)
        var configuration = EngineConfiguration(clock: Clock { due })
        configuration.pollIntervalMin = 5
        let engine = Engine(
            store: store, key: first.key, maker: FakeMaker(carriers: ["one": carrier]), configuration: configuration,
            logger: logger)
        try await engine.load()
        // Time enough for whoever would ask.
        for _ in 0..<100 { try await store.probe() }
        #expect(carrier.fetchable == 1)
        #expect(carrier.calls.isEmpty)
        try await engine.begin()
        try await eventually("the poll and the message") { carrier.fetchable == 0 && carrier.calls.count == 1 }
        await engine.stop(drain: .zero)
    }
}
