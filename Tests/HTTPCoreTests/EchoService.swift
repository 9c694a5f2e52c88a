import HTTPCore
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Says back what it was asked. Some paths do it in their own way: `/later` when the event loop comes around again,
/// `/hold` when it is told to, `/twice` two times, `/abort` not at all, `/large` at length, `/huge` beyond what the
/// kernel holds, `/who` with the address of the request's source; `/login` authenticates the connection; `/unknown` is
/// refused at the head.
final class EchoService: HTTPService {
    struct Tally: Sendable {
        var connected = 0
        var closed = 0
        var received = 0
        var addresses: [[UInt8]?] = []
        var held: [HTTPReply] = []
    }

    let tally = Mutex(Tally())

    static let hugeBytes = 32 << 20

    func connect(eventLoop: any EventLoop, remoteAddress: [UInt8]?) -> any HTTPConnection {
        tally.withLock {
            $0.connected += 1
            $0.addresses.append(remoteAddress)
        }
        return EchoConnection(service: self, address: remoteAddress ?? [])
    }

    func releaseHeld() {
        let held = tally.withLock { tally in
            defer { tally.held = [] }
            return tally.held
        }
        for reply in held { reply.eventLoop.execute { reply.send(text("held")) } }
    }

    var received: Int { tally.withLock { $0.received } }
    var heldCount: Int { tally.withLock { $0.held.count } }
    /// Connections that were made and not yet closed.
    var open: Int { tally.withLock { $0.connected - $0.closed } }
}

private func text(_ text: String, status: HTTPResponseStatus = .ok) -> HTTPResponse {
    HTTPResponse(status: status, contentType: "text/plain", bytes: Array(text.utf8))
}

private final class EchoConnection: HTTPConnection {
    private let service: EchoService
    private var address: [UInt8]
    private(set) var isAuthenticated = false

    init(service: EchoService, address: [UInt8]) {
        self.service = service
        self.address = address
    }

    func knows(path: String) -> Bool { path != "/unknown" }

    func moved(to remoteAddress: [UInt8]) { address = remoteAddress }

    func receive(_ request: HTTPRequest, reply: HTTPReply) {
        service.tally.withLock { $0.received += 1 }
        let body = String(buffer: request.body)
        let answer = text("\(request.method.rawValue) \(request.path) [\(request.query)] \(body)")
        switch request.path {
        case "/later": reply.eventLoop.execute { reply.send(answer) }
        case "/hold": service.tally.withLock { $0.held.append(reply) }
        case "/who": reply.send(text(address.map { String($0) }.joined(separator: ".")))
        case "/login":
            isAuthenticated = true
            reply.send(answer)
        case "/abort": reply.abort()
        case "/missing": reply.send(text("no", status: .notFound))
        case "/type": reply.send(text(request.contentType ?? "none"))
        case "/headers":
            reply.send(text(request.headers.map { "\($0.name)=\($0.value)" }.joined(separator: ";")))
        case "/header": reply.send(text(request.header("x-MINE") ?? "none"))
        case "/large":
            reply.send(HTTPResponse(contentType: "text/plain", body: ByteBuffer(repeating: 0x78, count: 1 << 20)))
        case "/huge":
            let body = ByteBuffer(repeating: 0x78, count: EchoService.hugeBytes)
            reply.send(HTTPResponse(contentType: "text/plain", body: body))
        case "/file":
            guard let file = try? FileBody(path: request.query) else { return reply.send(text("?", status: .notFound)) }
            reply.send(HTTPResponse(contentType: "text/plain", file: file))
        case "/twice":
            reply.send(answer)
            reply.send(text("again"))
        default: reply.send(answer)
        }
    }

    func closed() {
        service.tally.withLock { $0.closed += 1 }
    }
}

/// A server on a free port with the echo service behind it, for as long as `body` runs.
func withServer(
    _ configure: (inout HTTPServerConfiguration) -> Void = { _ in },
    source: ListenSource = .bind(host: "127.0.0.1", port: 0),
    _ body: (EchoService, SocketAddress, HTTPServer) async throws -> Void
) async throws {
    var configuration = HTTPServerConfiguration()
    // A machine with other work may take long between two bytes of a test: only a test of time-outs shall meet one.
    configuration.firstByteTimeout = .minutes(5)
    configuration.headerTimeout = .minutes(5)
    configuration.bodyGrace = .minutes(5)
    configuration.bodyTimeout = .minutes(5)
    configuration.idleTimeout = .minutes(5)
    configure(&configuration)
    let service = EchoService()
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let server = HTTPServer(
        name: "test", configuration: configuration, service: service, group: MultiThreadedEventLoopGroup.singleton,
        logger: logger)
    let address = try await server.start(on: source)
    do {
        try await body(service, address, server)
    } catch {
        await server.shutdown(drainTimeout: .zero)
        throw error
    }
    await server.shutdown(drainTimeout: .zero)
}

/// Names what a closure changes.
func limits(
    _ change: @escaping (inout HTTPServerConfiguration) -> Void
) -> (inout HTTPServerConfiguration) -> Void {
    change
}
