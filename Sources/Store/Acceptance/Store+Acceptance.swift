import GRDB
public import Messaging

struct AcceptanceStatements {
    let insertSubmission: SQLiteStatement
    let insertMessage: SQLiteStatement
    let insertInvalid: SQLiteStatement
    let insertSchedule: SQLiteStatement
    let insertKey: SQLiteStatement

    init(_ db: Database) throws {
        insertSubmission = try SQLiteStatement(
            db,
            """
            INSERT INTO submission (id, account, accepted_at, scheduled_at, segments, segment_cost, recipients,
            content, custom_id, custom_data, access_extension, service_type, request, valid_until, account_extension,
            payer)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
            """)
        insertMessage = try SQLiteStatement(
            db, "INSERT INTO message (sequence, submission, mobile, state, written) VALUES (?1, ?2, ?3, ?4, ?5)")
        insertInvalid = try SQLiteStatement(db, "INSERT INTO invalid_number (sequence, text) VALUES (?1, ?2)")
        insertSchedule = try SQLiteStatement(db, "INSERT INTO schedule (due_at, submission) VALUES (?1, ?2)")
        insertKey = try SQLiteStatement(
            db, "INSERT OR IGNORE INTO submission_key (account, key, submission, at) VALUES (?1, ?2, ?3, ?4)")
    }
}

extension Store {
    /// Commits submissions with their messages, charges and failure reports of invalid numbers, then calls `finish`
    /// (off any actor) with one result each, in order, or with the failure that kept none of them. One whose key its
    /// account has used before, be it in the same call, is refused as `submissionRepeated`; nothing is kept of it.
    ///
    /// The caller has made sure that the accounts can pay.
    public func accept(
        _ submissions: [AcceptedSubmission],
        finish: @escaping @Sendable (Result<[Result<CommittedSubmission, Rejection>], StoreFailure>) -> Void
    ) {
        groupCommit.perform({ writer in try submissions.map { try writer.accept($0) } }, finish: finish)
    }

    /// Whether their accounts have used the keys of these submissions before; one entry each, in order. Billing asks,
    /// which must not wait for a reader: it is looked up where commits are made.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func areUsed(_ submissions: [AcceptedSubmission]) async throws(StoreFailure) -> [Bool] {
        try await groupCommit.perform { writer in
            let statement = try writer.db.cachedStatement(
                sql: "SELECT EXISTS (SELECT 1 FROM submission_key WHERE account = ? AND key = ?)")
            return try submissions.map { submission in
                guard let key = submission.idempotencyKey, let part = submission.parts.first else { return false }
                return try Bool.fetchOne(statement, arguments: [part.account.rawValue, key]) ?? false
            }
        }
    }
}

extension Writer {
    fileprivate func accept(_ submission: AcceptedSubmission) throws -> Result<CommittedSubmission, Rejection> {
        let recipients = submission.parts.indices.reduce(0) { $0 + submission.parts[$1].recipients.count }
        // The key is kept with the first id.
        try makeRoom(for: recipients)
        if let key = submission.idempotencyKey, try !isNew(key, of: submission) { return .failure(.submissionRepeated) }
        let first = try takeSequences(recipients)
        var next = first
        var ready: [CommittedPart] = []
        var customID: String?
        for part in submission.parts {
            let id = next
            next += Int64(part.recipients.count)
            let partCustomID =
                part.customID.isEmpty ? Submission.madeCustomID(first: MessageID(sequence: first)) : part.customID
            if customID == nil { customID = partCustomID }
            try insert(part, id: id, customID: partCustomID, request: id == first ? nil : first)
            let messages = try insertMessages(part, id: id)
            try book(
                .charge, account: part.payer ?? part.account, amount: -part.cost, at: part.acceptedAt, reference: id)
            count(account: part.account, day: part.acceptedAt.chinaDay) { total in
                total.messages += Int64(part.recipients.count)
                total.segments += Int64(messages.count * part.segments)
                total.charged += part.cost
            }
            guard part.scheduledAt == nil, !messages.isEmpty else { continue }
            ready.append(
                CommittedPart(
                    id: id, account: part.account, acceptedAt: part.acceptedAt, validUntil: part.validUntil,
                    content: part.content, accountExtension: part.accountExtension,
                    accessExtension: part.accessExtension, segments: part.segments, messages: messages))
        }
        let acceptance = Acceptance(firstID: MessageID(sequence: first), customID: customID ?? "")
        return .success(CommittedSubmission(acceptance: acceptance, ready: ready))
    }

