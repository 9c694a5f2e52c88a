import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// An HTTP server on the loopback that does with each request what the script says, and remembers the requests.
final class ScriptedServer: Sendable {
    enum Act: Sendable {
        /// These bytes, and the connection stays.
        case say(String)
        /// These bytes, and the connection is closed.
        case sayAndClose(String)
        case close
        case nothing
        /// These bytes, and then a byte every 20 ms as long as somebody listens.
        case drip(String)
    }

    private let channel: any Channel
    private let shared: Shared
    let port: Int

    init(tls: NIOSSLContext? = nil, _ script: @escaping @Sendable (String) -> Act) async throws {
        let requests = Shared()
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.addHandler(Reader(script: script, requests: requests))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
        shared = requests
    }

    /// A server that answers every request with HTTP 200 and this body.
    convenience init(answering body: String) async throws {
        try await self.init { _ in .say(Self.ok(body)) }
    }

    final class Shared: Sendable {
        let all = Mutex<[String]>([])
    }

    var url: String { "http://127.0.0.1:\(port)" }
    /// Head and body of each request, in order.
    var heard: [String] { shared.all.withLock { $0 } }

    func stop() async { try? await channel.close().get() }

    static func ok(_ body: String, status: String = "200 OK") -> String {
        "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let script: @Sendable (String) -> Act
        private let requests: Shared
        private var text = ""

        init(script: @escaping @Sendable (String) -> Act, requests: Shared) {
            self.script = script
            self.requests = requests
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            guard let end = text.firstRange(of: "\r\n\r\n") else { return }
            let head = text[..<end.lowerBound].lowercased()
            let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
                .flatMap { Int($0.dropFirst(15).filter { $0 != " " }) }
            guard text[end.upperBound...].utf8.count >= length ?? 0 else { return }
            let request = text
            text = ""
            requests.all.withLock { $0.append(request) }
            act(script(request), context)
        }

        private func act(_ act: Act, _ context: ChannelHandlerContext) {
            switch act {
            case .say(let answer): write(answer, context)
            case .sayAndClose(let answer):
                write(answer, context)
                context.close(promise: nil)
            case .close: context.close(promise: nil)
            case .nothing: break
            case .drip(let beginning):
                write(beginning, context)
                Self.drip(context.channel)
            }
        }

        private static func drip(_ channel: any Channel) {
            channel.eventLoop.scheduleTask(in: .milliseconds(20)) {
                guard channel.isActive else { return }
                channel.writeAndFlush(ByteBuffer(string: " "), promise: nil)
                drip(channel)
            }
        }

        private func write(_ answer: String, _ context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
