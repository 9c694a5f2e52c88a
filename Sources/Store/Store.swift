import Dispatch
import Foundation
import GRDB
import GRDBSQLite
public import Messaging
import Synchronization

/// The one database file: live messages, the ledger, the outboxes, accounts and channels.
///
/// All writes go through the journal in batches and are durable (fsynced) when they return. Reads see the last commit
/// and do not wait for writes. No SQL and no type of the database library shows outside.
public final class Store: Sendable {
    let groupCommit: GroupCommit
    let pool: DatabasePool
    /// For queries that may take long: accepting, sending and collecting never wait for one of these readers.
    private let longReads: DatabasePool
    let proof = LedgerProofTurn()
    /// To tell whose a reply is.
    let recentMessages = Mutex(RecentMessages())
    /// Where commits are made.
    public let commits: CommitExecutor
    /// What the database, its log and its marker did not have any more when the store was opened all the same; nil when
    /// nothing was lost.
    public let acceptedLoss: String?

    /// The database's file inside the state folder.
    public static let fileName = "yizhan.sqlite"
    /// Pages that the write-ahead log may grow to before a commit moves them into the file.
    private static let checkpointPages = 8192
    private static let writerCacheKibibytes = 65536
    private static let readerCacheKibibytes = 8192
    /// For a store that is being filled: then pages of the whole file are written to in turn.
    private static let fillingCacheKibibytes = 1 << 20

    /// What a commit is worth.
    public enum Durability: Sendable {
        /// An fsync in every commit.
        case full
        /// No fsync, for filling a store before it serves customers: the caller must sync the file after `close`, else
        /// a power cut may lose it.
        case none
    }

