import Glibc
public import Logging
public import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Where a listener gets its socket from.
public enum ListenSource: Hashable, Sendable {
    /// A name or a numeric address of either family; port 0 for any free one.
    case bind(host: String, port: Int)
    /// A bound stream socket from elsewhere (systemd, say), which the server owns from now on.
    case adopt(descriptor: Int32)
}

/// An HTTP/1.1 listener: keep-alive, pipelining with answers in order, bounds on everything, TLS, drain.
public final class HTTPServer: Sendable {
    private let name: String
    private let configuration: HTTPServerConfiguration
    private let service: any HTTPService
    private let group: any EventLoopGroup
    private let logger: Logger
    private let limiter: ConnectionLimiter
    private let state = Mutex(State())

    private struct State {
        var channel: (any Channel)?
        var tables: [NIOLoopBoundBox<ConnectionTable>] = []
    }

    /// - Parameters:
    ///   - name: what logs call this listener.
    ///   - group: whose event loops serve the connections; the caller ends it after `shutdown`.
    public init(
        name: String, configuration: HTTPServerConfiguration = HTTPServerConfiguration(), service: any HTTPService,
        group: any EventLoopGroup, logger: Logger
    ) {
        self.name = name
        self.configuration = configuration
        self.service = service
        self.group = group
        self.logger = logger
        self.limiter = ConnectionLimiter(
            max: configuration.connectionsMax, addressMax: configuration.connectionsOfAddressMax)
    }

    /// How many connections are open.
    public var connectionCount: Int { limiter.count }

    /// Begins to accept. Call it once.
    ///
    /// - Returns: the address that it got.
    /// - Throws: NIO's error when the socket cannot be bound, or NIOSSL's for the certificate.
    public func start(on source: ListenSource) async throws -> SocketAddress {
        let tls = try configuration.tls.map { try NIOSSLContext(configuration: $0) }
        let tables = try await makeTables()
        let service = service
        let limits = configuration
        let name = name
        let logger = logger
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelInitializer { AcceptBackoff.install(in: $0, name: name, logger: logger) }
            .serverChannelOption(.backlog, value: ChannelOptions.Types.BacklogOption.Value(limits.backlog))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let table = tables[ObjectIdentifier(channel.eventLoop)]?.value else {
                        throw ChannelError.operationUnsupported
                    }
                    let pipeline = channel.pipeline.syncOperations
                    if !limits.trustedProxies.isEmpty {
                        try pipeline.addHandler(ProxyHeaderHandler(trusting: limits.trustedProxies))
                    }
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    let handler = ConnectionHandler(service: service, limits: limits, table: table, now: .now())
                    try pipeline.addHandler(handler)
                }
            }
        let channel: any Channel
        switch source {
        case .bind(let host, let port): channel = try await bootstrap.bind(host: host, port: port).get()
        case .adopt(let descriptor):
            let backlog = ListenBacklog(of: descriptor)
            channel = try await bootstrap.withBoundSocket(descriptor).get()
            // NIO calls listen(2) with a backlog of 128 before it applies its options.
            backlog.restore(atLeast: limits.backlog)
        }
        state.withLock { $0.channel = channel }
        guard let address = channel.localAddress else { throw ChannelError.unknownLocalAddress }
        logger.info("listening", metadata: ["listener": "\(name)", "address": "\(address)"])
        return address
    }

    /// The handler of one connection by itself, for measurements in a channel without a socket.
    package static func connectionHandler(service: any HTTPService, logger: Logger) -> any ChannelHandler {
        let limits = HTTPServerConfiguration()
        let table = ConnectionTable(
            limits: limits,
            limiter: ConnectionLimiter(max: limits.connectionsMax, addressMax: limits.connectionsOfAddressMax),
            buffers: BufferLimiter(max: limits.bufferedBytesMax, addressMax: limits.bufferedBytesOfAddressMax),
            log: RateLimitedLog(name: "measurement", logger: logger))
        return ConnectionHandler(service: service, limits: limits, table: table, now: .now())
    }

    private func makeTables() async throws -> [ObjectIdentifier: NIOLoopBoundBox<ConnectionTable>] {
        let limits = configuration
        let limiter = limiter
        let buffers = BufferLimiter(max: limits.bufferedBytesMax, addressMax: limits.bufferedBytesOfAddressMax)
        let log = RateLimitedLog(name: name, logger: logger)
        var tables: [ObjectIdentifier: NIOLoopBoundBox<ConnectionTable>] = [:]
        for eventLoop in group.makeIterator() {
            tables[ObjectIdentifier(eventLoop)] = try await eventLoop.submit {
                let table = ConnectionTable(limits: limits, limiter: limiter, buffers: buffers, log: log)
                table.start(on: eventLoop)
                return NIOLoopBoundBox(table, eventLoop: eventLoop)
            }.get()
        }
        let all = Array(tables.values)
        for table in all {
            try await table.eventLoop.submit { table.value.others = all.filter { $0 !== table } }.get()
        }
        state.withLock { $0.tables = all }
        return tables
    }

    /// Stops accepting, lets the requests that are under way be answered, closes what is idle at once and everything
    /// else after `drainTimeout`. Returns when no connection is left.
    public func shutdown(drainTimeout: TimeAmount = .seconds(10)) async {
        let (channel, tables) = state.withLock { state in
            defer { state = State() }
            return (state.channel, state.tables)
        }
        try? await channel?.close().get()
        let empty = group.any().makePromise(of: Void.self)
        limiter.close(empty)
        for table in tables { table.eventLoop.execute { table.value.drain() } }
        let limit = group.any().scheduleTask(in: drainTimeout) {
            for table in tables { table.eventLoop.execute { table.value.closeAll() } }
        }
        try? await empty.futureResult.get()
        limit.cancel()
        for table in tables { try? await table.eventLoop.submit { table.value.stop() }.get() }
        logger.info("closed", metadata: ["listener": "\(name)"])
    }
}
