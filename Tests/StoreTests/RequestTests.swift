import GRDB
import Messaging
import Store
import Testing

/// A customer's own key of a request, and what reports say of the request.
struct RequestTests {
    private let world: World
    private let account: AccountKey
    private let channel: ChannelKey

    init() async throws {
        world = try World()
        account = try await world.account()
        channel = try await world.channel()
    }

    private func keyed(_ key: String?, of account: AccountKey, _ mobiles: [String] = ["13800138000"])
        -> AcceptedSubmission
    {
        AcceptedSubmission(parts: [World.part(account, mobiles)], idempotencyKey: key)
    }

    private func sequences(_ results: [Result<CommittedSubmission, Rejection>]) -> [MessageSequence?] {
        results.map { try? $0.get().acceptance.firstID.sequence }
    }

    // MARK: Keys

    @Test func `a key is taken once, also within one batch, and costs and numbers nothing the second time`()
        async throws
    {
        let results = try await world.results(of: [
            keyed("a", of: account), keyed("a", of: account, ["13800138001", "bad"]), keyed("b", of: account),
            keyed(nil, of: account), keyed(nil, of: account),
        ])
        #expect(sequences(results) == [1, nil, 2, 3, 4])
        guard case .failure(let rejection) = results[1] else {
            Issue.record("taken twice")
            return
        }
        #expect(rejection == .submissionRepeated)
        #expect(try await world.balance(account) == World.opening - 4 * World.price)
        #expect(try await world.collect(account).isEmpty)
        #expect(try await world.store.total(account: account, days: World.today...World.today).messages == 4)
        #expect(try await world.store.verifyLedger().differences.isEmpty)
    }

    @Test func `a key holds for good and for its account only`() async throws {
        var world = world
        let other = try await world.account("OTHER")
        #expect(sequences(try await world.results(of: [keyed("a", of: account)])) == [1])
        try world.crash()
        #expect(sequences(try await world.results(of: [keyed("a", of: account), keyed("a", of: other)])) == [nil, 2])
        try await world.reopen()
        #expect(sequences(try await world.results(of: [keyed("a", of: other), keyed("A", of: account)])) == [nil, 3])
    }

