import GRDB
public import Messaging

extension Store {
    /// Lists messages of some accounts that meet all conditions, the latest first, as far as the budget reaches. Reads
    /// on a long reader, beside the commits.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func search(
        _ search: MessageSearch
    ) async throws(StoreFailure) -> SearchPage<MessageRecord, MessageSequence> {
        try await readLong { db in try MessageSearchRun(db: db, search: search).page() }
    }

    /// Messages by their ids, in the same order, without those that are not there or are another account's.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func records(
        of ids: [MessageID], scope: AccountScope
    ) async throws(StoreFailure) -> [MessageRecord] {
        try await readLong { db in
            try db.records(ids.map(\.sequence)).filter { scope.contains($0.accountKey) }
        }
    }
}

/// One search over messages. There are three ways, and each looks at windows of sequences from the latest back: by the
/// index of numbers; by the submissions, where a condition on the text or a scope leaves few; by the messages' rows,
/// where a condition on their state does.
private struct MessageSearchRun {
    let db: Database
    let search: MessageSearch
    let filter: SubmissionFilter
    let work: SearchWork

    init(db: Database, search: MessageSearch) {
        self.db = db
        self.search = search
        work = SearchWork(search.budget)
        filter = SubmissionFilter(scope: search.scope, from: search.from, to: search.to, content: search.content)
    }

    private var limit: Int { max(1, search.limit) }

    func page() throws -> SearchPage<MessageRecord, MessageSequence> {
        guard var range = try filter.range(db, before: search.before) else { return SearchPage(items: [], next: nil) }
        if let request = search.request {
            guard let span = try db.sequences(ofRequest: request), span.overlaps(range) else {
                return SearchPage(items: [], next: nil)
            }
            range = span.clamped(to: range)
        }
        var found: [MessageSequence] = []
        let end: SequenceWindows.End
        if search.mobile != nil {
            end = try byNumber(range, &found)
        } else if search.content.isEmpty, hasRareStatus {
            end = try byStatus(range, &found)
        } else {
            end = try bySubmission(range, &found)
        }
        let records = try db.records(found)
        switch end {
        case .exhausted: return SearchPage(items: records, next: nil)
        case .full: return SearchPage(items: records, next: found.last)
        case .stopped(let place):
            return SearchPage(items: records, next: place, lookedBackTo: try acceptance(at: place))
        }
    }

    /// Most messages are delivered.
    private var hasRareStatus: Bool {
        !search.code.isEmpty || (!search.statuses.isEmpty && !search.statuses.contains(.delivered))
    }

    private func acceptance(at place: MessageSequence) throws -> Timestamp? {
        try Int64.fetchOne(
            db, sql: "SELECT accepted_at FROM submission WHERE id <= ? ORDER BY id DESC LIMIT 1",
            arguments: [place.rawValue]
        ).map { Timestamp(milliseconds: $0) }
    }

    // MARK: Conditions on the message's own row

    /// For rows of `message` named `m`; its arguments are `messageArguments`.
    private var messageCondition: String {
        var parts = ["1"]
        if let mobile = search.mobile { parts.append("m.mobile = \(mobile.rawValue)") }
        if !search.statuses.isEmpty {
            parts.append("(" + search.statuses.map(\.condition).sorted().joined(separator: " OR ") + ")")
        }
        if !search.code.isEmpty { parts.append("m.status = ?") }
        return parts.joined(separator: " AND ")
    }

    private var messageArguments: StatementArguments { search.code.isEmpty ? [] : [search.code] }

    // MARK: The three ways

    private func bySubmission(
        _ range: ClosedRange<MessageSequence>, _ found: inout [MessageSequence]
    ) throws -> SequenceWindows.End {
        let statement = try db.cachedStatement(
            sql: """
                SELECT m.sequence FROM message m WHERE m.sequence BETWEEN ? AND ? AND \(messageCondition)
                ORDER BY m.sequence DESC LIMIT ?
                """)
        return try SubmissionWalk(db, filter, range: range, work: work).visit { submission in
            var arguments: StatementArguments = [
                submission.sequences.lowerBound.rawValue, submission.sequences.upperBound.rawValue,
            ]
            arguments += messageArguments
            arguments += [limit - found.count]
            found += try MessageSequence.fetchAll(statement, arguments: arguments)
            return found.count < limit
        }
    }

    private func byStatus(
        _ range: ClosedRange<MessageSequence>, _ found: inout [MessageSequence]
    ) throws -> SequenceWindows.End {
        let walk = try SubmissionWalk(db, filter, range: range, work: work)
        let sparse = try SparseScope(walk: walk, range: range)
        if sparse.isSparse { return try bySubmission(range, &found) }
        return try walk.windows.visit(
            takesChunk: { _ in false },
            body: { window in
                try scan(window.sequences, &found)
            })
    }

