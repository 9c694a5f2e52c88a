import NIOCore
import NIOHTTP1

/// One connection: cuts what comes in into requests, one at a time, and writes the answers.
///
/// The next request is looked for only when the one before it is answered and the peer takes its answers; meanwhile
/// what a pipelining peer sends stays in the kernel. Answers of one burst of input leave in one flush.
/// Lives on one event loop; its files: this one (state and channel events), `+Requests`, `+Answers`.
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
    /// What this connection has taken of `ConnectionTable.buffered`.
    var bufferedBytes = 0
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
        switch table.add(self) {
        case .welcome:
            connection = service.connect(eventLoop: context.eventLoop, remoteAddress: context.remoteAddress?.ipBytes)
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
        case .idle where spent > limits.idleTimeout: close()
        case .head where spent > limits.headerTimeout, .body where spent > limits.bodyTimeout: refuse(.timedOut)
        case .lingering where spent > limits.lingerTimeout && unwritableSince == nil: close()
        default: break
        }
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
        releaseBuffered()
        input = ByteBuffer()
        chunks = nil
        context = nil
        table.remove(self)
        connection?.closed()
        connection = nil
    }
}

extension SocketAddress {
    /// 4 bytes of IPv4 or 16 of IPv6, from where `sockaddr_in` and `sockaddr_in6` have them.
    fileprivate var ipBytes: [UInt8]? {
        switch self {
        case .v4(let address): withUnsafeBytes(of: address.address) { Array($0[4..<8]) }
        case .v6(let address): withUnsafeBytes(of: address.address) { Array($0[8..<24]) }
        case .unixDomainSocket: nil
        }
    }
}
