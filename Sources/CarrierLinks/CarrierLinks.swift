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

    public var dialects: [String] { [ApiV1Link.dialect, OperatorV2Link.dialect, GuoduLink.dialect] }

    public func makeLink(
        _ endpoint: ChannelEndpoint, connectionLimit: Int
    ) throws(CarrierFailure) -> any CarrierLink {
        switch endpoint.dialect {
        case OperatorV2Link.dialect:
            return OperatorV2Link(
                post: try post(to: endpoint), user: endpoint.user, password: endpoint.password, clock: clock)
        case ApiV1Link.dialect:
            return ApiV1Link(post: try post(to: endpoint), account: endpoint.user, password: endpoint.password)
        case GuoduLink.dialect:
            return GuoduLink(post: try post(to: endpoint), operatorID: endpoint.user, password: endpoint.password)
        default:
            let known = dialects.joined(separator: ", ")
            throw CarrierFailure("there is no dialect \(endpoint.dialect); there are: \(known)")
        }
    }

    private func post(to endpoint: ChannelEndpoint) throws(CarrierFailure) -> CarrierPost {
        try CarrierPost(client: client, url: endpoint.url, timeout: callTimeout)
    }

    /// Ends all connections; drivers made before must not be used any more.
    public func shutdown() async {
        try? await client.shutdown()
    }
}
