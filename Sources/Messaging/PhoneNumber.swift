/// A telephone number that a message can be sent to, in eight bytes.
///
/// Mainland numbers are 11 digits that begin with 1; `0086`, `+86` and `86` in front are normalised away. Others are
/// `00` + country code + number (E.164: at most 15 digits behind the `00`). Source: seed 002 §3.2, WIRE.md "General".
public struct PhoneNumber: RawRepresentable, Hashable, Sendable {
    /// Positive: the 11 digits of a mainland number. Negative: minus the E.164 digits of a foreign one.
    public let rawValue: Int64

    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// Nil when the text is not a number a message can be sent to.
    public init?(_ text: some StringProtocol) {
        var text = text
        let parsed: Int64?? = text.withUTF8IfPossible { Self.parse($0) }
        guard let value = parsed ?? nil else { return nil }
        self.rawValue = value
    }

    public var isMainland: Bool { rawValue > 0 }

    /// As it stands on the wire: `13800138000`, or `0085256412345`.
    public var text: String { rawValue > 0 ? String(rawValue) : "00" + String(rawValue.magnitude) }

    /// For logs and screens of people who need not know it: `138****8000`.
    public var masked: String { Self.masked(text) }

    /// Any number text with its middle hidden.
    public static func masked(_ text: String) -> String {
        guard text.count > 7 else { return String(repeating: "*", count: text.count) }
        return text.prefix(3) + "****" + text.suffix(4)
    }

    static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
        var digits = bytes[...]
        while let first = digits.first, first == 0x20 || first == 0x09 { digits = digits.dropFirst() }
        while let last = digits.last, last == 0x20 || last == 0x09 { digits = digits.dropLast() }
        var international = false
        if digits.first == UInt8(ascii: "+") {
            digits = digits.dropFirst()
            international = true
        } else if digits.starts(with: [0x30, 0x30]) {
            digits = digits.dropFirst(2)
            international = true
        }
        guard (7...15).contains(digits.count), digits.first != 0x30 else { return nil }
        var value: Int64 = 0
        for byte in digits {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        let mainland: ClosedRange<Int64> = 10_000_000_000...19_999_999_999
        let prefixed: ClosedRange<Int64> = 8_610_000_000_000...8_619_999_999_999
        if prefixed.contains(value) { return value - 8_600_000_000_000 }
        if international {
            let isChina = digits.starts(with: [UInt8(ascii: "8"), UInt8(ascii: "6")])
            return isChina ? nil : -value
        }
        return mainland.contains(value) ? value : nil
    }
}

extension StringProtocol {
    /// Runs `body` on the UTF-8 bytes, copying only when the string is not native and contiguous.
    fileprivate mutating func withUTF8IfPossible<T>(_ body: (UnsafeBufferPointer<UInt8>) -> T) -> T? {
        if let result = utf8.withContiguousStorageIfAvailable(body) { return result }
        var copy = String(self)
        return copy.withUTF8(body)
    }
}

/// One addressee of a submission, as the customer wrote it.
public enum Recipient: Hashable, Sendable {
    case number(PhoneNumber)
    /// Cannot be sent to; kept verbatim (at most 32 bytes) for its failure report.
    case invalid(String)

    public static let invalidTextBytesMax = 32

    public init(_ text: some StringProtocol) {
        if let number = PhoneNumber(text) {
            self = .number(number)
        } else {
            var kept = ""
            for scalar in text.unicodeScalars where kept.utf8.count + 4 <= Self.invalidTextBytesMax && scalar.value >= 32 {
                kept.unicodeScalars.append(scalar)
            }
            self = .invalid(kept)
        }
    }

    public var text: String {
        switch self {
        case .number(let number): number.text
        case .invalid(let text): text
        }
    }
}