    private func byNumber(
        _ range: ClosedRange<MessageSequence>, _ found: inout [MessageSequence]
    ) throws -> SequenceWindows.End {
        try SequenceWindows(db, range: range, work: work).visit(
            takesChunk: { _ in true },
            body: { window in
                guard let chunk = window.chunk else { return try scan(window.sequences, &found) }
                let indexed = try MessageSequence.fetchAll(
                    db.cachedStatement(
                        sql: """
                            SELECT sequence FROM number_index
                            WHERE chunk = ? AND mobile = ? AND sequence BETWEEN ? AND ? ORDER BY sequence DESC
                            """),
                    arguments: [
                        chunk, search.mobile?.rawValue ?? 0, window.sequences.lowerBound.rawValue,
                        window.sequences.upperBound.rawValue,
                    ])
                for sequence in indexed {
                    if try !matches(sequence...sequence).isEmpty { found.append(sequence) }
                    if found.count >= limit { return .full }
                    if work.isOver { return .stopped(at: sequence) }
                }
                return .goOn
            })
    }

    /// Reads the window's rows; what its conditions leave is few.
    private func scan(
        _ window: ClosedRange<MessageSequence>, _ found: inout [MessageSequence]
    ) throws -> SequenceWindows.Step {
        found += try matches(window).prefix(limit - found.count)
        return found.count < limit ? .goOn : .full
    }

    /// The messages of some sequences that meet every condition, as many as the page has room for at most.
    private func matches(_ sequences: ClosedRange<MessageSequence>) throws -> [MessageSequence] {
        // CROSS JOIN: the messages' rows come first, and few submissions are looked up.
        let statement = try db.cachedStatement(
            sql: """
                SELECT m.sequence FROM message m CROSS JOIN submission s ON s.id = m.submission
                WHERE m.sequence BETWEEN ? AND ? AND \(messageCondition) AND \(filter.condition)
                ORDER BY m.sequence DESC LIMIT ?
                """)
        var arguments: StatementArguments = [sequences.lowerBound.rawValue, sequences.upperBound.rawValue]
        arguments += messageArguments
        arguments += filter.arguments
        arguments += [limit]
        return try MessageSequence.fetchAll(statement, arguments: arguments)
    }
}

/// Whether the accounts of a scope have few submissions where a search begins.
private struct SparseScope {
    var isSparse = false

    init(walk: SubmissionWalk, range: ClosedRange<MessageSequence>) throws {
        guard walk.filter.scope.accounts != nil else { return }
        var chunk = RecordChunk.chunk(of: range.upperBound)
        // What is not indexed yet says nothing: the chunk before does.
        for _ in 0..<3 {
            let has = try Bool.fetchOne(
                walk.db, sql: "SELECT EXISTS (SELECT 1 FROM account_index WHERE chunk = ?)", arguments: [chunk])
            if has == true {
                isSparse = try walk.isSparse(chunk, max: SubmissionWalk.sparseMax / 8)
                return
            }
            chunk = RecordChunk.before(chunk)
        }
    }
}

extension MessageStatus {
    /// For rows of `message` named `m`.
    var condition: String {
        let uncertain =
            "EXISTS (SELECT 1 FROM attempt a WHERE a.id = m.attempt AND \(AttemptState.uncertain.openCondition("a")))"
        let isCancelled = "m.attempt IS NULL AND m.status = '\(DeliveryStatus.deleted.code)'"
        return switch self {
        case .scheduled: "m.\(MessageState.scheduled.condition)"
        case .queued: "m.\(MessageState.queued.condition)"
        case .awaitingReport: "(m.\(MessageState.submitted.condition) AND NOT \(uncertain))"
        case .uncertain: "(m.\(MessageState.submitted.condition) AND \(uncertain))"
        case .delivered: "m.\(MessageState.delivered.condition)"
        case .failed: "(m.\(MessageState.failed.condition) AND NOT (\(isCancelled)))"
        case .cancelled: "(m.\(MessageState.failed.condition) AND \(isCancelled))"
        }
    }
}

extension Database {
    /// From the first message of a request to the last one of its last part; nil: there is no such request. Its parts
    /// follow each other.
    func sequences(ofRequest first: MessageSequence) throws -> ClosedRange<MessageSequence>? {
        let rows = try Row.fetchCursor(
            cachedStatement(sql: "SELECT id, recipients, request FROM submission WHERE id >= ? ORDER BY id"),
            arguments: [first.rawValue])
        var end: MessageSequence?
        while let row = try rows.next() {
            let id: MessageSequence = row["id"]
            guard id == first ? row.isRequest : (row["request"] as MessageSequence?) == first else { break }
            end = id + row.clamped("recipients", 1...MessageID.sequenceMax) - 1
        }
        return end.map { first...max(first, $0) }
    }
}

extension Row {
    fileprivate var isRequest: Bool { (self["request"] as MessageSequence?) == nil }
}
