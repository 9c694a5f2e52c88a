import GRDB
import Glibc
import Messaging
import Synchronization

@testable import Engine
@testable import Store

extension House {
    /// Has the database refuse every commit, as a disk that became read-only does, or take them again.
    func setDisk(refuses: Bool) throws {
        try engine.store.pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA query_only = \(refuses ? 1 : 0)")
        }
    }

    /// As `setDisk`, and says when the engine knows that the trouble is over.
    func endRefusal() async throws {
        try setDisk(refuses: false)
        // A commit ends the trouble only when none was refused for so long.
        clock.advance(milliseconds: StorageHealth.calm)
        try await eventually("writes again") { !engine.storage.isFailing }
    }

    /// Counts the commits that are refused from now on.
    func countRefusals() -> Counter {
        let counter = Counter()
        let storage = engine.storage
        engine.store.observe { failure in
            if failure != nil { _ = counter.next() }
            storage.note(failure)
        }
        return counter
    }

    /// Puts a disk under the database on which a commit can hang.
    func makeHangingDisk() -> HangingDisk {
        let disk = HangingDisk()
        engine.store.pool.add(transactionObserver: disk, extent: .databaseLifetime)
        return disk
    }
}

/// Commits do not end while it hangs. They wait where fsync would: after the work, before anybody is told.
final class HangingDisk: TransactionObserver, Sendable {
    private let hanging = Switch()
    private let holding = Switch()

    /// Whether a commit hangs.
    var isHolding: Bool { holding.isOn }

    func hang() { hanging.isOn = true }
    func goOn() { hanging.isOn = false }

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseWillCommit() throws {
        while hanging.isOn {
            holding.isOn = true
            usleep(1000)
        }
        holding.isOn = false
    }
    func databaseDidCommit(_ db: Database) {}
    func databaseDidRollback(_ db: Database) {}
}
