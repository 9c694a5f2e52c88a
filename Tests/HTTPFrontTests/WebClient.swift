import NIOCore
import NIOPosix

/// A connection to a listener of ours that stays open until it is closed.
final class WebClient: Sendable {
    struct Answer: Sendable {
        var status: Int
        var body: String
        /// The value of Allow; nil without.
        var allow: String?
    }

    private let channel: any Channel
    private let answers: AsyncStream<Answer>

    init(_ address: SocketAddress) async throws {
        let (answers, source) = AsyncStream.makeStream(of: Answer.self)
        self.answers = answers
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Ear(source: source))
                }
            }
            .connect(to: address).get()
    }

    func close() async { try? await channel.close().get() }

    func request(
        _ method: String = "POST", _ path: String, contentType: String = "application/json",
        headers: [(String, String)] = [], _ body: String = ""
    ) async throws -> Answer {
        try await request(method, path, contentType: contentType, headers: headers, bytes: Array(body.utf8))
    }

    func request(
        _ method: String, _ path: String, contentType: String, headers: [(String, String)] = [], bytes: [UInt8]
    ) async throws -> Answer {
        let head =
            "\(method) \(path) HTTP/1.1\r\nHost: test\r\nContent-Type: \(contentType)\r\n"
            + headers.map { "\($0): \($1)\r\n" }.joined() + "Content-Length: \(bytes.count)\r\n\r\n"
        return try await answer(to: Array(head.utf8) + bytes)
    }

    /// Sends exactly this.
    func answer(to bytes: [UInt8]) async throws -> Answer {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
        for await answer in answers { return answer }
        throw ChannelError.eof
    }

    private final class Ear: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let source: AsyncStream<Answer>.Continuation
        private var text = ""

        init(source: AsyncStream<Answer>.Continuation) {
            self.source = source
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            guard let end = text.firstRange(of: "\r\n\r\n") else { return }
            let lines = text[..<end.lowerBound].lowercased().split(separator: "\r\n")
            let length = lines.first { $0.hasPrefix("content-length:") }
                .flatMap { Int($0.dropFirst(15).filter { $0 != " " }) }
            let body = text[end.upperBound...]
            guard body.utf8.count >= length ?? 0 else { return }
            let status = lines.first.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") }
            let allow = lines.first { $0.hasPrefix("allow: ") }.map { $0.dropFirst(7).uppercased() }
            source.yield(Answer(status: status ?? 0, body: String(body), allow: allow))
            text = ""
        }

        func channelInactive(context: ChannelHandlerContext) { source.finish() }
    }
}

/// One request on a connection of its own.
func ask(
    _ address: SocketAddress, _ method: String = "POST", _ path: String, contentType: String = "application/json",
    headers: [(String, String)] = [], _ body: String = ""
) async throws -> WebClient.Answer {
    let client = try await WebClient(address)
    let answer = try await client.request(method, path, contentType: contentType, headers: headers, body)
    await client.close()
    return answer
}
