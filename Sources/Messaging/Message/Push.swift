/// What a customer collects, or is pushed. The raw values are stored.
public enum OutboxKind: Int, Sendable, CaseIterable {
    /// Final reports of its messages.
    case reports = 1
    /// Messages from handsets.
    case replies = 2

    /// The case's name, which is what operators read.
    public var name: String { "\(self)" }
}

/// Entries of one account's outbox, oldest first.
public enum PushContent: Hashable, Sendable {
    /// Final reports, oldest first.
    case reports([CustomerReport])
    /// Replies, oldest first.
    case replies([CustomerReply])

    /// Which outbox they are of.
    public var kind: OutboxKind {
        switch self {
        case .reports: .reports
        case .replies: .replies
        }
    }

    /// How many entries.
    public var count: Int {
        switch self {
        case .reports(let reports): reports.count
        case .replies(let replies): replies.count
        }
    }

    /// The same entries, each alone.
    public var singles: [PushContent] {
        switch self {
        case .reports(let reports): reports.map { .reports([$0]) }
        case .replies(let replies): replies.map { .replies([$0]) }
        }
    }
}

/// The dialects that have pushes towards customers.
public enum PushDialect: String, Sendable, CaseIterable {
    /// One entry a request, one attempt (`Dialects/ApiV1/INTERFACE.md`, "Pushes").
    case apiV1 = "api-v1"
    /// Reports of segments, as form or JSON (`Dialects/OperatorV2/INTERFACE.md`, "Pushes").
    case operatorV2 = "operator-v2"
    /// Arrays of JSON (`Dialects/Guodu/INTERFACE.md`, "Pushes").
    case guodu

    /// Entries of one request, at most (each dialect's INTERFACE.md, "Pushes").
    public func limit(of kind: OutboxKind) -> Int {
        switch self {
        case .apiV1: 1
        case .operatorV2: kind == .reports ? 500 : 100
        case .guodu: 250
        }
    }

    /// Whether a report in it is of a segment or of a message.
    public var grain: ReportGrain { self == .operatorV2 ? .segment : .message }

    /// Each entry is pushed in one attempt, whatever the answer (ApiV1); else it is tried until it is accepted.
    public var triesOnce: Bool { self == .apiV1 }
}

/// Where and how an account wants its reports and replies pushed. A kind without an address is collected by poll.
public struct PushSettings: Hashable, Sendable {
    /// http or https; empty for none.
    public var reportURL: String
    /// As `reportURL`, for replies.
    public var replyURL: String
    /// How pushes are written and answers are read.
    public var dialect: PushDialect
    /// Of OperatorV2; the others have one only.
    public var format: Format
    /// Whether the addresses may lead to machines of private networks or to this one.
    public var allowsPrivateTargets: Bool

    /// How a push of OperatorV2 is written.
    public enum Format: String, Sendable, CaseIterable {
        /// Form fields with JSON in them, or one JSON object.
        case form, json
    }

    /// Without addresses all is collected by poll.
    public init(
        reportURL: String = "", replyURL: String = "", dialect: PushDialect = .operatorV2, format: Format = .form,
        allowsPrivateTargets: Bool = false
    ) {
        self.reportURL = reportURL
        self.replyURL = replyURL
        self.dialect = dialect
        self.format = format
        self.allowsPrivateTargets = allowsPrivateTargets
    }

    /// Nil: it is collected by poll.
    public func url(of kind: OutboxKind) -> String? {
        let url = kind == .reports ? reportURL : replyURL
        return url.isEmpty ? nil : url
    }
}

/// How long a push is tried. Durations in milliseconds.
public struct PushRule: Hashable, Sendable {
    /// The first pause after a failure; each further one is twice as long.
    public var pauseMin: Int64
    /// The longest pause between two attempts.
    public var pauseMax: Int64
    /// What has not been accepted for so long, while every attempt failed, is given up.
    public var giveUpAfter: Int64

    /// - Parameters: all in milliseconds; by default 1 s, 5 minutes and 72 hours.
    public init(pauseMin: Int64 = 1_000, pauseMax: Int64 = 300_000, giveUpAfter: Int64 = 72 * 3_600_000) {
        self.pauseMin = pauseMin
        self.pauseMax = pauseMax
        self.giveUpAfter = giveUpAfter
    }

    /// The pause after so many failures in a row, between half of what it would be and all of it, so that lanes which
    /// lost their endpoints together do not come back together.
    /// - Parameter jitter: 0 to 1.
    public func pause(afterFailures failures: Int, jitter: Double) -> Int64 {
        let doublings = min(max(failures - 1, 0), 40)
        let doubled = pauseMin.multipliedReportingOverflow(by: 1 << doublings)
        let whole = doubled.overflow ? pauseMax : min(pauseMax, doubled.partialValue)
        return whole / 2 + Int64(Double(whole - whole / 2) * jitter)
    }
}

/// One account's pushes of one kind, as they are stored.
public struct PushLaneRecord: Hashable, Sendable {
    /// The store's number of the account.
    public var account: AccountKey
    /// Reports or replies.
    public var kind: OutboxKind
    /// Requests so far; of OperatorV2 the last `seqid`.
    public var requests: Int64 = 0
    /// Whether a request is out whose entries polls must not collect meanwhile.
    public var isUnderWay = false
    /// The first failure since the last success.
    public var failingSince: Timestamp?
    /// Failures in a row; 0 after a success.
    public var failures = 0
    /// When it is tried again after a failure; nil: nothing is put off.
    public var nextTryAt: Timestamp?
    /// Of the last request.
    public var answeredAt: Timestamp?
    /// The last answer in words: `HTTP 200, result 0`; empty before the first.
    public var answer = ""
    /// Ranges of entries that wait to be pushed once more.
    public var replays = 0

    /// A lane that has pushed nothing yet.
    public init(account: AccountKey, kind: OutboxKind) {
        self.account = account
        self.kind = kind
    }
}

/// One account's outbox of one kind.
public struct OutboxKey: Hashable, Sendable {
    /// The store's number of the account.
    public var account: AccountKey
    /// Reports or replies.
    public var kind: OutboxKind

    /// - Parameter account: the store's number of the account.
    public init(account: AccountKey, kind: OutboxKind) {
        self.account = account
        self.kind = kind
    }
}
