public import Messaging

/// An interface as a client of a carrier over HTTP: what the carrier takes, calls to bytes, and bytes to
/// outcomes. A value without I/O and without state.
///
/// `outcome` MUST say `messageRefused` or `channelRefused` only when the carrier has certainly not taken the messages.
public protocol CarrierDialect: Sendable {
    /// - Throws: `CarrierFailure` when the channel's settings lack something or cannot be sent.
    init(_ endpoint: ChannelEndpoint) throws(CarrierFailure)

    /// What goes into one call; `durationMax` is the link's.
    var limits: CallLimits { get }
    /// What has to be fetched; the rest is pushed to us.
    var polls: [InboundKind] { get }
    /// Whether a carrier of this dialect pushes to us.
    var hasPushes: Bool { get }
    /// Whether requests need an access token.
    var needsToken: Bool { get }
    /// The code that says that a token is wrong or has ended; nil where there are none.
    var tokenRefusal: String? { get }

    /// The bytes of a request, with its credentials. Called for `fetch`, `confirm` and `token` only where the dialect
    /// has them.
    func encode(_ request: CarrierRequest, _ context: CarrierRequestContext) -> EncodedRequest

    /// How a call with this answer ended.
    func outcome(_ answer: UnsafeRawBufferPointer, of call: CarrierCall) -> SubmitOutcome

    /// What an answer to a fetch is worth.
    func fetched(_ kind: InboundKind, _ answer: UnsafeRawBufferPointer) -> FetchedBody

    /// The reports and replies of a body that was fetched or pushed.
    /// - Throws: `Rejection` when it cannot be read.
    func decode(_ kind: InboundKind, _ body: UnsafeRawBufferPointer) throws(Rejection) -> InboundItems

    /// What confirms a fetched body to a carrier that keeps it until then; nil where nothing needs it.
    func confirmation(of kind: InboundKind, _ body: UnsafeRawBufferPointer) -> String?

    /// Whether the answer to `CarrierRequest.confirm` says that it was done.
    func isConfirmed(_ answer: UnsafeRawBufferPointer) -> Bool

    /// - Throws: `Rejection` when the answer to `CarrierRequest.token` cannot be read.
    func token(_ answer: UnsafeRawBufferPointer) throws(Rejection) -> CarrierToken

    /// Whether a push is from this carrier and can be read, and what it is answered.
    func judge(push body: UnsafeRawBufferPointer, at now: Timestamp) -> PushVerdict
}

extension CarrierDialect {
    /// Reports and replies, both polled.
    public var polls: [InboundKind] { [.polledReports, .polledReplies] }
    /// False.
    public var hasPushes: Bool { false }
    /// False.
    public var needsToken: Bool { false }
    /// Nil: there are no tokens.
    public var tokenRefusal: String? { nil }

    /// Nil: a fetch takes the records from the carrier.
    public func confirmation(of kind: InboundKind, _ body: UnsafeRawBufferPointer) -> String? { nil }
    /// True: there is nothing to confirm.
    public func isConfirmed(_ answer: UnsafeRawBufferPointer) -> Bool { true }

    /// For dialects without tokens, which are never asked.
    /// - Throws: `parameterMissing` always.
    public func token(_ answer: UnsafeRawBufferPointer) throws(Rejection) -> CarrierToken {
        throw .parameterMissing("access_token")
    }

    /// Refuses every push with an empty answer; asked only where `hasPushes`.
    public func judge(push body: UnsafeRawBufferPointer, at now: Timestamp) -> PushVerdict {
        PushVerdict(refusal: "this dialect has no pushes", answer: [], contentType: "")
    }
}

/// What is asked of a carrier.
public enum CarrierRequest: Sendable {
    /// A call within the dialect's limits.
    case submit(CarrierCall)
    /// Polled reports or replies; `pushed` is never fetched.
    case fetch(InboundKind)
    /// With what `confirmation` returned.
    case confirm(String)
    /// An access token, where the dialect needs one.
    case token
}

/// What a request depends on besides its content.
public struct CarrierRequestContext: Sendable {
    /// The wall clock's time, for timestamps and signatures.
    public var now: Timestamp
    /// Empty where the dialect needs none, and in the request for one.
    public var token: String
    /// Counts the requests of a link from a random number below a million.
    public var number: UInt64

    /// - Parameter token: the access token, where the dialect needs one.
    public init(at now: Timestamp, token: String = "", number: UInt64 = 0) {
        self.now = now
        self.token = token
        self.number = number
    }
}

extension CarrierCall {
    /// All messages as one part of one content, which goes to all their numbers.
    func shared(customID: String = "") -> Submission.Part {
        Submission.Part(
            recipients: messages.map { .number($0.mobile) }, content: messages.first?.content ?? "",
            customID: customID, accessExtension: messages.first?.accessExtension ?? "")
    }

    /// One message as a part of its own.
    func part(_ index: Int, customID: String = "") -> Submission.Part {
        let message = messages[index]
        return Submission.Part(
            recipients: [.number(message.mobile)], content: message.content, customID: customID,
            accessExtension: message.accessExtension)
    }
}

