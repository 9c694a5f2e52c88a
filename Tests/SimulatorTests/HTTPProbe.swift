import NIOCore
import NIOPosix

/// One request over a connection of its own.
enum HTTPProbe {
    struct Answer {
        let status: Int
        let head: String
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    private final class Listener: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private var heard = ByteBuffer()
        private let promise: EventLoopPromise<ByteBuffer>

        init(_ promise: EventLoopPromise<ByteBuffer>) {
            self.promise = promise
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            heard.writeImmutableBuffer(unwrapInboundIn(data))
        }

        func channelInactive(context: ChannelHandlerContext) {
            promise.succeed(heard)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }

    /// Nil when the connection was closed without an answer.
    static func ask(
        _ address: SocketAddress, method: String = "POST", _ target: String, contentType: String = "",
        headers: [(String, String)] = [], body: [UInt8] = []
    ) async throws -> Answer? {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: ByteBuffer.self)
        let connecting = ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Listener(promise))
                }
            }
            .connect(to: address)
        connecting.whenFailure { promise.fail($0) }
        let channel = try await connecting.get()
        var request = ByteBuffer(string: "\(method) \(target) HTTP/1.1\r\nHost: h\r\nConnection: close\r\n")
        if !contentType.isEmpty { request.writeString("Content-Type: \(contentType)\r\n") }
        for (name, value) in headers { request.writeString("\(name): \(value)\r\n") }
        request.writeString("Content-Length: \(body.count)\r\n\r\n")
        request.writeBytes(body)
        channel.writeAndFlush(request, promise: nil)
        let heard = Array(try await promise.futureResult.get().readableBytesView)
        guard let end = heard.indices.first(where: { heard[$0...].starts(with: [13, 10, 13, 10]) }) else { return nil }
        let status = Int(String(decoding: heard[9..<12], as: UTF8.self)) ?? 0
        let head = String(decoding: heard[..<end], as: UTF8.self)
        return Answer(status: status, head: head, body: Array(heard[(end + 4)...]))
    }
}
