import Engine
import HTTPCore
import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// What the front listener serves: a door for each dialect.
final class CustomerService: HTTPService {
    private let doors: [any DialectDoor]
    private let paths: KnownPaths
    private let sinks = Mutex<[ObjectIdentifier: ReplySink]>([:])

    init(engine: Engine, logger: Logger) {
        let desk = CustomerDesk(engine: engine, logger: logger)
        // Each is asked in turn whether a path is its own, the busiest first.
        doors = [
            OperatorV2Door(desk: desk), EnterpriseDoor(desk: desk), ApiV1Door(desk: desk), GuoduDoor(desk: desk),
            YixintongDoor(desk: desk),
        ]
        paths = KnownPaths(doors.flatMap(\.paths))
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
        return CustomerConnection(context: context, doors: doors, paths: paths)
    }
}

/// One customer's connection.
private final class CustomerConnection: HTTPConnection {
    private let context: ConnectionContext
    private let doors: [any DialectDoor]
    private let paths: KnownPaths

    init(context: ConnectionContext, doors: [any DialectDoor], paths: KnownPaths) {
        self.context = context
        self.doors = doors
        self.paths = paths
    }

    func receive(_ request: HTTPRequest, reply: HTTPReply) {
        for door in doors where door.receive(request, reply: reply, from: context) { return }
        // Folding costs an allocation, and most clients send the documented spelling.
        if let path = paths.documented(request.path) {
            let request = request.asked(at: path)
            for door in doors where door.receive(request, reply: reply, from: context) { return }
        }
        reply.send(HTTPResponse(status: .notFound))
    }

    func knows(path: String) -> Bool { paths.contains(path) }

    var isAuthenticated: Bool { context.isAuthenticated }

    func moved(to remoteAddress: [UInt8]) { context.address = remoteAddress }

    func requestEnded() { context.uncount() }

    func closed() { context.uncount() }
}
