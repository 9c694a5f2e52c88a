import Dispatch
import GRDB
import GRDBSQLite
import Glibc
import Messaging
import Synchronization

/// The group commit: whatever is waiting when the last commit ends becomes the next transaction, with one fsync for
/// all of it. No timer; batching sizes itself.
///
/// It runs in the database's own writer queue and never in a requester's task, so a cancelled requester cannot take a
/// commit back.
final class GroupCommit: Sendable {
    /// One piece of work, and what is called with its outcome after the commit.
    struct Entry: Sendable {
        /// Runs inside the transaction.
        let work: @Sendable (Writer) throws -> Void
        /// Runs after the commit, or after the transaction was thrown away.
        let finish: @Sendable (StoreFailure?) -> Void
    }

    private struct State {
        var waiting: [Entry] = []
        /// To be committed before anything else is done; stays until it is.
        var owed: [Entry] = []
        var isDraining = false
        var isClosed = false
    }

    private let state = Mutex(State())
    private let pool: DatabasePool
    private let box: WriterBox
    /// Commits so far, for the watchdog and for figures.
    let commits = Atomic<Int>(0)
    private let damage = Mutex<StoreFailure?>(nil)
    private let damaged = Atomic<Bool>(false)
    private let marker = Mutex<StateMarker?>(nil)
    private let observer = Mutex<Observer?>(nil)
    private let outboxObserver = Mutex<OutboxObserver?>(nil)
    private let blacklistObserver = Mutex<BlacklistObserver?>(nil)

    /// A closure that stood in the mutex by itself would be wrapped once more at every look at it.
    private struct Observer {
        let note: @Sendable (StoreFailure?) -> Void
    }

    private struct OutboxObserver {
        let note: @Sendable (Set<OutboxKey>) -> Void
    }

    private struct BlacklistObserver {
        let note: @Sendable ([BlacklistChange]) -> Void
    }

    private let executor: CommitExecutor
    let watch = CommitWatch()
    let patience = PatientCalls()

    /// - Parameter executor: the one whose queue the pool's writer runs on.
    init(pool: DatabasePool, executor: CommitExecutor) throws {
        self.pool = pool
        self.executor = executor
        self.box = try pool.writeWithoutTransaction { WriterBox(try Writer($0)) }
    }

    /// The first commit of a start, and the marker of it: in this order, so that a marker which says that the database
    /// is open tells of a log that is there.
    /// - Parameter past: what is given out begins here at the earliest.
    func begin(generation: Int64, past: MarkerContent.Numbers?, folder: String) throws {
        try pool.writeWithoutTransaction { db in
            let writer = box.writer
            writer.begin()
            try db.inTransaction(.immediate) {
                if let past { writer.skip(to: past) }
                try db.execute(
                    sql: "INSERT OR REPLACE INTO counter (name, value) VALUES ('generation', ?)",
                    arguments: [generation])
                try writer.finish()
                return .commit
            }
            let marker = try StateMarker(folder: folder, generation: generation, given: writer.givenOut)
            writer.keep(marker)
            self.marker.withLock { $0 = marker }
        }
    }

    /// At the end, in the writer's queue: moves the log into the file, and has the marker say so. Where that cannot be
    /// done, on a full disk or with a damaged file, the log stays beside the file and is as good.
    func moveLog(_ db: Database) {
        guard !hasSeenDamage, let moved = try? db.checkpoint(.full), moved.walFrameCount == moved.checkpointedFrameCount
        else { return }
        let marker = marker.withLock { $0 }
        // Before the log is emptied: an empty one beside a marker that says otherwise is a loss.
        if let marker, (try? marker.close(given: box.writer.givenOut)) == nil { return }
        _ = try? db.checkpoint(.truncate)
    }

    /// Puts work into the next transaction. Once the file was seen to be damaged nothing is written to it any more:
    /// what is charged, handed out or taken in might be lost, or written over something else.
    func append(_ entry: Entry) {
        if let refusal { return entry.finish(refusal) }
        enum Next { case none, start, refuse }
        let next: Next = state.withLock { state in
            if state.isClosed { return .refuse }
            state.waiting.append(entry)
            if state.isDraining { return .none }
            state.isDraining = true
            return .start
        }
        switch next {
        case .none: break
        case .refuse: entry.finish(.closed)
        case .start: pool.asyncWriteWithoutTransaction { [self] db in drain(db) }
        }
    }

