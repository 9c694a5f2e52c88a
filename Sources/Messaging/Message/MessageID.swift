/// A message's number, as customers see it (`Dialects/OperatorV2/INTERFACE.md`, "What we settled"). 1 to 2⁶³ − 1:
///
/// | bits | what |
/// |---|---|
/// | 0–33 | the number within its epoch, from 1 |
/// | 34–37 | segment − 1, so that segment *k* is the message's id + (k − 1) × 2³⁴ |
/// | 38–62 | the epoch: 0, and one more each time an epoch's numbers are used up |
///
/// A message's *sequence* is the id of its first segment: it is what the store keys its rows by, and it grows from one
/// message to the next. The messages of one request have consecutive sequences of one epoch.
public struct MessageID: RawRepresentable, Hashable, Comparable, Sendable {
    /// How many low bits hold the number within an epoch.
    public static let sequenceBits: Int64 = 34
    /// The distance between the ids of two neighbouring segments: 17179869184.
    public static let segmentStride: Int64 = 1 << sequenceBits
    /// The largest number within an epoch.
    public static let sequenceMax: Int64 = segmentStride - 1
    /// More than this an id cannot tell apart.
    public static let segmentsMax = 16
    /// Where the epoch begins.
    public static let epochBits: Int64 = 38
    /// The distance between the first sequences of two neighbouring epochs.
    public static let epochStride: Int64 = 1 << epochBits
    /// The last epoch: 2²⁵ of them have 2⁵⁹ sequences.
    public static let epochMax: Int64 = .max >> epochBits

    /// No message has a greater sequence.
    public static let lastSequence = MessageSequence(epochMax << epochBits | sequenceMax)

    private static let segmentMask: Int64 = Int64(segmentsMax - 1) << sequenceBits

    /// Bits as in the table above.
    public let rawValue: Int64

    /// - Parameter rawValue: not checked; an id from outside may be any number.
    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// The id of a whole message, which is also the id of its first segment.
    public init(sequence: MessageSequence) {
        self.rawValue = sequence.rawValue
    }

    /// The message's own, without the segment.
    public var sequence: MessageSequence { MessageSequence(rawValue & ~Self.segmentMask) }

    /// 1-based segment number of this id.
    public var segment: Int { Int(rawValue >> Self.sequenceBits & Int64(Self.segmentsMax - 1)) + 1 }

    /// Which epoch it lies in, from 0.
    public var epoch: Int64 { rawValue >> Self.epochBits }

    /// The number within the epoch, without the segment.
    public var number: Int64 { rawValue & Self.sequenceMax }

    /// The id of segment `number` (1 to 16) of this message.
    public func segment(_ number: Int) -> MessageID {
        MessageID(
            rawValue: sequence.rawValue | Int64(truncatingIfNeeded: number - 1) << Self.sequenceBits & Self.segmentMask)
    }

    /// The id of the message `offset` places after this one in its batch.
    public func advanced(by offset: Int) -> MessageID {
        MessageID(rawValue: rawValue + Int64(offset))
    }

    /// In the order of the bare numbers: by epoch, then segment, then number.
    public static func < (left: MessageID, right: MessageID) -> Bool { left.rawValue < right.rawValue }

    /// Where `count` consecutive sequences can begin when `next` is the first that is free: there, or at the start of
    /// the next epoch when they do not fit into this one. Nil when no epoch is left.
    public static func start(of count: Int, from next: MessageSequence) -> MessageSequence? {
        guard next >= 0, let count = Int64(exactly: count), (0...sequenceMax).contains(count) else { return nil }
        let epoch = next.rawValue >> epochBits
        // Up to 2³⁸ − 1, since what was free may lie after the last number of its epoch.
        let number = next.rawValue & (epochStride - 1)
        if number + count - 1 <= sequenceMax { return next }
        return epoch < epochMax ? MessageSequence((epoch + 1) << epochBits | 1) : nil
    }
}
