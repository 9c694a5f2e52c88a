import Messaging
import Store
import Testing

struct QueueTests {
    private var world: World
    private let account: AccountKey

    init() async throws {
        world = try World()
        account = try await world.account()
    }

    private static let hour: Int64 = 3_600_000

    @Test func `the queue is read in pages without gaps or repetitions`() async throws {
        let mobiles = (0..<7).map { "1380013800\($0)" }
        for _ in 0..<3 { _ = try await world.send(account, mobiles) }
        _ = try await world.store.fail([4, 11], with: .noRoute, at: World.noon)
        var next: MessageSequence? = 0
        var pages: [[MessageSequence]] = []
        while let from = next {
            let (parts, rest) = try await world.store.queued(from: from, limit: 5)
            pages.append(parts.flatMap(\.messages).map(\.sequence))
            next = rest
        }
        let sendable: [MessageSequence] = Array(1...3) + Array(5...10) + Array(12...21)
        #expect(pages.flatMap { $0 } == sendable)
        #expect(pages.dropLast().allSatisfy { $0.count == 5 })
    }

    @Test func `what is queued comes back as it was accepted`() async throws {
        var world = world
        let accepted = try await world.accept(
            World.part(
                account, ["13800138000", "x", "0085251234567"], segments: 2, content: "内容", accessExtension: "7")
        )
        try await world.reopen()
        let (parts, next) = try await world.store.queued(from: 0, limit: 10)
        #expect(next == nil)
        let part = try #require(parts.first)
        let ready = try #require(accepted.ready.first)
        #expect(parts.count == 1)
        #expect(part.messages == ready.messages)
        #expect(part.content == "内容")
        #expect(part.accessExtension == "7")
        #expect(part.segments == 2)
        #expect(part.acceptedAt == World.noon)
        #expect(part.account == account)
    }

    @Test func `a scheduled submission is charged at once and queued when it is due`() async throws {
        var world = world
        let due = World.noon.adding(milliseconds: Self.hour)
        let accepted = try await world.accept(World.part(account, ["13800138000", "bad"], due: due))
        #expect(accepted.ready.isEmpty)
        #expect(try await world.balance(account) == World.opening - World.price)
        #expect(try await world.timeline(1).state == .scheduled)
        #expect(try await world.store.queued(from: 0, limit: 10).parts.isEmpty)
        #expect(try await world.store.nextDue() == due)
        #expect(try await world.store.releaseDue(at: due.adding(milliseconds: -1)).parts.isEmpty)
        try await world.reopen()
        let released = try await world.store.releaseDue(at: due).parts
        #expect(released.map(\.id) == [1])
        #expect(released.flatMap(\.messages).map(\.sequence) == [1])
        #expect(released.first?.content == "你好")
        #expect(try await world.store.nextDue() == nil)
        #expect(try await world.store.releaseDue(at: due).parts.isEmpty)
        #expect(try await world.timeline(1).state == .queued)
        #expect(try await world.timeline(2).status == "REJECTD")
    }

    @Test func `what was released and not sent is in the queue after a crash`() async throws {
        var world = world
        _ = try await world.accept(World.part(account, due: World.noon))
        _ = try await world.store.releaseDue(at: World.noon)
        try world.crash()
        #expect(try await world.store.queued(from: 0, limit: 10).parts.flatMap(\.messages).count == 1)
    }

    @Test func `due submissions are released in the order of their times, some at once`() async throws {
        for offset in [3, 1, 2, 4] as [Int64] {
            _ = try await world.accept(
                World.part(account, due: World.noon.adding(milliseconds: offset * Self.hour)))
        }
        let now = World.noon.adding(milliseconds: 3 * Self.hour)
        #expect(try await world.store.releaseDue(at: now, limit: 2).parts.map(\.id) == [2, 3])
        #expect(try await world.store.releaseDue(at: now, limit: 2).parts.map(\.id) == [1])
        #expect(try await world.store.releaseDue(at: now, limit: 2).parts.isEmpty)
        #expect(try await world.store.nextDue() == World.noon.adding(milliseconds: 4 * Self.hour))
    }

    @Test func `a transaction releases so many recipients, and the rest of its last submission`() async throws {
        let mobiles = (0..<5).map { "1380013800\($0)" }
        for _ in 0..<4 { _ = try await world.accept(World.part(account, mobiles, due: World.noon)) }
        func release() async throws -> [MessageSequence] {
            try await world.store.releaseDue(at: World.noon, recipientsMax: 6).parts.map(\.id)
        }
        #expect(try await release() == [1, 6])
        #expect(try await release() == [11, 16])
        #expect(try await release().isEmpty)
        #expect(try await world.store.queued(from: 0, limit: 100).parts.flatMap(\.messages).count == 20)
    }

    @Test func `a scheduled message cannot begin before it is due`() async throws {
        let channel = try await world.channel()
        _ = try await world.accept(World.part(account, due: World.noon.adding(milliseconds: 1)))
        let begun = try await world.store.begin(
            [NewAttempt(channel: channel, messages: SequenceRuns([1]))], at: World.noon)
        #expect(begun.first?.only == [])
    }

    @Test func `finished messages are not read again to find the queued ones`() async throws {
        let mobiles = (0..<6).map { "1380013800\($0)" }
        _ = try await world.send(account, mobiles)
        _ = try await world.store.fail([1, 2, 3], with: .noRoute, at: World.noon)
        #expect(try await world.store.skipFinished(limit: 2))
        #expect(try await !world.store.skipFinished(limit: 2))
        #expect(
            try await world.store.queued(from: 0, limit: 10).parts.flatMap(\.messages).map(\.sequence) == [4, 5, 6])
        _ = try await world.store.fail([4, 5, 6], with: .noRoute, at: World.noon)
        #expect(try await !world.store.skipFinished(limit: 100))
        #expect(try await world.store.queued(from: 0, limit: 10).parts.isEmpty)
    }

    @Test func `what is queued again is found although it lies before what was passed by`() async throws {
        var world = world
        let channel = try await world.channel()
        _ = try await world.send(account, ["13800138000", "13800138001", "13800138002"])
        let due = World.noon.adding(milliseconds: Self.hour)
        _ = try await world.accept(World.part(account, ["13800138003"], due: due))
        let calls = [
            NewAttempt(channel: channel, messages: SequenceRuns([3, 2])),
            NewAttempt(channel: channel, messages: SequenceRuns([1])),
        ]
        let begun = try await world.store.begin(calls, at: World.noon)
        #expect(try await !world.store.skipFinished(limit: 100))
        let refusal = Settlement(attempt: begun[0].id, outcome: .refusedForNow(detail: "code 7"))
        _ = try await world.store.settle([refusal], at: World.noon)
        try await world.reopen()
        #expect(try await world.store.queued(from: 0, limit: 10).parts.flatMap(\.messages).map(\.sequence) == [2, 3])
        _ = try await world.store.fail([2, 3], with: .noRoute, at: World.noon)
        #expect(try await !world.store.skipFinished(limit: 100))
        #expect(try await world.store.releaseDue(at: due).parts.count == 1)
        #expect(try await world.store.queued(from: 0, limit: 10).parts.flatMap(\.messages).map(\.sequence) == [4])
    }
}
