/// A telephone number that a message can be sent to, in eight bytes.
///
/// Mainland numbers are 11 digits that begin with 1; `0086`, `+86` and `86` in front are normalised away. Others are
/// `00` + country code + number (E.164: at most 15 digits after the `00`).
public struct PhoneNumber: RawRepresentable, Hashable, Sendable {
    /// Positive: the 11 digits of a mainland number. Negative: minus the E.164 digits of a foreign one.
    public let rawValue: Int64

    /// - Parameter rawValue: as it is stored; not checked.
    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// Nil when the text is not a number a message can be sent to. Blanks around it do not matter. Allocates nothing.
    @inlinable
    public init?(_ text: some StringProtocol) {
        guard let value = text.withUTF8Bytes({ Self.parse($0) }) else { return nil }
        self.rawValue = value
    }

    /// Whether it is a number of the Chinese mainland.
    public var isMainland: Bool { rawValue > 0 }

    /// As it is on the wire: `13800138000`, or `0085256412345`.
    public var text: String { rawValue > 0 ? String(rawValue) : "00" + String(rawValue.magnitude) }

    /// How a customer may write a number. Reports name it in the same way, since clients find their message by it. The
    /// raw values are stored.
    public enum Writing: UInt8, Hashable, Sendable, CaseIterable {
        /// `13800138000`, or `0085256412345`.
        case plain = 0
        /// `8613800138000`.
        case code = 1
        /// `+8613800138000`, or `+85256412345`.
        case plus = 2
        /// `008613800138000`.
        case zeros = 3
    }

    /// As it was written.
    public func text(_ writing: Writing) -> String {
        switch (writing, isMainland) {
        case (.plain, _), (.code, false), (.zeros, false): text
        case (.code, true): "86" + String(rawValue)
        case (.zeros, true): "0086" + String(rawValue)
        case (.plus, true): "+86" + String(rawValue)
        case (.plus, false): "+" + String(rawValue.magnitude)
        }
    }

    /// How this number was written, blanks around it aside.
    @usableFromInline
    func writing(in bytes: UnsafeBufferPointer<UInt8>) -> Writing {
        var start = 0
        var end = bytes.count
        while start < end, Self.isBlank(bytes[start]) { start += 1 }
        while end > start, Self.isBlank(bytes[end - 1]) { end -= 1 }
        if start < end, bytes[start] == UInt8(ascii: "+") { return .plus }
        guard isMainland else { return .plain }
        switch end - start {
        case 13: return .code
        case 15: return .zeros
        default: return .plain
        }
    }

    /// For logs and screens of people who need not know it: `138****8000`.
    public var masked: String { Self.masked(text) }

    /// Any number text with its middle hidden.
    public static func masked(_ text: String) -> String {
        guard text.count > 7 else { return String(repeating: "*", count: text.count) }
        return text.prefix(3) + "****" + text.suffix(4)
    }

    @usableFromInline
    static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
        var start = 0
        var end = bytes.count
        while start < end, isBlank(bytes[start]) { start += 1 }
        while end > start, isBlank(bytes[end - 1]) { end -= 1 }
        var isForeign = false
        if start < end, bytes[start] == UInt8(ascii: "+") {
            start += 1
            isForeign = true
        } else if end - start >= 2, bytes[start] == 0x30, bytes[start + 1] == 0x30 {
            start += 2
            isForeign = true
        }
        guard (7...15).contains(end - start), bytes[start] != 0x30 else { return nil }
        var value: Int64 = 0
        for index in start..<end {
            let digit = bytes[index] &- 0x30
            guard digit <= 9 else { return nil }
            value = value * 10 + Int64(digit)
        }
        // 86 and eleven digits that begin with 1.
        if (8_610_000_000_000...8_619_999_999_999).contains(value) { return value - 8_600_000_000_000 }
        if isForeign {
            let isChina = bytes[start] == UInt8(ascii: "8") && bytes[start + 1] == UInt8(ascii: "6")
            return isChina ? nil : -value
        }
        return (10_000_000_000...19_999_999_999).contains(value) ? value : nil
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
}

/// One addressee of a submission, as the customer wrote it.
public enum Recipient: Hashable, Sendable {
    /// A number that can be sent to, and how the customer wrote it.
    case number(PhoneNumber, PhoneNumber.Writing = .plain)
    /// Cannot be sent to; kept for its failure report: its first 32 bytes, without control characters.
    case invalid(String)

    /// The most bytes of an invalid text that are kept.
    public static let invalidTextBytesMax = 32

    /// Reads one entry of a list of recipients; anything is taken, and what is no number becomes `invalid`.
    @inlinable
    public init(_ text: some StringProtocol) {
        if let number = PhoneNumber(text) {
            self = .number(number, text.withUTF8Bytes { number.writing(in: $0) })
        } else {
            self = .invalid(Self.kept(text))
        }
    }

    @usableFromInline
    static func kept(_ text: some StringProtocol) -> String {
        var kept = ""
        var bytes = 0
        for scalar in text.unicodeScalars {
            // C0, DEL, C1, and what XML 1.0 forbids besides: no reply could carry them.
            if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value & 0xFFFE == 0xFFFE {
                continue
            }
            bytes += UTF8.width(scalar)
            if bytes > invalidTextBytesMax { break }
            kept.unicodeScalars.append(scalar)
        }
        return kept
    }

    /// As the customer wrote it.
    public var text: String {
        switch self {
        case .number(let number, let writing): number.text(writing)
        case .invalid(let text): text
        }
    }
}
