import GRDB
import Glibc
import Messaging

/// The file as such: a new one gets its name only when it is whole, and an old one is looked at before
/// anything is written to it.
struct DatabaseFile {
    let path: String

    var logPath: String { path + "-wal" }

    /// A file up to this size is checked whole when it is opened, a larger one at its edges: opening must stay quick.
    private static let wholeCheckBytesMax: Int64 = 16 << 20
    private static let headerByteCount = 100
    private static let magic = Array("SQLite format 3\0".utf8)

    // MARK: A new file

    /// Makes the file if there is none: aside first, then renamed, so that an empty or half-made file under its name is
    /// always damage and never a first start that was cut short.
    /// - Parameters:
    ///   - creates: whether it may be made.
    ///   - isLost: whether there was one before.
    /// - Returns: whether it was made.
    func makeIfMissing(_ migrator: DatabaseMigrator, creates: Bool, isLost: Bool) throws -> Bool {
        guard Self.size(of: path) == nil else { return false }
        if let bytes = Self.size(of: logPath), bytes > 0 {
            throw StoreFailure.damaged(
                "\(path) is missing, but its log \(logPath) is there; restore both from a backup, or move the log away "
                    + "to begin with an empty database")
        }
        if isLost {
            throw StoreFailure.damaged(
                "\(path) is missing, but its marker \(StateMarker.fileName) is beside where it was; restore it from a "
                    + "backup; to begin with an empty database run yizhan init --accept-loss, under the package with "
                    + "--without-key too")
        }
        guard creates else {
            throw StoreFailure.damaged(
                "\(path) is missing, but the master key of a database is there; if the disk of the folder is not "
                    + "mounted, mount it, else restore a backup; for a new, empty database run yizhan init, under the "
                    + "package with --without-key")
        }
        let aside = path + ".new"
        for name in [aside, aside + "-journal", aside + "-wal", aside + "-shm"] { unlink(name) }
        let queue = try DatabaseQueue(path: aside)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA journal_mode = WAL")
            try db.execute(sql: "PRAGMA synchronous = FULL")
        }
        try migrator.migrate(queue)
        try queue.close()
        guard rename(aside, path) == 0 else { throw Self.unavailable("\(aside) cannot be renamed") }
        try Self.syncDirectory(
            path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/"))
        return true
    }

    /// Makes names in a folder durable.
    static func syncDirectory(_ directory: String) throws {
        let descriptor = open(directory.isEmpty ? "." : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unavailable("\(directory) cannot be opened") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw unavailable("\(directory) cannot be synchronised") }
    }

    private static func unavailable(_ what: String) -> StoreFailure {
        .unavailable("\(what): \(String(cString: strerror(errno)))")
    }

    // MARK: An old file

    /// A newer version of the program wrote the file.
    struct Newer: Error {}

    /// What the file, with what SQLite recovers of its log, has come to.
    struct Stored {
        /// Starts, as they are counted by the marker too; 0 in a file that never had one.
        var generation: Int64 = 0
        var numbers = MarkerContent.Numbers()
    }

    /// Looks at the file and its log without writing to either: a connection that may write would, when it is closed,
    /// move the log into the file and delete the log, which a damaged file must be spared.
    /// - Parameter whole: every page, however many there are.
    /// - Throws: `damaged` in SQLite's words or ours, without the path; `Newer`; what SQLite says.
    func check(_ migrator: DatabaseMigrator, whole: Bool) throws -> Stored {
        try checkHeaders()
        var configuration = Configuration()
        configuration.label = "yizhan check"
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? queue.close() }
        return try queue.read { db in
            if try migrator.hasBeenSuperseded(db) { throw Newer() }
            try checkTrees(db, whole: whole)
            return try Self.stored(db)
        }
    }

    private static func stored(_ db: Database) throws -> Stored {
        var stored = Stored()
        guard try db.tableExists("counter") else { return stored }
        for row in try Row.fetchAll(db, sql: "SELECT name, value FROM counter") {
            let name: String = row["name"]
            if name == "generation" {
                stored.generation = try row.checked("value", 0...(.max - 1), of: "the counter generation")
            }
            guard let path = MarkerContent.Numbers.names.first(where: { $0.name == name })?.path else { continue }
            stored.numbers[keyPath: path] = row["value"]
        }
        return stored
    }

    /// The first bytes.
    private func checkHeaders() throws {
        let bytes = Self.size(of: path) ?? 0
        if bytes == 0 { throw StoreFailure.damaged("it is empty") }
        let header = try Self.read(path, Self.headerByteCount)
        guard header.count == Self.headerByteCount, header.starts(with: Self.magic) else {
            throw StoreFailure.damaged("it does not begin as a database does")
        }
        // With a log beside it, part of the file may be in there.
        guard Self.size(of: logPath) ?? 0 == 0 else { return }
        // 1 stands for 65536.
        let stored = Int64(header[16]) << 8 | Int64(header[17])
        let pageSize = stored == 1 ? 65_536 : stored
        let pages = header[28..<32].reduce(Int64(0)) { $0 << 8 | Int64($1) }
        let countIsCurrent = header[24..<28].elementsEqual(header[92..<96])
        if countIsCurrent, bytes < pages * pageSize {
            throw StoreFailure.damaged("it has \(bytes) bytes of \(pages * pageSize)")
        }
    }

    /// Whether the trees of tables and indexes can be read: all of them in a small file, else their first and last
    /// pages.
    /// - Throws: `damaged`, or what SQLite says.
    private func checkTrees(_ db: Database, whole: Bool) throws {
        if whole || (Self.size(of: path) ?? 0) + (Self.size(of: logPath) ?? 0) <= Self.wholeCheckBytesMax {
            let words = try String.fetchOne(db, sql: "PRAGMA quick_check(1)")
            guard words == "ok" else { throw StoreFailure.damaged(words ?? "quick_check says nothing") }
            return
        }
        let tables = try Row.fetchAll(
            db, sql: "SELECT name, sql LIKE '%WITHOUT ROWID%' AS keyed FROM sqlite_master WHERE type = 'table'")
        for table in tables {
            let name = (table["name"] as String).quotedDatabaseIdentifier
            _ = try Row.fetchOne(db, sql: "SELECT * FROM \(name) LIMIT 1")
            guard !(table["keyed"] as Bool) else { continue }
            _ = try Row.fetchOne(db, sql: "SELECT * FROM \(name) ORDER BY rowid DESC LIMIT 1")
        }
    }

    // MARK: Bytes

    /// Nil when there is no such file.
    private static func size(of path: String) -> Int64? {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : nil
    }

    /// Up to `count` bytes from the start; none when there is no such file.
    private static func read(_ path: String, _ count: Int) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { return [] }
        guard descriptor >= 0 else { throw unavailable("\(path) cannot be read") }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: count)
        let got = Glibc.read(descriptor, &bytes, count)
        guard got >= 0 else { throw unavailable("\(path) cannot be read") }
        return Array(bytes[..<got])
    }
}
