import NIOCore

/// Removes the PROXY protocol's header from a connection of a trusted proxy. On any other connection, and without a
/// header, it passes all bytes on. It comes before TLS in the pipeline and leaves it once the header is read or absent.
final class ProxyHeaderHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// The event for the following handlers: the address that the header names.
    struct Source {
        let address: PeerAddress
    }

    private let trustedProxies: [NetworkBlock]
    private var bytes = ByteBuffer()
    private var isDone = false

    init(trusting trustedProxies: [NetworkBlock]) {
        self.trustedProxies = trustedProxies
    }

    func channelActive(context: ChannelHandlerContext) {
        let peer = PeerAddress(context.remoteAddress)
        let isTrusted = trustedProxies.contains { peer.map($0.contains) ?? false }
        context.fireChannelActive()
        if !isTrusted { leave(context) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return context.fireChannelRead(data) }
        var part = unwrapInboundIn(data)
        bytes.writeBuffer(&part)
        switch bytes.withUnsafeReadableBytes({ ProxyHeader($0) }) {
        case .incomplete: return
        case .malformed:
            bytes = ByteBuffer()
            isDone = true
            context.close(promise: nil)
            return
        case .present(let length, let source):
            bytes.moveReaderIndex(forwardBy: length)
            if let source { context.fireUserInboundEventTriggered(Source(address: source)) }
        case .absent: break
        }
        isDone = true
        if bytes.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(bytes)) }
        bytes = ByteBuffer()
        leave(context)
    }

    /// Called last: a context that has left its pipeline forwards no events.
    private func leave(_ context: ChannelHandlerContext) {
        isDone = true
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }
}
