import FoundationEssentials
public import Messaging
public import Sheets

/// What an import is to do; stored as JSON.
public struct ImportParameters: Codable, Hashable, Sendable {
    /// Whether the file holds numbers that somebody typed.
    public var isTyped: Bool
    /// The name of the sheet; nil for the first visible one that has content.
    public var sheet: String?
    /// The column of the numbers, counted from 0; nil for the one with the most.
    public var column: Int?
    /// What is to be sent to the recipients, as far as it is written; its `importID` is empty.
    public var draft: BatchParameters?

    /// - Parameters: nil where the import is to decide.
    public init(isTyped: Bool, sheet: String? = nil, column: Int? = nil, draft: BatchParameters? = nil) {
        self.isTyped = isTyped
        self.sheet = sheet
        self.column = column
        self.draft = draft
    }
}

/// What came of an import; stored as JSON.
public struct ImportResult: Codable, Hashable, Sendable {
    /// The file.
    public var scan: SheetScan
    /// Its recipients.
    public var summary: RecipientSummary
}

/// What is to be sent; stored as JSON.
public struct BatchParameters: Codable, Hashable, Sendable {
    /// The import with the recipients.
    public var importID: String
    /// The text as it was written, with `{column}` for what stands in that column of each row; a signature that is not
    /// the account's own is in front of it.
    public var content: String
    /// The approved template that the text is said to follow; empty for none.
    public var templateID: String
    /// When to send, in milliseconds since 1970; nil: at once.
    public var scheduledAt: Int64?

    /// - Parameters: `templateID` empty for none, `scheduledAt` nil for at once.
    public init(importID: String, content: String, templateID: String = "", scheduledAt: Int64? = nil) {
        self.importID = importID
        self.content = content
        self.templateID = templateID
        self.scheduledAt = scheduledAt
    }
}

/// What a batch costs, exactly, and what became of it; stored as JSON.
public struct BatchResult: Codable, Hashable, Sendable {
    /// Whether texts differ by recipient.
    public var isPersonal = false
    /// Recipients whose text can be sent.
    public var recipients = 0
    /// Segments of all their texts.
    public var segments: Int64 = 0
    /// Recipients by the segments of their texts.
    public var bySegments: [Int: Int] = [:]
    /// What a segment costs, in the account's charge unit.
    public var segmentCost: Int64 = 0
    /// What all costs, in the account's charge unit.
    public var cost: Int64 = 0
    /// The account's signature when it was priced.
    public var signature = ""
    /// Rows that are left out, by the raw value of `RecipientRejection`, those of the import among them.
    public var rejected: [UInt8: Int] = [:]
    /// The batch of the last 24 hours with the same texts and numbers; empty: none.
    public var sameAs = ""
    /// The names of the columns that variables stand for.
    public var names: [String] = []
    /// Whether there are columns; false where numbers were typed.
    public var hasColumns = false
    /// Recipients that the engine took.
    public var accepted = 0
    /// Recipients that it refused, by the rule that refused them (`Rejection.rule`).
    public var refused: [String: Int] = [:]

    /// Nothing was priced yet.
    public init() {}
}

/// What an export is to write; stored as JSON.
public struct ExportParameters: Codable, Hashable, Sendable {
    /// The name that its maker was registered under.
    public var table: String
    /// A `SheetFormat`.
    public var format: String
    /// What the maker needs to know.
    public var query: String

    /// - Parameters: `query` is the maker's own text.
    public init(table: String, format: SheetFormat, query: String) {
        self.table = table
        self.format = format.rawValue
        self.query = query
    }
}

/// A table that is to be written to a file, page by page.
public struct ExportTable: Sendable {
    /// The names of its columns.
    public var header: [String]
    /// The name of the sheet.
    public var title: String
    /// Rows in all; 0 where that is not known.
    public var total: Int64
    /// The next rows; nil at the end. Called by one task at a time.
    public var next: @Sendable () async throws -> [[SheetValue]]?

    /// - Parameter next: gives the next rows, nil at the end.
    public init(
        header: [String], title: String, total: Int64 = 0, next: @escaping @Sendable () async throws -> [[SheetValue]]?
    ) {
        self.header = header
        self.title = title
        self.total = total
        self.next = next
    }
}

/// Makes the tables of one kind; called again when an export begins anew after a restart.
public protocol ExportMaker: Sendable {
    /// The table of an export.
    /// - Parameter task: whose account bounds what may be read.
    /// - Throws: what the store says.
    func table(_ query: String, for task: TaskRecord) async throws -> ExportTable
}

/// JSON of tasks. What cannot be read was written by another program.
enum TaskJSON {
    static func text(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let data = try? encoder.encode(value) else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    static func value<Value: Decodable>(_ text: String, as type: Value.Type) -> Value? {
        try? JSONDecoder().decode(type, from: Data(text.utf8))
    }
}

extension TaskRecord {
    /// Of an import; nil: it is none.
    public var importParameters: ImportParameters? { TaskJSON.value(parameters, as: ImportParameters.self) }
    /// Of an import that is done.
    public var importResult: ImportResult? { TaskJSON.value(result, as: ImportResult.self) }
    /// Of a quote or a batch; nil: it is none.
    public var batchParameters: BatchParameters? { TaskJSON.value(parameters, as: BatchParameters.self) }
    /// Of a quote that is done, or a batch.
    public var batchResult: BatchResult? { TaskJSON.value(result, as: BatchResult.self) }
    /// Of an export; nil: it is none.
    public var exportParameters: ExportParameters? { TaskJSON.value(parameters, as: ExportParameters.self) }
}
