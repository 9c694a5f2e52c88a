import AsyncHTTPClient
public import Engine
public import Messaging
public import NIOCore

/// Makes drivers for carriers that are reached by HTTP. One client with one pool of connections serves them all.
public struct CarrierLinks: CarrierLinkMaker {
    private let client: HTTPClient
    private let clock: Clock
    private let callTimeout: TimeAmount

    /// A carrier that has not answered by then leaves the call uncertain.
    public static let callTimeoutDefault: TimeAmount = .seconds(30)

    public init(group: any EventLoopGroup, clock: Clock, callTimeout: TimeAmount = callTimeoutDefault) {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(5)))
        // Each channel bounds its own calls. A bound here would be shared by channels of one host, and a call that
        // waits for an answer would keep another channel's from leaving.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 4096
        // A request must never be sent twice behind our back.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
        self.clock = clock
        self.callTimeout = callTimeout
    }

    public var dialects: [String] { [OperatorV2Link.dialect, YixintongLink.dialect] }

    public func makeLink(
        _ endpoint: ChannelEndpoint, connectionLimit: Int
    ) throws(CarrierFailure) -> any CarrierLink {
        switch endpoint.dialect {
        case OperatorV2Link.dialect:
            let post = try CarrierPost(client: client, url: endpoint.url, timeout: callTimeout)
            return OperatorV2Link(post: post, user: endpoint.user, password: endpoint.password, clock: clock)
        case YixintongLink.dialect:
            let post = try CarrierPost(client: client, url: endpoint.url, timeout: callTimeout)
            return try YixintongLink(post: post, endpoint: endpoint, clock: clock)
        default:
            let known = dialects.joined(separator: ", ")
            throw CarrierFailure("there is no dialect \(endpoint.dialect); there are: \(known)")
        }
    }

    /// Ends all connections; drivers made before must not be used any more.
    public func shutdown() async {
        try? await client.shutdown()
    }
}
