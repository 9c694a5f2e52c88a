import Messaging

/// `&…;` in XML text.
enum XMLEntities {
    /// - Parameter replacesHalves: whether a numeric reference that names no character is U+FFFD.
    /// - Throws: `Rejection.malformedXML` for anything but the five predefined entities and numeric references.
    static func resolve(_ raw: WireBytes, replacesHalves: Bool) throws(Rejection) -> WireText {
        guard raw.contains(UInt8(ascii: "&")) else { return WireText(raw) }
        var result: [UInt8] = []
        result.reserveCapacity(raw.count)
        var isUnicode = false
        var at = 0
        while at < raw.count {
            guard raw[at] == UInt8(ascii: "&") else {
                result.append(raw[at])
                at += 1
                continue
            }
            // The longest reference that there can be is `&#1114111;`.
            let limit = min(raw.count, at + 12)
            guard let end = (at..<limit).first(where: { raw[$0] == UInt8(ascii: ";") }),
                let scalar = scalar(raw.piece(at + 1..<end), replacesHalves)
            else { throw .malformedXML }
            if scalar.value >= 0x80 { isUnicode = true }
            result.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            at = end + 1
        }
        return WireText(owned: result, isUnicode: isUnicode)
    }

    private static func scalar(_ name: WireBytes, _ replacesHalves: Bool) -> Unicode.Scalar? {
        if name.equals("amp") { return "&" }
        if name.equals("lt") { return "<" }
        if name.equals("gt") { return ">" }
        if name.equals("quot") { return "\"" }
        if name.equals("apos") { return "'" }
        guard name.count >= 2, name[0] == UInt8(ascii: "#") else { return nil }
        let isHexadecimal = name[1] == UInt8(ascii: "x")
        let digits = name.piece((isHexadecimal ? 2 : 1)..<name.count)
        guard let value = UInt32(digits.string, radix: isHexadecimal ? 16 : 10) else { return nil }
        return Unicode.Scalar(value) ?? (replacesHalves ? "\u{FFFD}" : nil)
    }
}
