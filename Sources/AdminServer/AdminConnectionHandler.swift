import AdminProtocol
import Logging
import NIOCore

/// Tells a connection to end when no request is under way.
struct AdminDrain: Sendable {}

/// One connection: who it is, hello, then request after request, each answered before the next is begun.
final class AdminConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = AdminEnvelope
    typealias OutboundOut = ByteBuffer

    /// What all connections of a server share.
    struct Environment: Sendable {
        var handler: any AdminHandling
        var policy: PeerPolicy
        var socketGroup: UInt32?
        var version: String
        var limits: AdminLimits
        var connections: AdminConnections
        var logger: Logger
    }

    private enum State {
        /// Waiting for hello; for a request; for the handler; for the peer to take an answer.
        case greeting, ready, busy, sending, closed
    }

    private let environment: Environment
    private var state = State.greeting
    private var waiting: [AdminEnvelope] = []
    /// No more requests come or are wanted: close when those that came are answered.
    private var isEnding = false
    private var failure: AdminError?
    private var timer: Scheduled<Void>?
    private var isAdvancing = false
    /// A call that is cancelled when the connection ends.
    private var query: Task<Void, Never>?
    /// Who is at the other end; set before the first read.
    private var peer: PeerCredentials?

    init(_ environment: Environment) {
        self.environment = environment
    }

    func channelActive(context: ChannelHandlerContext) {
        let peer = Self.peer(context)
        guard let peer, environment.policy.admits(peer, environment.socketGroup) else {
            environment.logger.warning("administration refused to a peer", metadata: Self.metadata(peer))
            return end(context, AdminError(.permissionDenied, "this user may not administer the appliance"))
        }
        if let reason = environment.connections.admit(context.channel) {
            environment.logger.warning("administration connection refused: \(reason)", metadata: Self.metadata(peer))
            return end(context, .unavailable(reason))
        }
        self.peer = peer
        setTimer(context, environment.limits.helloTimeout)
        context.read()
    }

    func channelInactive(context: ChannelHandlerContext) {
        state = .closed
        waiting = []
        timer?.cancel()
        query?.cancel()
        environment.connections.remove(context.channel)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard state != .closed, failure == nil else { return }
        waiting.append(unwrapInboundIn(data))
        advance(context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if state == .greeting || state == .ready { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            isEnding = true
            advance(context)
        case is AdminDrain:
            isEnding = true
            // What has come but is not begun is answered with an error rather than dropped in silence.
            if !waiting.isEmpty || state == .greeting { failure = .unavailable("the appliance is stopping") }
            waiting = []
            advance(context)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? AdminFrameError else {
            environment.logger.debug("administration connection broke", metadata: ["error": "\(error)"])
            return end(context, nil)
        }
        // Requests that came whole before the bad frame are answered first.
        isEnding = true
        failure = AdminError(.malformed, "\(error)")
        advance(context)
    }

    /// Takes the next envelope, or ends the connection when none will come.
    private func advance(_ context: ChannelHandlerContext) {
        // An answer may be sent off at once and call here again: the loop goes on, the stack does not grow.
        guard !isAdvancing else { return }
        isAdvancing = true
        defer { isAdvancing = false }
        while state == .greeting || state == .ready {
            guard !waiting.isEmpty else {
                if isEnding { end(context, failure) }
                return
            }
            let envelope = waiting.removeFirst()
            switch (state, envelope.body) {
            case (.greeting, .hello(let hello)): greet(context, hello, id: envelope.requestID)
            case (.ready, .request(let request)) where envelope.requestID != 0:
                begin(context, request, id: envelope.requestID)
            case (.greeting, _): end(context, AdminError(.malformed, "the first message is not a hello"), envelope)
            case (_, .request): end(context, AdminError(.malformed, "request_id is 0"))
            default: end(context, AdminError(.malformed, "a client sends requests"), envelope)
            }
        }
    }

    private func greet(_ context: ChannelHandlerContext, _ hello: AdminHello, id: UInt64) {
        let ours = AdminFrame.protocolVersion
        guard hello.protocolMin <= ours, ours <= hello.protocolMax else {
            let reason = "the appliance speaks protocol version \(ours) only"
            return end(context, AdminError(.unsupportedVersion, reason, field: "protocol_max"), id: id)
        }
        var welcome = AdminWelcome()
        welcome.protocol = ours
        welcome.software = environment.version
        welcome.frameLimit = UInt32(clamping: AdminFrame.bodyBytesMax)
        answer(context, AdminEnvelope(id: id, .welcome(welcome)))
    }

    private func begin(_ context: ChannelHandlerContext, _ request: AdminRequest, id: UInt64) {
        guard let call = request.call, let peer else {
            let error = AdminError(.unknownRequest, "the appliance does not know this request")
            return answer(context, .error(error, id: id))
        }
        state = .busy
        timer?.cancel()
        let promise = context.eventLoop.makePromise(of: AdminEnvelope.self)
        let handler = environment.handler
        let task = promise.completeWithTask {
            do throws(AdminError) {
                return .response(try await handler.handle(call, from: peer), id: id)
            } catch {
                return .error(error, id: id)
            }
        }
        query = call.endsWithItsConnection ? task : nil
        promise.futureResult.assumeIsolated().whenSuccess { envelope in
            self.query = nil
            if self.state == .busy { self.answer(context, envelope) }
        }
    }

    /// Sends an answer, and takes the next request when the peer has taken it: answers do not pile up.
    private func answer(_ context: ChannelHandlerContext, _ envelope: AdminEnvelope) {
        state = .sending
        setTimer(context, environment.limits.idleTimeout)
        let frame = wrapOutboundOut(ByteBuffer(bytes: encoded(envelope)))
        context.writeAndFlush(frame).assumeIsolated().whenSuccess {
            guard self.state == .sending else { return }
            self.state = .ready
            self.advance(context)
            if self.state == .ready, !self.isAdvancing { context.read() }
        }
    }

    private func encoded(_ envelope: AdminEnvelope) -> [UInt8] {
        do {
            return try AdminFrame.encode(envelope)
        } catch {
            environment.logger.error("an administration answer does not fit a frame", metadata: ["error": "\(error)"])
            let replacement = AdminError.internal("the answer is too large for one frame")
            return (try? AdminFrame.encode(.error(replacement, id: envelope.requestID))) ?? []
        }
    }

    private func end(_ context: ChannelHandlerContext, _ error: AdminError?, _ envelope: AdminEnvelope) {
        end(context, error, id: envelope.requestID)
    }

    /// Says why, if there is a reason, and closes.
    private func end(_ context: ChannelHandlerContext, _ error: AdminError?, id: UInt64 = 0) {
        guard state != .closed else { return }
        state = .closed
        waiting = []
        timer?.cancel()
        guard let error, let frame = try? AdminFrame.encode(.error(error, id: id)) else {
            return context.close(promise: nil)
        }
        // A peer that does not read must not hold the connection: the close does not wait for it for ever.
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) { context.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: frame))).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
    }

    private func setTimer(_ context: ChannelHandlerContext, _ duration: Duration) {
        timer?.cancel()
        let isHello = state == .greeting
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(duration)) {
            if self.state == .sending { return context.close(promise: nil) }
            self.end(context, .unavailable(isHello ? "no hello came in time" : "the connection was idle for too long"))
        }
    }

    private static func peer(_ context: ChannelHandlerContext) -> PeerCredentials? {
        let found = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self, PeerCredentials.init(socket:))
        return found ?? nil
    }

    private static func metadata(_ peer: PeerCredentials?) -> Logger.Metadata {
        guard let peer else { return ["peer": "unknown"] }
        return ["pid": "\(peer.processID)", "uid": "\(peer.userID)"]
    }
}

extension AdminRequest.OneOf_Call {
    /// It only reads, and may take long.
    fileprivate var endsWithItsConnection: Bool {
        switch self {
        case .ledgerVerify, .messageList: true
        default: false
        }
    }
}

/// Cuts the stream into envelopes. Any error ends it: what follows is not read.
struct AdminFrameDecoder: ByteToMessageDecoder {
    typealias InboundOut = AdminEnvelope

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard let header = buffer.getBytes(at: buffer.readerIndex, length: AdminFrame.headerBytes) else {
            return .needMoreData
        }
        let length = try AdminFrame.bodyLength(header: header)
        guard buffer.readableBytes >= AdminFrame.headerBytes + length else { return .needMoreData }
        buffer.moveReaderIndex(forwardBy: AdminFrame.headerBytes)
        guard let body = buffer.readBytes(length: length) else { throw AdminFrameError.truncated }
        context.fireChannelRead(wrapInboundOut(try AdminFrame.decode(body: body)))
        return .continue
    }

    mutating func decodeLast(
        context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool
    ) throws -> DecodingState {
        while try decode(context: context, buffer: &buffer) == .continue {}
        if seenEOF, buffer.readableBytes > 0 { throw AdminFrameError.truncated }
        return .needMoreData
    }
}
