import GRDB
import Glibc
import Messaging

/// The file as such: a new one stands under its name only when it is whole, and an old one is looked at before
/// anything is written to it.
struct DatabaseFile {
    let path: String

    private var logPath: String { path + "-wal" }

    /// A file up to this size is checked whole when it is opened, a larger one at its edges: opening must stay quick.
    private static let wholeCheckBytesMax: Int64 = 16 << 20
    private static let headerByteCount = 100
    private static let logHeaderByteCount = 32
    private static let magic = Array("SQLite format 3\0".utf8)
    /// In its two byte orders (SQLite file format §4.1).
    private static let logMagics: [[UInt8]] = [[0x37, 0x7F, 0x06, 0x82], [0x37, 0x7F, 0x06, 0x83]]

    // MARK: A new file

    /// Makes the file if there is none: aside first, then renamed, so that an empty or half-made file under its name is
    /// always damage and never a first start that was cut short.
    func makeIfMissing(_ migrator: DatabaseMigrator) throws {
        guard Self.size(of: path) == nil else { return }
        if let bytes = Self.size(of: logPath), bytes > 0 {
            throw StoreFailure.damaged(
                "\(path) is missing, but its log \(logPath) is there; restore both from a backup, or move the log away "
                    + "to begin with an empty database")
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
        try syncDirectory()
    }

    private func syncDirectory() throws {
        let directory = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let descriptor = open(directory.isEmpty ? "." : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.unavailable("\(directory) cannot be opened") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Self.unavailable("\(directory) cannot be synchronised") }
    }

    private static func unavailable(_ what: String) -> StoreFailure {
        .unavailable("\(what): \(String(cString: strerror(errno)))")
    }

    // MARK: An old file

    /// A newer version of the program wrote the file.
    struct Newer: Error {}

    /// Looks at the file and its log without writing to either: a connection that may write would, when it is closed,
    /// move the log into the file and delete the log, which a damaged file must be spared.
    /// - Throws: `damaged` in SQLite's words or ours, without the path; `Newer`; what SQLite says.
    func check(_ migrator: DatabaseMigrator) throws {
        try checkHeaders()
        var configuration = Configuration()
        configuration.label = "yizhan check"
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? queue.close() }
        try queue.read { db in
            if try migrator.hasBeenSuperseded(db) { throw Newer() }
            try checkTrees(db)
        }
    }

    /// The first bytes.
    private func checkHeaders() throws {
        let bytes = Self.size(of: path) ?? 0
        if bytes == 0 { throw StoreFailure.damaged("it is empty") }
        let header = try Self.read(path, Self.headerByteCount)
        guard header.count == Self.headerByteCount, header.starts(with: Self.magic) else {
            throw StoreFailure.damaged("it does not begin as a database does")
        }
        let log = try Self.read(logPath, Self.logHeaderByteCount)
        guard log.isEmpty else { return try Self.checkLog(log) }
        // With a log beside it, part of the file may be in there.
        // 1 stands for 65536.
        let stored = Int64(header[16]) << 8 | Int64(header[17])
        let pageSize = stored == 1 ? 65_536 : stored
        let pages = header[28..<32].reduce(Int64(0)) { $0 << 8 | Int64($1) }
        let countIsCurrent = header[24..<28].elementsEqual(header[92..<96])
        if countIsCurrent, bytes < pages * pageSize {
            throw StoreFailure.damaged("it has \(bytes) bytes of \(pages * pageSize)")
        }
    }

    /// A log whose beginning is lost would be taken for an empty one, and what was committed would silently be gone.
    private static func checkLog(_ header: [UInt8]) throws {
        // Never written: a power cut before the first commit in it.
        if header.allSatisfy({ $0 == 0 }) || header.count < logHeaderByteCount { return }
        guard logMagics.contains(where: { header.starts(with: $0) }) else {
            throw StoreFailure.damaged("its log, the -wal file, does not begin as one does")
        }
    }

    /// Whether the trees of tables and indexes can be read: all of them in a small file, else their first and last
    /// pages.
    /// - Throws: `damaged`, or what SQLite says.
    private func checkTrees(_ db: Database) throws {
        if (Self.size(of: path) ?? 0) + (Self.size(of: logPath) ?? 0) <= Self.wholeCheckBytesMax {
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
