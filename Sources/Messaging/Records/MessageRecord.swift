/// One message in a list of records.
public struct MessageRecord: Hashable, Sendable {
    /// The message's id, without a segment.
    public var id: MessageID
    /// The account's id.
    public var account: String
    /// The text that the customer gave where it is no number.
    public var mobile: String
    /// The whole text.
    public var content: String
    /// The customer's own id of it, or the one made for it.
    public var customID: String
    /// How many segments the text has.
    public var segments: Int
    /// Where it is on its way.
    public var state: MessageState
    /// The latest attempt's; nil before the first.
    public var attemptState: AttemptState?
    /// The name of the latest attempt's channel; nil before the first, and when the channel was removed.
    public var channel: String?
    /// The code of its status: the first failure, else the delivery; nil before any final report.
    public var status: String?
    /// When it was accepted.
    public var acceptedAt: Timestamp
    /// When the last segment became final; nil before.
    public var finalAt: Timestamp?
    /// The time that the customer asked for; nil for at once.
    public var scheduledAt: Timestamp?
    /// The store's number of the account.
    public var accountKey: AccountKey = 0
    /// The id of the first message of its request.
    public var request: MessageID?

    /// `scheduledAt`, `accountKey` and `request` are set afterwards.
    /// - Parameter mobile: in the plain form, or the customer's text where it is no number.
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
    public var account: AccountKey?
    /// Only messages to this number.
    public var mobile: PhoneNumber?
    /// Of acceptance in China, as yyyymmdd.
    public var day: Int?
    /// Only messages below this sequence: where the page before ended.
    public var before: MessageSequence?
    /// Records of a page, at most.
    public var limit: Int

    /// With the defaults all records are meant, 100 a page.
    public init(
        account: AccountKey? = nil, mobile: PhoneNumber? = nil, day: Int? = nil, before: MessageSequence? = nil,
        limit: Int = 100
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
    /// The latest first.
    public var records: [MessageRecord]
    /// `before` of the next page; nil on the last.
    public var next: MessageSequence?

    /// - Parameter next: nil: this is the last page.
    public init(records: [MessageRecord], next: MessageSequence?) {
        self.records = records
        self.next = next
    }
}
