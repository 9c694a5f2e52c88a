public import Messaging
public import Sheets

/// What one recipient of a batch gets.
public struct BatchSample: Hashable, Sendable {
    /// The row's number in the file that was read.
    public var row: Int
    /// Whom.
    public var number: PhoneNumber
    /// The signature in front of the text; empty where there is none, or it is at the end.
    public var signature: String
    /// The rest of the text.
    public var body: String
    /// Segments of both.
    public var segments: Int
    /// UTF-16 units of both.
    public var units: Int

    init(_ entry: RecipientEntry, _ text: String) {
        row = Int(entry.row)
        number = entry.number
        segments = Segmentation.count(of: text)
        units = text.utf16.count
        if text.hasPrefix("【"), let end = text.firstIndex(of: "】") {
            signature = String(text[...end])
            body = String(text[text.index(after: end)...])
        } else {
            (signature, body) = ("", text)
        }
    }

    /// How many units to delete for one segment less, if at most 15; else 0.
    public var surplusUnits: Int {
        let less = segments - 1
        if less < 1 { return 0 }
        let room = less == 1 ? Segmentation.singleUnitsMax : less * Segmentation.partUnitsMax
        return (1...15).contains(units - room) ? units - room : 0
    }
}

extension TaskRunner {
    /// What some recipients of a quote or a batch get.
    /// - Parameters:
    ///   - row: the first one of this row of the file or a later one; nil: from the start.
    ///   - limit: at most so many.
    /// - Throws: `unavailable` when the files cannot be read.
    public nonisolated func samples(
        of task: TaskRecord, fromRow row: Int? = nil, limit: Int
    ) async throws(SheetFailure) -> [BatchSample] {
        guard let parameters = task.batchParameters, let result = task.batchResult,
            let text = try? RowText(parameters.content, names: result.names, hasColumns: result.hasColumns)
        else { return [] }
        let recipients = files.recipients(task.id)
        return try await files.blocking { () throws(SheetFailure) in
            let index = try row.map { row throws(SheetFailure) in
                try recipients.recipients.index(ofRow: UInt32(clamping: row))
            }
            let rowAt = try recipients.rowReader()
            var samples: [BatchSample] = []
            for entry in try recipients.recipients.entries(from: index ?? 0, count: limit) {
                let row = text.isPersonal ? try rowAt(entry.place) : nil
                let content = text.text(row) ?? ""
                let isSigned = content.hasPrefix("【") || content.hasSuffix("】")
                samples.append(BatchSample(entry, isSigned ? content : result.signature + content))
            }
            return samples
        }
    }

    /// The first rows of an import under its header, with which of them have recipients.
    /// - Throws: `unavailable` when the files cannot be read.
    public nonisolated func preview(of task: TaskRecord, limit: Int) async throws(SheetFailure) -> [SheetRow] {
        let header = task.importResult?.summary.headerRow ?? 0
        let recipients = files.recipients(task.id)
        return try await files.blocking { () throws(SheetFailure) in
            Array(try recipients.head().filter { $0.number > header }.prefix(limit))
        }
    }

    /// Writes the rejected rows of an import, a quote or a batch to a file, once for each of its readings.
    /// - Parameters:
    ///   - language: part of the file's name.
    ///   - columns: the names of the columns with the row's number and the reason.
    ///   - words: the reason in words.
    /// - Returns: the file's path.
    /// - Throws: `unavailable` when the files cannot be read or written.
    public nonisolated func rejectedRows(
        of task: TaskRecord, as format: SheetFormat, language: String, columns: (row: String, reason: String),
        title: String, words: @escaping @Sendable (RecipientRejection) -> String
    ) async throws(SheetFailure) -> String {
        let names = task.importResult?.summary.names ?? task.batchResult?.names ?? []
        let column = task.importResult?.summary.column ?? 0
        let reading = "\(task.kind.rawValue)-\(column)-\(task.createdAt.milliseconds)"
        let path = files.temporaryFolder + "/\(task.id).rejected-\(reading).\(language).\(format.rawValue)"
        let (files, id) = (files, task.id)
        guard let suffix = try? newID() else { throw .unavailable }
        return try await files.blocking { () throws(SheetFailure) in
            if files.exists(path) { return path }
            let aside = files.temporaryFolder + "/\(id).new-\(suffix)"
            try files.recipients(id).writeRejected(
                to: aside, as: format, names: names, columns: columns, title: title, folder: files.temporaryFolder,
                words: words)
            try files.rename(aside, path)
            return path
        }
    }
}
