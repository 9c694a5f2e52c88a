import NIOCore

/// The connections of one event loop. Lives on that loop.
final class ConnectionTable {
    let buffered: BufferedBytes
    let census: ConnectionCensus
    private let notice: RareNotice
    private let period: TimeAmount
    private var entries: [ObjectIdentifier: Entry] = [:]
    /// Candidates for eviction, oldest first: holds every connection that has not authenticated. Authenticated and
    /// closed ones are skipped when met, and removed when they are the majority.
    private var strangers = CircularBuffer<ConnectionHandler>()
    /// The tables of the server's other event loops.
    var others: [NIOLoopBoundBox<ConnectionTable>] = []
    private var timer: RepeatedTask?
    private var isDraining = false

    private struct Entry {
        let handler: ConnectionHandler
        /// False for a connection that only gets the answer 503.
        let isServed: Bool
        var share: AddressShare?
    }

    enum Verdict {
        case welcome
        /// It is answered 503.
        case toBeRefused
        /// It is closed without an answer: the limit of 503 answers is reached, or the server stops.
        case noRoom
    }

    init(
        limits: HTTPServerConfiguration, census: ConnectionCensus, buffered: BufferedBytes, notice: RareNotice
    ) {
        self.census = census
        self.buffered = buffered
        self.notice = notice
        let shortest = min(
            limits.firstByteTimeout, limits.headerTimeout, limits.bodyTimeout, limits.bodyGrace, limits.idleTimeout,
            limits.lingerTimeout)
        period = max(.milliseconds(5), min(.seconds(1), .nanoseconds(shortest.nanoseconds / 4)))
    }

    /// Counts a new connection. At the limit, evicts one that has never authenticated and has no request under way.
    func add(_ handler: ConnectionHandler, share: AddressShare?) -> Verdict {
        guard !isDraining else { return .noRoom }
        var verdict = census.enter(share)
        if verdict == .full, evictStranger() { verdict = census.enter(share) }
        switch verdict {
        case .welcome:
            entries[ObjectIdentifier(handler)] = Entry(handler: handler, isServed: true, share: share)
            remember(handler)
            return .welcome
        case .full, .shareTaken:
            notice.give(
                verdict == .full
                    ? "connections are refused: the limit of all connections is reached"
                    : "connections are refused: the limit of one address is reached")
            if verdict == .full {
                // Frees a place for the next connection.
                for other in others { other.eventLoop.execute { _ = other.value.evictStranger() } }
            }
            guard census.enterRefused() else { return .noRoom }
            entries[ObjectIdentifier(handler)] = Entry(handler: handler, isServed: false)
            return .toBeRefused
        case .closing: return .noRoom
        }
    }

    /// Counts a served connection from a trusted proxy for the address that the proxy names; false when that address
    /// has reached its limit.
    func assign(_ share: AddressShare, to handler: ConnectionHandler) -> Bool {
        let key = ObjectIdentifier(handler)
        guard let entry = entries[key], entry.isServed, entry.share == nil, census.take(share) else { return false }
        entries[key]?.share = share
        return true
    }

    func remove(_ handler: ConnectionHandler) {
        guard let entry = entries.removeValue(forKey: ObjectIdentifier(handler)) else { return }
        if entry.isServed { census.leave(entry.share) } else { census.leaveRefused() }
    }

    private func remember(_ handler: ConnectionHandler) {
        strangers.append(handler)
        guard strangers.count > 2 * entries.count + Self.strangersSpare else { return }
        strangers = CircularBuffer(strangers.filter { !$0.isAuthenticated && entries[ObjectIdentifier($0)] != nil })
    }

    /// Closes the oldest candidate without a request under way; false when none is found within `looksMax` looks, which
    /// bound the cost of a new connection.
    private func evictStranger() -> Bool {
        let now = NIODeadline.now()
        for _ in 0..<min(Self.looksMax, strangers.count) {
            let handler = strangers.removeFirst()
            guard !handler.isAuthenticated, entries[ObjectIdentifier(handler)] != nil else { continue }
            guard handler.isDispensable(now) else {
                strangers.append(handler)
                continue
            }
            remove(handler)
            handler.close()
            return true
        }
        return false
    }

    /// Candidates that one eviction looks at.
    private static let looksMax = 32
    /// Below this surplus `strangers` is not compacted.
    private static let strangersSpare = 64

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
        strangers.removeAll()
    }
}
