import NIOCore
import NIOHTTP1

/// One connection: cuts what comes in into requests, one at a time, and writes the answers.
///
/// The next request is looked for only when the one before it is answered and the peer takes its answers; meanwhile
/// what a pipelining peer sends stays in the kernel. Answers of one burst of input leave in one flush.
/// Lives on one event loop; its files: this one (state and channel events), `+Peer`, `+Requests`, `+Answers`.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase {
        /// Between requests: nothing has come.
        case idle
        case head
        case body
        /// The service has the request.
        case answering
        /// The last answer is written; input is thrown away until the peer has closed.
        case lingering
        case closed
    }

    let limits: HTTPServerConfiguration
    let table: ConnectionTable
    private let service: any HTTPService
    private(set) var connection: (any HTTPConnection)?
    private(set) var context: ChannelHandlerContext?
    /// Itself, in the form in which replies carry it; nil once it has left the channel.
    var bound: NIOLoopBound<ConnectionHandler>?

    var phase = Phase.idle
    /// When `phase` was entered.
    var phaseStart: NIODeadline
    /// Read and not yet used.
    var input = ByteBuffer()
    /// How much of `input` is known to hold no end of a head.
    var scanned = 0
    var head: RequestHead?
    var headBytes = ByteBuffer()
    var chunks: ChunkedBody?
    /// What this connection has taken of `ConnectionTable.buffered`, and as whom.
    var bufferedBytes = 0
    var bufferedShare: AddressShare?
    /// Who is at the other end: by the socket, or by the PROXY protocol's header.
    var peer: PeerAddress?
    /// Whose request it is: `peer`, or whom `peer`, being a trusted proxy, names.
    var source: PeerAddress?
    /// `peer` is a trusted proxy: each request may be somebody else's.
    var isBehindProxy = false
    /// The place of a request that came through a proxy, until it is answered.
    var requestShare: AddressShare?
    /// The ordinal of the request that is being answered.
    var ordinal: UInt64 = 0
    var closesAfterAnswer = false
    /// The path of the last request: mostly the next one's too.
    var lastPath = ""
    /// Answers to go out in the next write.
    var output = ByteBuffer()
    var needsFlush = false
    /// Of the request that is being answered.
    var isHeadOnly = false
    var isVersion10 = false
    var isWorking = false
    var isInBurst = false
    var isInputClosed = false
    private var isReadHeld = false
    /// Since when the peer has taken no more answers.
    private var unwritableSince: NIODeadline?

    init(service: any HTTPService, limits: HTTPServerConfiguration, table: ConnectionTable, now: NIODeadline) {
        self.service = service
        self.limits = limits
        self.table = table
        self.phaseStart = now
    }

    func enter(_ phase: Phase) {
        self.phase = phase
        phaseStart = .now()
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        finish()
    }

    func channelActive(context: ChannelHandlerContext) {
        switch meet(context.remoteAddress) {
        case .welcome:
            connection = service.connect(eventLoop: context.eventLoop, remoteAddress: peer?.bytes)
        case .toBeRefused: refuse(.overloaded)
        case .noRoom: close()
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        guard phase != .lingering, phase != .closed else { return }
        isInBurst = true
        if input.readableBytes == 0 {
            input = bytes
            scanned = 0
        } else {
            if input.readerIndex > Self.discardBytesMin { input.discardReadBytes() }
            input.writeBuffer(&bytes)
        }
        work()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isInBurst = false
        flush()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if isHoldingBack {
            isReadHeld = true
        } else {
            context.read()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            unwritableSince = nil
            work()
            flush()
            resumeReading()
        } else {
            unwritableSince = .now()
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(ChannelEvent.inputClosed) = event as? ChannelEvent {
            isInputClosed = true
            if phase == .lingering { close() } else { work() }
        } else if let source = event as? ProxyHeaderHandler.Source {
            move(to: source.address)
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Resets, broken TLS and the like: nobody is left to tell.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close()
    }

    /// A read prefix of this size is worth moving the rest for.
    private static let discardBytesMin = 16 << 10

    /// A pipelining peer is ahead of its answers, or does not take them.
    private var isHoldingBack: Bool {
        phase == .answering && input.readableBytes > 0 || unwritableSince != nil
    }

    func resumeReading() {
        guard isReadHeld, !isHoldingBack else { return }
        isReadHeld = false
        context?.read()
    }

    // MARK: The table's calls

    /// Looks at the clock; called about every quarter of the shortest time-out.
    func checkTime(_ now: NIODeadline) {
        if let since = unwritableSince, now - since > limits.idleTimeout { return close() }
        let spent = now - phaseStart
        switch phase {
        case .idle where spent > (ordinal == 0 ? min(limits.firstByteTimeout, limits.idleTimeout) : limits.idleTimeout):
            close()
        case .head where spent > limits.headerTimeout: refuse(.timedOut)
        case .body where spent > limits.bodyTimeout || isTooSlow(spent - limits.bodyGrace): refuse(.timedOut)
        case .lingering where spent > limits.lingerTimeout && unwritableSince == nil: close()
        default: break
        }
    }

    /// Whether less of the body has come than should have in that time.
    private func isTooSlow(_ time: TimeAmount) -> Bool {
        guard time > .zero else { return false }
        let arrived = input.readableBytes + (chunks?.joined.readableBytes ?? 0)
        return Int64(arrived) < Int64(limits.bodyBytesPerSecondMin) * (time.nanoseconds / 1_000_000) / 1000
    }

    /// The server stops: nothing new after the request that is under way.
    func drain() {
        closesAfterAnswer = true
        if phase == .idle { close() }
    }

    func close() {
        guard phase != .closed else { return }
        phase = .closed
        flush()
        context?.close(promise: nil)
    }

    private func finish() {
        guard bound != nil else { return }
        bound = nil
        phase = .closed
        releaseShares()
        input = ByteBuffer()
        chunks = nil
        context = nil
        table.remove(self)
        connection?.closed()
        connection = nil
    }
}
