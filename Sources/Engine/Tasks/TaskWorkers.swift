import Messaging
import Sheets
import Store

/// Does the work of one task, up to its end.
struct TaskWork: Sendable {
    let files: TaskFiles
    let store: Store
    let accounts: AccountStore
    let reading: any SheetReading
    let sender: BatchSender
    let makers: [String: any ExportMaker]
    let clock: Clock

    /// What a task leaves behind when it ended well.
    struct Outcome: Sendable {
        var result = ""
        var fileName: String?
        var fingerprint: [UInt8]?
    }

    func run(_ task: TaskRecord, _ control: TaskControl) async throws(TaskFailure) -> Outcome {
        switch task.kind {
        case .import: return try await readImport(task, control)
        case .quote: return try await price(task, control)
        case .batch: return try await sender.send(task, control)
        case .export: return try await write(task, control)
        }
    }

    // MARK: Import

    private func readImport(_ task: TaskRecord, _ control: TaskControl) async throws(TaskFailure) -> Outcome {
        guard let parameters = task.importParameters else { throw .failed("damaged") }
        let recipients = files.recipients(task.id)
        let (files, reading) = (files, reading)
        let screening = task.account.flatMap { accounts.directory.account(key: $0)?.runtime.screening }
        // What was read before stays when another column is chosen.
        let before = task.importResult?.scan
        do throws(SheetFailure) {
            let result = try await files.blocking { () throws(SheetFailure) in
                let scan: SheetScan
                if let before, parameters.sheet == nil || parameters.sheet == before.sheet {
                    scan = before
                } else if parameters.isTyped {
                    scan = try recipients.scan(typed: try files.typed(task.id))
                } else {
                    scan = try recipients.scan(
                        file: files.upload(task.id), sheet: parameters.sheet, by: reading,
                        progress: { rows throws(SheetFailure) in try control.note(rows: rows) })
                }
                control.note(total: Int64(scan.rows))
                let summary = try recipients.select(
                    column: parameters.column ?? scan.column ?? 0,
                    isBlacklisted: { screening?.isBlacklisted($0) ?? false },
                    progress: { rows throws(SheetFailure) in try control.note(rows: rows) })
                control.note(done: Int64(scan.rows))
                return ImportResult(scan: scan, summary: summary)
            }
            return Outcome(result: TaskJSON.text(result))
        } catch {
            throw control.failure(error)
        }
    }

    // MARK: Quote

    private func price(_ task: TaskRecord, _ control: TaskControl) async throws(TaskFailure) -> Outcome {
        guard let parameters = task.batchParameters, let key = task.account,
            let entry = accounts.directory.account(key: key)
        else { throw .failed("damaged") }
        let source = try await importTask(parameters, of: task)
        guard let imported = source.importResult else { throw .failed("importGone") }
        if parameters.content.isEmpty { throw .failed("contentEmpty") }
        let texts: BatchTexts
        do throws(RowText.UnknownColumn) {
            texts = try BatchTexts(
                parameters, names: imported.summary.names, hasColumns: source.importParameters?.isTyped == false,
                account: entry.account)
        } catch {
            throw .failed("unknownColumn \(error.name)")
        }
        let pricing = BatchPricing(
            texts: texts, rules: entry.runtime.screening.rules, source: files.recipients(source.id),
            target: files.recipients(task.id))
        let files = files
        do throws(SheetFailure) {
            var (result, fingerprint) = try await files.blocking { () throws(SheetFailure) in
                try files.shareRows(of: source.id, with: task.id)
                return try pricing.run(imported.summary, control)
            }
            let since = clock.now().adding(milliseconds: -TaskRunner.repetitionPeriod)
            result.names = imported.summary.names
            result.hasColumns = source.importParameters?.isTyped == false
            result.sameAs = (try? await store.batch(of: key, fingerprint: fingerprint, since: since))?.id.rawValue ?? ""
            return Outcome(result: TaskJSON.text(result), fingerprint: fingerprint)
        } catch {
            throw control.failure(error)
        }
    }

