/// Everything known of one message.
public struct MessageTimeline: Sendable {
    public var id: MessageID
    /// The account's id.
    public var account: String
    public var unit: ChargeUnit
    public var mobile: String
    public var content: String
    public var customID: String
    public var segments: Int
    public var state: MessageState
    /// The latest attempt's; nil before the first.
    public var attemptState: AttemptState?
    public var channel: String?
    /// The full access number that it goes out under; empty before it has a channel.
    public var accessNumber: String
    public var status: String?
    /// In the account's charge unit, before refunds.
    public var charged: Int64
    public var refunded: Int64
    public var acceptedAt: Timestamp
    public var scheduledAt: Timestamp?
    public var finalAt: Timestamp?
    /// Until when it is worth sending; nil: as long as it waits.
    public var validUntil: Timestamp?
    /// In the order of time.
    public var entries: [Entry]

    /// Something that happened to the message, in words for an operator.
    public struct Entry: Sendable {
        public var at: Timestamp
        /// accepted, scheduled, charged, routed, attempt …, report, refund, collected, or an event's own name.
        public var kind: String
        public var detail: String

        public init(at: Timestamp, kind: String, detail: String) {
            self.at = at
            self.kind = kind
            self.detail = detail
        }
    }

    public init(
        id: MessageID, account: String, unit: ChargeUnit, mobile: String, content: String, customID: String,
        segments: Int, state: MessageState, attemptState: AttemptState?, channel: String?, accessNumber: String,
        status: String?, charged: Int64, refunded: Int64, acceptedAt: Timestamp, scheduledAt: Timestamp?,
        finalAt: Timestamp?, entries: [Entry]
    ) {
        self.id = id
        self.account = account
        self.unit = unit
        self.mobile = mobile
        self.content = content
        self.customID = customID
        self.segments = segments
        self.state = state
        self.attemptState = attemptState
        self.channel = channel
        self.accessNumber = accessNumber
        self.status = status
        self.charged = charged
        self.refunded = refunded
        self.acceptedAt = acceptedAt
        self.scheduledAt = scheduledAt
        self.finalAt = finalAt
        self.entries = entries
    }
}
