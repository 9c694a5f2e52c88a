public import Messaging

/// A driver towards one customer's address, of one kind of entries.
///
/// A driver MUST end every push in bounded time, MUST NOT repeat a request by itself, and MUST NOT follow redirects.
public protocol PushLink: Sendable {
    /// One request with all of these entries.
    /// - Parameter sequence: number of the request in its lane, rising; `seqid` in operator-v2.
    func push(_ content: PushContent, sequence: Int64) async -> PushAnswer
    /// Called once, when the driver is not used any more.
    func close() async
}

/// Makes drivers for the dialects that have pushes.
public protocol PushLinkMaker: Sendable {
    /// - Throws: a sentence when the address cannot work.
    func makePushLink(_ target: PushTarget) throws(CarrierFailure) -> any PushLink
}

/// Where a customer wants its entries, and what it knows us by.
public struct PushTarget: Hashable, Sendable {
    /// The customer's address, http or https.
    public var url: String
    /// The account's settings of pushes: dialect, format, and whether private addresses are allowed.
    public var settings: PushSettings
    /// The account's login in operator-v2, or its id: `userid` (Sources/Dialects/OperatorV2/INTERFACE.md, Pushes).
    public var userID: String
    /// The account's interface password, in the clear.
    public var password: String

    /// `url` is that of one kind of entries, one of the two in `settings`.
    public init(url: String, settings: PushSettings, userID: String, password: String) {
        self.url = url
        self.settings = settings
        self.userID = userID
        self.password = password
    }
}

/// For an engine that pushes nothing.
public struct NoPushLinks: PushLinkMaker {
    /// Has no state.
    public init() {}

    /// Makes none.
    /// - Throws: always.
    public func makePushLink(_ target: PushTarget) throws(CarrierFailure) -> any PushLink {
        throw CarrierFailure("nothing is pushed here")
    }
}
