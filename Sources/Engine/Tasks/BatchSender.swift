import Messaging
import Sheets
import Store

/// Sends a batch in chunks through billing. Each chunk has the key `portal.<batch>.<chunk>`, so that one whose outcome
/// was lost with the process is recognised when it is sent again.
struct BatchSender: Sendable {
    let files: TaskFiles
    let store: Store
    let accounts: AccountStore
    let billing: Billing

    /// Recipients of a chunk.
    static let chunkSize = 500
    /// For as long a busy engine or disk is asked again.
    private static let patience: Duration = .seconds(600)

    /// What the keys of a batch's requests begin with.
    static func keyPrefix(_ id: TaskID) -> String { "portal.\(id)." }

    /// One recipient and the text before its signature.
    private struct Row: Sendable {
        let number: PhoneNumber
        let content: String
    }

    /// What does not change while a batch is sent.
    private struct Batch: Sendable {
        let id: TaskID
        let account: AccountKey
        let parameters: BatchParameters
        let quote: BatchResult
        let text: RowText
    }

    func send(_ task: TaskRecord, _ control: TaskControl) async throws(TaskFailure) -> TaskWork.Outcome {
        guard let parameters = task.batchParameters, let quote = task.batchResult, let key = task.account,
            let text = try? RowText(parameters.content, names: quote.names, hasColumns: quote.hasColumns)
        else { throw .failed("damaged") }
        let batch = Batch(id: task.id, account: key, parameters: parameters, quote: quote, text: text)
        var result = quote
        // Chunks before it are done; what became of them was noted with their number.
        var chunk = Int(task.done) / Self.chunkSize
        if chunk == 0 { (result.accepted, result.refused) = (0, [:]) }
        // Of the chunk that was under way when the process ended, single recipients may have been sent.
        var mayBeSplit = true
        control.note(total: Int64(quote.recipients))
        while chunk * Self.chunkSize < quote.recipients {
            try control.check()
            let rows = try await rows(batch, chunk, control)
            let isSplit = mayBeSplit ? try await isSplit(batch, chunk) : false
            mayBeSplit = false
            if isSplit {
                try await sendSingly(batch, chunk, rows, into: &result, control)
            } else {
                try await send(batch, chunk, rows, into: &result, control)
            }
            chunk += 1
            control.note(result: TaskJSON.text(result))
            control.note(done: Int64(min(chunk * Self.chunkSize, quote.recipients)))
        }
        return TaskWork.Outcome(result: TaskJSON.text(result))
    }

    private func rows(_ batch: Batch, _ chunk: Int, _ control: TaskControl) async throws(TaskFailure) -> [Row] {
        let recipients = files.recipients(batch.id)
        do throws(SheetFailure) {
            return try await files.blocking { () throws(SheetFailure) in
                let entries = try recipients.recipients.entries(from: chunk * Self.chunkSize, count: Self.chunkSize)
                let rowAt = try recipients.rowReader()
                var rows: [Row] = []
                for entry in entries {
                    let row = batch.text.isPersonal ? try rowAt(entry.place) : nil
                    guard let content = batch.text.text(row) else { throw .damaged }
                    rows.append(Row(number: entry.number, content: content))
                }
                if rows.isEmpty { throw .damaged }
                return rows
            }
        } catch {
            throw control.failure(error)
        }
    }

    private func isSplit(_ batch: Batch, _ chunk: Int) async throws(TaskFailure) -> Bool {
        do throws(StoreFailure) {
            return try await !store.requests(of: batch.account, keyPrefix: Self.keyPrefix(batch.id) + "\(chunk).")
                .isEmpty
        } catch {
            throw error == .closed ? .stopping : .failed("unavailable")
        }
    }

    // MARK: One chunk

    private func send(
        _ batch: Batch, _ chunk: Int, _ rows: [Row], into result: inout BatchResult, _ control: TaskControl
    ) async throws(TaskFailure) {
        let rejection = try await submit(batch, key: "\(chunk)", rows, control)
        guard let rejection else {
            result.accepted += rows.count
            return
        }
        // A rule that one text breaks refuses the whole request.
        if batch.text.isPersonal, rows.count > 1 {
            return try await sendSingly(batch, chunk, rows, into: &result, control)
        }
        result.refused[rejection.rule, default: 0] += rows.count
    }

    private func sendSingly(
        _ batch: Batch, _ chunk: Int, _ rows: [Row], into result: inout BatchResult, _ control: TaskControl
    ) async throws(TaskFailure) {
        for (index, row) in rows.enumerated() {
            try control.check()
            if let rejection = try await submit(batch, key: "\(chunk).\(index)", [row], control) {
                result.refused[rejection.rule, default: 0] += 1
            } else {
                result.accepted += 1
            }
        }
    }

    /// - Returns: why the rows were refused for good; nil: they are accepted, now or before.
    private func submit(
        _ batch: Batch, key: String, _ rows: [Row], _ control: TaskControl
    ) async throws(TaskFailure) -> Rejection? {
        let recipients = rows.map { Recipient.number($0.number) }
        let parts =
            batch.text.isPersonal
            ? zip(rows, recipients).map { Submission.Part(recipients: [$1], content: $0.content) }
            : [Submission.Part(recipients: recipients, content: rows[0].content)]
        let submission = Submission(
            parts: parts, scheduledAt: batch.parameters.scheduledAt.map { Timestamp(milliseconds: $0) },
            idempotencyKey: Self.keyPrefix(batch.id) + key, templateID: batch.parameters.templateID)
        let deadline = ContinuousClock.now + Self.patience
        var pause: Duration = .milliseconds(50)
        while true {
            try control.check()
            let outcome = await submit(submission, by: try entry(of: batch))
            switch outcome {
            case .success, .failure(.submissionRepeated): return nil
            case .failure(.insufficientBalance): throw .failed("insufficientBalance")
            case .failure(.overloaded), .failure(.storageFailed):
                guard ContinuousClock.now < deadline else { throw .failed("overloaded") }
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(5))
            case .failure(let rejection): return rejection
            }
        }
    }

    /// The account as it is now.
    /// - Throws: when the batch would not cost what was shown.
    private func entry(of batch: Batch) throws(TaskFailure) -> AccountEntry {
        guard let entry = accounts.directory.account(key: batch.account), entry.account.isEnabled else {
            throw .failed("accountDisabled")
        }
        guard entry.account.cost(segments: 1) == batch.quote.segmentCost,
            entry.account.signature == batch.quote.signature
        else { throw .failed("priceChanged") }
        return entry
    }

    private func submit(_ submission: Submission, by entry: AccountEntry) async -> Result<Acceptance, Rejection> {
        await withCheckedContinuation { continuation in
            let sink = OneOutcome(continuation)
            if let refusal = billing.submit(submission, by: entry, ticket: 0, sink: sink) {
                continuation.resume(returning: .failure(refusal))
            }
        }
    }
}

/// Hands the outcome of the one submission on that it is given with.
private final class OneOutcome: SubmissionSink {
    private let continuation: CheckedContinuation<Result<Acceptance, Rejection>, Never>

    init(_ continuation: CheckedContinuation<Result<Acceptance, Rejection>, Never>) {
        self.continuation = continuation
    }

    func settle(_ outcomes: [SettledSubmission]) {
        for settled in outcomes { continuation.resume(returning: settled.outcome) }
    }
}
