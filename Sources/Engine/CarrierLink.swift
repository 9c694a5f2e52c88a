public import Messaging

/// A driver towards one carrier: something that takes batches of messages and yields reports and replies. It need not
/// be HTTP.
///
/// A driver MUST tell `refused` and `notSent` only when the carrier has certainly not taken the messages; in every
/// doubt it tells `uncertain`. It MUST end every call within
/// `limits.durationMax`, and when its task is cancelled. It MUST NOT retry by itself.
public protocol CarrierLink: Sendable {
    var limits: CallLimits { get }
    /// What has to be fetched; the rest is pushed to us.
    var polls: [InboundKind] { get }
    func submit(_ call: CarrierCall) async -> SubmitOutcome
    /// Fetches what waits at the carrier, raw, because the carrier forgets it at that moment.
    /// - Returns: nil when there was nothing.
    func fetch(_ kind: InboundKind) async throws(CarrierFailure) -> [UInt8]?
    /// Tells the carrier that what `fetch` returned is durable here, where it forgets only then. What it hands out
    /// again because this failed is known by its time and id.
    func confirm(_ kind: InboundKind, _ body: [UInt8]) async
    /// Reads a raw body that `fetch` returned or that was pushed; of a pushed one its shape tells what it holds. Pure.
    func decode(_ kind: InboundKind, _ body: [UInt8]) throws(CarrierFailure) -> InboundItems
    func close() async
}

extension CarrierLink {
    public func confirm(_ kind: InboundKind, _ body: [UInt8]) async {}
}

/// Makes drivers for the dialects it knows.
public protocol CarrierLinkMaker: Sendable {
    /// The names that `makeLink` understands.
    var dialects: [String] { get }
    /// - Throws: a sentence when the endpoint cannot work (URL, credentials).
    func makeLink(_ endpoint: ChannelEndpoint, connectionLimit: Int) throws(CarrierFailure) -> any CarrierLink
}

/// What a dialect takes in one call.
public struct CallLimits: Hashable, Sendable {
    /// Messages of one content.
    public var sameContentMax: Int
    /// Messages of different contents.
    public var distinctMax: Int
    /// Whether a number may stand more than once in a call of different contents. In a call of one content it never
    /// does.
    public var repeatsNumbers: Bool
    /// Whether all messages of a call must have the same extension. In a call of one content they always have.
    public var sharesExtension: Bool
    /// How long the driver takes at most to end a call, a fetch or a confirmation, in milliseconds. What takes twice as
    /// long is given up without it.
    public var durationMax: Int64

    public static let durationMaxDefault: Int64 = 30_000
    /// Which extensions it has room for.
    public var extensions: ExtensionRoom

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
    public var attempt: Int64
    /// All messages have the same content and extension, and no number stands twice.
    public var isUniform: Bool
    public var messages: [OutgoingMessage]

    public init(attempt: Int64, isUniform: Bool, messages: [OutgoingMessage]) {
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
    public var sequence: Int64
    public var mobile: PhoneNumber
    public var content: String
    /// What follows the channel's number. It fits the dialect; what of `asked` did not is left out.
    public var accessExtension: String
    /// What would follow it if there were room for all, as another channel may have.
    public var asked: AccessExtension
    public var segments: Int
    /// When it was accepted, or became due if that was later.
    public var acceptedAt: Timestamp
    /// Until when it is worth sending; nil: as long as it waits.
    public var validUntil: Timestamp?
    /// The store's number of the account that sends it.
    public var account: Int64
    /// The number of the channel that it failed on; it must not go there again.
    public var avoided: Int64?

    /// - Parameter asked: nil: what goes out is all the account's own.
    public init(
        sequence: Int64, mobile: PhoneNumber, content: String, accessExtension: String,
        asked: AccessExtension? = nil, segments: Int, acceptedAt: Timestamp, validUntil: Timestamp? = nil,
        account: Int64 = 0, avoided: Int64? = nil
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
    case uncertain(reason: String)
}

/// What a raw body holds.
public struct InboundItems: Hashable, Sendable {
    public var reports: [CarrierReport]
    public var replies: [CarrierReply]

    public init(reports: [CarrierReport] = [], replies: [CarrierReply] = []) {
        self.reports = reports
        self.replies = replies
    }
}

/// Why a driver did not do what it was asked, in words for the operator.
public struct CarrierFailure: Error, Hashable, Sendable {
    public var reason: String

    public init(_ reason: String) {
        self.reason = reason
    }
}
