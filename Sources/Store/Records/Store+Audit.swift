import Foundation
import GRDB
public import Messaging

extension Store {
    /// Adds entries to the audit trail in the next transaction, after all that were added before, and returns at once.
    /// - Parameters:
    ///   - digest: of bytes; chains each row to the one before.
    ///   - finish: called after the commit, or with the failure when nothing was kept. It is called between commits and
    ///     must not block.
    public func add(
        _ entries: [AuditEntry], digest: @escaping @Sendable ([UInt8]) -> [UInt8],
        finish: @escaping @Sendable (StoreFailure?) -> Void
    ) {
        groupCommit.perform { writer in
            for entry in entries { try writer.add(entry, digest: digest) }
        } finish: { result in
            switch result {
            case .success: finish(nil)
            case .failure(let failure): finish(failure)
            }
        }
    }

    /// Entries of the audit trail, the latest first.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func audit(_ query: AuditQuery) async throws(StoreFailure) -> AuditPage {
        try await readLong { db in
            var conditions: [String] = []
            var arguments: [any DatabaseValueConvertible] = []
            func require(_ condition: String, _ values: any DatabaseValueConvertible...) {
                conditions.append(condition)
                arguments += values
            }
            if let user = query.user { require("user = ? COLLATE NOCASE", user) }
            if let target = query.target { require("target = ? COLLATE NOCASE", target) }
            if let action = query.action {
                require(
                    "(action = ? OR substr(action, 1, ?) = ?)", action, action.unicodeScalars.count + 1, action + " ")
            }
            if let before = query.before { require("id < ?", before.rawValue) }
            let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
            let limit = max(1, query.limit)
            let rows = try Row.fetchAll(
                db, sql: "SELECT * FROM audit\(filter) ORDER BY id DESC LIMIT ?",
                arguments: StatementArguments(arguments + [limit + 1]))
            let shown = rows.prefix(limit).map { (id: $0["id"] as AuditEntryID, entry: AuditEntry(row: $0)) }
            return AuditPage(entries: shown, next: rows.count > limit ? shown.last?.id : nil)
        }
    }

    /// Reads some rows of the audit trail and compares their digests.
    /// - Parameters:
    ///   - last: the row after which it goes on; 0: from the first on.
    ///   - previous: the digest of that row; empty for the first.
    /// - Returns: the last row that was read and its digest, and the first row that is not as it was written, or whose
    ///   row before is missing.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func checkAudit(
        after last: AuditEntryID, previous: [UInt8], limit: Int, digest: @escaping @Sendable ([UInt8]) -> [UInt8]
    ) async throws(StoreFailure) -> (last: AuditEntryID, digest: [UInt8], wrong: AuditEntryID?)? {
        try await readLong { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT * FROM audit WHERE id > ? ORDER BY id LIMIT ?", arguments: [last.rawValue, limit])
            var previous = previous
            var read = last
            for row in rows {
                read = row["id"]
                let expected = digest(AuditEntry(row: row).chained(to: previous, id: read))
                previous = Array(row["digest"] as Data)
                if expected != previous { return (read, previous, read) }
            }
            return rows.isEmpty ? nil : (read, previous, nil)
        }
    }
}

extension Writer {
    fileprivate func add(_ entry: AuditEntry, digest: ([UInt8]) -> [UInt8]) throws {
        let last = try Row.fetchOne(db, sql: "SELECT id, digest FROM audit ORDER BY id DESC LIMIT 1")
        let id = AuditEntryID((last.map { $0["id"] as Int64 } ?? 0) &+ 1)
        let previous: [UInt8] = last.map { Array($0["digest"] as Data) } ?? []
        try db.insert(
            [
                "id": id.rawValue, "at": entry.at.milliseconds, "user": entry.user, "address": entry.address,
                "action": entry.action, "target": entry.target, "before": entry.before, "after": entry.after,
                "digest": Data(digest(entry.chained(to: previous, id: id))),
            ], into: "audit")
    }
}

extension AuditEntry {
    fileprivate init(row: Row) {
        self.init(
            at: Timestamp(milliseconds: row["at"]), user: row["user"], address: row["address"],
            action: row["action"], target: row["target"], before: row["before"], after: row["after"])
    }
}
