import GRDB
public import Messaging

/// A stretch of message sequences whose index is written at once, sorted. A search looks into each chunk once, and
/// reads the messages of the last, unfinished one.
enum RecordChunk {
    static let bits: Int64 = 18
    static let size: Int64 = 1 << bits
    /// Rows that one transaction adds: a millisecond or two between which submissions are committed.
    static let rowsPerCommit = 2048

    static func chunk(of sequence: MessageSequence) -> Int64 { sequence.rawValue >> bits }
    /// Of the messages of a chunk.
    static func range(_ chunk: Int64) -> ClosedRange<MessageSequence> {
        MessageSequence(chunk << bits)...MessageSequence(chunk << bits | (size - 1))
    }

    /// The chunk before, of those that can have messages: most of what lies between two epochs' sequences has none.
    static func before(_ chunk: Int64) -> Int64 {
        let previous = chunk - 1
        let last = self.chunk(of: MessageSequence(MessageID.sequenceMax))
        let place = previous & (self.chunk(of: MessageSequence(MessageID.epochStride)) - 1)
        return place > last ? previous - (place - last) : previous
    }
}

struct RecordStatements {
    let addNumber: SQLiteStatement
    let addAccount: SQLiteStatement

    init(_ db: Database) throws {
        addNumber = try SQLiteStatement(
            db, "INSERT OR IGNORE INTO number_index (chunk, mobile, sequence) VALUES (?1, ?2, ?3)")
        addAccount = try SQLiteStatement(
            db, "INSERT OR IGNORE INTO account_index (chunk, account, submission) VALUES (?1, ?2, ?3)")
    }
}

extension Store {
    /// Indexes the next chunk of messages if it is complete. A stop in between does no harm: the chunk is done again.
    /// - Returns: whether there was one.
    /// - Throws: `unavailable` or `damaged` when the disk or the file does not allow it, `closed` after `close` or when
    ///   the task is cancelled.
    public func indexNextChunk() async throws(StoreFailure) -> Bool {
        let (present, next) = try await groupCommit.perform { writer in
            let present = try MessageSequence.fetchOne(
                writer.db, sql: "SELECT sequence FROM message WHERE sequence > ? ORDER BY sequence LIMIT 1",
                arguments: [writer.indexedThrough.rawValue])
            return (present, writer.nextSequence)
        }
        // Chunks without messages are passed: between two epochs there are 983,040 of them.
        guard let present else { return false }
        let chunk = RecordChunk.chunk(of: present)
        let range = RecordChunk.range(chunk)
        guard next > range.upperBound else { return false }
        try await write(try await numbers(in: range), chunk, \.addNumber)
        try await write(try await submissions(in: range), chunk, \.addAccount)
        try await groupCommit.perform { writer in writer.indexedThrough = range.upperBound }
        return true
    }

    private struct IndexRow: Comparable {
        var key: Int64
        var id: Int64

        static func < (left: Self, right: Self) -> Bool {
            left.key == right.key ? left.id < right.id : left.key < right.key
        }
    }

    private func numbers(in range: ClosedRange<MessageSequence>) async throws(StoreFailure) -> [IndexRow] {
        try await sortedRows(
            "SELECT mobile, sequence FROM message WHERE sequence BETWEEN ? AND ? AND mobile <> 0", in: range)
    }

    private func submissions(in range: ClosedRange<MessageSequence>) async throws(StoreFailure) -> [IndexRow] {
        try await sortedRows("SELECT account, id FROM submission WHERE id BETWEEN ? AND ?", in: range)
    }

    private func sortedRows(_ sql: String, in range: ClosedRange<MessageSequence>) async throws(StoreFailure)
        -> [IndexRow]
    {
        try await read { db in
            let statement = try SQLiteStatement(db, sql)
            statement.bind(1, range.lowerBound)
            statement.bind(2, range.upperBound)
            var rows: [IndexRow] = []
            while try statement.next() { rows.append(IndexRow(key: statement.int(0), id: statement.int(1))) }
            rows.sort()
            return rows
        }
    }

    private func write(
        _ rows: [IndexRow], _ chunk: Int64, _ path: any KeyPath<RecordStatements, SQLiteStatement> & Sendable
    ) async throws(StoreFailure) {
        for start in stride(from: 0, to: rows.count, by: RecordChunk.rowsPerCommit) {
            let piece = rows[start..<min(start + RecordChunk.rowsPerCommit, rows.count)]
            try await groupCommit.perform { writer in
                let statement = writer.records[keyPath: path]
                statement.bind(1, chunk)
                for row in piece {
                    statement.bind(2, row.key)
                    statement.bind(3, row.id)
                    try statement.run()
                }
            }
        }
    }
}
