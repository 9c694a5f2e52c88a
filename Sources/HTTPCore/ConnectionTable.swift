import NIOCore

/// The connections of one event loop. Lives on that loop.
final class ConnectionTable {
    let buffered: BufferedBytes
    private let census: ConnectionCensus
    private let period: TimeAmount
    private var handlers: [ObjectIdentifier: (handler: ConnectionHandler, verdict: ConnectionCensus.Verdict)] = [:]
    private var timer: RepeatedTask?
    private var isDraining = false

    init(limits: HTTPServerConfiguration, census: ConnectionCensus, buffered: BufferedBytes) {
        self.census = census
        self.buffered = buffered
        let shortest = min(limits.headerTimeout, limits.bodyTimeout, limits.idleTimeout, limits.lingerTimeout)
        period = max(.milliseconds(5), min(.seconds(1), .nanoseconds(shortest.nanoseconds / 4)))
    }

    /// Counts a new connection in, unless there is no room for it.
    func add(_ handler: ConnectionHandler) -> ConnectionCensus.Verdict {
        let verdict = isDraining ? .noRoom : census.enter()
        if verdict != .noRoom { handlers[ObjectIdentifier(handler)] = (handler, verdict) }
        return verdict
    }

    func remove(_ handler: ConnectionHandler) {
        guard let entry = handlers.removeValue(forKey: ObjectIdentifier(handler)) else { return }
        census.leave(entry.verdict)
    }

    func start(on eventLoop: any EventLoop) {
        let table = NIOLoopBound(self, eventLoop: eventLoop)
        timer = eventLoop.scheduleRepeatedTask(initialDelay: period, delay: period) { _ in
            let now = NIODeadline.now()
            for entry in table.value.handlers.values { entry.handler.checkTime(now) }
        }
    }

    func drain() {
        isDraining = true
        for entry in handlers.values { entry.handler.drain() }
    }

    func closeAll() {
        for entry in handlers.values { entry.handler.close() }
    }

    func stop() {
        timer?.cancel()
        timer = nil
    }
}
