public import NIOCore
public import NIOSSL

/// The settings of one listener. The listeners of a process may differ in all of them. The defaults suit a public
/// address.
public struct HTTPServerConfiguration: Sendable {
    /// A longer body is answered 413.
    public var bodyBytesMax = 2 << 20
    /// A longer request line with its header fields is answered 431. It must hold a `batch_send` by GET.
    public var headBytesMax = 64 << 10
    /// Heads and bodies that came in part, all connections together; beyond it the answer is 503. What has arrived
    /// counts, not what was announced.
    public var bufferedBytesMax = 256 << 20
    /// The same of one address (IPv6: of one /64); nil for a quarter of all, and at least one request.
    public var bufferedBytesPerAddressMax: Int?
    /// From the connection's start to its first request's first byte; then it is closed.
    public var firstByteTimeout: TimeAmount = .seconds(5)
    /// From a request's first byte to the end of its head; then 408.
    public var headerTimeout: TimeAmount = .seconds(10)
    /// From the end of the head to the end of the body; then 408.
    public var bodyTimeout: TimeAmount = .seconds(30)
    /// How many bytes of a body must have come for each second after `bodyGrace`; else the answer is 408.
    public var bodyBytesPerSecondMin = 1024
    /// How long a body may come as slowly as it likes.
    public var bodyGrace: TimeAmount = .seconds(10)
    /// Between requests, and for a peer that does not take its answers.
    public var idleTimeout: TimeAmount = .seconds(60)
    /// How long bytes are still taken and thrown away after the last answer, so that the peer can read that answer.
    public var lingerTimeout: TimeAmount = .seconds(2)
    /// Connections at once; one more is answered 503 and closed.
    public var connectionsMax = 10_000
    /// Connections of one address (IPv6: of one /64) at once; nil for a quarter of all, and at least 16. Those of a
    /// trusted proxy do not count; the connections, or requests under way, of the addresses that it names do.
    public var connectionsPerAddressMax: Int?
    /// The peers whose X-Forwarded-For or PROXY protocol header is taken as the source of a request or connection.
    public var trustedProxies: [NetworkBlock] = []
    /// Accepted by the kernel but not by us yet. An adopted socket keeps its own when that is larger; the kernel's
    /// `net.core.somaxconn` bounds both.
    public var backlog: Int32 = 4096
    /// Nil for plain HTTP.
    public var tls: TLSConfiguration?

    /// The defaults that the properties declare: a public address, plain HTTP, no trusted proxy.
    public init() {}

    /// How many descriptors its connections can take, those that are only refused among them.
    public var descriptorsMax: Int { connectionsMax + ConnectionLimiter.refusedMax }

    var connectionsOfAddressMax: Int { connectionsPerAddressMax ?? max(16, connectionsMax / 4) }
    var bufferedBytesOfAddressMax: Int {
        bufferedBytesPerAddressMax ?? max(bodyBytesMax + headBytesMax, bufferedBytesMax / 4)
    }

    func trusts(_ address: PeerAddress) -> Bool { trustedProxies.contains { $0.contains(address) } }
}
