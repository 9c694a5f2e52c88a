import NIOCore

/// The connections of one event loop. Lives on that loop.
final class ConnectionTable {
    let buffers: BufferLimiter
    let limiter: ConnectionLimiter
    private let log: RateLimitedLog
    private let period: TimeAmount
    private var entries: [ObjectIdentifier: Entry] = [:]
    /// Candidates for eviction, oldest first: holds every connection that has not authenticated. Authenticated and
    /// closed ones are skipped, and removed when they are the majority.
    private var unknown = CircularBuffer<ConnectionHandler>()
    /// The tables of the server's other event loops.
    var others: [NIOLoopBoundBox<ConnectionTable>] = []
    private var timer: RepeatedTask?
    private var isDraining = false

    private struct Entry {
        let handler: ConnectionHandler
        /// False for a connection that only gets the answer 503.
        let isServed: Bool
        /// The address that it counts for.
        var key: AddressKey?
    }

    enum Verdict {
        case accepted
        /// It is answered 503.
        case refused
        /// It is closed without an answer: the limit of 503 answers is reached, or the server stops.
        case dropped
    }

    init(
        limits: HTTPServerConfiguration, limiter: ConnectionLimiter, buffers: BufferLimiter, log: RateLimitedLog
    ) {
        self.limiter = limiter
        self.buffers = buffers
        self.log = log
        let shortest = min(
            limits.firstByteTimeout, limits.headerTimeout, limits.bodyTimeout, limits.bodyGrace, limits.idleTimeout,
            limits.lingerTimeout)
        period = max(.milliseconds(5), min(.seconds(1), .nanoseconds(shortest.nanoseconds / 4)))
    }

    /// Counts a new connection. At the limit, evicts one that has never authenticated and has no request under way.
    func add(_ handler: ConnectionHandler, key: AddressKey?) -> Verdict {
        guard !isDraining else { return .dropped }
        var verdict = limiter.enter(key)
        if verdict == .full, evictUnknown() { verdict = limiter.enter(key) }
        switch verdict {
        case .accepted:
            entries[ObjectIdentifier(handler)] = Entry(handler: handler, isServed: true, key: key)
            remember(handler)
            return .accepted
        case .full, .addressFull:
            log.warn(
                verdict == .full
                    ? "connections are refused: the limit of all connections is reached"
                    : "connections are refused: the limit of one address is reached")
            if verdict == .full {
                // Frees a place for the next connection.
                for other in others { other.eventLoop.execute { _ = other.value.evictUnknown() } }
            }
            guard limiter.enterRefused() else { return .dropped }
            entries[ObjectIdentifier(handler)] = Entry(handler: handler, isServed: false)
            return .refused
        case .closing: return .dropped
        }
    }

    /// Counts a served connection from a trusted proxy for the address that the proxy names; false when that address
    /// has reached its limit.
    func assign(_ key: AddressKey, to handler: ConnectionHandler) -> Bool {
        let id = ObjectIdentifier(handler)
        guard let entry = entries[id], entry.isServed, entry.key == nil, limiter.take(key) else { return false }
        entries[id]?.key = key
        return true
    }

    func remove(_ handler: ConnectionHandler) {
        guard let entry = entries.removeValue(forKey: ObjectIdentifier(handler)) else { return }
        if entry.isServed { limiter.leave(entry.key) } else { limiter.leaveRefused() }
    }

    private func remember(_ handler: ConnectionHandler) {
        unknown.append(handler)
        guard unknown.count > 2 * entries.count + Self.unknownSpare else { return }
        unknown = CircularBuffer(unknown.filter { !$0.isAuthenticated && entries[ObjectIdentifier($0)] != nil })
    }

    /// Closes the oldest candidate without a request under way; false when none is found in `triesMax` tries, which
    /// bound the cost of a new connection.
    private func evictUnknown() -> Bool {
        let now = NIODeadline.now()
        for _ in 0..<min(Self.triesMax, unknown.count) {
            let handler = unknown.removeFirst()
            guard !handler.isAuthenticated, entries[ObjectIdentifier(handler)] != nil else { continue }
            guard handler.isDispensable(now) else {
                unknown.append(handler)
                continue
            }
            remove(handler)
            handler.close()
            return true
        }
        return false
    }

    /// How many candidates one eviction looks at.
    private static let triesMax = 32
    /// Below this surplus `unknown` is not compacted.
    private static let unknownSpare = 64

    func start(on eventLoop: any EventLoop) {
        let table = NIOLoopBound(self, eventLoop: eventLoop)
        timer = eventLoop.scheduleRepeatedTask(initialDelay: period, delay: period) { _ in
            let now = NIODeadline.now()
            for entry in table.value.entries.values { entry.handler.checkTime(now) }
        }
    }

    func drain() {
        isDraining = true
        for entry in entries.values { entry.handler.drain() }
    }

    func closeAll() {
        for entry in entries.values { entry.handler.close() }
    }

    func stop() {
        timer?.cancel()
        timer = nil
        others = []
        unknown.removeAll()
    }
}
