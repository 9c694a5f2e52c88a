/// Everything known of one message.
public struct MessageTimeline: Sendable {
    /// The message's id, without a segment.
    public var id: MessageID
    /// The account's id.
    public var account: String
    /// What `charged` and `refunded` are counted in.
    public var unit: ChargeUnit
    /// The number in the plain form, or the customer's text where it is no number.
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
    /// The name of the latest attempt's channel, or `(removed channel)`; nil before the first attempt.
    public var channel: String?
    /// The full access number that it goes out under; empty before it has a channel.
    public var accessNumber: String
    /// The code of its status: the first failure, else the delivery; nil before any final report.
    public var status: String?
    /// In the account's charge unit, before refunds.
    public var charged: Int64
    /// What was paid back so far, as a positive amount in the account's charge unit.
    public var refunded: Int64
    /// When it was accepted.
    public var acceptedAt: Timestamp
    /// The time that the customer asked for; nil for at once.
    public var scheduledAt: Timestamp?
    /// When the last segment became final; nil before.
    public var finalAt: Timestamp?
    /// Until when it is worth sending; nil: as long as it waits.
    public var validUntil: Timestamp?
    /// In the order of time.
    public var entries: [Entry]

    /// Something that happened to the message, in words for an operator.
    public struct Entry: Sendable {
        /// When it happened.
        public var at: Timestamp
        /// accepted, scheduled, charged, routed, attempt …, report, refund, collected, or an event's own name.
        public var kind: String
        /// What happened, in words; may be empty.
        public var detail: String

        /// - Parameter kind: one of those that the property names.
        public init(at: Timestamp, kind: String, detail: String) {
            self.at = at
            self.kind = kind
            self.detail = detail
        }
    }

    /// - Parameters: amounts are in `unit`; `validUntil` is nil and is set afterwards.
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
