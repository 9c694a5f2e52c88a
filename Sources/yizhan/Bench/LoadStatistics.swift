/// What came of the requests of one event loop, or of all of them.
struct LoadStatistics: Sendable {
    var requests = 0
    var acceptedMessages = 0
    /// Requests without success, by what came instead: a result code of the dialect, `http 503`, `connection closed`.
    var errors: [String: Int] = [:]
    /// Of accepted requests: from the request written (or, with a rate, from the moment it was due) to its reply read.
    var latency = LatencyHistogram()
    /// The same of requests that were answered otherwise.
    var refusalLatency = LatencyHistogram()

    mutating func merge(_ other: LoadStatistics) {
        requests += other.requests
        acceptedMessages += other.acceptedMessages
        errors.merge(other.errors, uniquingKeysWith: +)
        latency.merge(other.latency)
        refusalLatency.merge(other.refusalLatency)
    }
}

/// The whole of a run. Moments are nanoseconds of the monotonic clock.
struct LoadResult: Sendable {
    var startedAt: UInt64
    var windowStart: UInt64
    var windowEnd: UInt64
    /// The last reply was read, or given up.
    var endedAt: UInt64
    /// Requests answered within the window; with a rate, those that were due in it.
    var window: LoadStatistics
    /// All requests, warm-up and tail too.
    var all: LoadStatistics
    /// Requests that were still without a reply when the run was given up.
    var unanswered: Int
    /// Requests that were due, but for which no connection had room.
    var unsent: Int

    var windowSeconds: Double { Double(windowEnd - windowStart) / 1e9 }
}
