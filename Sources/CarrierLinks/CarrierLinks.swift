import AsyncHTTPClient
import Dialects
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

    /// Makes the client on `group`; nothing is connected yet. `callTimeout` bounds a whole call, from connecting to the
    /// last byte of the answer.
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
        // The client must never send a request twice on its own.
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

    /// The raw values of all `DialectName`s, as `ChannelEndpoint.dialect` has them.
    public var dialects: [String] { DialectName.allCases.map(\.rawValue) }

    /// A link to the carrier at `endpoint.url`; nothing is connected yet. The engine bounds the connections itself:
    /// `connectionLimit` is not used.
    /// - Throws: `CarrierFailure` for an unknown dialect, for a URL that cannot be called or has a query, and for
    ///   settings that the dialect cannot use.
    public func makeLink(
        _ endpoint: ChannelEndpoint, connectionLimit: Int
    ) throws(CarrierFailure) -> any CarrierLink {
        guard let name = DialectName(rawValue: endpoint.dialect) else {
            let known = dialects.joined(separator: ", ")
            throw CarrierFailure("there is no dialect \(endpoint.dialect); there are: \(known)")
        }
        return try makeLink(name.carrier, endpoint)
    }

    /// A link in a dialect, whether or not it is in the list of all.
    func makeLink(
        _ dialect: any CarrierDialect.Type, _ endpoint: ChannelEndpoint
    ) throws(CarrierFailure) -> any CarrierLink {
        func link(_ dialect: some CarrierDialect, _ post: CarrierPost) -> any CarrierLink {
            HTTPCarrierLink(dialect: dialect, post: post, clock: clock)
        }
        let post = try CarrierPost(
            client: client, group: group, url: endpoint.url, timeout: callTimeout, idleMax: idleMax)
        return link(try dialect.init(endpoint), post)
    }

    /// Ends all connections; drivers made before must not be used any more.
    public func shutdown() async {
        try? await client.shutdown()
        await resolver.shutdown()
    }
}