    /// Pieces of work that wait for the next transaction.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Work that must be committed before anything else, however often that fails; to be called between two
    /// transactions, on their queue.
    func prepend(_ entry: Entry) { state.withLock { $0.owed.insert(entry, at: 0) } }

    /// Commits what is owed.
    /// - Returns: why it could not be done; it stays owed then, and nothing else is done before it.
    private func payOwed(_ db: Database) -> StoreFailure? {
        let owed = state.withLock { $0.owed }
        if owed.isEmpty { return nil }
        if let failure = refusal ?? commit(owed, db) { return failure }
        state.withLock { $0.owed = [] }
        for entry in owed { entry.finish(nil) }
        return nil
    }

    /// Puts work into the next transaction and waits for its commit.
    func perform<R: Sendable>(_ work: @escaping @Sendable (Writer) throws -> R) async throws(StoreFailure) -> R {
        let result: Result<R, StoreFailure> = await withCheckedContinuation { continuation in
            perform(work) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// Puts work into the next transaction and calls `finish` after its commit, or with the failure.
    func perform<R: Sendable>(
        _ work: @escaping @Sendable (Writer) throws -> R,
        finish: @escaping @Sendable (Result<R, StoreFailure>) -> Void
    ) {
        let slot = Slot<R>()
        append(
            Entry(
                work: { writer in
                    let value = try work(writer)
                    slot.value.withLock { $0 = value }
                },
                finish: { failure in
                    if let failure {
                        finish(.failure(failure))
                    } else if let value = slot.value.withLock({ $0 }) {
                        finish(.success(value))
                    } else {
                        finish(.failure(.closed))
                    }
                }))
    }

    // MARK: The disk

    func observe(_ note: @escaping @Sendable (StoreFailure?) -> Void) {
        observer.withLock { $0 = Observer(note: note) }
    }

    func observeOutboxes(_ note: @escaping @Sendable (Set<OutboxKey>) -> Void) {
        outboxObserver.withLock { $0 = OutboxObserver(note: note) }
    }

    func observeBlacklists(_ note: @escaping @Sendable ([BlacklistChange]) -> Void) {
        blacklistObserver.withLock { $0 = BlacklistObserver(note: note) }
    }

    /// Whether anything was read or written that showed the file to be damaged.
    var hasSeenDamage: Bool { damaged.load(ordering: .relaxed) }

    /// Why nothing is written any more.
    private var refusal: StoreFailure? { hasSeenDamage ? damage.withLock { $0 } : nil }

    private func note(damage failure: StoreFailure) {
        let isFirst = damage.withLock { known in
            if known != nil { return false }
            known = failure
            return true
        }
        damaged.store(true, ordering: .relaxed)
        if isFirst { marker.withLock { $0 }?.noteDamage() }
    }

    /// Tells the observer of what concerns the disk or the file; nil: a commit that wrote something.
    func report(_ failure: StoreFailure?) {
        switch failure {
        case .damaged(let words): note(damage: .damaged(words))
        case nil, .unavailable: break
        case .notFound, .alreadyExists, .limitReached, .sealingFailed, .busy, .closed: return
        }
        observer.withLock { $0 }?.note(failure)
    }

    // MARK: Work

    /// Refuses new work; what waits is still committed.
    func close() {
        state.withLock { $0.isClosed = true }
    }

    private func drain(_ db: Database) {
        while true {
            executor.runJobs()
            let unpaid = payOwed(db)
            let batch = state.withLock { state -> [Entry] in
                let batch = state.waiting
                state.waiting = []
                if batch.isEmpty { state.isDraining = false }
                return batch
            }
            if batch.isEmpty { return }
            let failure = refusal ?? unpaid ?? commit(batch, db)
            if failure?.isOfOneRequest == true, batch.count > 1 {
                for entry in batch { entry.finish(payOwed(db) ?? commit([entry], db)) }
            } else {
                for entry in batch { entry.finish(failure) }
            }
        }
    }

    private func commit(_ batch: [Entry], _ db: Database) -> StoreFailure? {
        let writer = box.writer
        let changes = db.totalChangesCount
        writer.begin()
        watch.begin()
        defer { watch.end() }
        do {
            try writer.transaction {
                for entry in batch { try entry.work(writer) }
                try writer.finish()
            }
            commits.add(1, ordering: .relaxed)
            // A transaction without changes says nothing about the disk.
            if db.totalChangesCount != changes { report(nil) }
            let filled = writer.filled.keys
            if !filled.isEmpty { outboxObserver.withLock { $0 }?.note(filled) }
            if !writer.blacklistChanges.isEmpty { blacklistObserver.withLock { $0 }?.note(writer.blacklistChanges) }
            return nil
        } catch {
            writer.rollBack()
            let failure = StoreFailure(error, on: db)
            report(failure)
            return failure
        }
    }
}

/// Invariant: the writer is touched only inside the database's serial writer queue.
private final class WriterBox: @unchecked Sendable {
    let writer: Writer

    init(_ writer: Writer) {
        self.writer = writer
    }
}

private final class Slot<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
}

extension StoreFailure {
    /// One request was wrong, not the disk: the others of its batch deserve a transaction of their own.
    fileprivate var isOfOneRequest: Bool {
        switch self {
        case .notFound, .alreadyExists, .limitReached: true
        case .unavailable, .damaged, .sealingFailed, .busy, .closed: false
        }
    }

