/// One message in a list of records.
public struct MessageRecord: Hashable, Sendable {
    public var id: MessageID
    /// The account's id.
    public var account: String
    /// The text that the customer gave where it is no number.
    public var mobile: String
    public var content: String
    public var customID: String
    public var segments: Int
    public var state: MessageState
    /// The latest attempt's; nil before the first.
    public var attemptState: AttemptState?
    public var channel: String?
    public var status: String?
    public var acceptedAt: Timestamp
    public var finalAt: Timestamp?

    public init(
        id: MessageID, account: String, mobile: String, content: String, customID: String, segments: Int,
        state: MessageState, attemptState: AttemptState?, channel: String?, status: String?, acceptedAt: Timestamp,
        finalAt: Timestamp?
    ) {
        self.id = id
        self.account = account
        self.mobile = mobile
        self.content = content
        self.customID = customID
        self.segments = segments
        self.state = state
        self.attemptState = attemptState
        self.channel = channel
        self.status = status
        self.acceptedAt = acceptedAt
        self.finalAt = finalAt
    }
}

/// Which records are wanted: those that meet every condition given, the latest first.
public struct RecordQuery: Hashable, Sendable {
    /// The store's number of the account.
    public var account: Int64?
    public var mobile: PhoneNumber?
    /// Of acceptance in China, as yyyymmdd.
    public var day: Int?
    /// Only messages below this sequence: where the page before ended.
    public var before: Int64?
    public var limit: Int

    public init(
        account: Int64? = nil, mobile: PhoneNumber? = nil, day: Int? = nil, before: Int64? = nil, limit: Int = 100
    ) {
        self.account = account
        self.mobile = mobile
        self.day = day
        self.before = before
        self.limit = limit
    }
}

/// A page of records.
public struct RecordPage: Sendable {
    public var records: [MessageRecord]
    /// `before` of the next page; nil on the last.
    public var next: Int64?

    public init(records: [MessageRecord], next: Int64?) {
        self.records = records
        self.next = next
    }
}
