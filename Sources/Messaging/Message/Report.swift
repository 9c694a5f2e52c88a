/// A delivery report as a carrier gave it, before it is matched to a message.
public struct CarrierReport: Hashable, Sendable {
    /// The custom id that we sent with the message; empty when the carrier returned none.
    public var customID: String
    /// The carrier's own id of the message or segment; nil where its dialect has none.
    public var carrierID: Int64?
    /// The carrier's name of the whole call that the message went out in, where its dialect has one instead.
    public var carrierKey: String?
    /// Of which segment (1-based) of how many; nil when it is of the whole message.
    public var segmentNumber: Int?
    /// Segments of the message as the carrier counts them; 1 where it does not say.
    public var segmentTotal: Int
    /// The number as the carrier wrote it; may be empty.
    public var mobile: String
    /// What became of it; `missing` where the report does not say.
    public var status: DeliveryStatus
    /// The carrier's own words on it; may be empty.
    public var detail: String
    /// When the carrier says that it happened.
    public var reportedAt: Timestamp?

    /// - Parameter segmentNumber: from 1; nil: it is of the whole message.
    public init(
        customID: String, carrierID: Int64?, segmentNumber: Int?, segmentTotal: Int = 1, mobile: String,
        status: DeliveryStatus, detail: String = "", reportedAt: Timestamp? = nil, carrierKey: String? = nil
    ) {
        self.customID = customID
        self.carrierID = carrierID
        self.carrierKey = carrierKey
        self.segmentNumber = segmentNumber
        self.segmentTotal = segmentTotal
        self.mobile = mobile
        self.status = status
        self.detail = detail
        self.reportedAt = reportedAt
    }
}

/// How a carrier names the messages of a call that it took.
public enum CarrierNumbering: Hashable, Sendable {
    /// The first has this number, the others follow by 1.
    case consecutive(from: Int64)
    /// One text for all of them; their telephone numbers tell them apart.
    case shared(String)
}

/// A message from a handset as a carrier gave it (mobile-originated, 上行).
public struct CarrierReply: Hashable, Sendable {
    /// The carrier's own id of the reply; nil where its dialect has none.
    public var carrierID: Int64?
    /// The handset's number as the carrier wrote it.
    public var mobile: String
    /// The full access number that it was sent to; empty where the carrier gives the extension only.
    public var accessNumber: String
    /// What follows the channel's own number, where the carrier gives no more than that.
    public var accessExtension: String?
    /// The text, decoded.
    public var content: String
    /// When the carrier says that it got it; nil where it does not say.
    public var receivedAt: Timestamp?

    /// Either `accessNumber` or `accessExtension` says where it was sent to.
    public init(
        carrierID: Int64?, mobile: String, accessNumber: String, content: String, receivedAt: Timestamp? = nil,
        accessExtension: String? = nil
    ) {
        self.carrierID = carrierID
        self.mobile = mobile
        self.accessNumber = accessNumber
        self.accessExtension = accessExtension
        self.content = content
        self.receivedAt = receivedAt
    }

    /// With its full access number, on a channel of this number. Some carriers give it where an extension should be.
    public func reached(over channelNumber: String) -> CarrierReply {
        guard let accessExtension else { return self }
        let isWhole = !channelNumber.isEmpty && accessExtension.hasPrefix(channelNumber)
        var reply = self
        reply.accessNumber = isWhole ? accessExtension : channelNumber + accessExtension
        reply.accessExtension = nil
        return reply
    }
}

/// What one entry of a customer's reports is about.
public enum ReportGrain: Sendable {
    /// Each segment has its own (OperatorV2).
    case segment
    /// A message has one, with its own final status.
    case message
}

/// A final report of one segment, or of a message, as a customer collects it.
public struct CustomerReport: Hashable, Sendable {
    /// The segment's id (`Dialects/OperatorV2/INTERFACE.md`, "What we settled"); a message's is its first segment's.
    public var id: MessageID
    /// The id of the first recipient of the whole request that the message came in.
    public var requestID: MessageID
    /// The customer's own id of the part, or the one made for it.
    public var customID: String
    /// From 1; 1 in a report of a whole message.
    public var segmentNumber: Int
    /// Segments of the message; 1 in a report of a whole message.
    public var segmentTotal: Int
    /// The number as the customer wrote it, in the same form.
    public var mobile: String
    /// The full access number that it went out under; empty where nothing went out.
    public var accessNumber: String
    /// The customer's own extension as it went out: empty where it was void.
    public var accessExtension: String
    /// When the message was accepted.
    public var submittedAt: Timestamp
    /// When its final status was recorded here.
    public var reportedAt: Timestamp
    /// Its final status; of a whole message the first failure, else the delivery.
    public var status: DeliveryStatus
    /// What the customer gave with the message, unchanged; empty for nothing.
    public var customData: String

    /// - Parameter requestID: nil for a request of this one message.
    public init(
        id: MessageID, customID: String, segmentNumber: Int, segmentTotal: Int, mobile: String, accessNumber: String,
        accessExtension: String, submittedAt: Timestamp, reportedAt: Timestamp, status: DeliveryStatus,
        customData: String, requestID: MessageID? = nil
    ) {
        self.id = id
        self.requestID = requestID ?? MessageID(sequence: id.sequence)
        self.customID = customID
        self.segmentNumber = segmentNumber
        self.segmentTotal = segmentTotal
        self.mobile = mobile
        self.accessNumber = accessNumber
        self.accessExtension = accessExtension
        self.submittedAt = submittedAt
        self.reportedAt = reportedAt
        self.status = status
        self.customData = customData
    }
}

/// A reply from a handset, as a customer collects it.
public struct CustomerReply: Hashable, Sendable {
    /// The reply's own id, of the same numbers as messages.
    public var id: MessageID
    /// The handset's number.
    public var mobile: String
    /// The full access number that the handset sent it to.
    public var accessNumber: String
    /// What is left of the access number after channel number and account extension.
    public var accessExtension: String
    /// When the carrier says that it got it, else when it came to us.
    public var receivedAt: Timestamp
    /// The text, as much of it as is kept.
    public var content: String
    /// The message that it answers, where one is known.
    public var answered: MessageID?

    /// - Parameter answered: nil where no message is known that it answers.
    public init(
        id: MessageID, mobile: String, accessNumber: String, accessExtension: String, receivedAt: Timestamp,
        content: String, answered: MessageID? = nil
    ) {
        self.id = id
        self.answered = answered
        self.mobile = mobile
        self.accessNumber = accessNumber
        self.accessExtension = accessExtension
        self.receivedAt = receivedAt
        self.content = content
    }
}
