import Engine
import Glibc
import Messaging
import NIOCore
import NIOPosix
import Testing

@testable import CarrierLinks

/// Errors that say that nothing has left yet.
struct ConnectingTests {
    @Test(
        arguments: [
            (ECONNREFUSED, "connect(descriptor:addr:size:)", true),
            (EHOSTUNREACH, "connect(descriptor:addr:size:)", true),
            (ENETUNREACH, "finishing a non-blocking connect failed", true),
            (ETIMEDOUT, "finishing a non-blocking connect failed", true),
            (EHOSTUNREACH, "read(descriptor:pointer:size:)", false),
            (ETIMEDOUT, "writev(descriptor:iovecs:)", false),
            (ECONNRESET, "connection reset (error set)", false),
        ] as [(Int32, String, Bool)])
    func `only what came while connecting says that nothing left`(number: Int32, call: String, isConnecting: Bool) {
        #expect(CarrierPost.isOfConnecting(IOError(errnoCode: number, reason: call)) == isConnecting)
    }

    @Test func `a server that does not speak TLS: not sent`() async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Talker())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        try await withLink("https://127.0.0.1:\(server.localAddress?.port ?? 0)") { link in
            let told = await link.submit(call())
            guard case .notSent = told else {
                Issue.record("\(told)")
                return
            }
        }
        try await server.close().get()
    }

    /// Answers before it is asked.
    private final class Talker: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        func channelActive(context: ChannelHandlerContext) {
            let text = ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            context.writeAndFlush(wrapOutboundOut(text), promise: nil)
        }
    }
}
