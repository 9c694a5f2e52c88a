/// What we write into a carrier's custom field, so that a report finds its message even if the submit reply was lost:
/// `m<sequence>` for a message of its own, `m<first sequence>a<attempt>` for a call whose messages share the field.
public struct CarrierTag: Hashable, Sendable {
    public var sequence: Int64
    /// Set when the field is shared by all messages of that attempt.
    public var attempt: Int64?

    public init(sequence: Int64, attempt: Int64? = nil) {
        self.sequence = sequence
        self.attempt = attempt
    }

    public var text: String {
        guard let attempt else { return "m\(sequence)" }
        return "m\(sequence)a\(attempt)"
    }

    /// Nil when the text is not one of ours.
    public init?(_ text: String) {
        var numbers: [Int64] = []
        var value: Int64?
        for (index, byte) in text.utf8.enumerated() {
            switch (index, byte) {
            case (0, UInt8(ascii: "m")): break
            case (1..., UInt8(ascii: "a")):
                guard let done = value, numbers.isEmpty else { return nil }
                numbers.append(done)
                value = nil
            case (1..<40, 0x30...0x39):
                let (product, over) = (value ?? 0).multipliedReportingOverflow(by: 10)
                let (sum, over2) = product.addingReportingOverflow(Int64(byte - 0x30))
                if over || over2 { return nil }
                value = sum
            default: return nil
            }
        }
        guard let last = value else { return nil }
        numbers.append(last)
        self.sequence = numbers[0]
        self.attempt = numbers.count > 1 ? numbers[1] : nil
    }
}