    /// What the file system or a checksum of the pages says of their content: SQLITE_IOERR_DATA,
    /// SQLITE_IOERR_CORRUPTFS.
    private static let checksumCodes: Set<Int32> = [10 | 32 << 8, 10 | 33 << 8]

    /// - Parameter db: where it happened; it knows the system's own words.
    init(_ error: any Error, on db: Database? = nil) {
        if let failure = error as? StoreFailure {
            self = failure
            return
        }
        if error is CancellationError {
            // Whoever asked is being stopped; that says nothing of the disk.
            self = .closed
            return
        }
        guard let error = error as? DatabaseError else {
            self = .unavailable("\(error)")
            return
        }
        if Self.checksumCodes.contains(error.extendedResultCode.rawValue) {
            self = .damaged(error.message ?? "database damaged")
            return
        }
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self = .damaged(error.message ?? "database damaged")
        case .SQLITE_CONSTRAINT:
            self = .alreadyExists
        case .SQLITE_IOERR, .SQLITE_CANTOPEN:
            let words = error.message ?? "disk I/O error"
            let code = db?.sqliteConnection.map { sqlite3_system_errno($0) } ?? 0
            self = .unavailable(code == 0 ? words : "\(words): \(String(cString: strerror(code)))")
        default:
            self = .unavailable(error.message ?? "SQLite error \(error.resultCode.rawValue)")
        }
    }
}

extension GroupCommit {
    /// As `perform`, for a requester that waits no longer than `limit`, so that a disk that hangs does not keep it.
    ///
    /// What has not begun by then is not done. What was done in a transaction that takes longer is taken back by `undo`
    /// in the next one, before anything else, because its requester got `busy`.
    /// - Parameter limit: nil: as long as it takes.
    /// - Throws: `busy` when the limit has passed.
    func perform<R: Sendable>(
        within limit: Duration?, _ work: @escaping @Sendable (Writer) throws -> R,
        undo: @escaping @Sendable (Writer, R) throws -> Void = { _, _ in }
    ) async throws(StoreFailure) -> R {
        guard let limit else { return try await perform(work) }
        let result = await withCheckedContinuation { continuation in
            let call = PatientCall<R>(continuation)
            let ticket = patience.add(within: limit) {
                call.giveUp(.busy("the disk has not answered within \(limit)"))
            }
            append(
                Entry(
                    work: { writer in
                        guard call.isWanted else { return }
                        call.note(try work(writer))
                    },
                    finish: { [self] failure in
                        patience.remove(ticket)
                        guard let done = call.finish(failure) else { return }
                        prepend(Entry(work: { try undo($0, done) }, finish: { _ in }))
                    }))
        }
        return try result.get()
    }
}
