/// Which requests are wanted: those that meet every condition, the latest first.
public struct BatchSearch: Hashable, Sendable {
    /// Whose requests may be found.
    public var scope: AccountScope
    /// Only requests that have this in one of their texts; empty: any.
    public var content = ""
    /// Accepted at this moment or later.
    public var from: Timestamp?
    /// Accepted before this moment.
    public var to: Timestamp?
    /// Only requests that have this many recipients or more.
    public var recipientsMin: Int64 = 1
    /// Only requests before the one of this first message: where the page before ended.
    public var before: MessageSequence?
    /// Requests of a page, at most.
    public var limit = 20
    /// What one page may cost.
    public var budget = SearchBudget.page

    /// Every request of the scope, 20 a page.
    public init(scope: AccountScope) {
        self.scope = scope
    }
}

/// One request and what became of its messages.
public struct Batch: Hashable, Sendable {
    /// The id of its first message, which the request goes by.
    public var id: MessageID
    /// The store's number of its account.
    public var account: AccountKey
    /// The account's id.
    public var accountID: String
    /// What `charged` and `refunded` are counted in.
    public var unit: ChargeUnit
    /// When it was accepted.
    public var acceptedAt: Timestamp
    /// The time that the customer asked for; nil for at once.
    public var scheduledAt: Timestamp?
    /// The text of its first part.
    public var content: String
    /// Texts with their recipients: more than one when it was personalised.
    public var parts: Int64 = 1
    /// Messages, invalid numbers included.
    public var recipients: Int64 = 0
    /// Segments that were charged.
    public var segments: Int64 = 0
    /// Before refunds.
    public var charged: Int64 = 0
    /// What was paid back so far, as a positive amount.
    public var refunded: Int64 = 0
    /// Messages by what became of them; what is not in it is 0.
    public var counts: [MessageStatus: Int64] = [:]
    /// Of the delivered ones, those that took `AccountTotal.fastMilliseconds` at most.
    public var deliveredFast: Int64 = 0
    /// Failed and cancelled messages by the code of their status, the most frequent first.
    public var failures: [FailureCount] = []

    /// - Parameter unit: of the account.
    public init(
        id: MessageID, account: AccountKey, accountID: String, unit: ChargeUnit, acceptedAt: Timestamp,
        scheduledAt: Timestamp?, content: String
    ) {
        self.id = id
        self.account = account
        self.accountID = accountID
        self.unit = unit
        self.acceptedAt = acceptedAt
        self.scheduledAt = scheduledAt
        self.content = content
    }

    /// Messages of some statuses.
    public func count(_ statuses: some Sequence<MessageStatus>) -> Int64 {
        statuses.reduce(0) { $0 + (counts[$1] ?? 0) }
    }

    /// Messages that have no final report.
    public var unknown: Int64 { count(MessageStatus.unknown) }
    /// Messages that failed, cancelled ones included.
    public var failed: Int64 { count([.failed, .cancelled]) }
    /// Messages that were delivered.
    public var delivered: Int64 { count([.delivered]) }
}

/// Failed messages with one status.
public struct FailureCount: Hashable, Sendable {
    /// The code of the status.
    public var code: String
    /// Messages.
    public var count: Int64

    /// - Parameter code: of the status.
    public init(code: String, count: Int64) {
        self.code = code
        self.count = count
    }
}
