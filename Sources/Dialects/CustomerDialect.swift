public import Messaging

/// An interface as a server: of customers, and, in the simulated carrier, of this gateway. All of it is synchronous and
/// without I/O; only what a dialect has to remember of earlier requests (`admit`) is state.
///
/// The handler of a request asks, in this order: `read`, the account that the identity names, `verify`, whether the
/// account may come in at all, `admit`, `action`, and at the end one of the two `encode`.
public protocol CustomerDialect: Sendable {
    /// Which operation a path is.
    associatedtype Route: Sendable
    /// What answers to a request depend on: its operation, its format.
    associatedtype Form: Sendable
    /// As the request has them, for `verify`.
    associatedtype Credentials: Sendable
    typealias Request = CustomerRequest<Form, Credentials>

    /// All paths as they are documented.
    var routes: [(path: String, route: Route)] { get }
    /// Whether requests may come by GET, with their fields in the query.
    var allowsGet: Bool { get }
    /// Whether a report is of a segment or of a whole message.
    var reportGrain: ReportGrain { get }
    /// Whether a message is refused when no channel has room for the customer's part of its extension.
    var refusesExtensionsWithoutRoom: Bool { get }
    /// The answer where the identity names no account.
    var unknownAccount: DialectRefusal { get }
    /// The answer to a token that is wrong or has ended.
    var tokenRefusal: DialectRefusal { get }
    /// Endpoints, credentials and codes, for the operator and for INTERFACE.md.
    var description: InterfaceDescription { get }

    /// Reads a request as far as it can be read.
    func read(_ route: Route, _ message: some HTTPRequestFields, at now: Timestamp) -> Request

    /// The dialect's own check of the credentials; whether the account is enabled is checked elsewhere.
    /// - Returns: nil when they are right; `timestampStale` when they were right once.
    func verify(
        _ request: Request, account: Account, secrets: AccountSecrets, tolerance: TimeTolerance, at now: Timestamp
    ) -> DialectRefusal?

    /// Called once for a request whose credentials are right, for dialects that serve each request once.
    /// - Throws: `DialectRefusal` when it was served before, or cannot be remembered.
    func admit(_ request: Request, of account: AccountKey, at now: Timestamp) throws(DialectRefusal)

    /// What is asked.
    /// - Throws: `DialectRefusal` with the rule that it breaks.
    func action(_ request: Request, by account: Account) throws(DialectRefusal) -> CustomerAction

    /// The answer of a request that was carried out.
    /// - Parameter balance: of the account, in its unit, as it is now.
    func encode(_ outcome: CustomerOutcome, to request: Request, of account: Account, balance: Int64) -> EncodedAnswer

    /// The answer of a request that was not.
    /// - Parameter isKnown: whether the account was admitted before the refusal.
    func encode(_ refusal: DialectRefusal, to request: Request, isKnown: Bool) -> EncodedAnswer

    /// The dialect's code for a refusal, as the customer reads it.
    func code(of refusal: DialectRefusal, to request: Request) -> String

    /// The refusal of a submission, whose rejection may have another code for this request.
    func refusal(_ rejection: Rejection, of request: Request) -> DialectRefusal

    /// Of the simulated carrier: the figure that it answers to a balance, in segments.
    var simulatedBalance: Int64 { get }
    /// Of the simulated carrier: its refusal of a whole submission.
    /// - Parameter code: what it is configured to refuse with.
    func simulatedRefusal(_ rejection: Rejection, code: Int) -> DialectRefusal
}

extension CustomerDialect {
    /// False: requests are POST only.
    public var allowsGet: Bool { false }
    /// One report for a whole message.
    public var reportGrain: ReportGrain { .message }
    /// False: where there is no room, the customer's part of the extension is dropped and the message is sent.
    public var refusesExtensionsWithoutRoom: Bool { false }
    /// `credentialsWrong`, with the dialect's usual code.
    public var unknownAccount: DialectRefusal { DialectRefusal(.credentialsWrong) }
    /// `credentialsWrong`: only dialects with tokens have another refusal.
    public var tokenRefusal: DialectRefusal { DialectRefusal(.credentialsWrong) }

    /// Admits every request: nothing is remembered.
    /// - Throws: never.
    public func admit(_ request: Request, of account: AccountKey, at now: Timestamp) throws(DialectRefusal) {}

    /// The content as it was read; no rule of the account is looked at.
    /// - Throws: `DialectRefusal` with the rejection of `request.content`.
    public func action(_ request: Request, by account: Account) throws(DialectRefusal) -> CustomerAction {
        switch request.content {
        case .success(let action): return action
        case .failure(let rejection): throw DialectRefusal(rejection)
        }
    }

    /// The rejection without a code of its own.
    public func refusal(_ rejection: Rejection, of request: Request) -> DialectRefusal { DialectRefusal(rejection) }

    /// 99,885,514 segments.
    public var simulatedBalance: Int64 { 99_885_514 }
    /// The rejection with the dialect's usual code; `code` is not used.
    public func simulatedRefusal(_ rejection: Rejection, code: Int) -> DialectRefusal { DialectRefusal(rejection) }
}

