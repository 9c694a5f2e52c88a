import NIOCore
import NIOHTTP1
import NIOPosix

/// One connection in its channel: hands bytes and events to a `ConnectionStateMachine`, performs the machine's actions,
/// and counts connections, requests and bytes for the peer's address.
///
/// All answers of one burst of input leave in one flush. Lives on one event loop.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let table: ConnectionTable
    private let service: any HTTPService
    private let limits: HTTPServerConfiguration
    private var machine: ConnectionStateMachine
    private var connection: (any HTTPConnection)?
    private var context: ChannelHandlerContext?
    /// This handler, in the form in which replies carry it; nil once it has left the channel.
    private var bound: NIOLoopBound<ConnectionHandler>?

    /// Who is at the other end: by the socket, or by the PROXY protocol's header.
    private var peer: PeerAddress?
    /// Whose request it is: `peer`, or whom `peer`, being a trusted proxy, names.
    private var source: PeerAddress?
    /// The address that a request through a proxy is counted for, until it is answered.
    private var requestKey: AddressKey?
    /// What this connection has reserved in `ConnectionTable.buffers`, and for which address.
    private var reservedBytes = 0
    private var reservedKey: AddressKey?

    /// `work` is running: it sees what a call from inside it has changed.
    private var isWorking = false
    /// More of the same input may follow before `channelReadComplete`.
    private var isInBurst = false
    /// A read was asked for while `ConnectionStateMachine.wantsRead` was false.
    private var isReadHeld = false

    init(service: any HTTPService, limits: HTTPServerConfiguration, table: ConnectionTable, now: NIODeadline) {
        self.service = service
        self.limits = limits
        self.table = table
        self.machine = ConnectionStateMachine(limits: limits, now: now)
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
        peer = PeerAddress(context.remoteAddress)
        source = peer
        machine.isBehindProxy = peer.map(limits.trusts) ?? false
        switch table.add(self, key: countedKey) {
        case .accepted: connection = service.connect(eventLoop: context.eventLoop, remoteAddress: peer?.bytes)
        case .refused: refuse(.overloaded)
        case .dropped: close()
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isInBurst = true
        machine.receive(unwrapInboundIn(data))
        work()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isInBurst = false
        flush()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if machine.wantsRead { context.read() } else { isReadHeld = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        machine.writabilityChanged(context.channel.isWritable, .now())
        work()
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(ChannelEvent.inputClosed) = event as? ChannelEvent {
            machine.inputClosed()
            work()
        } else if let source = event as? ProxyHeaderHandler.Source {
            proxyNamed(source.address)
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// A reset or a TLS failure: an answer could not be read.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close()
    }

    // MARK: Actions

    /// Performs what the machine asks for. Does not re-enter itself: an answer that the service gives at once only
    /// changes the machine, and the loop goes on with it.
    private func work() {
        guard !isWorking else { return }
        isWorking = true
        while let action = machine.next({ .now() }) { perform(action) }
        isWorking = false
        if !isInBurst { flush() }
        if isReadHeld, machine.wantsRead {
            isReadHeld = false
            context?.read()
        }
    }

    private func perform(_ action: ConnectionStateMachine.Action) {
        switch action {
        case .head(let path, let fields, let isBodyMissing):
            if machine.isBehindProxy, !identify(fields) {
                machine.refuse(.overloaded)
            } else if isBodyMissing, let connection {
                if connection.knows(path: path) {
                    machine.allowance = connection.allowance(path: path)
                } else {
                    machine.refuse(.notFound)
                }
            }
        case .reserve(let bytes):
            if !reserve(bytes) { machine.refuse(.overloaded) }
        case .request(let request):
            guard let connection, let bound else { return machine.close() }
            connection.receive(request, reply: HTTPReply(handler: bound, ordinal: machine.ordinal))
        case .write(let bytes, let body):
            context?.write(wrapOutboundOut(bytes), promise: nil)
            if let body { context?.write(wrapOutboundOut(body), promise: nil) }
            context?.flush()
        case .sendFile(let file):
            flush()
            send(file)
        case .closeOutput:
            releaseShares()
            flush()
            // The channel closes by itself when both directions are closed.
            context?.close(mode: .output, promise: nil)
        case .close:
            flush()
            context?.close(promise: nil)
        }
    }

    private func flush() {
        guard let context, let bytes = machine.takeOutput() else { return }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    /// Writes the file piece by piece, each when the one before it has left: memory holds one piece.
    private func send(_ file: FileBody) {
        guard let context, let bound else { return }
        let channel = context.channel
        let sent = NIOLoopBoundBox(0, eventLoop: context.eventLoop)
        NonBlockingFileIO(threadPool: .singleton).readChunked(
            fileHandle: file.handle, fromOffset: 0, byteCount: file.length, chunkSize: Self.filePieceBytes,
            allocator: channel.allocator, eventLoop: context.eventLoop
        ) { piece in
            sent.value += piece.readableBytes
            return channel.writeAndFlush(piece)
        }.whenComplete { result in
            var isWhole = sent.value == file.length
            if case .failure = result { isWhole = false }
            let handler = bound.value
            handler.machine.fileSent(whole: isWhole, .now())
            handler.work()
        }
    }

    private static let filePieceBytes = 128 << 10

    private func finish() {
        guard bound != nil else { return }
        bound = nil
        machine.closed()
        releaseShares()
        context = nil
        table.remove(self)
        connection?.closed()
        connection = nil
    }

    // MARK: Replies

    /// The service's answer to request `ordinal`; ignored when that one has been answered or the peer has gone.
    func answer(_ response: HTTPResponse, ordinal: UInt64) {
        guard machine.isAnswering(ordinal) else { return }
        releaseShares()
        if machine.isBehindProxy { connection?.requestEnded() }
        machine.answer(response, ordinal: ordinal, .now())
        work()
    }

    /// `bytes` in the place of an answer; nothing after them.
    func answerRaw(_ bytes: ByteBuffer, ordinal: UInt64) {
        machine.answerRaw(bytes, ordinal: ordinal)
        work()
    }

    func abort(ordinal: UInt64) {
        if machine.isAnswering(ordinal) { close() }
    }

    // MARK: The table's calls

    var isAuthenticated: Bool { connection?.isAuthenticated ?? false }

    func isDispensable(_ now: NIODeadline) -> Bool { machine.isDispensable(now) }

    func checkTime(_ now: NIODeadline) {
        machine.checkTime(now)
        work()
    }

    func drain() {
        machine.drain()
        work()
    }

    func close() {
        machine.close()
        work()
    }

    private func refuse(_ failure: HTTPFailure) {
        machine.refuse(failure)
        work()
    }

    // MARK: Addresses

    /// The address that the connection counts for; nil for a trusted proxy's.
    private var countedKey: AddressKey? { machine.isBehindProxy ? nil : peer.map(AddressKey.init) }

    /// The PROXY protocol's header names the source of the connection.
    private func proxyNamed(_ address: PeerAddress) {
        guard machine.isIdle else { return }
        peer = address
        machine.isBehindProxy = limits.trusts(address)
        setSource(address)
        if let countedKey, !table.assign(countedKey, to: self) { refuse(.overloaded) }
    }

    /// Finds the source of a request that came through a trusted proxy, and counts the request for it; false when that
    /// address has reached its limit.
    private func identify(_ fields: ByteBuffer) -> Bool {
        guard let peer else { return true }
        let address = fields.withUnsafeReadableBytes {
            ForwardedFor.source(in: $0, from: peer, trusting: limits.trustedProxies)
        }
        setSource(address)
        guard address != peer else { return true }
        // The bytes of the partial head were counted in the total only.
        releaseShares()
        let key = AddressKey(address)
        guard table.limiter.take(key) else { return false }
        requestKey = key
        return true
    }

    private func setSource(_ address: PeerAddress) {
        guard address != source else { return }
        source = address
        connection?.moved(to: address.bytes)
    }

    /// Counts what has arrived of a head or a body so far; `bytes` is all of it.
    private func reserve(_ bytes: Int) -> Bool {
        guard bytes > reservedBytes else { return true }
        if reservedBytes == 0 { reservedKey = requestKey ?? countedKey }
        guard table.buffers.reserve(bytes - reservedBytes, for: reservedKey) else { return false }
        reservedBytes = bytes
        return true
    }

    /// Gives back what was counted for a request that has ended.
    private func releaseShares() {
        if reservedBytes > 0 {
            table.buffers.release(reservedBytes, for: reservedKey)
            reservedBytes = 0
        }
        if let key = requestKey {
            table.limiter.give(key)
            requestKey = nil
        }
    }
}
