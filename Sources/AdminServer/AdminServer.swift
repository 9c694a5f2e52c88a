import AdminProtocol
import Glibc
public import Logging
public import NIOCore
import NIOPosix

/// The administration socket's server: who may connect, frames, hello, limits. What requests do is its handler's.
public actor AdminServer {
    private let handler: any AdminHandling
    private let policy: PeerPolicy
    private let limits: AdminLimits
    private let version: String
    private let group: any EventLoopGroup
    private let logger: Logger
    private let prepare: (@Sendable (any Channel) -> EventLoopFuture<Void>)?
    private var running: (listener: AdminListener, channel: any Channel, connections: AdminConnections)?

    /// `version` is the software's, told to clients. `prepare` may put handlers into the listening channel's pipeline.
    public init(
        handler: any AdminHandling, policy: PeerPolicy? = nil, limits: AdminLimits = AdminLimits(),
        version: String = "", group: (any EventLoopGroup)? = nil, logger: Logger,
        prepare: (@Sendable (any Channel) -> EventLoopFuture<Void>)? = nil
    ) {
        self.handler = handler
        self.policy = policy ?? .standard(processUser: geteuid())
        self.limits = limits
        self.version = version
        self.group = group ?? MultiThreadedEventLoopGroup.singleton
        self.logger = logger
        self.prepare = prepare
    }

    /// Listens. Returns when clients can connect; throws `AdminListenError` or NIO's error.
    public func start(on source: AdminListenSource) async throws {
        guard running == nil else { throw AdminListenError.alreadyStarted }
        let listener =
            switch source {
            case .path(let path): try AdminListener(path: path)
            case .descriptor(let descriptor): AdminListener(adopting: descriptor)
            }
        let connections = AdminConnections(max: limits.connectionsMax)
        let surroundings = AdminConnectionHandler.Surroundings(
            handler: handler, policy: policy, socketGroup: listener.group, version: version, limits: limits,
            connections: connections, logger: logger)
        let prepare = prepare
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelInitializer { prepare?($0) ?? $0.eventLoop.makeSucceededVoidFuture() }
            .serverChannelOption(ChannelOptions.backlog, value: 64)
            .childChannelOption(ChannelOptions.autoRead, value: false)
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(ByteToMessageHandler(AdminFrameDecoder()))
                    try pipeline.addHandler(AdminConnectionHandler(surroundings))
                }
            }
        do {
            let channel = try await bootstrap.withBoundSocket(listener.descriptor).get()
            running = (listener, channel, connections)
        } catch {
            listener.removeFile()
            throw error
        }
    }

    /// Accepts nobody any more, lets requests under way finish within the grace, and closes everything.
    public func stop() async {
        guard let (listener, channel, connections) = running else { return }
        running = nil
        let open = connections.stop()
        for channel in open { channel.pipeline.fireUserInboundEventTriggered(AdminDrain()) }
        listener.removeFile()
        try? await channel.close().get()
        for channel in open {
            let deadline = channel.eventLoop.scheduleTask(in: TimeAmount(limits.stopGrace)) {
                channel.close(promise: nil)
            }
            channel.closeFuture.whenComplete { _ in deadline.cancel() }
        }
        for channel in open { try? await channel.closeFuture.get() }
    }
}