/// A request as far as it could be read.
public struct CustomerRequest<Form: Sendable, Credentials: Sendable>: Sendable {
    /// Known of every request.
    public var form: Form
    /// Nil where they could not be read; then there is a `refusal`.
    public var credentials: Credentials?
    /// Whom it names; nil where that could not be read.
    public var identity: CustomerIdentity?
    /// Why it is refused before the account is looked up; nil where it is not.
    public var refusal: DialectRefusal?
    /// What is asked, or which rule it breaks, which is said only to those whose credentials are right.
    public var content: Result<CustomerAction, Rejection>
    /// The number, or the first of them, as it was written and cut, for the record of a refusal.
    public var mobile = ""

    /// A request of which nothing is read yet; its content is the failure `parameterInvalid`.
    public init(_ form: Form) {
        self.form = form
        content = .failure(.parameterInvalid("body"))
    }
}

/// How a request names an account.
public enum CustomerIdentity: Hashable, Sendable {
    /// What the customer calls itself in this dialect.
    case login(String)
    /// The key itself; the account is looked up by it.
    case apiKey(String)
    /// An OAuth 2 client id.
    case clientID(String)
    /// A token that we gave out, to the account that calls itself so.
    case token(String, login: String)
}

/// Why a request is not carried out: a rejection, and the dialect's own code where it has a more precise one.
public struct DialectRefusal: Error, Hashable, Sendable {
    /// Decides the code where `code` is nil, and is what the record of refusals has.
    public var rejection: Rejection
    /// As the customer reads it; nil: the dialect's usual code for `rejection`.
    public var code: String?

    /// - Parameter code: nil for the dialect's usual code.
    public init(_ rejection: Rejection, code: String? = nil) {
        self.rejection = rejection
        self.code = code
    }
}

/// How far a request's own time may be from ours, in milliseconds.
public struct TimeTolerance: Hashable, Sendable {
    /// Of digests over a time of day and of the like.
    public var timestamp: Int64
    /// Of signatures over milliseconds.
    public var signature: Int64

    /// In milliseconds; 10 and 5 minutes by default.
    public init(timestamp: Int64 = 600_000, signature: Int64 = 300_000) {
        self.timestamp = timestamp
        self.signature = signature
    }
}

/// What a customer asks.
public enum CustomerAction: Hashable, Sendable {
    /// The parts, not yet priced or routed.
    case send(Submission)
    /// At most so many, each handed out once.
    case collectReports(limit: Int)
    /// At most so many, each handed out once.
    case collectReplies(limit: Int)
    /// At most so many, which stay until they are confirmed.
    case queryReplies(limit: Int)
    /// All replies up to and with this id have arrived.
    case confirmReplies(through: MessageID)
    /// What is left, in the account's unit.
    case balance
    /// An access token for the account.
    case token
}

/// What came of it.
public enum CustomerOutcome: Sendable {
    /// The ids that were given out, and what was submitted.
    case accepted(Acceptance, Submission)
    /// Of `collectReports`: they are not handed out again.
    case reports([CustomerReport])
    /// Of `collectReplies` they are not handed out again, of `queryReplies` they stay until they are confirmed.
    case replies([CustomerReply])
    /// Of `confirmReplies`: the replies are not returned again.
    case confirmed
    /// The figure is the parameter `balance` of `encode`.
    case balance
    /// A new access token, and how long it is good for.
    case token(String, seconds: Int)
}

/// The body of an answer. Its HTTP status is 200.
public struct EncodedAnswer: Hashable, Sendable {
    /// A constant text.
    public var contentType: String
    /// Encoded as `contentType` says.
    public var body: [UInt8]

    /// - Parameter body: complete; nothing is added to it.
    public init(contentType: String, body: [UInt8]) {
        self.contentType = contentType
        self.body = body
    }
}

/// A request of HTTP as dialects see it.
public protocol HTTPRequestFields {
    /// Whether the method is GET; else it is POST.
    var isGet: Bool { get }
    /// Nil when there is none.
    var contentType: String? { get }
    /// Whether the body has at least one byte.
    var hasBody: Bool { get }
    /// Whether something follows the path.
    var hasQuery: Bool { get }
    /// The first field of that name, in whatever case.
    func header(_ name: String) -> String?
    /// Calls `read` once with the body, or with the query instead; the bytes are valid during the call. Not generic in
    /// what `read` returns, since a generic result through a protocol is copied and destroyed by its metadata.
    func visitBytes(ofQuery: Bool, _ read: (UnsafeRawBufferPointer) -> Void)
}

extension HTTPRequestFields {
    /// Some clients put the form into the query of a POST, and send no body with it.
    var isInQuery: Bool { isGet || !hasBody && hasQuery }

    /// What `read` returns of the body, or of the query instead; the bytes are valid during the call.
    @inline(__always)
    public func withBytes<Result>(ofQuery: Bool, _ read: (UnsafeRawBufferPointer) -> Result) -> Result {
        var result: Result?
        visitBytes(ofQuery: ofQuery) { result = read($0) }
        // Unreachable for any request: both conformances pass `read` to a buffer, which calls it once, also when empty.
        guard let result else { fatalError("visitBytes did not call its closure") }
        return result
    }

    @inline(__always)
    func read<Value>(
        ofQuery: Bool = false, _ decode: (UnsafeRawBufferPointer) throws(Rejection) -> Value
    ) throws(Rejection) -> Value {
        try withBytes(ofQuery: ofQuery) { bytes in Result { () throws(Rejection) in try decode(bytes) } }.get()
    }
}