    private func importTask(_ parameters: BatchParameters, of task: TaskRecord) async throws(TaskFailure) -> TaskRecord
    {
        guard let id = TaskID(rawValue: parameters.importID), let source = try? await store.task(id),
            source.kind == .import, source.account == task.account, source.state == .done
        else { throw .failed("importGone") }
        return source
    }

    // MARK: Export

    private func write(_ task: TaskRecord, _ control: TaskControl) async throws(TaskFailure) -> Outcome {
        guard let parameters = task.exportParameters, let format = SheetFormat(rawValue: parameters.format),
            let maker = makers[parameters.table]
        else { throw .failed("damaged") }
        do {
            let table = try await maker.table(parameters.query, for: task)
            control.note(total: table.total)
            let writer = ExportFile(
                try format.writer(
                    path: files.export(task.id, format), header: table.header, title: table.title,
                    folder: files.temporaryFolder))
            var done: Int64 = 0
            while let rows = try await table.next() {
                try control.check()
                try await files.blocking { () throws(SheetFailure) in try writer.write(rows) }
                done += Int64(rows.count)
                control.note(done: done)
            }
            try await files.blocking { () throws(SheetFailure) in try writer.finish() }
            control.note(total: done)
            return Outcome(fileName: task.fileName)
        } catch let failure as TaskFailure {
            throw failure
        } catch let failure as SheetFailure {
            throw control.failure(failure)
        } catch {
            try control.check()
            throw .failed("unavailable")
        }
    }
}

/// Hands a writer to one thread after another.
///
/// Invariant: its task awaits each call before it makes the next, so that the writer is used by one thread at a time.
private final class ExportFile: @unchecked Sendable {
    private let writer: any SheetWriter

    init(_ writer: any SheetWriter) {
        self.writer = writer
    }

    func write(_ rows: [[SheetValue]]) throws(SheetFailure) { for row in rows { try writer.write(row) } }
    func finish() throws(SheetFailure) { try writer.finish() }
}

/// Prices a batch row by row, and writes who gets a text.
struct BatchPricing: Sendable {
    let texts: BatchTexts
    let rules: ScreeningRules
    let source: RecipientImport
    let target: RecipientImport

    private static let chunk = 5_000

    func run(
        _ imported: RecipientSummary, _ control: TaskControl
    ) throws(SheetFailure) -> (BatchResult, fingerprint: [UInt8]) {
        var result = BatchResult()
        result.isPersonal = texts.text.isPersonal
        result.rejected = imported.rejected
        result.segmentCost = texts.account.cost(segments: 1)
        result.signature = texts.account.signature
        var recipients = try target.recipients.writer()
        let rejected = try target.rejected.writer()
        try copyRejected(to: rejected)
        let rowAt = try source.rowReader()
        var fingerprint = BatchFingerprint()
        control.note(total: Int64(imported.recipients))
        // A text that is the same for all is judged once.
        let shared = texts.text.isPersonal ? nil : texts.judge(nil, rules)
        var index = 0
        while true {
            let entries = try source.recipients.entries(from: index, count: Self.chunk)
            for entry in entries {
                let judged =
                    if let shared { shared } else { texts.judge(try rowAt(entry.place), rules) }
                switch judged {
                case .success(let text):
                    try recipients.append(entry)
                    result.recipients += 1
                    result.segments += Int64(text.segments)
                    result.bySegments[text.segments, default: 0] += 1
                    fingerprint.add(entry.number, text.content)
                case .failure(let refusal):
                    result.rejected[refusal.reason.rawValue, default: 0] += 1
                    try rejected.append(RejectedRow(row: entry.row, reason: refusal.reason, place: entry.place))
                }
            }
            index += entries.count
            try control.note(rows: index)
            if entries.count < Self.chunk { break }
        }
        try recipients.finish()
        try rejected.finish()
        let (cost, isOver) = result.segments.multipliedReportingOverflow(by: result.segmentCost)
        if isOver { throw .tooLarge }
        result.cost = cost
        return (result, fingerprint.digest())
    }

    private func copyRejected(to writer: RejectedFile.Writer) throws(SheetFailure) {
        var index = 0
        while true {
            let rows = try source.rejected.rows(from: index, count: Self.chunk)
            for row in rows { try writer.append(row) }
            index += rows.count
            if rows.count < Self.chunk { return }
        }
    }
}
