/// The id of a task: 32 hexadecimal digits, random, so that it cannot be guessed. Names of files are made of it, so no
/// other text is one.
public struct TaskID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The digits.
    public let rawValue: String

    /// How many digits there are.
    public static let digitCount = 32

    /// Nil when the text is no such id.
    public init?(rawValue: String) {
        guard rawValue.utf8.count == Self.digitCount,
            rawValue.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        self.rawValue = rawValue
    }

    /// The digits.
    public var description: String { rawValue }
}

/// What a task does.
public enum TaskKind: String, Hashable, Sendable, CaseIterable {
    /// Reads a spreadsheet, or numbers that were typed, into recipients.
    case `import`
    /// Prices a batch: the texts of all rows, their segments and what they cost.
    case quote
    /// Sends a batch; it was a quote before, under the same id.
    case batch
    /// Writes records to a file.
    case export
}

/// What became of a task.
public enum TaskState: String, Hashable, Sendable, CaseIterable {
    /// It waits for its turn.
    case waiting
    /// It is being worked on, or was when the process ended: then it goes on after the start.
    case running
    /// It ended well.
    case done
    /// It ended otherwise; `TaskRecord.error` says why.
    case failed
    /// It was ended by a person.
    case cancelled

    /// Whether nothing more happens to it.
    public var isFinal: Bool { self == .done || self == .failed || self == .cancelled }
}

/// A task as it is stored.
public struct TaskRecord: Hashable, Sendable {
    /// Its id.
    public var id: TaskID
    /// What it does.
    public var kind: TaskKind
    /// Whose it is; nil: an operator's.
    public var account: AccountKey?
    /// The name of the user who began it.
    public var user: String
    /// What became of it.
    public var state: TaskState
    /// Units of work that are done, rows or messages; of a batch: recipients.
    public var done: Int64 = 0
    /// Units of work in all; 0 where that is not known.
    public var total: Int64 = 0
    /// Why it failed: a code that pages have words for, and details behind a blank; empty: it did not.
    public var error = ""
    /// When it was begun.
    public var createdAt: Timestamp
    /// When it and its files are deleted.
    public var expiresAt: Timestamp
    /// The name of the file that was uploaded or is to be downloaded, without a folder.
    public var fileName = ""
    /// What is to be done, in JSON of its kind.
    public var parameters: String
    /// What came of it, in JSON of its kind; empty before.
    public var result = ""
    /// Of a batch: a digest of its texts and numbers.
    public var fingerprint: [UInt8]?
    /// Of a batch: when it was confirmed.
    public var sentAt: Timestamp?

    /// A task that waits.
    public init(
        id: TaskID, kind: TaskKind, account: AccountKey?, user: String, createdAt: Timestamp, expiresAt: Timestamp,
        parameters: String
    ) {
        self.id = id
        self.kind = kind
        self.account = account
        self.user = user
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.parameters = parameters
        state = .waiting
    }
}

/// How far the messages of a batch are.
public struct BatchProgress: Hashable, Sendable {
    /// Messages by the names of their states (`MessageState`), as many as there are.
    public var byState: [MessageState: Int] = [:]
    /// Final messages by status: DELIVRD and the codes of failures.
    public var byStatus: [String: Int] = [:]
    /// Messages that were accepted.
    public var messages = 0
    /// Segments of those whose numbers are valid, as they were charged.
    public var segments = 0
    /// What was charged, in the account's charge unit.
    public var charged: Int64 = 0
    /// What of it was given back.
    public var refunded: Int64 = 0
    /// The first message of each request.
    public var requests: [MessageSequence] = []

    /// Nothing was accepted yet.
    public init() {}
}
