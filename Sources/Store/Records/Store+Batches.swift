import GRDB
public import Messaging

extension Store {
    /// Lists requests of some accounts, the latest first, each with what became of its messages, as far as the budget
    /// reaches. Reads on a long reader.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func batches(_ search: BatchSearch) async throws(StoreFailure) -> SearchPage<Batch, MessageSequence> {
        try await readLong { db in
            var filter = SubmissionFilter(
                scope: search.scope, from: search.from, to: search.to, content: search.content)
            filter.recipientsMin = search.recipientsMin
            guard let range = try filter.range(db, before: search.before) else {
                return SearchPage(items: [], next: nil)
            }
            let work = SearchWork(search.budget)
            var batches: [Batch] = []
            var known: MessageSequence?
            let end = try SubmissionWalk(db, filter, range: range, work: work).visit { submission in
                let first = try db.request(of: submission.id)
                // Parts of the request that was taken last, and of one that the page before ended with.
                if first == known || search.before.map({ first >= $0 }) == true { return true }
                known = first
                if let batch = try db.batch(first), batch.recipients >= search.recipientsMin { batches.append(batch) }
                return batches.count < max(1, search.limit)
            }
            switch end {
            case .exhausted: return SearchPage(items: batches, next: nil)
            case .full: return SearchPage(items: batches, next: batches.last?.id.sequence)
            case .stopped(let place):
                let next = min(place, known ?? place)
                let at = try Int64.fetchOne(
                    db, sql: "SELECT accepted_at FROM submission WHERE id <= ? ORDER BY id DESC LIMIT 1",
                    arguments: [next.rawValue])
                return SearchPage(items: batches, next: next, lookedBackTo: at.map { Timestamp(milliseconds: $0) })
            }
        }
    }

    /// One request of some accounts; `id` may be any of its messages.
    /// - Throws: `notFound`, also for one of another account; `unavailable`, `damaged` or `closed` as any read.
    public func batch(_ id: MessageID, scope: AccountScope) async throws(StoreFailure) -> Batch {
        try await readLong { db in
            let submission = try MessageSequence.fetchOne(
                db, sql: "SELECT submission FROM message WHERE sequence = ?", arguments: [id.sequence.rawValue])
            guard let submission, let batch = try db.batch(db.request(of: submission)), scope.contains(batch.account)
            else { throw StoreFailure.notFound }
            return batch
        }
    }

    /// What was booked for a request: its charges and what was paid back of its messages, in the order of the ledger,
    /// at most `limit` entries.
    /// - Throws: `notFound`, also for one of another account; `unavailable`, `damaged` or `closed` as any read.
    public func ledgerEntries(
        ofRequest id: MessageID, scope: AccountScope, limit: Int = 1000
    ) async throws(StoreFailure) -> [LedgerEntry] {
        let batch = try await batch(id, scope: scope)
        return try await readLong { db in
            guard let span = try db.sequences(ofRequest: batch.id.sequence) else { return [] }
            return try db.charges(of: span, acceptedAt: batch.acceptedAt, limit: limit)
                + db.refunds(of: span, limit: limit)
        }
    }

    /// What was booked for a message: the charge of its part and what was paid back of it.
    /// - Throws: `notFound`, also for one of another account; `unavailable`, `damaged` or `closed` as any read.
    public func ledgerEntries(of id: MessageID, scope: AccountScope) async throws(StoreFailure) -> [LedgerEntry] {
        try await readLong { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT s.id, s.account, s.accepted_at FROM message m JOIN submission s ON s.id = m.submission
                    WHERE m.sequence = ?
                    """, arguments: [id.sequence.rawValue])
            guard let row, scope.contains(row["account"]) else { throw StoreFailure.notFound }
            let part: MessageSequence = row["id"]
            return try db.charges(
                of: part...part, acceptedAt: Timestamp(milliseconds: row["accepted_at"]), limit: 1)
                + db.refunds(of: id.sequence...id.sequence, limit: MessageID.segmentsMax)
        }
    }
}

extension Database {
    /// The first message of the request that a submission is a part of.
    fileprivate func request(of submission: MessageSequence) throws -> MessageSequence {
        try MessageSequence.fetchOne(
            cachedStatement(sql: "SELECT IFNULL(request, id) FROM submission WHERE id = ?"),
            arguments: [submission.rawValue]) ?? submission
    }

    /// A request with its figures, counted from its messages; nil: there is none.
    fileprivate func batch(_ first: MessageSequence) throws -> Batch? {
        let row = try Row.fetchOne(
            cachedStatement(
                sql: """
                    SELECT s.account, s.accepted_at, s.scheduled_at, s.content, o.id AS account_id, o.charge_unit
                    FROM submission s JOIN account o ON o.number = s.account WHERE s.id = ?
                    """), arguments: [first.rawValue])
        guard let row, let span = try sequences(ofRequest: first) else { return nil }
        var batch = Batch(
            id: MessageID(sequence: first), account: row["account"], accountID: row["account_id"],
            unit: ChargeUnit(rawValue: row["charge_unit"]) ?? .money,
            acceptedAt: Timestamp(milliseconds: row["accepted_at"]),
            scheduledAt: (row["scheduled_at"] as Int64?).map { Timestamp(milliseconds: $0) }, content: row["content"])
        try count(&batch, span)
        try charge(&batch, span)
        return batch
    }

    private func count(_ batch: inout Batch, _ span: ClosedRange<MessageSequence>) throws {
        let statement = try cachedStatement(
            sql: """
                SELECT m.state, m.status, m.attempt IS NOT NULL AS was_tried, m.\(MessageState.submitted.condition)
                AND EXISTS (SELECT 1 FROM attempt a WHERE a.id = m.attempt
                AND \(AttemptState.uncertain.openCondition("a"))) AS is_uncertain, COUNT(*) AS number,
                SUM(m.final_at <= ?) AS fast FROM message m WHERE m.sequence BETWEEN ? AND ?
                GROUP BY m.state, m.status, was_tried, is_uncertain
                """)
        let available = batch.scheduledAt.map { max($0, batch.acceptedAt) } ?? batch.acceptedAt
        let fastUntil = available.adding(milliseconds: AccountTotal.fastMilliseconds)
        var failures: [String: Int64] = [:]
        let rows = try Row.fetchCursor(
            statement, arguments: [fastUntil.milliseconds, span.lowerBound.rawValue, span.upperBound.rawValue])
        while let row = try rows.next() {
            let state = MessageState(rawValue: row["state"]) ?? .failed
            let number: Int64 = row["number"]
            let attempt: AttemptState? =
                row["is_uncertain"] ? .uncertain : (row["was_tried"] as Bool) ? .accepted : nil
            let status = MessageStatus(state: state, attempt: attempt, code: row["status"])
            batch.recipients += number
            batch.counts[status, default: 0] += number
            if state == .delivered { batch.deliveredFast += row["fast"] ?? 0 }
            if state == .failed { failures[row["status"] ?? DeliveryStatus.unknown.code, default: 0] += number }
        }
        batch.failures = FailureCount.sorted(failures)
    }

    private func charge(_ batch: inout Batch, _ span: ClosedRange<MessageSequence>) throws {
        let arguments: StatementArguments = [span.lowerBound.rawValue, span.upperBound.rawValue]
        let parts = try Row.fetchCursor(
            cachedStatement(
                sql: """
                    SELECT s.segments, s.segment_cost, SUM(m.mobile <> 0) AS valid, COUNT(DISTINCT s.id) AS parts
                    FROM message m CROSS JOIN submission s ON s.id = m.submission WHERE m.sequence BETWEEN ? AND ?
                    GROUP BY s.segments, s.segment_cost
                    """), arguments: arguments)
        batch.parts = 0
        while let row = try parts.next() {
            batch.parts += row["parts"]
            batch.addCharge(segments: row["segments"], cost: row["segment_cost"], messages: row["valid"])
        }
        // A message that a rule kept back when it was accepted has a valid number and was never charged.
        let kept = try Row.fetchCursor(
            cachedStatement(
                sql: """
                    SELECT s.segments, s.segment_cost, COUNT(*) AS number FROM event e
                    JOIN message m ON m.sequence = e.sequence JOIN submission s ON s.id = m.submission
                    WHERE e.sequence BETWEEN ? AND ? AND e.kind = '\(TimelineKind.keptBack.rawValue)'
                    GROUP BY s.segments, s.segment_cost
                    """), arguments: arguments)
        while let row = try kept.next() {
            batch.addCharge(segments: row["segments"], cost: row["segment_cost"], messages: -(row["number"] as Int64))
        }
        let refunds = try Int64.fetchCursor(
            cachedStatement(
                sql: "SELECT amount FROM ledger WHERE \(LedgerKind.refund.condition) AND reference BETWEEN ? AND ?"),
            arguments: arguments)
        while let amount = try refunds.next() { batch.refunded.addSaturating(amount) }
    }

    /// The charges of the parts in a span, found by their time: a charge is booked as of the acceptance.
    fileprivate func charges(
        of span: ClosedRange<MessageSequence>, acceptedAt: Timestamp, limit: Int
    ) throws -> [LedgerEntry] {
        let first = try firstLedgerEntry(since: acceptedAt.adding(milliseconds: -LedgerEntry.disorder))
        let end = try firstLedgerEntry(since: acceptedAt.adding(milliseconds: LedgerEntry.disorder))
        return try ledgerEntries(
            "l.id >= ? AND l.id < ? AND l.\(LedgerKind.charge.condition) AND l.reference BETWEEN ? AND ?",
            [first.rawValue, end.rawValue, span.lowerBound.rawValue, span.upperBound.rawValue], limit: limit)
    }

    fileprivate func refunds(of span: ClosedRange<MessageSequence>, limit: Int) throws -> [LedgerEntry] {
        try ledgerEntries(
            "l.\(LedgerKind.refund.condition) AND l.reference BETWEEN ? AND ?",
            [span.lowerBound.rawValue, span.upperBound.rawValue], limit: limit)
    }

    private func ledgerEntries(
        _ condition: String, _ values: [Int64], limit: Int
    ) throws -> [LedgerEntry] {
        try Row.fetchAll(
            cachedStatement(sql: "\(LedgerEntry.select) WHERE \(condition) ORDER BY l.id LIMIT ?"),
            arguments: StatementArguments(values + [Int64(limit)])
        ).compactMap { LedgerEntry(row: $0) }
    }
}

extension Batch {
    fileprivate mutating func addCharge(segments: Int64, cost: Int64, messages: Int64) {
        let (count, isOver) = segments.multipliedReportingOverflow(by: messages)
        let (amount, isOver2) = count.multipliedReportingOverflow(by: cost)
        guard !isOver, !isOver2 else { return }
        self.segments.addSaturating(count)
        charged.addSaturating(amount)
    }
}

extension FailureCount {
    /// The most frequent first; codes of the same frequency in their order.
    static func sorted(_ counts: [String: Int64]) -> [FailureCount] {
        counts.map { FailureCount(code: $0.key, count: $0.value) }
            .sorted { $0.count == $1.count ? $0.code < $1.code : $0.count > $1.count }
    }
}
