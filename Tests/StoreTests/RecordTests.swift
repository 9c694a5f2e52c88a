import Messaging
import Store
import Testing

/// Lists of messages by number, account and day, over what is indexed and what is not yet.
struct RecordTests {
    private let world: World
    private let first: AccountKey
    private let second: AccountKey

    private static let day: Int64 = 86_400_000

    init() async throws {
        world = try World()
        first = try await world.account("J10001", balance: .max / 4)
        second = try await world.account("J10002", balance: .max / 4)
    }

    /// Accepts one submission per account and round, each with `count` numbers from `13800000000 + round * count`.
    private func fill(rounds: Range<Int>, count: Int, startingAt start: Timestamp = World.noon) async throws {
        for round in rounds {
            for account in [first, second] {
                let numbers = (0..<count).map { "\(13_800_000_000 + round * count + $0)" }
                var part = World.part(account, numbers)
                part.acceptedAt = start.adding(milliseconds: Int64(round) * Self.day)
                _ = try await world.accept(part)
            }
        }
    }

    private func sequences(_ query: RecordQuery) async throws -> [MessageSequence] {
        try await world.store.records(query).records.map(\.id.sequence)
    }

    private func number(_ value: Int64) -> PhoneNumber { PhoneNumber(rawValue: value) }

    @Test func `what is not indexed yet is found by number, by account and by day`() async throws {
        try await fill(rounds: 0..<3, count: 4)
        let mobile = number(13_800_000_005)
        #expect(try await sequences(RecordQuery(mobile: mobile)) == [14, 10])
        #expect(try await sequences(RecordQuery(account: second, mobile: mobile)) == [14])
        #expect(try await sequences(RecordQuery(account: first)) == [20, 19, 18, 17, 12, 11, 10, 9, 4, 3, 2, 1])
        #expect(try await sequences(RecordQuery(day: World.today + 1)) == [16, 15, 14, 13, 12, 11, 10, 9])
        #expect(try await sequences(RecordQuery(account: first, day: World.today + 1)) == [12, 11, 10, 9])
        #expect(try await sequences(RecordQuery(day: World.today + 3)).isEmpty)
        #expect(try await sequences(RecordQuery(day: 20_240_732)).isEmpty)
    }

    @Test func `pages follow each other without gaps or repetitions`() async throws {
        try await fill(rounds: 0..<3, count: 5)
        for query in [RecordQuery(account: first), RecordQuery(), RecordQuery(account: second, day: World.today)] {
            let whole = try await sequences(query)
            var query = query
            query.limit = 2
            var paged: [MessageSequence] = []
            repeat {
                let page = try await world.store.records(query)
                paged += page.records.map(\.id.sequence)
                query.before = page.next
            } while query.before != nil
            #expect(paged == whole)
            #expect(!whole.isEmpty)
        }
    }

    @Test func `a record says what became of the message`() async throws {
        let channel = try await world.channel()
        _ = try await world.accept(World.part(first, ["13800138000", "13"]))
        let attempts = [NewAttempt(channel: channel, messages: SequenceRuns([1]))]
        _ = try await world.store.begin(attempts, at: World.noon)
        let records = try await world.store.records(RecordQuery(account: first)).records
        #expect(records.map(\.mobile) == ["13", "13800138000"])
        #expect(records.map(\.state) == [.failed, .submitted])
        #expect(records.map(\.channel) == [nil, "sim"])
        #expect(records.map(\.attemptState) == [nil, .begun])
        #expect(records.map(\.account) == ["J10001", "J10001"])
    }

    @Test func `indexed chunks answer as the scan of the same messages did`() async throws {
        // Submissions straddle the border of the first chunk, and the second stays unfinished.
        try await fill(rounds: 0..<3, count: 44_000)
        let mobiles = [13_800_000_000, 13_800_043_000, 13_800_088_001, 13_800_131_999].map { number($0) }
        let queries =
            mobiles.flatMap { [RecordQuery(mobile: $0), RecordQuery(account: second, mobile: $0)] } + [
                RecordQuery(account: first, limit: 120_000), RecordQuery(account: second, day: World.today + 1),
                RecordQuery(account: first, day: World.today + 2, before: 220_010, limit: 30_000),
                RecordQuery(day: World.today, before: 500),
            ]
        var scanned: [[MessageSequence]] = []
        for query in queries { scanned.append(try await sequences(query)) }
        #expect(try await world.store.indexNextChunk())
        #expect(try await !world.store.indexNextChunk())
        for (query, expected) in zip(queries, scanned) {
            #expect(!expected.isEmpty)
            #expect(try await sequences(query) == expected)
        }
        let channel = try await world.channel()
        let attempts = [NewAttempt(channel: channel, messages: SequenceRuns([44_001, 10]))]
        _ = try await world.store.begin(attempts, at: World.noon)
        let owners = try await world.store.lastSendings(
            to: [number(13_800_000_000): ["none"], number(13_800_000_009): ["none"]], on: channel, since: World.noon)
        #expect(
            owners.mapValues { $0.map(\.account) }
                == [number(13_800_000_000): [second], number(13_800_000_009): [first]])
        let later = try await world.store.lastSendings(
            to: [number(13_800_000_000): ["none"]], on: channel, since: World.noon.adding(milliseconds: 1))
        #expect(later.isEmpty)
        // What a third account wrote since, which is not indexed yet, does not hide what others did before.
        let third = try await world.account("THIRD", accessExtension: "77")
        try await world.submit(channel, [try await world.send(third, ["13800000000"])])
        let mobile = number(13_800_000_000)
        for (wanted, accounts) in [("none", [third, second]), ("10690012122", [third])] {
            let found = try await world.store.lastSendings(to: [mobile: [wanted]], on: channel, since: World.noon)
            #expect(found[mobile]?.map(\.account) == accounts)
        }
        var world = world
        try await world.reopen()
        #expect(try await !world.store.indexNextChunk())
    }
}
