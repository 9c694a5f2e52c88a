import Dialects
import Engine
import HTTPCore
import Logging
import Messaging
import NIOCore
import NIOHTTP1
import Synchronization

/// What the front listener serves: the paths of all dialects.
final class CustomerService: HTTPService {
    private let handlers: PathHandlers
    private let sinks = Mutex<[ObjectIdentifier: ReplySink]>([:])

    /// - Parameter others: of dialects that are not in the list of all.
    init(engine: Engine, logger: Logger, others: [PathHandler] = []) {
        let maker = PathHandlerMaker(engine: engine, logger: logger)
        handlers = PathHandlers(DialectName.allCases.flatMap { $0.visit(maker) } + others)
    }

    func connect(eventLoop: any EventLoop, remoteAddress: [UInt8]?) -> any HTTPConnection {
        let sink = sinks.withLock { sinks in
            let key = ObjectIdentifier(eventLoop)
            if let sink = sinks[key] { return sink }
            let made = ReplySink(eventLoop: eventLoop)
            sinks[key] = made
            return made
        }
        let context = ConnectionContext(eventLoop: eventLoop, address: remoteAddress ?? [], sink: sink)
        return CustomerConnection(context: context, handlers: handlers)
    }
}

/// One customer's connection.
private final class CustomerConnection: HTTPConnection {
    private let context: ConnectionContext
    private let handlers: PathHandlers

    init(context: ConnectionContext, handlers: PathHandlers) {
        self.context = context
        self.handlers = handlers
    }

    func receive(_ request: HTTPRequest, reply: HTTPReply) {
        guard let receive = handlers.handler(of: request.path) else {
            return reply.send(HTTPResponse(status: .notFound))
        }
        receive(request, reply, context)
    }

    func knows(path: String) -> Bool { handlers.handler(of: path) != nil }

    var isAuthenticated: Bool { context.isAuthenticated }

    func moved(to remoteAddress: [UInt8]) { context.address = remoteAddress }

    func requestEnded() { context.uncount() }

    func closed() { context.uncount() }
}