    /// Takes note of a key. Called before ids are given out: a submission that is refused has none.
    private func isNew(_ key: String, of submission: AcceptedSubmission) throws -> Bool {
        guard let part = submission.parts.first else { return true }
        acceptance.insertKey.bind(1, part.account)
        acceptance.insertKey.bind(2, key)
        acceptance.insertKey.bind(3, nextSequence)
        acceptance.insertKey.bind(4, part.acceptedAt.milliseconds)
        try acceptance.insertKey.run()
        return db.changesCount > 0
    }

    private func insert(_ part: AcceptedPart, id: MessageSequence, customID: String, request: MessageSequence?) throws {
        let statement = acceptance.insertSubmission
        statement.bind(1, id)
        statement.bind(2, part.account)
        statement.bind(3, part.acceptedAt.milliseconds)
        statement.bind(4, part.scheduledAt?.milliseconds)
        statement.bind(5, part.segments)
        statement.bind(6, part.segmentCost)
        statement.bind(7, part.recipients.count)
        statement.bind(8, part.content)
        statement.bind(9, customID)
        statement.bind(10, part.customData)
        statement.bind(11, part.accessExtension)
        statement.bind(12, part.serviceType)
        statement.bind(13, request)
        statement.bind(14, part.validUntil?.milliseconds)
        statement.bind(15, part.accountExtension)
        statement.bind(16, part.payer)
        try statement.run()
        if let due = part.scheduledAt {
            acceptance.insertSchedule.bind(1, due.milliseconds)
            acceptance.insertSchedule.bind(2, id)
            try acceptance.insertSchedule.run()
        }
    }

    /// - Returns: those that can be sent.
    private func insertMessages(_ part: AcceptedPart, id: MessageSequence) throws -> [CommittedPart.Message] {
        let statement = acceptance.insertMessage
        let state: MessageState = part.scheduledAt == nil ? .queued : .scheduled
        var sendable: [CommittedPart.Message] = []
        sendable.reserveCapacity(part.recipients.count)
        statement.bind(2, id)
        for (offset, recipient) in part.recipients.enumerated() {
            let sequence = id + Int64(offset)
            statement.bind(1, sequence)
            statement.bind(4, state.rawValue)
            switch recipient {
            case .number(let number, let writing):
                statement.bind(3, number.rawValue)
                statement.bind(5, Int64(writing.rawValue))
                try statement.run()
                if let rule = part.blocked[offset] {
                    try block(sequence, by: rule, at: part.acceptedAt)
                } else {
                    sendable.append(CommittedPart.Message(sequence: sequence, mobile: number))
                }
            case .invalid(let text):
                statement.bind(3, Int64(0))
                statement.bind(5, Int64(0))
                try statement.run()
                acceptance.insertInvalid.bind(1, sequence)
                acceptance.insertInvalid.bind(2, text)
                try acceptance.insertInvalid.run()
                try turnDown(sequence, with: .rejected, at: part.acceptedAt)
            }
        }
        return sendable
    }

    /// Ends a message that an account's rule keeps back.
    private func block(_ sequence: MessageSequence, by rule: ScreeningRules.Rule, at: Timestamp) throws {
        try note(sequence, at: at, kind: TimelineKind.keptBack.rawValue, detail: rule.detail)
        try turnDown(sequence, with: rule.status, at: at)
    }

    /// Ends a message that was never charged.
    private func turnDown(_ sequence: MessageSequence, with status: DeliveryStatus, at: Timestamp) throws {
        if let message = try message(sequence) { try happen(.turnedDown(status), to: message, at: at) }
    }
}
