public import Engine
public import HTTPCore
public import Logging
public import NIOCore

/// The listener for customers.
public actor HTTPFront {
    private let server: HTTPServer

    public init(
        engine: Engine, configuration: HTTPServerConfiguration, group: any EventLoopGroup, logger: Logger
    ) {
        server = HTTPServer(
            name: "front", configuration: configuration, service: CustomerService(engine: engine, logger: logger),
            group: group, logger: logger)
    }

    /// - Returns: the address it listens on.
    public func start(on source: ListenSource) async throws -> SocketAddress {
        try await server.start(on: source)
    }

    public func stop(drainTimeout: TimeAmount) async {
        await server.shutdown(drainTimeout: drainTimeout)
    }
}
