internal import ArgumentParser
import Glibc
import HTTPCore
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1

/// `yizhan bench http`: our reading of requests beside SwiftNIO's decoder, alternately in one run, in channels without
/// a socket. Both make a whole request of the same bytes and write the same answer.
struct HTTPCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "http", abstract: "Compare the HTTP server's reading of requests with SwiftNIO's decoder.",
        shouldDisplay: false)

    @Option(help: "Requests of one round.")
    var requests = 200_000

    @Option(help: "Rounds; the median counts.")
    var rounds = 9

    @Option(help: "A file of limits; exit with 1 when a figure is above its limit.")
    var check: String?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (100...100_000_000).contains(requests), (1...1000).contains(rounds) else {
            throw ValidationError("--requests is at least 100, --rounds 1 to 1000.")
        }
    }

    func run() throws {
        let results = try HTTPBench.Shape.allCases.map { try HTTPBench(shape: $0).run(requests, rounds: rounds) }
        var table = TextTable([
            ("SHAPE", .left), ("OURS µs", .right), ("NIO µs", .right), ("OURS/NIO %", .right), ("ALLOC", .right),
            ("NIO ALLOC", .right),
        ])
        for found in results {
            table.add([
                found.shape.rawValue, StagesCommand.decimal(found.ours.microseconds),
                StagesCommand.decimal(found.nio.microseconds), StagesCommand.decimal(found.percent),
                found.ours.allocations.map(StagesCommand.decimal) ?? "–",
                found.nio.allocations.map(StagesCommand.decimal) ?? "–",
            ])
        }
        let value = JSONText.object(
            results.map { found in
                (
                    found.shape.rawValue,
                    .object([
                        ("nanoseconds", .integer(Int64(found.ours.microseconds * 1000))),
                        ("nio_nanoseconds", .integer(Int64(found.nio.microseconds * 1000))),
                        ("percent_of_nio", .integer(Int64(found.percent.rounded()))),
                    ])
                )
            })
        print(json ? value.description : table.text)
        guard let check else { return }
        let costs = results.map {
            Cost(name: "http-\($0.shape.rawValue)", allocations: $0.ours.allocations, percent: $0.percent)
        }
        if try !CostLimits(path: check).check(costs) { throw ExitCode.failure }
    }
}

/// Requests through both readers.
struct HTTPBench {
    /// How the bytes arrive.
    enum Shape: String, CaseIterable {
        /// One request in each read.
        case single
        /// Sixteen in each read.
        case burst
        /// Head and body in two reads.
        case split
    }

    struct Sample {
        /// Of processor time, for one request.
        var microseconds: Double
        /// For one request; nil when they are not counted.
        var allocations: Double?
    }

    struct Result {
        var shape: Shape
        var ours: Sample
        var nio: Sample
        /// The median of the rounds' ratios.
        var percent: Double
    }

    let shape: Shape
    private let reads: [ByteBuffer]
    private let requestsOfReads: Int
    private let allocations = AllocationCounter()

    private static let head = """
        POST /sms/v2/std/single_send HTTP/1.1\r
        Host: 127.0.0.1:8080\r
        User-Agent: bench\r
        Accept: */*\r
        Content-Type: application/json\r
        Content-Length: 210\r
        \r

        """

    init(shape: Shape) {
        self.shape = shape
        let head = ByteBuffer(string: Self.head)
        let body = ByteBuffer(repeating: 0x78, count: 210)
        var whole = head
        whole.writeImmutableBuffer(body)
        switch shape {
        case .single:
            reads = [whole]
            requestsOfReads = 1
        case .burst:
            reads = [ByteBuffer(bytes: (0..<16).flatMap { _ in whole.readableBytesView })]
            requestsOfReads = 16
        case .split:
            reads = [head, body]
            requestsOfReads = 1
        }
    }

