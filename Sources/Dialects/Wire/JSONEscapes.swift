/// Backslash sequences of JSON strings.
enum JSONEscapes {
    /// How many bytes the character at `at` takes, in text of two-byte characters.
    static func width(_ bytes: WireBytes, _ at: Int) -> Int {
        bytes[at] > 0x80 && at + 1 < bytes.count && bytes[at + 1] >= 0x30 ? 2 : 1
    }

    /// Nil for an unknown sequence, one cut short, and, unless it is replaced by U+FFFD, half a surrogate pair.
    static func unescape(_ raw: WireBytes, _ isDoubleByte: Bool, _ replacesHalves: Bool) -> WireText? {
        var result: [UInt8] = []
        result.reserveCapacity(raw.count)
        var isUnicode = false
        var at = 0
        while at < raw.count {
            let byte = raw[at]
            guard byte == UInt8(ascii: "\\") else {
                let width = isDoubleByte ? width(raw, at) : 1
                result.append(contentsOf: raw[at..<at + width])
                at += width
                continue
            }
            guard at + 1 < raw.count else { return nil }
            at += 2
            switch raw[at - 1] {
            case UInt8(ascii: "\""): result.append(0x22)
            case UInt8(ascii: "\\"): result.append(0x5C)
            case UInt8(ascii: "/"): result.append(0x2F)
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "u"):
                guard let scalar = scalar(raw, &at, replacesHalves) else { return nil }
                if scalar.value >= 0x80 { isUnicode = true }
                result.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            default: return nil
            }
        }
        return WireText(owned: result, isUnicode: isUnicode)
    }

    /// The scalar whose four digits are at `at`, with the second half of a pair if it is the first.
    private static func scalar(_ raw: WireBytes, _ at: inout Int, _ replacesHalves: Bool) -> Unicode.Scalar? {
        guard let unit = unit(raw, &at) else { return nil }
        let half: Unicode.Scalar? = replacesHalves ? "\u{FFFD}" : nil
        guard (0xD800...0xDBFF).contains(unit) else { return Unicode.Scalar(unit) ?? half }
        guard at + 1 < raw.count, raw[at] == UInt8(ascii: "\\"), raw[at + 1] == UInt8(ascii: "u") else { return half }
        var behind = at + 2
        guard let low = self.unit(raw, &behind) else { return nil }
        // What follows and is no second half is a character of its own.
        guard (0xDC00...0xDFFF).contains(low) else { return half }
        at = behind
        return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
    }

    private static func unit(_ raw: WireBytes, _ at: inout Int) -> UInt32? {
        guard at + 4 <= raw.count else { return nil }
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = PercentCoding.value(ofDigit: raw[at]) else { return nil }
            value = value << 4 | UInt32(digit)
            at += 1
        }
        return value
    }
}