    /// Opens or creates the database in `directory`.
    /// - Parameters:
    ///   - creates: whether an empty database is made where there is none.
    ///   - acceptsLoss: whether it is opened although commits were lost. Message ids, attempts and outbox entries then
    ///     begin past all that may have been given out.
    /// - Throws: `damaged` when the file is not a sound database of this or an older version, or not all that there
    ///   was; nothing is changed then, and nothing is ever deleted.
    public init(
        directory: String, durability: Durability = .full, creates: Bool = true, acceptsLoss: Bool = false
    ) throws(StoreFailure) {
        let path = directory + "/" + Self.fileName
        do {
            let opening = StoreOpening(folder: directory)
            let found = try opening.examine(creates: creates, acceptsLoss: acceptsLoss)
            acceptedLoss = found.loss
            let commits = CommitExecutor()
            var configuration = Self.configuration
            configuration.writeTargetQueue = commits.queue
            let pool = try DatabasePool(path: path, configuration: configuration)
            // The pool has set NORMAL by itself, under which a power cut may take back acknowledged commits.
            try pool.writeWithoutTransaction { db in
                let isDurable = durability == .full
                let cache = isDurable ? Self.writerCacheKibibytes : Self.fillingCacheKibibytes
                try db.execute(sql: "PRAGMA synchronous = \(isDurable ? "FULL" : "OFF")")
                try db.execute(sql: "PRAGMA cache_size = -\(cache)")
                try db.execute(sql: "PRAGMA wal_autocheckpoint = \(Self.checkpointPages)")
            }
            try opening.migrator.migrate(pool)
            self.pool = pool
            self.commits = commits
            longReads = try DatabasePool(path: path, configuration: Self.longReadConfiguration)
            groupCommit = try GroupCommit(pool: pool, executor: commits)
            if durability == .full {
                try groupCommit.begin(generation: found.generation + 1, past: found.past, folder: directory)
            }
        } catch is DatabaseFile.Newer {
            throw .damaged("\(path) was written by a newer version of yizhan; install that version")
        } catch {
            let failure = StoreFailure(error)
            if case .unavailable(let words) = failure {
                throw .unavailable("\(words) (\(path); is its disk full or read-only?)")
            }
            guard case .damaged(let words) = failure, !words.hasPrefix(path) else { throw failure }
            throw .damaged(
                "\(path) is damaged (\(words)); stop the service, keep a copy of the file and of those beside it, and "
                    + "restore a backup")
        }
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "yizhan"
        configuration.maximumReaderCount = 4
        configuration.busyMode = .timeout(10)
        // Above it libdispatch tries to raise the priority of its threads, which the service may not.
        configuration.qos = .default
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA cache_size = -\(Self.readerCacheKibibytes)")
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
            // The last connection to close would delete the log: then a log that is gone tells of no loss.
            var keepsLog: CInt = 1
            sqlite3_file_control(db.sqliteConnection, "main", SQLITE_FCNTL_PERSIST_WAL, &keepsLog)
        }
        return configuration
    }

    private static var longReadConfiguration: Configuration {
        var configuration = Self.configuration
        configuration.label = "yizhan long reads"
        configuration.readonly = true
        configuration.maximumReaderCount = 3
        return configuration
    }

    /// The last connection to close moves the log into the file and deletes the log, which a damaged file must be
    /// spared: its connections stay open until the process ends.
    private static func neverClose(_ pool: DatabasePool) { _ = Unmanaged.passRetained(pool) }

    /// Sets the observer of storage: called with nil after each commit that wrote something, and with the failure of
    /// each transaction or query that the disk or the file did not allow. It is called between commits and must not
    /// block.
    public func observe(_ observer: @escaping @Sendable (StoreFailure?) -> Void) { groupCommit.observe(observer) }

    /// Sets the observer of outboxes: called after each commit with the outboxes that it put something into. It is
    /// called between commits and must not block.
    public func observeOutboxes(_ observer: @escaping @Sendable (Set<OutboxKey>) -> Void) {
        groupCommit.observeOutboxes(observer)
    }

    /// Sets the observer of blacklists: called with their changes after the commits, in the same order, before the
    /// callers that made them are resumed. It is called between commits and must not block.
    public func observeBlacklists(_ observer: @escaping @Sendable ([BlacklistChange]) -> Void) {
        groupCommit.observeBlacklists(observer)
    }

    /// SQLite's own setting, read back: 2 is FULL, an fsync in every commit.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func synchronousLevel() async throws(StoreFailure) -> Int {
        try await groupCommit.perform { writer in
            try Int.fetchOne(writer.db, sql: "PRAGMA synchronous") ?? -1
        }
    }

    /// Commits made since the store was opened.
    public var commitCount: Int { groupCommit.commits.load(ordering: .relaxed) }

    /// One empty commit, to see that the journal works; the watchdog asks.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func probe() async throws(StoreFailure) {
        try await groupCommit.perform { writer in
            try writer.db.execute(sql: "INSERT OR REPLACE INTO counter (name, value) VALUES ('probe', 1)")
        }
    }

    /// The transaction that is under way; nil when there is none.
    public var commitUnderWay: CommitUnderWay? { groupCommit.watch.underWay }

    /// For how long a transaction has been under way, in milliseconds; nil: none is. Costs nothing.
    public var commitAge: Int64? { groupCommit.watch.age }

    /// Ends after everything that waits is committed. All of it is in the one file then, unless that is damaged.
    public func close() async {
        groupCommit.close()
        longReads.interrupt()
        try? longReads.close()
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            pool.asyncWriteWithoutTransaction { [groupCommit] db in
                groupCommit.moveLog(db)
                done.resume()
            }
        }
        if groupCommit.hasSeenDamage {
            Self.neverClose(pool)
        } else {
            try? pool.close()
        }
    }

    deinit {
        if groupCommit.hasSeenDamage { Self.neverClose(pool) }
    }

    /// Runs a query on a reader, off the journal.
    func read<T: Sendable>(_ query: @escaping @Sendable (Database) throws -> T) async throws(StoreFailure) -> T {
        try await read(from: pool, query)
    }

    /// The same for what may take long, or is only shown: cancelled with its task.
    func readLong<T: Sendable>(_ query: @escaping @Sendable (Database) throws -> T) async throws(StoreFailure) -> T {
        try await read(from: longReads, query)
    }

    private func read<T: Sendable>(
        from pool: DatabasePool, _ query: @escaping @Sendable (Database) throws -> T
    ) async throws(StoreFailure) -> T {
        do {
            return try await pool.read(query)
        } catch {
            let failure = StoreFailure(error)
            groupCommit.report(failure)
            throw failure
        }
    }
}
