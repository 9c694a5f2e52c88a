/// Writes compact, well-formed XML in UTF-8, with its prolog.
struct XMLWriter: RecordWriter {
    var output: [UInt8] = []

    init(capacity: Int) {
        output.reserveCapacity(capacity)
        output.append("<?xml version=\"1.0\" encoding=\"utf-8\"?>")
    }

    mutating func open(_ root: StaticString) { startTag(root) }
    mutating func close(_ root: StaticString) { endTag(root) }
    mutating func openList(_ name: StaticString) { startTag(name) }
    mutating func closeList(_ name: StaticString) { endTag(name) }
    mutating func openItem(_ name: StaticString) { startTag(name) }
    mutating func closeItem(_ name: StaticString) { endTag(name) }
    mutating func begin(_ name: StaticString, isText: Bool) { startTag(name) }
    mutating func end(_ name: StaticString, isText: Bool) { endTag(name) }

    /// Characters that XML cannot hold are U+FFFD: the control characters but tab, LF and CR, and U+FFFE and U+FFFF.
    mutating func escaped(_ text: String) {
        // Digits, letters and the signs between them in ASCII: all that most values have.
        if output.append(text, ifAll: { (0x40..<0xEF).contains($0) || (0x2D...0x3A).contains($0) || $0 == 0x20 }) {
            return
        }
        // EF BF BE and EF BF BF; nothing else in UTF-8 begins with EF BF and ends in one of these two.
        var before: (UInt8, UInt8) = (0, 0)
        for byte in text.utf8 {
            defer { before = (before.1, byte) }
            switch byte {
            case 0xBE...0xBF where before == (0xEF, 0xBF):
                output.append(0xBD)
            case UInt8(ascii: "&"): output.append("&amp;")
            case UInt8(ascii: "<"): output.append("&lt;")
            case UInt8(ascii: ">"): output.append("&gt;")
            case UInt8(ascii: "\""): output.append("&quot;")
            case 0x0D: output.append("&#13;")
            case 0x00...0x08, 0x0B, 0x0C, 0x0E...0x1F: output.append("\u{FFFD}")
            default: output.append(byte)
            }
        }
    }

    private mutating func startTag(_ name: StaticString) {
        output.append(UInt8(ascii: "<"))
        output.append(name)
        output.append(UInt8(ascii: ">"))
    }

    private mutating func endTag(_ name: StaticString) {
        output.append("</")
        output.append(name)
        output.append(UInt8(ascii: ">"))
    }
}
