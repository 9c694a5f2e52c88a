/// What a dialect takes in one call.
public struct CallLimits: Hashable, Sendable {
    /// Messages of one content.
    public var sameContentMax: Int
    /// Messages of different contents.
    public var distinctMax: Int
    /// Whether a number may be more than once in a call of different contents. In a call of one content it never
    /// does.
    public var repeatsNumbers: Bool
    /// Whether all messages of a call must have the same extension. In a call of one content they always have.
    public var sharesExtension: Bool
    /// How long the driver takes at most to end a call, a fetch or a confirmation, in milliseconds. What takes twice as
    /// long is given up without it.
    public var durationMax: Int64

    /// Which extensions it has room for.
    public var extensions: ExtensionRoom

    /// `durationMax` unless a driver says otherwise, in milliseconds.
    public static let durationMaxDefault: Int64 = 30_000

    /// - Parameter durationMax: in milliseconds.
    public init(
        sameContentMax: Int, distinctMax: Int, repeatsNumbers: Bool = true, sharesExtension: Bool = false,
        durationMax: Int64 = durationMaxDefault, extensions: ExtensionRoom = .widest
    ) {
        self.sameContentMax = sameContentMax
        self.distinctMax = distinctMax
        self.repeatsNumbers = repeatsNumbers
        self.sharesExtension = sharesExtension
        self.durationMax = durationMax
        self.extensions = extensions
    }
}

/// One call to a carrier.
public struct CarrierCall: Sendable {
    /// The attempt's id, durable before this call.
    public var attempt: AttemptID
    /// All messages have the same content and extension, and no number is in it twice.
    public var isUniform: Bool
    /// In the order of the call; `SubmitOutcome` and `tag` name them by index.
    public var messages: [OutgoingMessage]

    /// - Parameter attempt: durable already.
    public init(attempt: AttemptID, isUniform: Bool, messages: [OutgoingMessage]) {
        self.attempt = attempt
        self.isUniform = isUniform
        self.messages = messages
    }

    /// What goes into the carrier's custom field for the message at `index`.
    public func tag(_ index: Int) -> CarrierTag {
        isUniform && messages.count > 1
            ? CarrierTag(sequence: messages[0].sequence, attempt: attempt)
            : CarrierTag(sequence: messages[index].sequence)
    }

    /// The same for carriers that refuse an id which they have seen: a second attempt's is another.
    public func uniqueTag(_ index: Int) -> CarrierTag {
        CarrierTag(sequence: messages[index].sequence, attempt: attempt)
    }
}

/// One message on its way out.
public struct OutgoingMessage: Hashable, Sendable {
    /// The message's number in the store, which its report is matched by.
    public var sequence: MessageSequence
    /// The recipient.
    public var mobile: PhoneNumber
    /// The whole text, signature included, not cut into segments.
    public var content: String
    /// What follows the channel's number. It fits the dialect; what of `asked` did not is left out.
    public var accessExtension: String
    /// What would follow it if there were room for all, as another channel may have.
    public var asked: AccessExtension
    /// How many segments were billed, 1 to `MessageID.segmentsMax`.
    public var segments: Int
    /// The texts of its segments, cut by the rule that counts and bills them; joined they are `content`. Computed at
    /// each call, for links that send segments.
    public var segmentTexts: [String] { Segmentation.segments(of: content) }
    /// When it was accepted, or became due if that was later.
    public var acceptedAt: Timestamp
    /// Until when it is worth sending; nil: as long as it waits.
    public var validUntil: Timestamp?
    /// The store's number of the account that sends it.
    public var account: AccountKey
    /// The number of the channel that it failed on; it must not go there again.
    public var avoided: ChannelKey?

    /// - Parameter asked: nil: what goes out is all the account's own.
    public init(
        sequence: MessageSequence, mobile: PhoneNumber, content: String, accessExtension: String,
        asked: AccessExtension? = nil, segments: Int, acceptedAt: Timestamp, validUntil: Timestamp? = nil,
        account: AccountKey = 0, avoided: ChannelKey? = nil
    ) {
        self.sequence = sequence
        self.mobile = mobile
        self.content = content
        self.accessExtension = accessExtension
        self.asked = asked ?? AccessExtension(account: accessExtension)
        self.segments = segments
        self.acceptedAt = acceptedAt
        self.validUntil = validUntil
        self.account = account
        self.avoided = avoided
    }
}

/// How a call ended.
public enum SubmitOutcome: Hashable, Sendable {
    /// Nil: its answer does not say how it names the messages. `refused`: messages, by their places in the call, that
    /// the carrier certainly did not take although it took the call, and its words.
    case accepted(CarrierNumbering?, refused: [Int: String] = [:])
    /// Something in these messages: others may pass.
    case messageRefused(code: String)
    /// Something with us or the carrier: all messages would be refused now.
    case channelRefused(code: String)
    /// Nothing left this machine.
    case notSent(reason: String)
    /// It is not known whether the carrier has the call: no answer, or one that does not say. Why, in words.
    case uncertain(reason: String)
}

/// What a raw body holds.
public struct InboundItems: Hashable, Sendable {
    /// Delivery reports, in the order of the body.
    public var reports: [CarrierReport]
    /// Messages from handsets, in the order of the body.
    public var replies: [CarrierReply]

    /// Either may be empty; a body without both is valid.
    public init(reports: [CarrierReport] = [], replies: [CarrierReply] = []) {
        self.reports = reports
        self.replies = replies
    }
}

/// Why a driver did not do what it was asked, in words for the operator.
public struct CarrierFailure: Error, Hashable, Sendable {
    /// A sentence without its full stop.
    public var reason: String

    /// - Parameter reason: for the operator.
    public init(_ reason: String) {
        self.reason = reason
    }
}

/// What the receiver of a push answered, or why there was no answer.
public struct PushAnswer: Hashable, Sendable {
    /// Whether the entries count as delivered; else they may be pushed again.
    public var isAccepted: Bool
    /// For the operator: `HTTP 200, result 0`.
    public var words: String

    /// - Parameter isAccepted: false also where there was no answer.
    public init(isAccepted: Bool, words: String) {
        self.isAccepted = isAccepted
        self.words = words
    }
}
