import Messaging

/// Messages that all wait equally long, so that they come out in the order in which they went in.
struct DelayedQueue {
    /// From submission to report, in milliseconds.
    let delay: Int64
    private(set) var waiting = ChunkedQueue<SubmittedMessage>()

    init(delay: Int64) {
        self.delay = delay
    }

    mutating func append(_ message: SubmittedMessage) {
        waiting.append(message)
    }

    /// The next message whose report is due.
    mutating func popDue(at now: Timestamp) -> SubmittedMessage? {
        guard let first = waiting.first, first.part.submittedAt.adding(milliseconds: delay) <= now else { return nil }
        return waiting.popFirst()
    }
}
