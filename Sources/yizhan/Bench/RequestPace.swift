/// The moments at which requests are due when they come at a rate. Moments are nanoseconds of one clock.
struct RequestPace {
    /// Between two requests.
    let interval: UInt64
    /// When the next request is due.
    private(set) var nextDue: UInt64 = .max

    /// `messagesPerRequest`: of this request and of those that other senders of the same load send meanwhile.
    init(messagesPerSecond: Int, messagesPerRequest: Int) {
        interval = max(1, UInt64(messagesPerRequest) * 1_000_000_000 / UInt64(max(1, messagesPerSecond)))
    }

    mutating func begin(at moment: UInt64) { nextDue = moment }

    /// Takes the next request that is due by now; its moment may be long past.
    mutating func next(at now: UInt64) -> UInt64? {
        guard nextDue <= now else { return nil }
        defer { nextDue += interval }
        return nextDue
    }

    /// The request that was taken last could not be sent.
    mutating func giveBack() { nextDue -= interval }

    /// Requests that are due and not taken.
    func dueCount(at now: UInt64) -> Int {
        nextDue <= now ? Int((now - nextDue) / interval) + 1 : 0
    }
}
