internal import ArgumentParser
import Glibc
import HTTPCore
import NIOCore
import NIOHTTP1
import NIOPosix
import UnixSignals

/// `yizhan bench floor`: the least that an HTTP server on this machine costs, to compare the appliance with: the
/// framework's own pipeline and a constant answer.
struct BaselineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "floor", abstract: "Serve a constant answer to every request.", shouldDisplay: false)

    @Option(help: "Where to listen, ADDR:PORT; port 0 for any free one.")
    var listen: AddressArgument

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: ApplianceService.eventLoopCount)
        do {
            let channel = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 1024)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        try pipeline.configureHTTPServerPipeline()
                        try pipeline.addHandler(BaselineHandler())
                    }
                }
                .bind(host: listen.host, port: Int(listen.port)).get()
            let address = AddressArgument(host: listen.host, port: UInt16(channel.localAddress?.port ?? 0))
            print("floor \(address)\nready")
            fflush(nil)
            for await _ in signals { break }
            try await group.shutdownGracefully()
        } catch {
            let source = ListenSource.bind(host: listen.host, port: Int(listen.port))
            Terminal.complain(ListenFailure.sentence(error, "floor", on: source, setting: "--listen"))
            throw ExitCode.failure
        }
    }
}

/// Answers as the appliance answers an accepted single message.
private final class BaselineHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private static let body = #"{"result":0,"msgid":1234567,"custid":"b1x2y3z40-000000000001"}"#
    private static let headers: HTTPHeaders = [
        "Content-Type": "application/json;charset=utf-8", "Content-Length": "\(body.utf8.count)",
    ]
    private let answer = ByteBuffer(string: body)

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = unwrapInboundIn(data) else { return }
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: Self.headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(answer))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