extension SubmitOutcome {
    /// The outcome of a call whose answer cannot be read.
    static var unreadable: SubmitOutcome { .uncertain(reason: "the answer cannot be read") }
}

/// A request ready to be posted.
public struct EncodedRequest: Hashable, Sendable {
    /// A header field.
    public struct Field: Hashable, Sendable {
        /// As it is sent; receivers compare it in any case.
        public var name: String
        /// Without line ends; not escaped further.
        public var value: String

        /// - Parameter value: must hold no control characters.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Where, after the carrier's host: `/sms/v2/std/single_send`.
    public var path: String
    /// The value of the Content-Type field, with its charset where it has one.
    public var contentType: String
    /// Header fields besides Content-Type.
    public var headers: [Field]
    /// Encoded as `contentType` says; it may be empty.
    public var body: [UInt8]

    /// - Parameter path: begins with a slash and has no query.
    public init(path: String, contentType: String, headers: [Field] = [], body: [UInt8]) {
        self.path = path
        self.contentType = contentType
        self.headers = headers
        self.body = body
    }
}

/// What an answer to a fetch is worth, before it is kept and read.
public enum FetchedBody: Hashable, Sendable {
    /// To be kept as it is: it holds records, or cannot be read yet.
    case kept
    /// A success without records, which is not kept.
    case nothing
    /// The carrier refused, with this code.
    case refused(String)
    /// It cannot be read and the carrier will hand it out again.
    case unreadable

    /// A success without a record that we know is kept from this many bytes on: it may hold some that we do not know.
    private static let emptyBytesMax = 160

    /// Of an answer that holds no record at all the code decides, however long it is; all else is kept, what cannot be
    /// read included. A long list costs no more than its head.
    init(
        _ body: UnsafeRawBufferPointer, isSuccess: (String) -> Bool,
        _ read: (UnsafeRawBufferPointer) throws(Rejection) -> FetchHead
    ) {
        guard let head = try? read(body), !head.hasRecords else {
            self = .kept
            return
        }
        self = !isSuccess(head.code) ? .refused(head.code) : body.count < Self.emptyBytesMax ? .nothing : .kept
    }
}

/// An access token that a carrier gave us, or why it gave none.
public struct CarrierToken: Hashable, Sendable {
    /// Empty when there is none.
    public var text: String
    /// How long it is good for; nil: the carrier does not say.
    public var seconds: Int64?
    /// The carrier's error or status, for the operator; empty where there is a token.
    public var error: String

    /// - Parameter seconds: the token's lifetime; nil where the carrier does not say.
    public init(text: String, seconds: Int64?, error: String) {
        self.text = text
        self.seconds = seconds
        self.error = error
    }
}

/// What becomes of a carrier's push. Its body is kept either way; of one that is refused for the operator only.
public struct PushVerdict: Hashable, Sendable {
    /// Why it may not be applied; nil when it may.
    public var refusal: String?
    /// HTTP status of the answer.
    public var status: Int
    /// The body of the answer.
    public var answer: [UInt8]
    /// The Content-Type of `answer`.
    public var contentType: String

    /// - Parameter refusal: nil for a push that is to be applied.
    public init(refusal: String? = nil, status: Int = 200, answer: [UInt8], contentType: String) {
        self.refusal = refusal
        self.status = status
        self.answer = answer
        self.contentType = contentType
    }
}

/// How reports and replies are pushed in one dialect: towards customers, and by the simulated carrier. How many go in
/// one request, `PushDialect` says.
public protocol PushCodec: Sendable {
    /// - Parameter content: not empty.
    func encode(_ content: PushContent, _ context: PushContext) -> (contentType: String, body: [UInt8])
    /// Whether the receiver accepted the push, from its answer's HTTP status and body.
    func judge(status: Int, _ body: UnsafeRawBufferPointer) -> PushAnswer
}

extension PushCodec {
    /// HTTP status 200 is the acknowledgement, whatever the body.
    public func judge(status: Int, _ body: UnsafeRawBufferPointer) -> PushAnswer {
        PushAnswer(isAccepted: status == 200, words: "HTTP \(status)")
    }
}

/// What a push depends on besides its content.
public struct PushContext: Sendable {
    /// The receiver's own credentials, where pushes carry them.
    public var userID: String
    /// The plain password; `OperatorV2` writes a digest of it.
    public var password: String
    /// Where a dialect has more than one.
    public var format: PushSettings.Format
    /// Counts requests, not contents.
    public var sequence: Int64
    /// The wall clock's time, for the timestamp of the credentials.
    public var now: Timestamp

    /// - Parameter sequence: the number of the request, not of its entries.
    public init(userID: String, password: String, format: PushSettings.Format, sequence: Int64, at now: Timestamp) {
        self.userID = userID
        self.password = password
        self.format = format
        self.sequence = sequence
        self.now = now
    }
}
