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

    /// Whether the message never changes again.
    public var isFinal: Bool { self == .delivered || self == .failed }
    /// The case's name, which is what operators read.
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
    /// It is not known whether the carrier has it: a report, an operator or a channel's rule decides.
    case uncertain = 4
    /// It was never known, and its messages were queued again; a late report of it still counts.
    case abandoned = 5

    /// The case's name, which is what operators read.
    public var name: String { "\(self)" }
    /// Those that something is still to become of: the index of open attempts has these and no others.
    public static let open: [AttemptState] = [.begun, .uncertain]
}

/// Segments of one message, numbered from 1, as the bits of a stored number: bit k − 1 is segment k.
public struct SegmentSet: RawRepresentable, Hashable, Sendable, ExpressibleByArrayLiteral, Sequence {
    /// Bit k − 1 is segment k.
    public let rawValue: Int64

    /// - Parameter rawValue: as it is stored; not negative.
    public init(rawValue: Int64) { self.rawValue = rawValue }

    /// - Parameter segments: 1 to 63, in any order.
    public init(arrayLiteral segments: Int...) { rawValue = segments.reduce(0) { $0 | 1 << Int64($1 - 1) } }

    /// Whether no segment is in it.
    public var isEmpty: Bool { rawValue == 0 }
    /// How many segments are in it.
    public var count: Int { rawValue.nonzeroBitCount }

    /// The segments in ascending order.
    public func makeIterator() -> Iterator { Iterator(rest: rawValue) }

    /// Numbers of the segments, from 1, ascending.
    public struct Iterator: IteratorProtocol {
        fileprivate var rest: Int64

        /// The next segment's number; nil after the last.
        public mutating func next() -> Int? {
            guard rest != 0 else { return nil }
            defer { rest &= rest &- 1 }
            return rest.trailingZeroBitCount + 1
        }
    }
}

/// Events of a message's timeline that are stored with it. The raw values are stored; those of a call are
/// `attempt <id>`.
public enum TimelineKind: String, Sendable, CaseIterable {
    /// A rule of the account ended the message when it was accepted, so it was never charged.
    case keptBack = "kept back"
    /// The account's blacklist ended the message when it became due.
    case keptBackWhenDue = "kept back when due"
    /// An operator took the message out before it was due.
    case cancelled
    /// A failed report led to a second channel, or a second channel was not found.
    case retry
    /// The channel's rule queued an uncertain message again.
    case resent
    /// An operator decided about an uncertain message.
    case settledByHand = "settled by hand"
    /// A report said only that the message is on its way.
    case interimReport = "interim report"
    /// A report of the first attempt after the message was given to a second channel.
    case lateReport = "late report"
    /// A final report came for segments that had theirs.
    case repeatedReport = "repeated report"
}

/// Why a message failed, which decides whether its charge goes back.
public enum FailureCause: Hashable, Sendable, CaseIterable {
    /// The number was invalid or a rule kept the message back when it was accepted: there is nothing to pay back.
    case neverCharged
    /// Platform or carrier refused it.
    case refused
    /// It went out and did not arrive.
    case undelivered
    /// An operator took it out before it was due.
    case cancelled
    /// The blacklist of its account took it out when it was due.
    case keptBack
    /// It has not left while it was worth sending.
    case notInTime

    /// Whether the charge of the failed segments goes back to an account with this rule.
    public func isRefunded(under rule: Account.RefundRule) -> Bool {
        switch (self, rule) {
        case (.cancelled, _), (.keptBack, _), (.notInTime, _): true
        case (.neverCharged, _), (_, .never), (.undelivered, .refused): false
        case (.refused, _), (.undelivered, .failed): true
        }
    }

    /// What a refund's note says of it besides the status; nil: no more than that.
    public var words: String? {
        switch self {
        case .cancelled: "cancelled before it was due"
        case .keptBack: "kept back when it was due"
        case .notInTime: "not sent in time"
        case .neverCharged, .refused, .undelivered: nil
        }
    }
}
