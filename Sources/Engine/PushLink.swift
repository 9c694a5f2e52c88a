public import Messaging

/// A driver towards one customer's address, of one kind of entries.
///
/// A driver MUST end every push in bounded time, MUST NOT repeat a request by itself, and MUST NOT follow redirects.
public protocol PushLink: Sendable {
    /// One request with all of these entries.
    /// - Parameter sequence: counts requests.
    func push(_ content: PushContent, sequence: Int64) async -> PushAnswer
    func close() async
}

/// Makes drivers for the dialects that have pushes.
public protocol PushLinkMaker: Sendable {
    /// - Throws: a sentence when the address cannot work.
    func makePushLink(_ target: PushTarget) throws(CarrierFailure) -> any PushLink
}

/// Where a customer wants its entries, and what it knows us by.
public struct PushTarget: Hashable, Sendable {
    public var url: String
    public var settings: PushSettings
    public var userID: String
    public var password: String

    public init(url: String, settings: PushSettings, userID: String, password: String) {
        self.url = url
        self.settings = settings
        self.userID = userID
        self.password = password
    }
}

/// What the receiver of a push said, or why there was no answer.
public struct PushAnswer: Hashable, Sendable {
    public var isAccepted: Bool
    /// For the operator: `HTTP 200, result 0`.
    public var words: String

    public init(isAccepted: Bool, words: String) {
        self.isAccepted = isAccepted
        self.words = words
    }
}

/// For an engine that pushes nothing.
public struct NoPushLinks: PushLinkMaker {
    public init() {}

    public func makePushLink(_ target: PushTarget) throws(CarrierFailure) -> any PushLink {
        throw CarrierFailure("nothing is pushed here")
    }
}
