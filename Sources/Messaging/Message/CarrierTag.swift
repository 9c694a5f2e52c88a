/// What we write into a carrier's custom field, so that a report finds its message even if the submit reply was lost:
/// `m<sequence>` for a message of its own, `m<sequence>a<attempt>` for a call whose messages share the field (the
/// sequence is the first one's) and where a tag must not come twice; `digits` where letters are not allowed.
public struct CarrierTag: Hashable, Sendable {
    /// Of a tag that was read from digits the number within the epoch only.
    public var sequence: MessageSequence
    /// The call that it went out in. Of a tag that was read from digits the low 32 bits only.
    public var attempt: AttemptID?

    /// How many digits `digits` has.
    public static let digitCount = 20
    /// How many bits of an attempt `digits` has room for.
    public static let attemptBits: Int64 = 32

    /// - Parameter attempt: nil where the message's tag need not differ from one attempt to the next.
    public init(sequence: MessageSequence, attempt: AttemptID? = nil) {
        self.sequence = sequence
        self.attempt = attempt
    }

    /// `m12`, or `m12a7` with an attempt.
    public var text: String {
        guard let attempt else { return "m\(sequence)" }
        return "m\(sequence)a\(attempt)"
    }

    /// Nil when the text is not one of ours, in either form.
    public init?(_ text: String) {
        guard text.utf8.first == UInt8(ascii: "m") else {
            guard let tag = CarrierTag(digits: text) else { return nil }
            self = tag
            return
        }
        guard let tag = text.withUTF8Bytes(Self.read) else { return nil }
        self = tag
    }

    /// - Parameter bytes: with the `m` in front.
    private static func read(_ bytes: UnsafeBufferPointer<UInt8>) -> CarrierTag? {
        var sequence: Int64?
        var value: Int64?
        for (index, byte) in bytes.enumerated().dropFirst() {
            switch (index, byte) {
            case (1..., UInt8(ascii: "a")):
                guard let done = value, sequence == nil else { return nil }
                (sequence, value) = (done, nil)
            case (1..<40, 0x30...0x39):
                let (product, over) = (value ?? 0).multipliedReportingOverflow(by: 10)
                let (sum, over2) = product.addingReportingOverflow(Int64(byte - 0x30))
                if over || over2 { return nil }
                value = sum
            default: return nil
            }
        }
        guard let last = value else { return nil }
        guard let sequence else { return CarrierTag(sequence: MessageSequence(last)) }
        return CarrierTag(sequence: MessageSequence(sequence), attempt: AttemptID(last))
    }

    // MARK: Digits only

    /// 20 decimal digits with zeros in front: the attempt's low 32 bits × 2³⁴ + the sequence's number within its epoch,
    /// since 20 digits hold no more. Without an attempt its part is 0.
    public var digits: String {
        let low = UInt128(UInt64(truncatingIfNeeded: attempt?.rawValue ?? 0) & Self.attemptMask)
        let digits = String(low << UInt128(MessageID.sequenceBits) | UInt128(sequence.rawValue & MessageID.sequenceMax))
        return String(repeating: "0", count: Self.digitCount - digits.utf8.count) + digits
    }

    /// Nil unless it is 20 digits that `digits` could have made.
    public init?(digits text: some StringProtocol) {
        guard text.utf8.count == Self.digitCount else { return nil }
        var value: UInt128 = 0
        for byte in text.utf8 {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + UInt128(byte - 0x30)
        }
        guard let attempt = Int64(exactly: value >> UInt128(MessageID.sequenceBits)), attempt <= Self.attemptMask else {
            return nil
        }
        self.sequence = MessageSequence(Int64(value & UInt128(MessageID.sequenceMax)))
        self.attempt = attempt == 0 ? nil : AttemptID(attempt)
        if sequence == 0 { return nil }
    }

    private static let attemptMask: UInt64 = 1 << UInt64(attemptBits) - 1

    /// The attempt whose low bits are `low`, when `latest` is the last one there is: the latest with these bits.
    public static func attempt(low: AttemptID, latest: AttemptID) -> AttemptID {
        let span: Int64 = 1 << attemptBits
        let candidate = AttemptID(latest.rawValue / span * span + low.rawValue)
        return candidate <= latest ? candidate : candidate - span
    }
}
