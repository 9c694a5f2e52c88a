import Store
import Synchronization

/// What happened since the start, for status and figures. Counted once per batch.
public final class EngineCounters: Sendable {
    private let acceptedMessages = Atomic<Int>(0)
    private let acceptedSegments = Atomic<Int>(0)
    private let refusedRequests = Atomic<Int>(0)
    private let submittedMessages = Atomic<Int>(0)
    private let finalMessages = Atomic<Int>(0)
    private let inboundReports = Atomic<Int>(0)
    private let inboundReplies = Atomic<Int>(0)
    private let parkedItems = Atomic<Int>(0)
    private let collectedEntries = Atomic<Int>(0)

    public struct Snapshot: Sendable {
        public var acceptedMessages: Int
        public var acceptedSegments: Int
        public var refusedRequests: Int
        public var submittedMessages: Int
        public var finalMessages: Int
        public var inboundReports: Int
        public var inboundReplies: Int
        public var parkedItems: Int
        public var collectedEntries: Int
    }

    func accepted(_ submissions: [AcceptedSubmission]) {
        var messages = 0
        var segments = 0
        var invalid = 0
        for part in submissions.lazy.flatMap(\.parts) {
            let valid = part.validRecipientCount
            messages += part.recipients.count
            segments += valid * part.segments
            invalid += part.recipients.count - valid
        }
        acceptedMessages.add(messages, ordering: .relaxed)
        acceptedSegments.add(segments, ordering: .relaxed)
        finalMessages.add(invalid, ordering: .relaxed)
    }

    public func refused() { refusedRequests.add(1, ordering: .relaxed) }
    public func collected(_ count: Int) { collectedEntries.add(count, ordering: .relaxed) }
    func submitted(_ count: Int) { submittedMessages.add(count, ordering: .relaxed) }
    func finished(_ count: Int) { finalMessages.add(count, ordering: .relaxed) }

    func received(reports: Int, replies: Int, parked: Int) {
        inboundReports.add(reports, ordering: .relaxed)
        inboundReplies.add(replies, ordering: .relaxed)
        parkedItems.add(parked, ordering: .relaxed)
    }

    public var snapshot: Snapshot {
        Snapshot(
            acceptedMessages: acceptedMessages.load(ordering: .relaxed),
            acceptedSegments: acceptedSegments.load(ordering: .relaxed),
            refusedRequests: refusedRequests.load(ordering: .relaxed),
            submittedMessages: submittedMessages.load(ordering: .relaxed),
            finalMessages: finalMessages.load(ordering: .relaxed),
            inboundReports: inboundReports.load(ordering: .relaxed),
            inboundReplies: inboundReplies.load(ordering: .relaxed),
            parkedItems: parkedItems.load(ordering: .relaxed),
            collectedEntries: collectedEntries.load(ordering: .relaxed))
    }
}