    /// Alternates between both, and which of them is first.
    func run(_ requests: Int, rounds: Int) throws -> Result {
        let logger = Logger(label: "yizhan.bench") { StreamLogHandler.standardError(label: $0) }
        let ours = EmbeddedChannel()
        try ours.pipeline.syncOperations.addHandler(
            HTTPServer.connectionHandler(service: ConstantService(), logger: logger))
        ours.connect(to: try SocketAddress(ipAddress: "192.0.2.1", port: 1), promise: nil)
        let nio = EmbeddedChannel()
        try nio.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
        try nio.pipeline.syncOperations.addHandler(DecodedRequestHandler())
        nio.connect(to: try SocketAddress(ipAddress: "192.0.2.1", port: 1), promise: nil)
        for channel in [ours, nio] { _ = try sample(channel, requests / 10) }
        var samples: [(ours: Sample, nio: Sample)] = []
        for round in 0..<rounds {
            if round % 2 == 0 {
                let first = try sample(ours, requests)
                samples.append((first, try sample(nio, requests)))
            } else {
                let first = try sample(nio, requests)
                samples.append((try sample(ours, requests), first))
            }
        }
        func median(_ value: ((ours: Sample, nio: Sample)) -> Double) -> Double {
            samples.map(value).sorted()[rounds / 2]
        }
        return Result(
            shape: shape,
            ours: Sample(microseconds: median { $0.ours.microseconds }, allocations: samples[0].ours.allocations),
            nio: Sample(microseconds: median { $0.nio.microseconds }, allocations: samples[0].nio.allocations),
            percent: median { 100 * $0.ours.microseconds / $0.nio.microseconds })
    }

    private func sample(_ channel: EmbeddedChannel, _ requests: Int) throws -> Sample {
        let before = allocations?.count ?? 0
        let start = StageBench.processorNanoseconds()
        var answered = 0
        let turns = max(1, requests / requestsOfReads)
        for _ in 0..<turns {
            for read in reads {
                // A copy, as each read from a socket has a buffer of its own.
                try channel.writeInbound(channel.allocator.buffer(buffer: read))
            }
            while let bytes = try channel.readOutbound(as: ByteBuffer.self) { answered += bytes.readableBytes }
        }
        let count = Double(turns * requestsOfReads)
        guard answered == turns * requestsOfReads * ConstantService.answerBytes else {
            throw ApplianceFailure("Not every request was answered.")
        }
        return Sample(
            microseconds: Double(StageBench.processorNanoseconds() - start) / 1000 / count,
            allocations: allocations.map { Double($0.count - before) / count })
    }
}

/// Answers every request alike, after a look at its path, its type and its body.
private struct ConstantService: HTTPService {
    static let path = "/sms/v2/std/single_send"
    static let type = "application/json"
    static let answer = HTTPResponse(
        contentType: "application/json;charset=utf-8",
        body: ByteBuffer(string: #"{"result":0,"msgid":1234567,"custid":"b1x2y3z40-000000000001"}"#))
    static let answerBytes: Int = {
        var output = ByteBuffer()
        _ = answer.encode(into: &output, isHeadOnly: false, connection: nil)
        return output.readableBytes
    }()

    func connect(eventLoop: any EventLoop, remoteAddress: [UInt8]?) -> any HTTPConnection { Connection() }

    final class Connection: HTTPConnection {
        func receive(_ request: HTTPRequest, reply: HTTPReply) {
            let isRight = request.path == path && request.contentType == type && request.body.readableBytes == 210
            reply.send(isRight ? answer : HTTPResponse(status: .notFound))
        }
        func closed() {}
    }
}

/// What a handler has to do when NIO's decoder reads for it: join the parts, look at the same values, write the same
/// answer, and flush at the end of a burst.
private final class DecodedRequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    private var head: HTTPRequestHead?
    private var body = ByteBuffer()
    private var output = ByteBuffer()

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body(var part): if body.readableBytes == 0 { body = part } else { body.writeBuffer(&part) }
        case .end:
            guard let head = head.take() else { return }
            let path = head.uri.firstIndex(of: "?").map { String(head.uri[..<$0]) } ?? head.uri
            let isRight =
                path == ConstantService.path && head.headers.first(name: "Content-Type") == ConstantService.type
                && body.readableBytes == 210
            let answer = isRight ? ConstantService.answer : HTTPResponse(status: .notFound)
            _ = answer.encode(
                into: &output, isHeadOnly: head.method == .HEAD, connection: head.isKeepAlive ? nil : "close")
            body = ByteBuffer()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        guard output.readableBytes > 0 else { return }
        context.writeAndFlush(wrapOutboundOut(output), promise: nil)
        output = ByteBuffer()
    }
}