    @Test func `of a batch that fails no key is kept`() async throws {
        try world.sql { db in
            try db.execute(
                sql: """
                    CREATE TRIGGER trouble BEFORE INSERT ON message WHEN NEW.mobile = 13900139000
                    BEGIN SELECT RAISE(ABORT, 'trouble'); END
                    """)
        }
        await #expect(throws: StoreFailure.self) {
            try await world.results(of: [keyed("a", of: account, ["13900139000"])])
        }
        #expect(sequences(try await world.results(of: [keyed("a", of: account)])) == [1])
    }

    // MARK: Requests

    @Test func `every report names the first message of its request`() async throws {
        _ = try await world.send(account)
        let accepted = try await world.accept(
            World.part(account, ["13800138000", "13800138001"], customID: "x"),
            World.part(account, ["bad"], customID: "y"), World.part(account, ["13800138002"]))
        #expect(accepted.acceptance.firstID.sequence == 2)
        try await world.submit(channel, 2...5)
        try await world.apply(
            [
                World.report("m2"), World.report("m3", mobile: "13800138001"),
                World.report("m5", mobile: "13800138002"),
            ], from: channel)
        let reports = try await world.collect(account)
        #expect(reports.map(\.id.rawValue) == [4, 2, 3, 5])
        #expect(reports.map(\.requestID.rawValue) == [2, 2, 2, 2])
        #expect(reports.map(\.customID) == ["y", "x", "x", "00000000000000000002"])
    }

    // MARK: Reports by message

    /// Messages of three segments each, with the carrier.
    private func long(_ count: Int) async throws -> MessageSequence {
        let mobiles = (0..<count).map { String(13_800_138_000 + $0) }
        let first = try await world.send(account, mobiles, segments: 3)
        try await world.submit(channel, first..<(first + Int64(count)))
        return first
    }

    private func report(
        _ sequence: MessageSequence, _ segment: Int, _ status: String = "DELIVRD", first: MessageSequence
    ) async throws {
        let mobile = String(13_800_138_000 + first.distance(to: sequence))
        try await world.apply(
            [World.report("m\(sequence)", segment: segment, of: 3, mobile: mobile, status)], from: channel)
    }

    @Test func `by message, a message is given once, when it is final, with its own status`() async throws {
        let first = try await long(2)
        try await report(first, 2, "MK:0001", first: first)
        try await report(first + 1, 1, first: first)
        #expect(try await world.collect(account, grain: .message).isEmpty)
        for segment in [1, 3] { try await report(first, segment, first: first) }
        for segment in [2, 3] { try await report(first + 1, segment, first: first) }
        let reports = try await world.collect(account, grain: .message)
        #expect(reports.map(\.id.sequence) == [first, first + 1])
        #expect(reports.map(\.status.code) == ["MK:0001", "DELIVRD"])
        #expect(reports.allSatisfy { $0.segmentNumber == 1 && $0.segmentTotal == 1 })
        #expect(try await world.collect(account, grain: .message).isEmpty)
        #expect(try await world.collect(account).isEmpty)
    }

    @Test func `by message, at most as many as asked for, and none is lost`() async throws {
        let first = try await long(7)
        for sequence in first..<(first + 7) {
            for segment in 1...3 { try await report(sequence, segment, first: first) }
        }
        var pages: [[MessageSequence]] = []
        for _ in 0..<4 { pages.append(try await world.collect(account, limit: 3, grain: .message).map(\.id.sequence)) }
        #expect(pages == [[1, 2, 3], [4, 5, 6], [7], []])
        #expect(try await world.collect(account, limit: 0, grain: .message).isEmpty)
        #expect(try await world.collect(account, limit: 0).isEmpty)
    }

    @Test func `a page without a final message is not the end of what waits`() async throws {
        // More rows than one transaction reads, of which none is a message's last.
        let first = try await world.send(account, segments: 1)
        try await world.submit(channel, [first])
        try world.sql { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE row (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM row WHERE id < 9000)
                    INSERT INTO report SELECT \(account), id, \(first), 1, 'DELIVRD', 0 FROM row
                    """)
            try db.execute(sql: "INSERT OR REPLACE INTO counter VALUES ('outbox', 9001)")
        }
        await world.store.close()
        let store = try Store(directory: world.directory.path)
        let inbound = try await store.keep([0], of: .pushed, from: channel, at: World.noon)
        _ = try await store.apply(
            reports: [World.report("m\(first)")], replies: [], of: inbound, from: channel, at: World.noon)
        let reports = try await store.collectReports(for: account, limit: 5, at: World.noon, grain: .message)
        #expect(reports.map(\.id.sequence) == [first])
        await store.close()
    }

    @Test func `what one dialect has collected no other one gets`() async throws {
        let first = try await long(2)
        for segment in 1...3 { try await report(first, segment, first: first) }
        #expect(try await world.collect(account, limit: 2).map(\.segmentNumber) == [1, 2])
        #expect(try await world.collect(account, grain: .message).map(\.id.sequence) == [first])
        for segment in 1...3 { try await report(first + 1, segment, first: first) }
        #expect(try await world.collect(account, grain: .message).map(\.id.sequence) == [first + 1])
        #expect(try await world.collect(account).isEmpty)
    }

    // MARK: Replies that are confirmed

    private func replies(_ contents: [String]) async throws {
        let replies = contents.map { content in
            OwnedReply(
                account: account,
                reply: CarrierReply(carrierID: nil, mobile: "13800138000", accessNumber: "1", content: content),
                accessExtension: "")
        }
        try await world.apply([], replies: replies, from: channel)
    }

    @Test func `confirming takes no reply that is still to come`() async throws {
        try await replies(["1", "2"])
        let all = MessageID(rawValue: .max)
        #expect(try await world.store.confirmReplies(for: account, through: all, at: World.noon) == 2)
        #expect(try await world.store.confirmReplies(for: account, through: all, at: World.noon) == 0)
        try await replies(["3"])
        let left = try await world.store.queryReplies(for: account, limit: 9)
        #expect(left.map(\.content) == ["3"])
        let before = MessageID(rawValue: left[0].id.rawValue - 1)
        #expect(try await world.store.confirmReplies(for: account, through: before, at: World.noon) == 0)
        #expect(try await world.store.confirmReplies(for: account + 1, through: all, at: World.noon) == 0)
        #expect(try await world.store.queryReplies(for: account, limit: 9).count == 1)
    }
}
