import Store
import Synchronization

/// What happened since the start, for status and figures. Counted once per batch.
public final class EngineCounters: Sendable {
    private let acceptedMessages = Atomic<Int>(0)
    private let acceptedSegments = Atomic<Int>(0)
    private let refusedRequests = Atomic<Int>(0)
    private let submittedMessages = Atomic<Int>(0)
    private let deliveredMessages = Atomic<Int>(0)
    private let failedMessages = Atomic<Int>(0)
    private let inboundReports = Atomic<Int>(0)
    private let inboundReplies = Atomic<Int>(0)
    private let parkedItems = Atomic<Int>(0)
    private let outboxEntries = Atomic<Int>(0)
    private let collectedEntries = Atomic<Int>(0)
    private let failedLogins = Atomic<Int>(0)
    private let slowedLogins = Atomic<Int>(0)
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
            for part in submission.parts {
                let sendable = part.validRecipientCount - part.blocked.count
                let rest = part.recipients.count - sendable
                messages += part.recipients.count
                segments += sendable * part.segments
                failed += rest
                entries += rest * part.segments
            }
        }
        acceptedMessages.add(messages, ordering: .relaxed)
        acceptedSegments.add(segments, ordering: .relaxed)
        guard failed > 0 else { return }
        failedMessages.add(failed, ordering: .relaxed)
        outboxEntries.add(entries, ordering: .relaxed)
    }

    /// Counts a request that was refused; callable on any thread.
    public func refused() { refusedRequests.add(1, ordering: .relaxed) }
    func loginFailed() { failedLogins.add(1, ordering: .relaxed) }
    func loginSlowed() { slowedLogins.add(1, ordering: .relaxed) }
    func collected(_ count: Int) { collectedEntries.add(count, ordering: .relaxed) }
    func submitted(_ count: Int) { submittedMessages.add(count, ordering: .relaxed) }

    func finished(_ effects: Effects) {
        deliveredMessages.add(effects.delivered, ordering: .relaxed)
        failedMessages.add(effects.failed, ordering: .relaxed)
        outboxEntries.add(effects.outboxEntries, ordering: .relaxed)
    }

    func received(reports: Int, replies: Int, parked: Int) {
        inboundReports.add(reports, ordering: .relaxed)
        inboundReplies.add(replies, ordering: .relaxed)
        parkedItems.add(parked, ordering: .relaxed)
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

    /// The figures now; each is exact, but they are not read at one moment.
    public var snapshot: Snapshot {
        Snapshot(
            acceptedMessages: acceptedMessages.load(ordering: .relaxed),
            acceptedSegments: acceptedSegments.load(ordering: .relaxed),
            refusedRequests: refusedRequests.load(ordering: .relaxed),
            submittedMessages: submittedMessages.load(ordering: .relaxed),
            deliveredMessages: deliveredMessages.load(ordering: .relaxed),
            failedMessages: failedMessages.load(ordering: .relaxed),
            inboundReports: inboundReports.load(ordering: .relaxed),
            inboundReplies: inboundReplies.load(ordering: .relaxed),
            parkedItems: parkedItems.load(ordering: .relaxed),
            outboxEntries: outboxEntries.load(ordering: .relaxed),
            collectedEntries: collectedEntries.load(ordering: .relaxed),
            failedLogins: failedLogins.load(ordering: .relaxed),
            slowedLogins: slowedLogins.load(ordering: .relaxed))
    }
}
