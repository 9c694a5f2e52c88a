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
    /// The connection is gone; a reply still owed has no reader any more. Called once.
    func closed()
}
