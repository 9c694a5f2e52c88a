import Foundation
import GRDB
import Messaging
import Store
import Synchronization
import Testing

struct DurabilityTests {
    @Test func `the journal's level reads back FULL and the file is in WAL mode`() async throws {
        let world = try World()
        #expect(try await world.store.synchronousLevel() == 2)
        #expect(try world.sql { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
    }

    @Test func `a store that is only being filled is not synced, and is one whole file once it is closed`() async throws
    {
        let directory = try TemporaryDirectory()
        let filling = try Store(directory: directory.path, durability: .none)
        #expect(try await filling.synchronousLevel() == 0)
        let account = try await filling.insert(
            Account(id: "J10003"), sealedSecrets: [1], openingBalance: 5, at: World.noon)
        await filling.close()
        let path = directory.path + "/" + Store.fileName
        let log = try? FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int
        #expect(log ?? 0 == 0)
        let store = try Store(directory: directory.path)
        #expect(try await store.synchronousLevel() == 2)
        #expect(try await store.accounts().map(\.key) == [account.key])
        await store.close()
    }

    @Test func `the requester hears only after the commit`() async throws {
        let world = try World()
        let account = try await world.account()
        let path = world.path
        let seen: Int = try await withCheckedThrowingContinuation { done in
            world.store.accept([AcceptedSubmission(parts: [World.part(account)])]) { _ in
                // Another connection sees what is committed and nothing else.
                let other = Result { try DatabaseQueue(path: path) }
                done.resume(
                    with: other.flatMap { queue in
                        Result {
                            try queue.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM message") ?? 0 }
                        }
                    })
            }
        }
        #expect(seen == 1)
    }

    @Test func `what was acknowledged is there after a crash`() async throws {
        var world = try World()
        let account = try await world.account()
        let first = try await world.send(account, ["13800138000", "13900139000"])
        try world.crash()
        #expect(try await world.timeline(first + 1).mobile == "13900139000")
        #expect(try await world.balance(account) == World.opening - 2 * World.price)
        #expect(try await world.store.queued(from: 0, limit: 10).parts.flatMap(\.messages).count == 2)
    }

    @Test func `ids are consecutive over all parts and go on after a reopen and after a crash`() async throws {
        var world = try World()
        let account = try await world.account()
        let parts = [
            World.part(account, ["13800138000", "x", "13800138001"]), World.part(account, ["13800138002"]),
        ]
        let first = try await world.accept([AcceptedSubmission(parts: parts)])[0]
        #expect(first.acceptance.firstID.sequence == 1)
        #expect(first.ready.flatMap(\.messages).map(\.sequence) == [1, 3, 4])
        #expect(first.ready.map(\.id) == [1, 4])
        try await world.reopen()
        #expect(try await world.send(account) == 5)
        try world.crash()
        #expect(try await world.send(account) == 6)
    }

    @Test func `attempts and outbox entries never get a number twice either`() async throws {
        var world = try World()
        let account = try await world.account()
        let channel = try await world.channel()
        let first = try await world.begin(channel, [try await world.send(account, ["x", "13800138000"]) + 1])
        try world.crash()
        let second = try await world.begin(channel, [try await world.send(account, ["y", "13800138000"]) + 1])
        #expect(second == first + 1)
        #expect(try world.count("SELECT COUNT(DISTINCT id) FROM report") == 2)
    }

    @Test func `a batch that fails leaves nothing and costs nobody a number`() async throws {
        let world = try World()
        let account = try await world.account()
        let first = try await world.send(account)
        // Somebody else has taken the next submission's row: the insert breaks a constraint.
        try world.sql {
            try $0.execute(
                sql: """
                    INSERT INTO submission SELECT id + 1, account, accepted_at, scheduled_at, segments, segment_cost,
                    recipients, content, custom_id, custom_data, access_extension, service_type, NULL, NULL,
                    account_extension, payer
                    FROM submission
                    """)
        }
        await #expect(throws: StoreFailure.self) { try await world.send(account, ["13800138000", "bad"]) }
        #expect(try world.count("SELECT COUNT(*) FROM message") == 1)
        #expect(try world.count("SELECT COUNT(*) FROM report") == 0)
        #expect(try await world.balance(account) == World.opening - World.price)
        #expect(try await world.store.verifyLedger().differences.isEmpty)

        try world.sql { try $0.execute(sql: "DELETE FROM submission WHERE id > ?", arguments: [first.rawValue]) }
        #expect(try await world.send(account) == first + 1)
        let total = try await world.store.total(account: account, days: World.today...World.today)
        #expect(total.messages == 2)
        #expect(total.charged == 2 * World.price)
    }

    @Test func `requests that wait for a commit share the next one`() async throws {
        let world = try World()
        let account = try await world.account()
        let before = world.store.commitCount
        let ids = try await withLockedDatabase(world) {
            try await withThrowingTaskGroup(of: MessageSequence.self) { group in
                for _ in 0..<200 { group.addTask { try await world.send(account) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(Set(ids).count == 200)
        #expect(ids.max() == 200)
        #expect(world.store.commitCount - before < 50)
        #expect(try await world.balance(account) == World.opening - 200 * World.price)
        #expect(try await world.store.verifyLedger().entries == 201)
    }

    /// Starts `body` while another connection holds the write lock, and lets go when requests have piled up.
    private func withLockedDatabase<R: Sendable>(
        _ world: World, _ body: @escaping @Sendable () async throws -> R
    ) async throws -> R {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: world.path, configuration: configuration)
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        let work = Task { try await body() }
        for _ in 0..<100 { await Task.yield() }
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        return try await work.value
    }

    @Test func `one wrong request does not spoil its batch`() async throws {
        let world = try World()
        let account = try await world.account()
        let outcomes = try await withLockedDatabase(world) {
            await withTaskGroup(of: Bool.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        if number % 4 == 0 {
                            return (try? await world.settle(999, .accepted(nil))) != nil
                        }
                        return (try? await world.send(account)) != nil
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
        }
        #expect(outcomes == 30)
        #expect(try world.count("SELECT COUNT(*) FROM message") == 30)
        #expect(try world.count("SELECT MAX(sequence) FROM message") == 30)
        #expect(try await world.balance(account) == World.opening - 30 * World.price)
    }

    @Test func `a requester that goes away takes no commit back`() async throws {
        let world = try World()
        let account = try await world.account()
        let channel = try await world.channel()
        let sequence = try await world.send(account)
        let task = Task { try await world.begin(channel, [sequence]) }
        task.cancel()
        #expect(try await task.value == 1)
        #expect(try await world.timeline(sequence).state == .submitted)
    }

    @Test func `a probe is a commit of its own`() async throws {
        let world = try World()
        let before = world.store.commitCount
        try await world.store.probe()
        #expect(world.store.commitCount == before + 1)
    }

    @Test func `a closed store refuses and has kept what waited`() async throws {
        var world = try World()
        let account = try await world.account()
        let counter = Atomic<Int>(0)
        for _ in 0..<50 {
            world.store.accept([AcceptedSubmission(parts: [World.part(account)])]) {
                if case .success = $0 { counter.add(1, ordering: .relaxed) }
            }
        }
        await world.store.close()
        #expect(counter.load(ordering: .relaxed) == 50)
        await #expect(throws: StoreFailure.closed) { try await world.store.probe() }
        try world.crash()
        #expect(try world.count("SELECT COUNT(*) FROM message") == 50)
    }
}
