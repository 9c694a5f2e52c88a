import GRDB
import Messaging

/// What became of a carrier's report.
enum ReportFate {
    case applied
    /// It said nothing that had not been said.
    case repeated
    /// It matches no message.
    case unmatched
}

extension Writer {
    /// Rows of one kind that a message's timeline has at most.
    private static let repetitionRowsMax = 8

    /// Notes what a carrier may say of a message any number of times: the same again is counted on the row that is
    /// there, and where there are many of its kind, so is what is not quite the same.
    /// - Returns: whether it is a new one.
    func noteRepeatable(_ sequence: MessageSequence, at: Timestamp, kind: String, detail: String) throws -> Bool {
        let rows = try Row.fetchAll(
            db.cachedStatement(sql: "SELECT rowid, detail FROM event WHERE sequence = ? AND kind = ? ORDER BY rowid"),
            arguments: [sequence.rawValue, kind])
        let same = rows.first { ($0["detail"] as String) == detail }
        guard let row = same ?? (rows.count >= Self.repetitionRowsMax ? rows.last : nil) else {
            try note(sequence, at: at, kind: kind, detail: detail)
            return true
        }
        try db.cachedStatement(sql: "UPDATE event SET times = times + 1, last_at = ? WHERE rowid = ?")
            .execute(arguments: [at.milliseconds, row["rowid"] as Int64])
        return false
    }
}
