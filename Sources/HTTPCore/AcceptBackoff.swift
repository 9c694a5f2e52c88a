import Glibc
public import Logging
public import NIOCore

/// Stops accepting for a while when the system has no descriptor or memory for one more connection.
///
/// The connection that could not be accepted stays in the kernel's queue, so the listening socket stays readable, and
/// NIO, whose read is still pending after such an error, would try again at once and without end. Turning its
/// automatic reading off takes the socket out of the event loop; turning it on again puts it back.
public final class AcceptBackoff: ChannelInboundHandler {
    public typealias InboundIn = any Channel

    private let notice: RareNotice
    private var pause = AcceptBackoff.pauseMin
    private var resumption: Scheduled<Void>?

    static let pauseMin = TimeAmount.milliseconds(100)
    static let pauseMax = TimeAmount.seconds(1)

    init(notice: RareNotice) {
        self.notice = notice
    }

    /// Puts one into a listening channel's pipeline; to be called on its event loop, before it listens.
    /// - Parameter name: what logs call the listener.
    public static func install(in channel: any Channel, name: String, logger: Logger) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let notice = RareNotice(name: name, logger: logger)
            try channel.pipeline.syncOperations.addHandler(AcceptBackoff(notice: notice))
        }
    }

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        pause = Self.pauseMin
        context.fireChannelRead(data)
    }

    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let failure = error as? IOError, Self.isShortage(failure.errnoCode) else {
            return context.fireErrorCaught(error)
        }
        notice.give("connections cannot be accepted for now", reason: String(cString: strerror(failure.errnoCode)))
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

    public func channelInactive(context: ChannelHandlerContext) {
        resumption?.cancel()
        resumption = nil
        context.fireChannelInactive()
    }

    private static func isShortage(_ code: CInt) -> Bool {
        code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM
    }
}
