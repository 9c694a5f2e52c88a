import AsyncHTTPClient
public import Engine
public import Messaging
public import NIOCore

/// Makes drivers for carriers, and for customers that are pushed to, that are reached by HTTP. One client with one pool
/// of connections serves all carriers.
public struct CarrierLinks: CarrierLinkMaker {
    private let client: HTTPClient
    let clock: Clock
    private let callTimeout: TimeAmount
    let idleMax: TimeAmount
    let group: any EventLoopGroup
    let resolver: HostResolver
    let pushTimeout: TimeAmount

    /// A carrier that has not answered by then, wholly, leaves the call uncertain.
    public static let callTimeoutDefault: TimeAmount = .seconds(30)

    /// A customer that has not answered a push by then has not accepted it.
    public static let pushTimeoutDefault: TimeAmount = .seconds(10)

    public init(group: any EventLoopGroup, clock: Clock, callTimeout: TimeAmount = callTimeoutDefault) {
        self.init(
            group: group, clock: clock, callTimeout: callTimeout, pushTimeout: Self.pushTimeoutDefault,
            resolver: HostResolver())
    }

    init(
        group: any EventLoopGroup, clock: Clock, callTimeout: TimeAmount, pushTimeout: TimeAmount,
        resolver: HostResolver, idleMax: TimeAmount = Exchange.idleMaxDefault
    ) {
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
        self.idleMax = idleMax
        self.group = group
        self.pushTimeout = pushTimeout
        self.resolver = resolver
    }

    public var dialects: [String] {
        [
            EnterpriseLink.tokenDialect, EnterpriseLink.plainDialect, ApiV1Link.dialect, OperatorV2Link.dialect,
            GuoduLink.dialect, YixintongLink.dialect,
        ]
    }

    public func makeLink(
        _ endpoint: ChannelEndpoint, connectionLimit: Int
    ) throws(CarrierFailure) -> any CarrierLink {
        switch endpoint.dialect {
        case OperatorV2Link.dialect:
            return OperatorV2Link(
                post: try post(to: endpoint), user: endpoint.user, password: endpoint.password, clock: clock)
        case EnterpriseLink.tokenDialect, EnterpriseLink.plainDialect:
            return try makeEnterpriseLink(endpoint)
        case ApiV1Link.dialect:
            return ApiV1Link(post: try post(to: endpoint), account: endpoint.user, password: endpoint.password)
        case GuoduLink.dialect:
            return GuoduLink(post: try post(to: endpoint), operatorID: endpoint.user, password: endpoint.password)
        case YixintongLink.dialect:
            return try YixintongLink(post: try post(to: endpoint), endpoint: endpoint, clock: clock)
        default:
            let known = dialects.joined(separator: ", ")
            throw CarrierFailure("there is no dialect \(endpoint.dialect); there are: \(known)")
        }
    }

    private func makeEnterpriseLink(_ endpoint: ChannelEndpoint) throws(CarrierFailure) -> any CarrierLink {
        let post = try self.post(to: endpoint)
        let isPlain = endpoint.dialect == EnterpriseLink.plainDialect
        guard isPlain || !endpoint.clientID.isEmpty && !endpoint.clientSecret.isEmpty else {
            throw CarrierFailure(
                "\(EnterpriseLink.tokenDialect) needs our client_id and client_secret there: give them with "
                    + "--client-id and --client-secret"
            )
        }
        let access: EnterpriseLink.Access =
            isPlain
            ? .plain(enterpriseID: endpoint.enterpriseID)
            : .token(
                TokenKeeper(
                    post: post, clientID: endpoint.clientID, clientSecret: endpoint.clientSecret, clock: clock))
        return try EnterpriseLink(
            post: post, account: endpoint.user, password: endpoint.password, access: access, clock: clock)
    }

    private func post(to endpoint: ChannelEndpoint) throws(CarrierFailure) -> CarrierPost {
        try CarrierPost(
            client: client, group: group, url: endpoint.url, timeout: callTimeout, idleMax: idleMax)
    }

    /// Ends all connections; drivers made before must not be used any more.
    public func shutdown() async {
        try? await client.shutdown()
        await resolver.shutdown()
    }
}
