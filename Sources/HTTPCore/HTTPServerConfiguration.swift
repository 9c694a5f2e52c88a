public import NIOCore
public import NIOSSL

/// The bounds of a listener. Every one of them has a default that suits a public address.
public struct HTTPServerConfiguration: Sendable {
    /// A longer body is answered 413.
    public var bodyBytesMax = 2 << 20
    /// A longer request line with its header fields is answered 431. It must hold a `batch_send` by GET.
    public var headBytesMax = 64 << 10
    /// Heads and bodies that came in part, all connections together; beyond it the answer is 503.
    public var bufferedBytesMax = 256 << 20
    /// From a request's first byte to the end of its head; then 408.
    public var headerTimeout: TimeAmount = .seconds(10)
    /// From the end of the head to the end of the body; then 408.
    public var bodyTimeout: TimeAmount = .seconds(30)
    /// Between requests, and for a peer that does not take its answers.
    public var idleTimeout: TimeAmount = .seconds(75)
    /// How long bytes are still taken and thrown away after the last answer, so that the peer can read that answer.
    public var lingerTimeout: TimeAmount = .seconds(2)
    /// Connections at once; one more is answered 503 and closed.
    public var connectionsMax = 10_000
    /// Accepted by the kernel but not by us yet.
    public var backlog: Int32 = 1024
    /// Nil for plain HTTP.
    public var tls: TLSConfiguration?

    public init() {}
}
