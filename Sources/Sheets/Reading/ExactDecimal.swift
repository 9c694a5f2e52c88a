/// A decimal number as digits, so that no number goes through binary floating point on its way to a text.
struct ExactDecimal: Equatable {
    var isNegative: Bool
    /// Without zeros in front; empty for 0.
    var digits: [UInt8]
    /// How many of the digits are before the point; negative: so many zeros are between the point and the digits.
    var point: Int

    /// Significant digits that spreadsheet programs keep; files have up to 17, the last ones of binary rounding.
    static let significantMax = 15
    private static let exponentMax = 400

    /// Reads `13800138000`, `1.3800138E10`, `-0.5`; nil for anything else.
    init?(_ text: some Collection<UInt8>) {
        var rest = text[...]
        isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        digits = []
        var point: Int?
        var count = 0
        while let byte = rest.first {
            if byte == UInt8(ascii: "."), point == nil {
                point = count
            } else if (0x30...0x39).contains(byte) {
                guard count < Self.exponentMax else { return nil }
                digits.append(byte - 0x30)
                count += 1
            } else {
                break
            }
            rest = rest.dropFirst()
        }
        guard count > 0 else { return nil }
        self.point = point ?? count
        if let byte = rest.first {
            guard byte | 0x20 == UInt8(ascii: "e"), let exponent = Self.exponent(rest.dropFirst()) else { return nil }
            self.point += exponent
        }
        let zeros = digits.prefix { $0 == 0 }.count
        digits.removeFirst(zeros)
        self.point -= zeros
        round(toSignificant: Self.significantMax)
    }

    private static func exponent(_ text: some Collection<UInt8>) -> Int? {
        var rest = text[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        guard (1...3).contains(rest.count) else { return nil }
        var value = 0
        for byte in rest {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return value <= exponentMax ? (isNegative ? -value : value) : nil
    }

    /// Half away from zero.
    private mutating func round(toSignificant count: Int) { if digits.count > count { cut(at: count) } else { trim() } }

    /// Keeps the first `count` digits, rounded.
    private mutating func cut(at count: Int) {
        guard count >= 0 else {
            digits = []
            return trim()
        }
        guard count < digits.count else { return trim() }
        let isUp = digits[count] >= 5
        digits.removeSubrange(count...)
        if isUp {
            var index = count - 1
            while index >= 0, digits[index] == 9 {
                digits[index] = 0
                index -= 1
            }
            if index >= 0 {
                digits[index] += 1
            } else {
                digits.insert(1, at: 0)
                point += 1
            }
        }
        trim()
    }

    private mutating func trim() {
        while digits.last == 0 { digits.removeLast() }
        if digits.isEmpty {
            isNegative = false
            point = 0
        }
    }

    /// The number without an exponent: `13800138000`, `0.05`.
    var plain: String {
        let whole = (0..<max(point, 0)).map { $0 < digits.count ? digits[$0] : 0 }
        var bytes = whole.isEmpty ? [UInt8(ascii: "0")] : whole.map { $0 + 0x30 }
        if digits.count > max(point, 0) {
            bytes.append(UInt8(ascii: "."))
            bytes += [UInt8](repeating: 0x30, count: max(-point, 0))
            bytes += digits[max(point, 0)...].map { $0 + 0x30 }
        }
        return (isNegative ? "-" : "") + String(decoding: bytes, as: UTF8.self)
    }

    /// The number with exactly so many decimals, rounded half away from zero.
    func text(decimals: Int, isGrouped: Bool, isPercent: Bool) -> String {
        var rounded = self
        if isPercent { rounded.point += digits.isEmpty ? 0 : 2 }
        let keep = rounded.point + decimals
        if keep < rounded.digits.count { rounded.cut(at: keep) }
        var parts = rounded.plain.split(separator: ".").map(String.init)
        let isBelowZero = parts[0].hasPrefix("-")
        if isBelowZero { parts[0].removeFirst() }
        if isGrouped {
            var grouped = ""
            for (index, digit) in parts[0].enumerated() {
                if index > 0, (parts[0].utf8.count - index).isMultiple(of: 3) { grouped.append(",") }
                grouped.append(digit)
            }
            parts[0] = grouped
        }
        let fraction = parts.count > 1 ? parts[1] : ""
        let zeros = String(repeating: "0", count: max(0, decimals - fraction.utf8.count))
        return (isBelowZero ? "-" : "") + parts[0] + (decimals > 0 ? "." + fraction + zeros : "")
            + (isPercent ? "%" : "")
    }
}
