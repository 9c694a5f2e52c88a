public import Engine
public import HTTPCore
public import Logging
import Messaging
public import NIOCore
import NIOHTTP1
import Secrets

/// The listener for carriers that push reports and replies to us: `POST /callback/CHANNEL/TOKEN`. A body is durable
/// before it is acknowledged; a refused one is durable too, for the operator.
public actor CallbackServer {
    private let server: HTTPServer

    public init(
        engine: Engine, configuration: HTTPServerConfiguration, group: any EventLoopGroup, logger: Logger
    ) {
        server = HTTPServer(
            name: "callback", configuration: configuration, service: CallbackService(engine: engine, logger: logger),
            group: group, logger: logger)
    }

    /// - Returns: the address it listens on.
    public func start(on source: ListenSource) async throws -> SocketAddress {
        try await server.start(on: source)
    }

    public func stop(drainTimeout: TimeAmount) async {
        await server.shutdown(drainTimeout: drainTimeout)
    }
}

private struct CallbackService: HTTPService {
    let engine: Engine
    let logger: Logger

    func connect(eventLoop: any EventLoop, remoteAddress: [UInt8]?) -> any HTTPConnection {
        CallbackConnection(engine: engine, logger: logger)
    }
}

private final class CallbackConnection: HTTPConnection {
    private let engine: Engine
    private let logger: Logger

    init(engine: Engine, logger: Logger) {
        self.engine = engine
        self.logger = logger
    }

    func receive(_ request: HTTPRequest, reply: HTTPReply) {
        let parts = request.path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[1] == "callback" else {
            reply.send(HTTPResponse(status: .notFound))
            return
        }
        guard request.method == .POST else {
            reply.send(.methodNotAllowed(allow: "POST"))
            return
        }
        let push = Push(
            channel: String(parts[2]), token: String(parts[3]), contentType: request.contentType,
            body: Array(buffer: request.body))
        let engine = engine
        let logger = logger
        // A push holds hundreds of reports: one task for each is not one for each message.
        Task {
            let response = await push.receive(engine, logger)
            reply.eventLoop.execute { reply.send(response) }
        }
    }

    func closed() {}

    private struct Push: Sendable {
        var channel: String
        var token: String
        var contentType: String?
        var body: [UInt8]

        func receive(_ engine: Engine, _ logger: Logger) async -> HTTPResponse {
            guard let entry = await engine.channels.channel(named: channel),
                constantTimeEqual(token, entry.callbackToken)
            else { return HTTPResponse(status: .notFound) }
            let clock = engine.configuration.clock
            guard let dialect = CallbackDialects.make(for: entry) else { return HTTPResponse(status: .notFound) }
            // Before it is stored: what is not from whom it says must never stand among what is to be applied.
            let verdict = dialect.judge(body, contentType: contentType, at: clock.now())
            let kept: InboundBody
            do {
                kept = try await engine.desk.keep(
                    body, of: .pushed, from: entry, refusal: verdict.isAccepted ? nil : verdict.reason)
            } catch {
                // The carrier keeps it and pushes it again.
                log(error, "a push cannot be stored", logger)
                return HTTPResponse(status: .serviceUnavailable)
            }
            if verdict.isAccepted {
                await apply(kept, from: entry, engine, logger)
            } else {
                logger.warning(
                    "a push was refused; its body is kept",
                    metadata: ["channel": "\(channel)", "reason": "\(verdict.reason)"])
            }
            return HTTPResponse(
                status: verdict.status, contentType: verdict.answerContentType, bytes: verdict.answer)
        }

        /// It is durable and thus ours: whatever happens now, the carrier gets its acknowledgement.
        private func apply(_ kept: InboundBody, from entry: ChannelEntry, _ engine: Engine, _ logger: Logger) async {
            do {
                try await engine.desk.process(kept, from: entry)
            } catch {
                log(error, "a stored push is not applied yet; trying again", logger)
            }
        }

        private func log(_ failure: StoreFailure, _ message: Logger.Message, _ logger: Logger) {
            logger.log(
                level: failure.isOfDisk ? .debug : .error, message,
                metadata: ["channel": "\(channel)", "reason": "\(failure)"])
        }
    }
}
