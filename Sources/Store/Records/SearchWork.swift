import GRDB
import Messaging

/// What a search has done of what it may do. Confined to the query that it belongs to.
final class SearchWork {
    private let deadline: ContinuousClock.Instant
    private var stepsLeft: Int

    init(_ budget: SearchBudget) {
        deadline = .now + .milliseconds(max(0, budget.milliseconds))
        stepsLeft = budget.steps
    }

    /// To be asked before each step but the first.
    var isOver: Bool { stepsLeft <= 0 || ContinuousClock.now >= deadline }

    /// Counts a step.
    func step() { stepsLeft -= 1 }
}

/// What is wanted of submissions: the conditions that a search has on whole submissions.
struct SubmissionFilter {
    var scope: AccountScope
    var from: Timestamp?
    var to: Timestamp?
    var content: String
    /// Of a request: then submissions of fewer recipients are left out unless they are a later part of one.
    var recipientsMin: Int64 = 1

    /// Acceptance is a little out of order: submissions are priced at once and committed one after the other.
    static let disorder: Int64 = 5000

    /// For rows of `submission` named `s`; its arguments are `arguments`.
    var condition: String {
        var parts = [scope.condition("s.account")]
        if from != nil { parts.append("s.accepted_at >= ?") }
        if to != nil { parts.append("s.accepted_at < ?") }
        if !content.isEmpty { parts.append("instr(s.content, ?) > 0") }
        if recipientsMin > 1 { parts.append("(s.recipients >= \(recipientsMin) OR s.request IS NOT NULL)") }
        return parts.joined(separator: " AND ")
    }

    var arguments: StatementArguments {
        var values: StatementArguments = []
        if let from { values += [from.milliseconds] }
        if let to { values += [to.milliseconds] }
        if !content.isEmpty { values += [content] }
        return values
    }

    /// The sequences that the times leave, with room for disorder; nil: none.
    func range(_ db: Database, before: MessageSequence?) throws -> ClosedRange<MessageSequence>? {
        guard scope.accounts?.isEmpty != true,
            var first = try MessageSequence.fetchOne(db, sql: "SELECT MIN(sequence) FROM message"),
            var last = try MessageSequence.fetchOne(db, sql: "SELECT MAX(sequence) FROM message")
        else { return nil }
        if let before { last = min(last, before > .min ? before - 1 : .min) }
        guard first <= last else { return nil }
        if let from {
            first = max(first, try db.firstSubmission(since: from.adding(milliseconds: -Self.disorder), through: last))
        }
        if let to {
            let end = try db.firstSubmission(since: to.adding(milliseconds: Self.disorder), through: last)
            last = min(last, end - 1)
        }
        return first <= last ? first...last : nil
    }
}

extension AccountScope {
    /// For a column with an account's number.
    func condition(_ column: String) -> String {
        guard let accounts else { return "1" }
        return "\(column) IN (\(accounts.sorted().map { "\($0)" }.joined(separator: ", ")))"
    }
}

/// Sequences from the latest back, some at a time: pieces of what exists, each within one chunk of the record index or
/// behind all of them.
struct SequenceWindows {
    let db: Database
    let range: ClosedRange<MessageSequence>
    let work: SearchWork
    private let indexed: MessageSequence

    /// Sequences of a window that is read row by row.
    static let scanned: Int64 = 1 << 15

    struct Window {
        var sequences: ClosedRange<MessageSequence>
        /// The chunk of the record index that it lies in; nil: it is not indexed.
        var chunk: Int64?
    }

    /// What a step says of how to go on.
    enum Step {
        case goOn
        /// The page is full: the next one begins before its last item.
        case full
        /// The budget is used up within the window: everything from here on was looked at.
        case stopped(at: MessageSequence)
    }

    /// How a walk ended.
    enum End: Equatable {
        case exhausted
        case full
        /// Everything from here on was looked at.
        case stopped(at: MessageSequence)
    }

    init(_ db: Database, range: ClosedRange<MessageSequence>, work: SearchWork) throws {
        self.db = db
        self.range = range
        self.work = work
        indexed = try MessageSequence.fetchOne(db, sql: "SELECT value FROM counter WHERE name = 'indexed_through'") ?? 0
    }

    /// - Parameter takesChunk: whether a chunk of the record index is wanted as one window.
    func visit(takesChunk: (Int64) throws -> Bool, body: (Window) throws -> Step) throws -> End {
        let newest = try db.cachedStatement(sql: "SELECT MAX(sequence) FROM message WHERE sequence BETWEEN ? AND ?")
        var high = range.upperBound
        var isFirst = true
        while high >= range.lowerBound {
            let top = try MessageSequence.fetchOne(newest, arguments: [range.lowerBound.rawValue, high.rawValue])
            guard let top else { return .exhausted }
            if !isFirst, work.isOver { return .stopped(at: top + 1) }
            isFirst = false
            let window = try window(endingAt: top, takesChunk)
            work.step()
            switch try body(window) {
            case .goOn: high = window.sequences.lowerBound - 1
            case .full: return .full
            case .stopped(let place): return .stopped(at: place)
            }
        }
        return .exhausted
    }

    private func window(endingAt top: MessageSequence, _ takesChunk: (Int64) throws -> Bool) throws -> Window {
        let chunk = RecordChunk.chunk(of: top)
        let isIndexed = top <= indexed
        let least = isIndexed ? RecordChunk.range(chunk).lowerBound : indexed + 1
        let takesAll = try isIndexed && takesChunk(chunk)
        let first = max(range.lowerBound, least, takesAll ? least : top - (Self.scanned - 1))
        return Window(sequences: first...top, chunk: takesAll ? chunk : nil)
    }
}
