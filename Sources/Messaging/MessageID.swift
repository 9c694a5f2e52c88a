/// A message's number, as customers see it: the low 34 bits are a sequence value that is given out once, ever;
/// the bits above count segments, so segment *k* (1-based) of a message is its id + (k − 1) × 2³⁴.
///
/// Source: seed 002 §3.3 and WIRE.md §002. Always positive and below 2⁶³.
public struct MessageID: RawRepresentable, Hashable, Comparable, Sendable {
    /// How many low bits hold the sequence.
    public static let sequenceBits: Int64 = 34
    /// The distance between the ids of two neighbouring segments: 17179869184.
    public static let segmentStride: Int64 = 1 << sequenceBits
    /// The largest sequence value that can be given out.
    public static let sequenceMax: Int64 = segmentStride - 1

    public let rawValue: Int64

    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// The id of a whole message, which is also the id of its first segment.
    public init(sequence: Int64) {
        self.rawValue = sequence
    }

    /// The message's own number, without the segment.
    public var sequence: Int64 { rawValue & Self.sequenceMax }

    /// 1-based segment number that this id stands for.
    public var segment: Int { Int(rawValue >> Self.sequenceBits) + 1 }

    /// The id of segment `number` (1-based) of this message.
    public func segment(_ number: Int) -> MessageID {
        MessageID(rawValue: sequence + Int64(number - 1) * Self.segmentStride)
    }

    /// The id of the message `offset` places behind this one in its batch.
    public func advanced(by offset: Int) -> MessageID {
        MessageID(rawValue: rawValue + Int64(offset))
    }

    public static func < (left: MessageID, right: MessageID) -> Bool { left.rawValue < right.rawValue }
}
