import Messaging

/// Reads `yyyy-MM-dd HH:mm:ss`. The last one read is remembered: entries of a list share theirs.
struct ChinaTimeReader {
    private var lastText: (UInt64, UInt64, UInt64) = (0, 0, 0)
    private var last: Timestamp?

    /// Nil for anything that is no time.
    mutating func read(_ text: WireText) -> Timestamp? {
        text.withBytes { read($0.trimmed) }
    }

    private mutating func read(_ text: WireBytes) -> Timestamp? {
        guard text.count == 19 else { return text.count > 32 ? nil : Timestamp(chinaText: text.string) }
        let raw = UnsafeRawBufferPointer(text)
        let key = (
            raw.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
            raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
            raw.loadUnaligned(fromByteOffset: 11, as: UInt64.self)
        )
        if key != lastText {
            lastText = key
            last = Self.parse(text) ?? Timestamp(chinaText: text.string)
        }
        return last
    }

    private static func parse(_ text: WireBytes) -> Timestamp? {
        guard text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"), text[10] == UInt8(ascii: " "),
            text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":")
        else { return nil }
        func number(_ range: Range<Int>, _ isWhole: inout Bool) -> Int {
            var value = 0
            for digit in text[range] {
                if !(0x30...0x39).contains(digit) { isWhole = false }
                value = value * 10 + Int(digit) - 0x30
            }
            return value
        }
        var isWhole = true
        let china = Timestamp.China(
            year: number(0..<4, &isWhole), month: number(5..<7, &isWhole), day: number(8..<10, &isWhole),
            hour: number(11..<13, &isWhole), minute: number(14..<16, &isWhole), second: number(17..<19, &isWhole))
        return isWhole ? Timestamp(china: china) : nil
    }
}
