import Dialects
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

    /// Makes the server; nothing listens before `start`.
    public init(
        engine: Engine, configuration: HTTPServerConfiguration, group: any EventLoopGroup, logger: Logger
    ) {
        server = HTTPServer(
            name: "callback", configuration: configuration, service: CallbackService(engine: engine, logger: logger),
            group: group, logger: logger)
    }

    /// - Returns: the address it listens on.
    /// - Throws: NIO's error when the socket cannot be bound, or NIOSSL's for the certificate.
    public func start(on source: ListenSource) async throws -> SocketAddress {
        try await server.start(on: source)
    }

    /// Stops accepting and lets the requests under way be answered; what is left is closed after `drainTimeout`.
    /// Returns when no connection is left.
    public func stop(drainTimeout: TimeAmount) async {
        await server.shutdown(drainTimeout: drainTimeout)
    }
}

private struct CallbackService: HTTPService {
    let engine: Engine
    let logger: Logger

    func connect(eventLoop: any EventLoop, remoteAddress: [UInt8]?) -> any HTTPConnection {
        CallbackConnection(engine: engine, logger: logger, address: remoteAddress ?? [])
    }
}

private final class CallbackConnection: HTTPConnection {
    private let engine: Engine
    private let logger: Logger
    /// Of the carrier: 4 or 16 bytes; empty when it has none. Through a trusted proxy as the proxy says.
    private var address: [UInt8]
    /// Whether some push on it had the token of its channel.
    private(set) var isAuthenticated = false

    init(engine: Engine, logger: Logger, address: [UInt8]) {
        self.engine = engine
        self.logger = logger
        self.address = address
    }

    func knows(path: String) -> Bool { CallbackPath(path) != nil }

    func moved(to remoteAddress: [UInt8]) { address = remoteAddress }

    func receive(_ request: HTTPRequest, reply: HTTPReply) {
        guard let path = CallbackPath(request.path) else {
            reply.send(HTTPResponse(status: .notFound))
            return
        }
        guard request.method == .POST else {
            reply.send(.methodNotAllowed(allow: "POST"))
            return
        }
        let push = Push(
            channel: path.channel, token: path.token, address: address, body: Array(buffer: request.body))
        let engine = engine
        let logger = logger
        let connection = NIOLoopBound(self, eventLoop: reply.eventLoop)
        // A push holds hundreds of reports: one task for each is not one for each message.
        Task {
            let response = await push.receive(engine, logger)
            reply.eventLoop.execute {
                if response.status != .notFound { connection.value.isAuthenticated = true }
                reply.send(response)
            }
        }
    }

    func closed() {}

    private struct Push: Sendable {
        var channel: String
        var token: String
        var address: [UInt8]
        var body: [UInt8]

        func receive(_ engine: Engine, _ logger: Logger) async -> HTTPResponse {
            let clock = engine.configuration.clock
            guard let entry = await engine.channels.channel(inAnyCase: channel),
                isRight(entry.callback, at: clock.now())
            else { return HTTPResponse(status: .notFound) }
            guard entry.callback.admits(address) else {
                let shown = IPAddress(bytes: address).map { "\($0)" } ?? "no address"
                logger.warning(
                    "a push with the right token came from an address that is not allowed",
                    metadata: ["channel": "\(channel)", "address": "\(shown)"])
                return HTTPResponse(status: .notFound)
            }
            guard let name = DialectName(rawValue: entry.endpoint.dialect),
                let dialect = try? name.carrier.init(entry.endpoint), dialect.hasPushes
            else { return HTTPResponse(status: .notFound) }
            // Before it is stored: what is not from whom it says must never stand among what is to be applied.
            let verdict = body.withUnsafeBytes { dialect.judge(push: $0, at: clock.now()) }
            if let refusal = refusal(verdict, for: entry, engine) { return refusal }
            let kept: InboundBody
            do {
                kept = try await engine.inbound.keep(
                    body, of: .pushed, from: entry, refusal: verdict.refusal,
                    within: .milliseconds(engine.configuration.collectionWaitMax))
            } catch {
                // The carrier keeps it and pushes it again.
                log(error, "a push cannot be stored", logger)
                return HTTPResponse(status: .serviceUnavailable)
            }
            if let reason = verdict.refusal {
                logger.warning(
                    "a push was refused; its body is kept",
                    metadata: [
                        "channel": "\(entry.channel.name)", "reason": "\(reason)",
                        "address": "\(IPAddress(bytes: address).map(String.init(describing:)) ?? "?")",
                    ])
            } else {
                await apply(kept, from: entry, engine, logger)
            }
            return Self.response(verdict)
        }

        /// Looks at every token, so that the time tells nothing of which one it is like.
        private func isRight(_ access: CallbackAccess, at now: Timestamp) -> Bool {
            access.tokens(at: now).reduce(false) { constantTimeEqual(token, $1) || $0 }
        }

        /// What a push is answered that must not be kept, because too much of this carrier is kept already.
        private func refusal(
            _ verdict: PushVerdict, for entry: ChannelEntry, _ engine: Engine
        ) -> HTTPResponse? {
            if verdict.refusal == nil {
                // The carrier keeps it and pushes it again.
                return engine.intake.suspension(of: entry.key).map { _ in HTTPResponse(status: .serviceUnavailable) }
            }
            if engine.intake.keepsRefused(of: entry.key) { return nil }
            return Self.response(verdict)
        }

        private static func response(_ verdict: PushVerdict) -> HTTPResponse {
            HTTPResponse(
                status: HTTPResponseStatus(statusCode: verdict.status), contentType: verdict.contentType,
                bytes: verdict.answer)
        }

        /// It is durable and thus ours: whatever happens now, the carrier gets its acknowledgement.
        private func apply(_ kept: InboundBody, from entry: ChannelEntry, _ engine: Engine, _ logger: Logger) async {
            do {
                try await engine.inbound.process(
                    kept, from: entry, within: .milliseconds(engine.configuration.collectionWaitMax))
            } catch {
                log(error, "a stored push is not applied yet; trying again", logger)
            }
        }

        private func log(_ failure: StoreFailure, _ message: Logger.Message, _ logger: Logger) {
            logger.log(
                level: failure.isOfStorage ? .debug : .error, message,
                metadata: ["channel": "\(channel)", "reason": "\(failure)"])
        }
    }
}
