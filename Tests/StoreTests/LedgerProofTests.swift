import GRDB
import Glibc
import Messaging
import Synchronization
import Testing

@testable import Store

struct LedgerProofTests {
    private static func fill(_ world: World, _ account: AccountKey, _ count: Int) throws {
        try world.sql { db in
            try db.inTransaction {
                try db.execute(
                    sql: """
                        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
                        INSERT INTO ledger (account, at, kind, amount) SELECT ?, 0, 3, 1 FROM n
                        """,
                    arguments: [count, account.rawValue])
                try db.execute(
                    sql: "UPDATE account SET balance = balance + ? WHERE number = ?",
                    arguments: [count, account.rawValue])
                return .commit
            }
        }
    }

    @Test func `an account without entries is sound`() async throws {
        let world = try World()
        _ = try await world.account(balance: 0)
        for isFull in [false, true] {
            let verdict = try await world.store.verifyLedger(isFull: isFull)
            #expect(verdict.accounts == 1)
            #expect(verdict.entries == 0)
            #expect(verdict.differences.isEmpty)
        }
        try world.sql { try $0.execute(sql: "UPDATE account SET balance = 1") }
        #expect(try await world.store.verifyLedger().differences.map(\.stored) == [1])
    }

    @Test func `a proof goes on where the one before it ended, and says so`() async throws {
        var world = try World()
        let account = try await world.account()
        _ = try await world.account("OTHER", balance: 0)
        let first = try await world.store.verifyLedger()
        #expect(first.provedBefore == 0)
        #expect(first.entries == 1)
        _ = try await world.send(account)
        try await world.reopen()
        let second = try await world.store.verifyLedger()
        #expect(second.provedBefore == 1)
        #expect(second.entries == 2)
        #expect(!second.isFull)
        #expect(second.money == World.opening - World.price)
        #expect(try await world.store.verifyLedger().provedBefore == 2)
        let full = try await world.store.verifyLedger(isFull: true)
        #expect(full.isFull)
        #expect(full.provedBefore == 0)
        #expect(full.entries == 2)
        #expect(full.differences.isEmpty)
    }

    @Test func `a ledger of many pieces comes to the same, however it is read`() async throws {
        let world = try World()
        let account = try await world.account()
        let other = try await world.account("OTHER", balance: 0)
        let size = Int(LedgerProof.pieceMax)
        try Self.fill(world, account, size + 7)
        _ = try await world.store.verifyLedger()
        try Self.fill(world, other, 2 * size)
        try Self.fill(world, account, 3)
        let steps = Mutex<[Int64]>([])
        let rest = try await world.store.verifyLedger { done, _ in steps.withLock { $0.append(done) } }
        #expect(steps.withLock { $0 } == [Int64(size), Int64(2 * size)])
        #expect(rest.provedBefore == Int64(size + 8))
        let full = try await world.store.verifyLedger(isFull: true)
        for verdict in [rest, full] {
            #expect(verdict.entries == Int64(3 * size + 11))
            #expect(verdict.money == World.opening + Int64(3 * size + 10))
            #expect(verdict.differences.isEmpty)
        }
    }

    @Test func `a difference is not noted as proved`() async throws {
        let world = try World()
        let account = try await world.account()
        try world.sql { try $0.execute(sql: "UPDATE account SET balance = balance + 1") }
        #expect(try await world.store.verifyLedger().differences.count == 1)
        #expect(try await world.store.verifyLedger().provedBefore == 0)
        try world.sql { try $0.execute(sql: "UPDATE account SET balance = balance - 1") }
        _ = try await world.send(account)
        #expect(try await world.store.verifyLedger().differences.isEmpty)
        #expect(try await world.store.verifyLedger().provedBefore == 2)
    }

    @Test func `entries that changed after they were proved are found by a full proof`() async throws {
        let world = try World()
        let account = try await world.account()
        _ = try await world.send(account)
        _ = try await world.store.verifyLedger()
        // Both sides at once, so that they agree.
        try world.sql {
            try $0.execute(sql: "UPDATE ledger SET amount = amount - 5 WHERE id = 1")
            try $0.execute(sql: "UPDATE account SET balance = balance - 5")
        }
        #expect(try await world.store.verifyLedger().differences.map(\.account) == ["J10003"])
        let full = try await world.store.verifyLedger(isFull: true)
        #expect(full.differences.count == 1)
        #expect(full.differences.first?.account.contains("up to 2") == true)
    }

    @Test(arguments: [false, true])
    func `entries that vanished after they were proved are found`(isFull: Bool) async throws {
        let world = try World()
        let account = try await world.account()
        _ = try await world.send(account)
        _ = try await world.store.verifyLedger()
        try world.sql { try $0.execute(sql: "DELETE FROM ledger WHERE id = 2") }
        #expect(try await world.store.verifyLedger(isFull: isFull).differences.isEmpty == false)
    }

    @Test func `one proof at a time, and the second is told how far the first is`() async throws {
        let world = try World()
        #expect(world.store.proof.begin())
        world.store.proof.note(3, of: 9)
        do throws(StoreFailure) {
            _ = try await world.store.verifyLedger()
            Issue.record("a second proof was let in")
        } catch .busy(let words) {
            #expect(words.contains("3 of 9 entries"), "\(words)")
        } catch {
            Issue.record("\(error)")
        }
        world.store.proof.end()
        _ = try await world.store.verifyLedger()
        _ = try await world.store.verifyLedger()
    }

    @Test func `a proof ends with its task, and lets the next one in`() async throws {
        let world = try World()
        let account = try await world.account()
        try Self.fill(world, account, 4 * Int(LedgerProof.pieceMax))
        let store = world.store
        let begun = Mutex<Task<Bool, Never>?>(nil)
        let task = Task { () -> Bool in
            do throws(StoreFailure) {
                _ = try await store.verifyLedger { _, _ in begun.withLock { $0?.cancel() } }
                return true
            } catch {
                return error != .closed
            }
        }
        begun.withLock { $0 = task }
        // Cancelled at its first piece, or at its second if that came before the line above.
        #expect(await task.value == false)
        #expect(try await store.verifyLedger().differences.isEmpty)
    }

    // MARK: Readers

    /// Keeps threads that come by until it is opened.
    private final class Door: Sendable {
        private struct State {
            var isOpen = false
            var inside = 0
        }

        private let state = Mutex(State())

        var inside: Int { state.withLock { $0.inside } }
        func open() { state.withLock { $0.isOpen = true } }

        func pass() {
            state.withLock { $0.inside += 1 }
            while !state.withLock({ $0.isOpen }) { usleep(1000) }
        }
    }

    @Test func `billing asks while every reader is taken, and work goes on while every long query is`() async throws {
        let world = try World()
        let account = try await world.account()
        let (store, door) = (world.store, Door())
        async let long: Void = withTaskGroup(of: Void.self) { group in
            for _ in 0..<3 { group.addTask { try? await store.readLong { _ in door.pass() } } }
        }
        while door.inside < 3 { try await Task.sleep(for: .milliseconds(1)) }
        #expect(try await store.accounts().map(\.key) == [account])
        async let short: Void = withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { try? await store.read { _ in door.pass() } } }
        }
        while door.inside < 7 { try await Task.sleep(for: .milliseconds(1)) }
        let keyed = AcceptedSubmission(parts: [World.part(account)], idempotencyKey: "k")
        #expect(try await store.areUsed([keyed]) == [false])
        _ = try await world.accept([keyed])
        #expect(try await store.areUsed([keyed]) == [true])
        door.open()
        _ = await (long, short)
    }
}
