public import NIOCore

/// What a listener serves: it makes an object for every connection.
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
    /// Whether a request on this connection was authenticated. At the limit of connections those without such a
    /// request are closed in favour of new ones.
    var isAuthenticated: Bool { get }
    /// The following requests are from `remoteAddress` (4 or 16 bytes), as a trusted proxy says.
    func moved(to remoteAddress: [UInt8])
    /// A request that came through a trusted proxy is answered; the next one may come from another client.
    func requestEnded()
    /// The connection is gone; a reply still owed has no reader any more. Called once.
    func closed()
}

extension HTTPConnection {
    public func knows(path: String) -> Bool { true }
    public var isAuthenticated: Bool { false }
    public func moved(to remoteAddress: [UInt8]) {}
    public func requestEnded() {}
}
