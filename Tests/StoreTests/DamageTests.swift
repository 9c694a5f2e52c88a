import Foundation
import GRDB
import Messaging
import Synchronization
import Testing

@testable import Store

/// Damage that is seen while the store is open.
struct DamageTests {
    /// A store with messages of which nothing is in memory, and a page in the middle of them that is none any more.
    private func damagedWorld() async throws -> (
        World, account: AccountKey, channel: ChannelKey, middle: MessageSequence
    ) {
        var world = try World()
        let account = try await world.account(refund: .failed)
        let channel = try await world.channel()
        for _ in 0..<40 {
            _ = try await world.send(account, (0..<1000).map { "1380013\(1000 + $0)" }, cost: 10)
        }
        _ = try await world.store.fail([1, 2], with: .noRoute, at: World.noon)
        try await world.reopen()
        let page = try world.sql { db in
            try Int64.fetchOne(
                db,
                sql: """
                    SELECT pageno FROM dbstat WHERE name = 'message' AND pagetype = 'leaf'
                    ORDER BY pageno LIMIT 1 OFFSET 100
                    """) ?? 0
        }
        try #require(page > 1)
        let file = try #require(FileHandle(forUpdatingAtPath: world.path))
        try file.seek(toOffset: UInt64(page - 1) * 4096)
        try file.write(contentsOf: Data(repeating: 0xA5, count: 4096))
        try file.close()
        return (world, account, channel, 20_000)
    }

    /// Reads messages until one cannot be read.
    private func see(_ world: World) async -> StoreFailure? {
        do {
            for first in stride(from: 1 as MessageSequence, to: 40_000, by: 1000) {
                _ = try await world.store.queued(in: [first...first + 999], limit: 1000)
            }
            return nil
        } catch {
            return error
        }
    }

    @Test func `from then on nothing is accepted, charged, handed out or taken in`() async throws {
        let (world, account, channel, _) = try await damagedWorld()
        let told = Mutex<[StoreFailure?]>([])
        world.store.observe { failure in told.withLock { $0.append(failure) } }
        let before = try await world.balance(account)
        _ = try await world.send(account, cost: 10)
        #expect(told.withLock { $0 } == [nil])
        let seen = try #require(await see(world))
        guard case .damaged = seen else {
            Issue.record("\(seen)")
            return
        }
        for _ in 0..<5 {
            await #expect(throws: seen) { try await world.send(account, cost: 10) }
        }
        await #expect(throws: seen) { try await world.collect(account) }
        await #expect(throws: seen) { try await world.begin(channel, [30_000]) }
        await #expect(throws: seen) { try await world.store.keep([1], of: .pushed, from: channel, at: World.noon) }
        await #expect(throws: seen) {
            try await world.store.recharge(account: account, amount: 5, note: nil, at: World.noon)
        }
        #expect(try await world.balance(account) == before - 10)
        #expect(try world.count("SELECT value FROM counter WHERE name = 'sequence'") == 40_002)
        #expect(try world.count("SELECT COUNT(*) FROM report") == 2)
        #expect(try world.count("SELECT COUNT(*) FROM outbox_cursor") == 0)
        #expect(told.withLock { $0.count { $0 == nil } } == 1)
    }

    @Test func `the next start looks at the whole file, and a sound one in its place is good again`() async throws {
        let world = try World()
        _ = try await world.account()
        world.store.groupCommit.report(.damaged("seen"))
        await world.store.close()
        #expect(try StateMarker.read(in: world.directory.path)?.condition == .damaged)
        // Nothing is wrong with it.
        let store = try Store(directory: world.directory.path)
        #expect(try StateMarker.read(in: world.directory.path)?.condition == .running)
        #expect(try await store.accounts().count == 1)
        await store.close()
    }
}
