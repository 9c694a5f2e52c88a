import GRDB
import GRDBSQLite
import Messaging

/// A prepared statement bound and stepped through SQLite's C interface: the hot path runs a few of these per message,
/// and GRDB's argument boxes would cost more than SQLite itself. Confined to the journal's queue, as GRDB's own are.
struct SQLiteStatement {
    /// GRDB owns and finalizes it.
    private let owner: Statement
    private let handle: OpaquePointer

    init(_ db: Database, _ sql: String) throws {
        owner = try db.makeStatement(sql: sql)
        handle = owner.sqliteStatement
    }

    /// Lets SQLite copy bound bytes.
    private static var transient: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    /// A null address would bind NULL.
    private static let empty: StaticString = ""

    func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(handle, index, value) }
    func bind(_ index: Int32, _ value: Int) { sqlite3_bind_int64(handle, index, Int64(value)) }
    func bindNull(_ index: Int32) { sqlite3_bind_null(handle, index) }

    func bind(_ index: Int32, _ value: Int64?) {
        if let value { bind(index, value) } else { bindNull(index) }
    }

    func bind<Kind>(_ index: Int32, _ id: RowID<Kind>) { bind(index, id.rawValue) }
    func bind<Kind>(_ index: Int32, _ id: RowID<Kind>?) { bind(index, id?.rawValue) }

    func bind(_ index: Int32, _ text: String) {
        if text.isEmpty {
            // Nothing to copy: the literal outlasts the statement.
            let start = UnsafeRawPointer(Self.empty.utf8Start).assumingMemoryBound(to: CChar.self)
            sqlite3_bind_text(handle, index, start, 0, nil)
            return
        }
        var text = text
        text.withUTF8 { bytes in
            _ = bytes.withMemoryRebound(to: CChar.self) {
                sqlite3_bind_text(handle, index, $0.baseAddress, Int32($0.count), Self.transient)
            }
        }
    }

    func bind(_ index: Int32, _ text: String?) {
        if let text { bind(index, text) } else { bindNull(index) }
    }

    func bind(_ index: Int32, blob: [UInt8]) {
        blob.withUnsafeBytes {
            guard let base = $0.baseAddress else {
                sqlite3_bind_zeroblob(handle, index, 0)
                return
            }
            sqlite3_bind_blob(handle, index, base, Int32($0.count), Self.transient)
        }
    }

    /// Runs a statement that returns no rows, and readies it for the next use.
    func run() throws {
        let code = sqlite3_step(handle)
        sqlite3_reset(handle)
        guard code == SQLITE_DONE || code == SQLITE_ROW else { throw error(code) }
    }

    /// Steps to the next row; false at the end. Call `reset` afterwards.
    func next() throws -> Bool {
        let code = sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        if code == SQLITE_DONE { return false }
        sqlite3_reset(handle)
        throw error(code)
    }

    func reset() { sqlite3_reset(handle) }

    func int(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }
    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }
    func optionalInt(_ column: Int32) -> Int64? { isNull(column) ? nil : int(column) }

    func id<Kind>(_ column: Int32) -> RowID<Kind> { RowID(int(column)) }
    func optionalID<Kind>(_ column: Int32) -> RowID<Kind>? { isNull(column) ? nil : id(column) }

    func text(_ column: Int32) -> String {
        guard let start = sqlite3_column_text(handle, column) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    func blob(_ column: Int32) -> [UInt8] {
        let count = Int(sqlite3_column_bytes(handle, column))
        guard let start = sqlite3_column_blob(handle, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    private func error(_ code: Int32) -> DatabaseError {
        let message = sqlite3_errmsg(sqlite3_db_handle(handle)).map { String(cString: $0) }
        return DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    }
}
