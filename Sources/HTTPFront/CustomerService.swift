import Engine
import HTTPCore
import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// What the front listener serves: a door for each dialect.
final class CustomerService: HTTPService {
    private let doors: [any DialectDoor]
    private let sinks = Mutex<[ObjectIdentifier: ReplySink]>([:])

    init(engine: Engine, logger: Logger) {
        let desk = CustomerDesk(engine: engine, logger: logger)
        // Each is asked in turn whether a path is its own, the busiest first.
        doors = [
            OperatorV2Door(desk: desk),
            EnterpriseDoor(desk: desk),
        ]
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
        return CustomerConnection(context: context, doors: doors)
    }
}

/// One customer's connection.
private final class CustomerConnection: HTTPConnection {
    private let context: ConnectionContext
    private let doors: [any DialectDoor]

    init(context: ConnectionContext, doors: [any DialectDoor]) {
        self.context = context
        self.doors = doors
    }

    func receive(_ request: HTTPRequest, reply: HTTPReply) {
        for door in doors where door.receive(request, reply: reply, from: context) { return }
        reply.send(HTTPResponse(status: .notFound))
    }

    func closed() { context.closed() }
}
