/// Reads `name=value` pairs between ampersands; values are handed out still encoded. Line ends after the last one are
/// not part of it: no encoder leaves one in a value, but files and text templates end in one.
struct FormReader {
    struct Field {
        var name: WireText
        var value: WireBytes
        /// Whether there was an equals sign.
        var hasValue: Bool
    }

    private let bytes: WireBytes
    private var at = 0

    init(_ bytes: WireBytes) {
        var bytes = bytes.withoutMark
        while let last = bytes.last, last == 0x0A || last == 0x0D { bytes = bytes.piece(0..<bytes.count - 1) }
        self.bytes = bytes
    }

    mutating func next() -> Field? {
        while at < bytes.count, bytes[at] == UInt8(ascii: "&") { at += 1 }
        guard at < bytes.count else { return nil }
        let start = at
        var equals: Int?
        while at < bytes.count, bytes[at] != UInt8(ascii: "&") {
            if equals == nil, bytes[at] == UInt8(ascii: "=") { equals = at }
            at += 1
        }
        let name = bytes.piece(start..<(equals ?? at)).trimmed
        let value = bytes.piece((equals.map { $0 + 1 } ?? at)..<at)
        return Field(name: Self.plain(name), value: value, hasValue: equals != nil)
    }

    /// A value decoded, with percent signs that begin no sequence taken as they are.
    static func plain(_ value: WireBytes) -> WireText {
        let isEncoded = value.contains { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }
        return isEncoded ? WireText(owned: PercentCoding.decodeLeniently(value)) : WireText(value)
    }
}
