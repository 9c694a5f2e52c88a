/// The final reports of a message's segments, as a pure rule: the first final status of a segment wins, and later
/// ones change nothing.
public struct MessageProgress: Hashable, Sendable {
    /// How many segments the message has, 1 to `segmentsMax`.
    public let segmentTotal: Int
    /// The segments that have their final report.
    public private(set) var reported: SegmentSet
    /// The message's status so far: the first failure, else the delivery.
    public private(set) var status: DeliveryStatus?

    /// As many segments as a `SegmentSet` has bits.
    public static let segmentsMax = 63

    /// - Parameter status: the status of those in `reported`; nil when there are none.
    public init(segmentTotal: Int, reported: SegmentSet = [], status: DeliveryStatus? = nil) {
        self.segmentTotal = segmentTotal
        self.reported = reported
        self.status = status
    }

    /// Whether each segment has its final report.
    public var isFinal: Bool { reported == all }

    /// Whether any segment has its final report.
    public var hasReports: Bool { !reported.isEmpty }

    private var all: SegmentSet { SegmentSet(rawValue: .max >> Int64(Self.segmentsMax - segmentTotal)) }

    /// Takes a final report. `segment` nil, or a carrier that counts its segments otherwise than we do, means the
    /// whole message.
    /// - Returns: the segments that this report decided; empty for a repetition.
    public mutating func apply(_ status: DeliveryStatus, segment: Int?, of total: Int?) -> SegmentSet {
        guard segmentTotal > 1, let segment, total == segmentTotal, (1...segmentTotal).contains(segment) else {
            return close(with: status)
        }
        return decide(SegmentSet(rawValue: 1 << Int64(segment - 1)), status)
    }

    /// Gives every segment that is still open this status.
    /// - Returns: those segments.
    public mutating func close(with status: DeliveryStatus) -> SegmentSet { decide(all, status) }

    private mutating func decide(_ segments: SegmentSet, _ new: DeliveryStatus) -> SegmentSet {
        let open = SegmentSet(rawValue: segments.rawValue & ~reported.rawValue)
        if open.isEmpty { return open }
        reported = SegmentSet(rawValue: reported.rawValue | open.rawValue)
        if status == nil || status?.isDelivered == true { status = new }
        return open
    }

    /// `submitted` until it is final; then `delivered`, or `failed` when a segment failed.
    public var state: MessageState {
        guard isFinal else { return .submitted }
        return status?.isDelivered == true ? .delivered : .failed
    }
}
