/// Where a message is on its way. The raw values are stored.
public enum MessageState: Int, Sendable, CaseIterable {
    /// Accepted for a later time.
    case scheduled = 0
    /// Accepted and charged, waiting for a channel.
    case queued = 1
    /// An attempt to submit it has begun; what became of the attempt is the attempt's own state.
    case submitted = 2
    /// Final: every segment was delivered.
    case delivered = 3
    /// Final: at least one segment was not.
    case failed = 4

    public var isFinal: Bool { self == .delivered || self == .failed }
    public var name: String { "\(self)" }
}

/// What became of one call to a carrier. The raw values are stored.
public enum AttemptState: Int, Sendable, CaseIterable {
    /// Durable before the first byte leaves.
    case begun = 0
    /// The carrier took it.
    case accepted = 1
    /// The carrier definitely refused it; its messages may be tried again.
    case refused = 2
    /// It never left; its messages may be tried again.
    case notSent = 3
    /// Nobody knows: only a report, an operator or a channel's rule settles it.
    case uncertain = 4
    /// Nobody knows, and its messages were queued again all the same; a late report of it still counts.
    case abandoned = 5

    public var name: String { "\(self)" }
}

/// The final reports of a message's segments, as a pure rule: the first final status of a segment wins, and later
/// ones change nothing.
public struct MessageProgress: Hashable, Sendable {
    public let segmentTotal: Int
    /// Bit k − 1 is set when segment k has its final report.
    public private(set) var reportedMask: Int64
    /// The message's status so far: the first failure, else the delivery.
    public private(set) var status: DeliveryStatus?

    public static let segmentsMax = 63

    public init(segmentTotal: Int, reportedMask: Int64 = 0, status: DeliveryStatus? = nil) {
        self.segmentTotal = segmentTotal
        self.reportedMask = reportedMask
        self.status = status
    }

    public var isFinal: Bool { reportedMask == fullMask }

    private var fullMask: Int64 { .max >> Int64(Self.segmentsMax - segmentTotal) }

    /// Takes a final report. `segment` nil, or a carrier that counts its segments otherwise than we do, speaks of the
    /// whole message.
    /// - Returns: the segments (1-based) that this report decided; empty for a repetition.
    public mutating func apply(_ status: DeliveryStatus, segment: Int?, of total: Int?) -> [Int] {
        if segmentTotal > 1, let segment, total == segmentTotal, (1...segmentTotal).contains(segment) {
            let bit: Int64 = 1 << Int64(segment - 1)
            guard reportedMask & bit == 0 else { return [] }
            reportedMask |= bit
            merge(status)
            return [segment]
        }
        return close(with: status)
    }

    /// Gives every segment that is still open this status.
    /// - Returns: those segments.
    public mutating func close(with status: DeliveryStatus) -> [Int] {
        let open = (1...segmentTotal).filter { reportedMask & (1 << Int64($0 - 1)) == 0 }
        guard !open.isEmpty else { return [] }
        reportedMask = fullMask
        merge(status)
        return open
    }

    public var state: MessageState {
        guard isFinal else { return .submitted }
        return status?.isDelivered == true ? .delivered : .failed
    }

    private mutating func merge(_ new: DeliveryStatus) {
        if status == nil || status?.isDelivered == true { status = new }
    }
}
