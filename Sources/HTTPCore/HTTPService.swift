public import NIOCore

/// What a listener serves: it makes one object for each connection.
public protocol HTTPService: Sendable {
    /// Called on the connection's event loop. `remoteAddress` is the peer's IP, 4 or 16 bytes; nil when it has none
    /// (a Unix socket).
    func connect(eventLoop: any EventLoop, remoteAddress: [UInt8]?) -> any HTTPConnection
}

/// The service's side of one connection; created and called on that connection's event loop only.
public protocol HTTPConnection: AnyObject {
    /// The next request. It comes only after the one before it was answered.
    func receive(_ request: HTTPRequest, reply: HTTPReply)
    /// Whether `path` is served at all. Called only when a head has arrived and its body has not: an unknown path is
    /// answered 404 before its body is read.
    func knows(path: String) -> Bool
    /// What bodies of `path` may be, where that differs from the listener's limits; nil: as these say. Called only when
    /// a head has arrived and its body has not.
    func allowance(path: String) -> BodyAllowance?
    /// Whether a request on this connection was authenticated. At the limit of connections those without such a
    /// request are closed in favour of new ones.
    var isAuthenticated: Bool { get }
    /// A trusted proxy names `remoteAddress` (4 or 16 bytes) as the source of the following requests.
    func moved(to remoteAddress: [UInt8])
    /// A request that came through a trusted proxy is answered; the next one may come from another client.
    func requestEnded()
    /// The connection is closed; replies that are sent later are ignored. Called once.
    func closed()
}

extension HTTPConnection {
    /// Unless a connection says otherwise, every path is served.
    public func knows(path: String) -> Bool { true }
    /// Unless a connection says otherwise, the listener's limits hold.
    public func allowance(path: String) -> BodyAllowance? { nil }
    /// Unless a connection says otherwise, it is never authenticated, so it may be closed in favour of a new one.
    public var isAuthenticated: Bool { false }
    /// Unless a connection needs the address, a change of it does nothing.
    public func moved(to remoteAddress: [UInt8]) {}
    /// Unless a connection keeps something for each client, the end of a request does nothing.
    public func requestEnded() {}
}

/// How large the body of a request may be and how long it may take, for a path that takes files.
public struct BodyAllowance: Hashable, Sendable {
    /// A longer body is answered 413.
    public var bytesMax: Int
    /// From the end of the head to the end of the body; then 408.
    public var timeout: TimeAmount

    /// - Parameter timeout: from the end of the head to the end of the body.
    public init(bytesMax: Int, timeout: TimeAmount) {
        (self.bytesMax, self.timeout) = (bytesMax, timeout)
    }
}
