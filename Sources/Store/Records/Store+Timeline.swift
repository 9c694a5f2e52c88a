import GRDB
public import Messaging

extension Store {
    /// What is on record of one message, its entries in the order of their times; on a long reader.
    /// - Parameter scope: whose message it must be.
    /// - Throws: `notFound`, also for one of another account; `unavailable`, `damaged` or `closed` as any read.
    public func timeline(
        of id: MessageID, scope: AccountScope = .everything
    ) async throws(StoreFailure) -> MessageTimeline {
        try await readLong { db in
            guard
                let row = try Row.fetchOne(
                    db,
                    sql: """
                        SELECT m.*, s.*, IFNULL(i.text, '') AS invalid, o.id AS account_id, o.charge_unit,
                        \(Schema.accountExtension) AS own_extension
                        FROM message m JOIN submission s ON s.id = m.submission
                        JOIN account o ON o.number = s.account LEFT JOIN invalid_number i ON i.sequence = m.sequence
                        WHERE m.sequence = ?
                        """,
                    arguments: [id.sequence.rawValue]), scope.contains(row["account"])
            else { throw StoreFailure.notFound }
            let isKeptBack =
                try (row["attempt"] as AttemptID?) == nil
                && Bool.fetchOne(
                    db, sql: "SELECT EXISTS (SELECT 1 FROM event WHERE sequence = ? AND kind = ?)",
                    arguments: [id.sequence.rawValue, TimelineKind.keptBack.rawValue]) == true
            var timeline = MessageTimeline(row: row, isKeptBack: isKeptBack)
            try timeline.addAttempts(db, row)
            try timeline.addReports(db, row)
            try timeline.addEvents(db)
            timeline.entries.sort { $0.at < $1.at }
            return timeline
        }
    }
}

extension MessageTimeline {
    /// - Parameter isKeptBack: when it was accepted: it was never charged.
    fileprivate init(row: Row, isKeptBack: Bool) {
        let mobile: Int64 = row["mobile"]
        let segments: Int = row["segments"]
        let cost: Int64 = row["segment_cost"]
        let accepted = Timestamp(milliseconds: row["accepted_at"])
        let charge = mobile == 0 || isKeptBack ? 0 : cost * Int64(segments)
        self.init(
            id: MessageID(sequence: row["sequence"]), account: row["account_id"],
            unit: ChargeUnit(rawValue: row["charge_unit"]) ?? .money,
            mobile: mobile == 0 ? row["invalid"] : PhoneNumber(rawValue: mobile).text, content: row["content"],
            customID: row["custom_id"], segments: segments, state: MessageState(rawValue: row["state"]) ?? .failed,
            attemptState: nil, channel: nil, accessNumber: "", status: row["status"], charged: charge, refunded: 0,
            acceptedAt: accepted,
            scheduledAt: (row["scheduled_at"] as Int64?).map { Timestamp(milliseconds: $0) },
            finalAt: (row["final_at"] as Int64?).map { Timestamp(milliseconds: $0) },
            entries: [
                Entry(at: accepted, kind: "accepted", detail: "submission \(row["submission"] as MessageSequence)")
            ])
        validUntil = (row["valid_until"] as Int64?).map { Timestamp(milliseconds: $0) }
        if mobile == 0 { entries.append(Entry(at: accepted, kind: "invalid number", detail: "not charged")) }
        if charge > 0 { entries.append(Entry(at: accepted, kind: "charged", detail: amount(charge))) }
        if let due: Int64 = row["scheduled_at"] {
            entries.append(
                Entry(at: accepted, kind: "scheduled", detail: Timestamp(milliseconds: due).chinaText))
        }
        if let validUntil { entries.append(Entry(at: accepted, kind: "valid until", detail: validUntil.chinaText)) }
    }

    private func amount(_ amount: Int64) -> String {
        unit == .money ? "\(unit.text(amount)) yuan" : "\(unit.text(amount)) segments"
    }

    fileprivate mutating func addAttempts(_ db: Database, _ row: Row) throws {
        guard let latest: AttemptID = row["attempt"] else { return }
        let first = try AttemptID.fetchOne(
            db, sql: "SELECT attempt FROM retry WHERE sequence = ?", arguments: [id.sequence.rawValue])
        if let first, first != latest { try addAttempt(first, db, row) }
        try addAttempt(latest, db, row)
    }

