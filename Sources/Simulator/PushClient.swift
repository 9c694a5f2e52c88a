import NIOCore
import NIOHTTP1
import NIOPosix

/// Posts to one place over one connection that is kept, one request at a time; opened anew when it has broken.
actor PushClient {
    struct Answer: Sendable {
        var status = 0
        var body: [UInt8] = []
    }

    struct ConnectionLost: Error {}

    private let target: PushTarget
    private let group: any EventLoopGroup
    private var channel: (any Channel)?

    private static let answerTimeout = TimeAmount.seconds(10)

    init(target: PushTarget, group: any EventLoopGroup) {
        self.target = target
        self.group = group
    }

    /// - Throws: when there is no whole answer within ten seconds.
    func post(_ body: [UInt8], contentType: String) async throws -> Answer {
        let channel = try await connected()
        var head = HTTPRequestHead(version: .http1_1, method: .POST, uri: target.target)
        head.headers = [
            "Host": target.authority, "Content-Type": contentType, "Content-Length": String(body.count),
        ]
        let promise = channel.eventLoop.makePromise(of: Answer.self)
        let timeout = channel.eventLoop.scheduleTask(in: Self.answerTimeout) { promise.fail(ConnectionLost()) }
        defer { timeout.cancel() }
        let exchange = PushExchange(head: head, body: ByteBuffer(bytes: body), promise: promise)
        channel.writeAndFlush(exchange).whenFailure { promise.fail($0) }
        do {
            return try await withTaskCancellationHandler {
                try await promise.futureResult.get()
            } onCancel: {
                channel.close(promise: nil)
            }
        } catch {
            await close()
            throw error
        }
    }

    func close() async {
        let closing = channel
        channel = nil
        try? await closing?.close()
    }

    private func connected() async throws -> any Channel {
        if let channel, channel.isActive { return channel }
        let fresh = try await ClientBootstrap(group: group)
            .connectTimeout(Self.answerTimeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(PushHandler())
                }
            }
            .connect(host: target.host, port: target.port).get()
        channel = fresh
        return fresh
    }
}

/// A request and where its answer goes.
private struct PushExchange: Sendable {
    let head: HTTPRequestHead
    let body: ByteBuffer
    let promise: EventLoopPromise<PushClient.Answer>
}

private final class PushHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = PushExchange
    typealias OutboundOut = HTTPClientRequestPart

    private var promise: EventLoopPromise<PushClient.Answer>?
    private var answer = PushClient.Answer()

    private static let answerBytesMax = 1 << 20

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let exchange = unwrapOutboundIn(data)
        self.promise = exchange.promise
        answer = PushClient.Answer()
        context.write(wrapOutboundOut(.head(exchange.head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(exchange.body))), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): answer.status = Int(head.status.code)
        case .body(let bytes):
            guard answer.body.count + bytes.readableBytes <= Self.answerBytesMax else {
                return context.close(promise: nil)
            }
            answer.body.append(contentsOf: bytes.readableBytesView)
        case .end:
            promise.take()?.succeed(answer)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.take()?.fail(PushClient.ConnectionLost())
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.take()?.fail(error)
        context.close(promise: nil)
    }
}
