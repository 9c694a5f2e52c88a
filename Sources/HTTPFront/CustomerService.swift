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
    private let pages: (any HTTPService)?
    private let sinks = Mutex<[ObjectIdentifier: ReplySink]>([:])

    /// - Parameters:
    ///   - pages: serves the paths that no dialect has; nil: they are not found.
    ///   - others: of dialects that are not in the list of all.
    init(engine: Engine, pages: (any HTTPService)? = nil, logger: Logger, others: [PathHandler] = []) {
        self.pages = pages
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
        return CustomerConnection(context: context, handlers: handlers, pages: pages)
    }
}

/// One customer's connection.
private final class CustomerConnection: HTTPConnection {
    private let context: ConnectionContext
    private let handlers: PathHandlers
    private let pages: (any HTTPService)?
    /// Made at the first request for a page.
    private var pageConnection: (any HTTPConnection)?
    private var isBehindProxy = false

    init(context: ConnectionContext, handlers: PathHandlers, pages: (any HTTPService)?) {
        self.context = context
        self.handlers = handlers
        self.pages = pages
    }

    func receive(_ request: HTTPRequest, reply: HTTPReply) {
        if let handler = handlers.handler(of: request.path) { return handler.receive(request, reply, context) }
        guard let connection = connectPages(), connection.knows(path: request.path) else {
            return reply.send(HTTPResponse(status: .notFound))
        }
        connection.receive(request, reply: reply)
    }

    private func connectPages() -> (any HTTPConnection)? {
        if let pageConnection { return pageConnection }
        let address = context.address.isEmpty ? nil : context.address
        pageConnection = pages?.connect(eventLoop: context.eventLoop, remoteAddress: address)
        if isBehindProxy { pageConnection?.moved(to: context.address) }
        return pageConnection
    }

    func knows(path: String) -> Bool {
        handlers.handler(of: path) != nil || connectPages()?.knows(path: path) == true
    }

    func allowance(path: String) -> BodyAllowance? {
        handlers.handler(of: path) == nil ? connectPages()?.allowance(path: path) : nil
    }

    var isAuthenticated: Bool { context.isAuthenticated || pageConnection?.isAuthenticated == true }

    func moved(to remoteAddress: [UInt8]) {
        context.address = remoteAddress
        isBehindProxy = true
        pageConnection?.moved(to: remoteAddress)
    }

    func requestEnded() {
        context.uncount()
        pageConnection?.requestEnded()
    }

    func closed() {
        context.uncount()
        pageConnection?.closed()
    }
}
