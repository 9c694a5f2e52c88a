import Store
import Synchronization

/// What happened since the start, for status and figures. Counted once per batch.
public final class EngineCounters: Sendable {
    private let totals = Mutex(Snapshot())
    /// One snapshot a second, of the last minute.
    private let history = Mutex<[Snapshot]>([])

    private static let historySeconds = 60

    /// The figures at one moment, or what lies between two.
    public struct Snapshot: Hashable, Sendable {
        /// Messages of accepted submissions, those to invalid and blocked numbers included.
        public var acceptedMessages = 0
        /// Segments of these, without those to invalid and blocked numbers.
        public var acceptedSegments = 0
        /// Requests that `refused` was called for.
        public var refusedRequests = 0
        /// Messages in calls that the carrier accepted, or whose outcome is uncertain, without numbers that it refused.
        public var submittedMessages = 0
        /// Messages that became final as delivered.
        public var deliveredMessages = 0
        /// Messages that became final as not delivered, those to invalid and blocked numbers included.
        public var failedMessages = 0
        /// Reports that carriers handed over.
        public var inboundReports = 0
        /// Replies that carriers handed over.
        public var inboundReplies = 0
        /// Reports and replies that found no owner and were parked.
        public var parkedItems = 0
        /// Entries put into the outboxes of customers.
        public var outboxEntries = 0
        /// Outbox entries that customers collected or were pushed.
        public var collectedEntries = 0
        /// Wrong credentials.
        public var failedLogins = 0
        /// Credentials that were not looked at, since too many had been wrong.
        public var slowedLogins = 0

        /// Messages that reached a final state.
        public var finalMessages: Int { deliveredMessages + failedMessages }

        static func - (left: Snapshot, right: Snapshot) -> Snapshot {
            var difference = Snapshot()
            for path in fields { difference[keyPath: path] = left[keyPath: path] - right[keyPath: path] }
            return difference
        }

        private static var fields: [WritableKeyPath<Snapshot, Int>] {
            [
                \.acceptedMessages, \.acceptedSegments, \.refusedRequests, \.submittedMessages,
                \.deliveredMessages, \.failedMessages, \.inboundReports, \.inboundReplies,
                \.parkedItems, \.outboxEntries, \.collectedEntries, \.failedLogins, \.slowedLogins,
            ]
        }
    }

    func accepted(_ submissions: [AcceptedSubmission]) {
        var messages = 0
        var segments = 0
        var failed = 0
        var entries = 0
        for submission in submissions {
            // By index, since an iterator copies each part with all its texts.
            for at in submission.parts.indices {
                let count = submission.parts[at].recipients.count
                let perMessage = submission.parts[at].segments
                let sendable = submission.parts[at].sendableCount
                messages += count
                segments += sendable * perMessage
                failed += count - sendable
                entries += (count - sendable) * perMessage
            }
        }
        totals.withLock {
            $0.acceptedMessages &+= messages
            $0.acceptedSegments &+= segments
            $0.failedMessages &+= failed
            $0.outboxEntries &+= entries
        }
    }

    /// Counts a request that was refused; callable on any thread.
    public func refused() { totals.withLock { $0.refusedRequests &+= 1 } }
    func loginFailed() { totals.withLock { $0.failedLogins &+= 1 } }
    func loginSlowed() { totals.withLock { $0.slowedLogins &+= 1 } }
    func collected(_ count: Int) { totals.withLock { $0.collectedEntries &+= count } }
    func submitted(_ count: Int) { totals.withLock { $0.submittedMessages &+= count } }

    func finished(_ effects: Effects) {
        totals.withLock {
            $0.deliveredMessages &+= effects.delivered
            $0.failedMessages &+= effects.failed
            $0.outboxEntries &+= effects.outboxEntries
        }
    }

    func received(reports: Int, replies: Int, parked: Int) {
        totals.withLock {
            $0.inboundReports &+= reports
            $0.inboundReplies &+= replies
            $0.parkedItems &+= parked
        }
    }

    /// To be called once a second.
    func remember() {
        let now = snapshot
        history.withLock { history in
            history.append(now)
            if history.count > Self.historySeconds { history.removeFirst() }
        }
    }

    /// What happened in the last 60 seconds, or since the start if that is less.
    public var lastMinute: Snapshot {
        let before = history.withLock { $0.count < Self.historySeconds ? Snapshot() : $0.first ?? Snapshot() }
        return snapshot - before
    }

    /// The figures now, of one moment.
    public var snapshot: Snapshot { totals.withLock { $0 } }
}
