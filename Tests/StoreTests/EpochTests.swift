import Messaging
import Store
import Testing

/// Message ids past the end of an epoch's numbers.
struct EpochTests {
    private static let last = MessageSequence(MessageID.sequenceMax)
    private static let second = MessageSequence(1 << 38 | 1)
    private let mobiles = (0..<10).map { "1380013800\($0)" }

    private func world(at next: MessageSequence) async throws -> (World, account: AccountKey) {
        var world = try World()
        let account = try await world.account()
        try await world.reopen(at: next)
        return (world, account)
    }

    @Test func `a request never lies in two epochs, and ids go on from the next one`() async throws {
        let (start, account) = try await world(at: Self.last - 14)
        var world = start
        #expect(try await world.send(account, mobiles) == Self.last - 14)
        // Five numbers are left.
        let parts = [World.part(account, Array(mobiles[..<3])), World.part(account, Array(mobiles[3...]))]
        let split = try await world.accept([AcceptedSubmission(parts: parts, idempotencyKey: "k")])[0]
        #expect(split.acceptance.firstID.sequence == Self.second)
        #expect(split.ready.map(\.id) == [Self.second, Self.second + 3])
        #expect(try world.count("SELECT submission FROM submission_key") == Self.second.rawValue)
        try world.crash()
        #expect(try await world.send(account) == Self.second + 10)
        try await world.reopen()
        #expect(try await world.send(account) == Self.second + 11)
        #expect(try await world.store.nextMessage().sequence == Self.second + 12)
        #expect(try await world.balance(account) == World.opening - 22 * World.price)
        #expect(try await world.store.verifyLedger().differences.isEmpty)
    }

    @Test func `the last number of an epoch is given out`() async throws {
        let (world, account) = try await world(at: Self.last)
        #expect(try await world.send(account) == Self.last)
        #expect(try await world.send(account) == Self.second)
    }

    @Test func `reports of messages of several epochs have their segments' ids`() async throws {
        let (world, account) = try await world(at: Self.last)
        let channel = try await world.channel()
        let first = try await world.send(account, segments: 16)
        let second = try await world.send(account, ["13800138001"], segments: 2)
        let attempt = try await world.submit(channel, [first, second])
        for (sequence, mobile) in [(first, "13800138000"), (second, "13800138001")] {
            try await world.apply([World.report("m\(sequence)a\(attempt)", mobile: mobile)], from: channel)
        }
        let expected = [(first, 16), (second, 2)].flatMap { sequence, segments in
            (0..<segments).map { sequence.rawValue + Int64($0) << 34 }
        }
        let reports = try await world.collect(account)
        #expect(reports.map(\.id.rawValue) == expected)
        #expect(Set(expected).count == 18)
        #expect(try await world.store.timeline(of: MessageID(rawValue: expected[17])).mobile == "13800138001")
    }

    @Test func `the queue is read, and passed by, over the border`() async throws {
        let (start, account) = try await world(at: Self.last - 12)
        var world = start
        let first = try await world.send(account, mobiles)
        let second = try await world.send(account, mobiles)
        #expect((first, second) == (Self.last - 12, Self.second))
        _ = try await world.store.fail(Array(first..<first + 10), with: .noRoute, at: World.noon)
        var steps = 1
        while try await world.store.skipFinished(limit: 4) { steps += 1 }
        #expect(steps < 10)
        try await world.reopen()
        #expect(try await world.store.queued(from: 0, limit: 3).next == second + 3)
        #expect(
            try await world.store.queued(from: 0, limit: 100).parts.flatMap(\.messages).map(\.sequence)
                == Array(second..<second + 10))
    }

    @Test func `records are indexed and found on both sides of the border`() async throws {
        // The last chunk of the epoch, begun in its middle.
        let (world, account) = try await world(at: Self.last - 100_000)
        let many = (0..<50_000).map { "\(13_900_000_000 + $0)" }
        let first = try await world.send(account, ["13800138000"], cost: 0)
        _ = try await world.send(account, many, cost: 0)
        let border = try await world.send(account, many + ["13800138000"] + many, cost: 0)
        #expect(border == Self.second)
        for _ in 0..<2 { _ = try await world.send(account, many + many, cost: 0) }
        let mobile = PhoneNumber(rawValue: 13_800_138_000)
        let queries = [
            RecordQuery(mobile: mobile), RecordQuery(account: account, limit: 400_000),
            RecordQuery(account: account, mobile: PhoneNumber(rawValue: 13_900_000_007)),
            RecordQuery(day: World.today, limit: 10),
        ]
        var scanned: [[MessageSequence]] = []
        for query in queries { scanned.append(try await world.store.records(query).records.map(\.id.sequence)) }
        #expect(scanned[0] == [border + 50_000, first])
        #expect(scanned[1].count == 350_002)
        #expect(try await world.store.indexNextChunk())
        #expect(try await world.store.indexNextChunk())
        #expect(try await !world.store.indexNextChunk())
        #expect(try world.count("SELECT COUNT(DISTINCT chunk) FROM number_index") == 2)
        for (query, expected) in zip(queries, scanned) {
            #expect(try await world.store.records(query).records.map(\.id.sequence) == expected)
        }
        let channel = try await world.channel()
        _ = try await world.begin(channel, [first])
        let found = try await world.store.lastSendings(to: [mobile: ["none"]], on: channel, since: World.noon)
        #expect(found.mapValues { $0.map(\.account) } == [mobile: [account]])
    }

    @Test func `when all epochs are used up a submission is refused, and nothing is charged`() async throws {
        let (world, account) = try await world(at: MessageID.lastSequence)
        #expect(try await world.send(account) == MessageID.lastSequence)
        for count in [1, 10] {
            let failure = await #expect(throws: StoreFailure.self) {
                try await world.send(account, Array(mobiles[..<count]))
            }
            #expect(failure == .limitReached("all message ids are given out"))
        }
        #expect(try await world.balance(account) == World.opening - World.price)
        #expect(try await world.store.verifyLedger().differences.isEmpty)
    }
}