    private mutating func addAttempt(_ id: AttemptID, _ db: Database, _ row: Row) throws {
        guard
            let attempt = try Row.fetchOne(
                db,
                sql: """
                    SELECT a.*, c.name, IFNULL(a.access_number, c.access_number) AS used_number FROM attempt a
                    LEFT JOIN channel c ON c.number = a.channel WHERE a.id = ?
                    """,
                arguments: [id.rawValue])
        else { return }
        let channel: String = attempt["name"] ?? "(removed channel)"
        let begun = Timestamp(milliseconds: attempt["begun_at"])
        self.channel = channel
        attemptState = AttemptState(rawValue: attempt["state"])
        let asked = AccessExtension(account: row["own_extension"], customer: row["access_extension"])
        accessNumber =
            SentNumber(asked, behind: attempt["used_number"], room: attempt["extension_room"]).accessNumber
        entries.append(Entry(at: begun, kind: "routed", detail: "channel \(channel)"))
        entries.append(Entry(at: begun, kind: "attempt \(id)", detail: "begun on \(channel)"))
        guard let settled: Int64 = attempt["settled_at"] else { return }
        let state = AttemptState(rawValue: attempt["state"]) ?? .uncertain
        var words = state.name
        if let carrierID: Int64 = attempt["carrier_id"] { words += ", carrier's ids from \(carrierID)" }
        if let key: String = attempt["carrier_key"] { words += ", carrier's id \(key)" }
        if let detail: String = attempt["detail"] { words += ": \(detail)" }
        entries.append(Entry(at: Timestamp(milliseconds: settled), kind: "attempt \(id)", detail: words))
    }

    fileprivate mutating func addReports(_ db: Database, _ row: Row) throws {
        guard let first: OutboxEntryID = row["first_report"], let last: OutboxEntryID = row["last_report"] else {
            return
        }
        let reports = try Row.fetchAll(
            db,
            sql: """
                SELECT r.*, c.at AS collected_at, c.answer AS push_answer FROM report r
                LEFT JOIN collection c ON c.account = r.account AND c.kind = :kind AND c.through = (
                    SELECT through FROM collection WHERE account = r.account AND kind = :kind AND through >= r.id
                    ORDER BY through LIMIT 1)
                WHERE r.account = :account AND r.id BETWEEN :first AND :last AND r.sequence = :sequence
                """,
            arguments: [
                "kind": OutboxKind.reports.rawValue, "account": row["account"] as Int64, "first": first.rawValue,
                "last": last.rawValue, "sequence": id.sequence.rawValue,
            ])
        for report in reports {
            let segment: Int = report["segment"]
            let at = Timestamp(milliseconds: report["reported_at"])
            let name = segments > 1 ? "segment \(segment) of \(segments): " : ""
            entries.append(Entry(at: at, kind: "report", detail: name + (report["status"] as String)))
            if let collected: Int64 = report["collected_at"] {
                let detail = "\(name)outbox entry \(report["id"] as OutboxEntryID)"
                let answer: String? = report["push_answer"]
                let words = answer.map { $0.isEmpty ? ": the answer is not known" : ": \($0)" } ?? ""
                entries.append(
                    Entry(
                        at: Timestamp(milliseconds: collected), kind: answer == nil ? "collected" : "pushed",
                        detail: detail + words))
            } else {
                entries.append(
                    Entry(at: at, kind: "outbox", detail: "\(name)entry \(report["id"] as OutboxEntryID) waits"))
            }
        }
        guard charged > 0 else { return }
        let refunds = try Row.fetchAll(
            db,
            // The index of refunds is used only where its condition is repeated.
            sql: """
                SELECT at, amount, note FROM ledger
                WHERE kind = \(LedgerKind.refund.rawValue) AND reference = ? AND account = ?
                """,
            arguments: [id.sequence.rawValue, (row["payer"] as Int64?) ?? (row["account"] as Int64)])
        for refund in refunds {
            let amount: Int64 = refund["amount"]
            refunded += amount
            entries.append(
                Entry(at: Timestamp(milliseconds: refund["at"]), kind: "refunded", detail: self.amount(amount)))
        }
    }

    fileprivate mutating func addEvents(_ db: Database) throws {
        let events = try Row.fetchAll(
            db, sql: "SELECT * FROM event WHERE sequence = ? ORDER BY rowid", arguments: [id.sequence.rawValue])
        for event in events {
            var detail: String = event["detail"]
            let times: Int64 = event["times"]
            if times > 1, let last: Int64 = event["last_at"] {
                detail += ", \(times) times, the last at \(Timestamp(milliseconds: last).chinaText)"
            }
            entries.append(Entry(at: Timestamp(milliseconds: event["at"]), kind: event["kind"], detail: detail))
        }
    }
}
