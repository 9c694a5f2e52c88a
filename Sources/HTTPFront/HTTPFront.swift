public import Engine
public import HTTPCore
public import Logging
public import NIOCore

/// The listener for customers.
public actor HTTPFront {
    private let server: HTTPServer

    /// Makes the server with the paths of all dialects; nothing listens before `start`.
    /// - Parameter pages: serves the paths that no dialect has; nil: they are not found.
    public init(
        engine: Engine, pages: (any HTTPService)? = nil, configuration: HTTPServerConfiguration,
        group: any EventLoopGroup, logger: Logger
    ) {
        server = HTTPServer(
            name: "front", configuration: configuration,
            service: CustomerService(engine: engine, pages: pages, logger: logger), group: group, logger: logger)
    }

    /// - Returns: the address it listens on.
    /// - Throws: NIO's error when the socket cannot be bound, or NIOSSL's for the certificate.
    public func start(on source: ListenSource) async throws -> SocketAddress {
        try await server.start(on: source)
    }

    /// Stops accepting and lets the requests under way be answered; what is left is closed after `drainTimeout`.
    /// Returns when no connection is left.
    public func stop(drainTimeout: TimeAmount) async {
        await server.shutdown(drainTimeout: drainTimeout)
    }
}
