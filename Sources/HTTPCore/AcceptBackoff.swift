import Glibc
public import Logging
public import NIOCore

/// Stops accepting for a while when the system has no descriptor or memory for one more connection.
///
/// The connection that could not be accepted stays in the kernel's queue, so the listening socket stays readable, and
/// NIO, whose read is still pending after such an error, would try again at once and without end. Turning its
/// automatic reading off takes the socket out of the event loop; turning it on again puts it back.
public final class AcceptBackoff: ChannelInboundHandler {
    /// Connections that were accepted.
    public typealias InboundIn = any Channel

    private let log: RateLimitedLog
    private var pause = AcceptBackoff.pauseMin
    private var resumption: Scheduled<Void>?

    static let pauseMin = TimeAmount.milliseconds(100)
    static let pauseMax = TimeAmount.seconds(1)

    init(log: RateLimitedLog) {
        self.log = log
    }

    /// Puts one into a listening channel's pipeline; to be called on its event loop, before it listens.
    /// - Parameter name: what logs call the listener.
    public static func install(in channel: any Channel, name: String, logger: Logger) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let log = RateLimitedLog(name: name, logger: logger)
            try channel.pipeline.syncOperations.addHandler(AcceptBackoff(log: log))
        }
    }

    /// A connection was accepted: the next pause is the shortest again.
    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        pause = Self.pauseMin
        context.fireChannelRead(data)
    }

    /// Pauses accepting after EMFILE, ENFILE, ENOBUFS and ENOMEM; passes every other error on.
    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let failure = error as? IOError, Self.isShortage(failure.errnoCode) else {
            return context.fireErrorCaught(error)
        }
        log.warn("connections cannot be accepted for now", reason: String(cString: strerror(failure.errnoCode)))
        guard resumption == nil else { return }
        let channel = context.channel
        try? channel.syncOptions?.setOption(.autoRead, value: false)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        resumption = context.eventLoop.scheduleTask(in: pause) {
            bound.value.resumption = nil
            try? channel.syncOptions?.setOption(.autoRead, value: true)
        }
        pause = min(Self.pauseMax, pause + pause)
    }

    /// The listener is closed: accepting is not taken up again.
    public func channelInactive(context: ChannelHandlerContext) {
        resumption?.cancel()
        resumption = nil
        context.fireChannelInactive()
    }

    private static func isShortage(_ code: CInt) -> Bool {
        code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM
    }
}
