import GRDB
import Glibc
import Messaging
import Synchronization
import Testing

@testable import Store

/// A disk that hangs keeps nobody, and takes nothing from those who have gone.
struct PatienceTests {
    private static let short = Duration.seconds(1)

    /// With three reports and three replies to be collected.
    private func world() async throws -> (World, AccountKey) {
        let world = try World()
        let account = try await world.account()
        _ = try await world.send(account, ["a", "b", "c"])
        let channel = try await world.channel()
        let replies = (1...3).map { number in
            OwnedReply(
                account: account,
                reply: CarrierReply(
                    carrierID: Int64(number), mobile: "13800138000", accessNumber: "1", content: "\(number)"),
                accessExtension: "")
        }
        try await world.apply([], replies: replies, from: channel)
        return (world, account)
    }

    /// Runs `body` while the transaction under way cannot end. What `body` hands in first is in the next one, together
    /// with a piece of work that ends only after `body`.
    private func whileHanging<R: Sendable>(
        _ world: World, joined: Bool, callers: Int = 1, _ body: @escaping @Sendable () async throws -> R
    ) async throws -> R {
        let isOver = Mutex(false)
        let isInside = Mutex(false)
        let groupCommit = world.store.groupCommit
        @Sendable func block(_: Writer) throws {
            isInside.withLock { $0 = true }
            while !isOver.withLock({ $0 }) { usleep(500) }
        }
        defer { isOver.withLock { $0 = true } }
        if joined {
            // The first transaction waits until all are there for the second.
            let first = Mutex(false)
            groupCommit.append(
                GroupCommit.Entry(
                    work: { _ in
                        isInside.withLock { $0 = true }
                        while !first.withLock({ $0 }) { usleep(500) }
                    }, finish: { _ in }))
            while !isInside.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
            let work = Task { try await body() }
            while groupCommit.waitingCount < callers { try await Task.sleep(for: .milliseconds(1)) }
            groupCommit.append(GroupCommit.Entry(work: block, finish: { _ in }))
            first.withLock { $0 = true }
            return try await work.value
        }
        groupCommit.append(GroupCommit.Entry(work: block, finish: { _ in }))
        while !isInside.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
        return try await body()
    }

    private func isBusy(_ body: () async throws -> Void) async -> Bool {
        do {
            try await body()
            return false
        } catch {
            if case .busy = error as? StoreFailure { return true }
            return false
        }
    }

    /// Behind a transaction that hangs, and inside one: as long as others with it keep it from its end.
    @Test(arguments: [false, true])
    func `what was collected for somebody who has gone can be collected again`(joined: Bool) async throws {
        let (world, account) = try await world()
        let store = world.store
        let wasBusy = try await whileHanging(world, joined: joined) {
            await self.isBusy {
                _ = try await store.collectReports(for: account, limit: 2, at: World.noon, within: Self.short)
            }
        }
        #expect(wasBusy)
        #expect(try await world.collect(account).count == 3)
        #expect(try world.count("SELECT COUNT(*) FROM collection") == 1)
        #expect(try await world.collect(account).isEmpty)
    }

    @Test(arguments: [false, true])
    func `so can replies`(joined: Bool) async throws {
        let (world, account) = try await world()
        let store = world.store
        let wasBusy = try await whileHanging(world, joined: joined) {
            await self.isBusy {
                _ = try await store.collectReplies(for: account, limit: 2, at: World.noon, within: Self.short)
            }
        }
        #expect(wasBusy)
        #expect(try await store.queryReplies(for: account, limit: 9).map(\.content) == ["1", "2", "3"])
        #expect(try await store.collectReplies(for: account, limit: 9, at: World.noon).count == 3)
        #expect(try world.count("SELECT COUNT(*) FROM collection") == 1)
    }

    @Test func `two in one transaction are both taken back`() async throws {
        let (world, account) = try await world()
        let store = world.store
        let busy = try await whileHanging(world, joined: true, callers: 2) {
            async let one = self.isBusy {
                _ = try await store.collectReports(for: account, limit: 1, at: World.noon, within: Self.short)
            }
            async let other = self.isBusy {
                _ = try await store.collectReports(for: account, limit: 1, at: World.noon, within: Self.short)
            }
            return await [one, other]
        }
        #expect(busy == [true, true])
        #expect(try await world.collect(account).count == 3)
    }

    @Test func `who is answered in time is not heard of again`() async throws {
        let (world, account) = try await world()
        let limit = Duration.seconds(100)
        let first = try await world.store.collectReports(for: account, limit: 2, at: World.noon, within: limit)
        #expect(first.count == 2)
        #expect(world.store.groupCommit.patience.count == 0)
        #expect(try await world.store.queryReplies(for: account, limit: 9, within: limit).count == 3)
        let last = try #require(try await world.store.queryReplies(for: account, limit: 2).last)
        #expect(
            try await world.store.confirmReplies(for: account, through: last.id, at: World.noon, within: limit) == 2)
        #expect(try await world.collect(account).count == 1)
    }

    @Test func `a failure comes before the limit as ever`() async throws {
        let (world, account) = try await world()
        await world.store.close()
        await #expect(throws: StoreFailure.closed) {
            try await world.store.collectReports(for: account, limit: 2, at: World.noon, within: .seconds(100))
        }
    }

    // MARK: What a thread is at

    struct Case: Sendable {
        var syscall: String?
        var stat: String?
        var state: CommitWatch.ThreadState
    }

    #if arch(x86_64)
        private static let futex = "202"
    #else
        private static let futex = "98"
    #endif

    @Test(arguments: [
        Case(syscall: "running\n", stat: "7 (yizhan) R 1", state: .running),
        Case(syscall: "75 0x4 0x0", stat: "7 (yizhan) D 1", state: .inKernel),
        Case(syscall: "75 0x4 0x0", stat: "7 (yizhan) S 1", state: .inKernel),
        Case(syscall: "\(futex) 0x4 0x0", stat: "7 (yizhan) S 1", state: .running),
        // A page of a mapped file is on its way.
        Case(syscall: "-1 0x4 0x0", stat: "7 (ev il) x) D 1", state: .inKernel),
        Case(syscall: "-1 0x4 0x0", stat: "7 (yizhan) S 1", state: .running),
        Case(syscall: nil, stat: nil, state: .unknown),
        Case(syscall: nil, stat: "7 (yizhan) D 1", state: .inKernel),
        Case(syscall: "", stat: "", state: .unknown),
    ])
    func `the kernel says where a thread waits`(one: Case) {
        #expect(CommitWatch.state(syscall: one.syscall, stat: one.stat) == one.state)
    }

    @Test func `a commit under way is seen, and what its thread is at`() async throws {
        let (world, _) = try await world()
        #expect(world.store.commitUnderWay == nil)
        let store = world.store
        // `block` sleeps most of its time, which is a system call.
        try await whileHanging(world, joined: false) {
            var seen = false
            for _ in 0..<10_000 where !seen {
                guard let underWay = store.commitUnderWay else { continue }
                seen = underWay.isInSystemCall && underWay.milliseconds >= 5
                try await Task.sleep(for: .milliseconds(1))
            }
            #expect(seen)
        }
    }
}
