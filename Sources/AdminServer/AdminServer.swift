import AdminProtocol
import Glibc
public import Logging
public import NIOCore
import NIOPosix
import Synchronization

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

    /// `version` is the software's, sent to clients. `prepare` may put handlers into the listening channel's pipeline.
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

    /// Listens; returns when clients can connect.
    /// - Throws: `AdminListenError` when the socket cannot be made or the server is started already, else NIO's error.
    public func start(on source: AdminListenSource) async throws {
        guard running == nil else { throw AdminListenError.alreadyStarted }
        let listener =
            switch source {
            case .path(let path): try AdminListener(path: path)
            case .descriptor(let descriptor): AdminListener(adopting: descriptor)
            }
        let connections = AdminConnections(max: limits.connectionsMax)
        let environment = AdminConnectionHandler.Environment(
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
                    try pipeline.addHandler(AdminConnectionHandler(environment))
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

    /// Refuses connections from now on, lets requests under way finish within the grace, and closes everything.
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

/// What one client, and all together, may take.
public struct AdminLimits: Hashable, Sendable {
    /// Connections at once; one more gets an error and is closed.
    public var connectionsMax = 64
    /// From the connection's start to its hello.
    public var helloTimeout: Duration = .seconds(5)
    /// Without a whole request, while none is being carried out.
    public var idleTimeout: Duration = .seconds(300)
    /// How long `stop` waits for requests under way.
    public var stopGrace: Duration = .seconds(5)

    /// The limits that the properties declare.
    public init() {}
}

/// The connections that are open.
final class AdminConnections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isStopping = false
    }

    private let state = Mutex(State())
    private let max: Int

    init(max: Int) {
        self.max = max
    }

    /// Nil, or why `channel` has no place.
    func admit(_ channel: any Channel) -> String? {
        state.withLock { state in
            if state.isStopping { return "the appliance is stopping" }
            if state.channels.count >= max { return "\(max) administration connections are open already" }
            state.channels[ObjectIdentifier(channel)] = channel
            return nil
        }
    }

    func remove(_ channel: any Channel) {
        state.withLock { _ = $0.channels.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    /// Refuses connections from now on; returns those that are open.
    func stop() -> [any Channel] {
        state.withLock { state in
            state.isStopping = true
            return Array(state.channels.values)
        }
    }
}
