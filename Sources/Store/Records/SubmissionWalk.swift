import GRDB
import Messaging

/// Goes through the submissions that meet a filter, the latest first. Where the accounts of the scope have few of a
/// chunk's submissions, they are taken from the index; else all of the chunk are read in their order.
struct SubmissionWalk {
    let db: Database
    let filter: SubmissionFilter
    let windows: SequenceWindows

    /// Submissions of a chunk up to which looking each up is quicker than reading all.
    static let sparseMax = 16_384

    struct Submission {
        var id: MessageSequence
        /// Its messages within the window.
        var sequences: ClosedRange<MessageSequence>
    }

    init(
        _ db: Database, _ filter: SubmissionFilter, range: ClosedRange<MessageSequence>, work: SearchWork
    ) throws {
        self.db = db
        self.filter = filter
        windows = try SequenceWindows(db, range: range, work: work)
    }

    /// `body` says whether to go on.
    func visit(_ body: (Submission) throws -> Bool) throws -> SequenceWindows.End {
        try windows.visit(
            takesChunk: { try isSparse($0) },
            body: { window in
                try window.chunk.map { try lookUp(window.sequences, $0, body) } ?? scan(window.sequences, body)
            })
    }

    /// Whether the accounts of the scope have few submissions of a chunk.
    func isSparse(_ chunk: Int64, max: Int = SubmissionWalk.sparseMax) throws -> Bool {
        guard filter.scope.accounts != nil else { return false }
        let condition = filter.scope.condition("account")
        let count = try Int.fetchOne(
            db,
            sql: """
                SELECT COUNT(*) FROM (SELECT 1 FROM account_index WHERE chunk = ? AND \(condition)
                LIMIT \(max + 1))
                """,
            arguments: [chunk])
        return (count ?? 0) <= max
    }

    private func scan(
        _ range: ClosedRange<MessageSequence>, _ body: (Submission) throws -> Bool
    ) throws -> SequenceWindows.Step {
        let first = try Self.submission(db, at: range.lowerBound)
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT s.id, s.recipients FROM submission s WHERE s.id BETWEEN ? AND ? AND \(filter.condition)
                    ORDER BY s.id DESC
                    """),
            arguments: [first.rawValue, range.upperBound.rawValue] + filter.arguments)
        while let row = try rows.next() {
            if let step = try visit(row, in: range, body) { return step }
        }
        return .goOn
    }

    private func lookUp(
        _ range: ClosedRange<MessageSequence>, _ chunk: Int64, _ body: (Submission) throws -> Bool
    ) throws -> SequenceWindows.Step {
        let condition = filter.scope.condition("account")
        var ids = try MessageSequence.fetchAll(
            db,
            sql: """
                SELECT submission FROM account_index WHERE chunk = ? AND \(condition) AND submission BETWEEN ? AND ?
                """,
            arguments: [chunk, range.lowerBound.rawValue, range.upperBound.rawValue])
        ids.sort(by: >)
        let first = try Self.submission(db, at: range.lowerBound)
        if first < range.lowerBound { ids.append(first) }
        let statement = try db.cachedStatement(
            sql: "SELECT s.id, s.recipients FROM submission s WHERE s.id = ? AND \(filter.condition)")
        for id in ids {
            guard let row = try Row.fetchOne(statement, arguments: [id.rawValue] + filter.arguments) else { continue }
            if let step = try visit(row, in: range, body) { return step }
        }
        return .goOn
    }

    private func visit(
        _ row: Row, in range: ClosedRange<MessageSequence>, _ body: (Submission) throws -> Bool
    ) throws -> SequenceWindows.Step? {
        let id: MessageSequence = row["id"]
        let recipients = row.clamped("recipients", 0...MessageID.sequenceMax)
        guard recipients > 0, id + recipients > range.lowerBound, id <= range.upperBound else { return nil }
        let sequences = (id...id + (recipients - 1)).clamped(to: range)
        if try !body(Submission(id: id, sequences: sequences)) { return .full }
        return windows.work.isOver ? .stopped(at: sequences.lowerBound) : nil
    }

    /// The submission that a message of this sequence is in, if there is such a message.
    static func submission(_ db: Database, at sequence: MessageSequence) throws -> MessageSequence {
        try MessageSequence.fetchOne(
            db.cachedStatement(sql: "SELECT MAX(id) FROM submission WHERE id <= ?"), arguments: [sequence.rawValue])
            ?? sequence
    }
}
