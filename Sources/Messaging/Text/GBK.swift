/// GBK ↔ Unicode. The mapping is the C library's (GB18030, of which GBK is the one- and two-byte part); it is read
/// once into tables, so that a text costs no call into iconv. Byte 0x80 is the euro sign, as Windows has it.
public enum GBK {
    /// Reads the tables now (a few milliseconds) and not with the first text. Stops the process when the C library
    /// has no GB18030: without it every Chinese text would be refused.
    public static func prepare() {
        _ = GBKTables.shared
    }

    /// The text, or nil when `bytes` is not GBK. Four-byte GB18030 sequences are understood too.
    public static func decode(_ bytes: some Collection<UInt8>) -> String? {
        if let text = bytes.withContiguousStorageIfAvailable(decode(contiguous:)) { return text }
        return Array(bytes).withUnsafeBufferPointer(decode(contiguous:))
    }

    /// The bytes, or nil when a character of `text` has none in GBK (an emoji, say).
    public static func encode(_ text: String) -> [UInt8]? {
        let tables = GBKTables.shared
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            if scalar.value < 0x80 {
                bytes.append(UInt8(scalar.value))
                continue
            }
            guard scalar.value <= 0xFFFF else { return nil }
            let pair = tables.pairs[Int(scalar.value)]
            if pair == 0 { return nil }
            bytes.append(UInt8(pair >> 8))
            bytes.append(UInt8(pair & 0xFF))
        }
        return bytes
    }

    private static func decode(contiguous bytes: UnsafeBufferPointer<UInt8>) -> String? {
        // One byte of GBK is at most three of UTF-8 (0x80, the euro sign); two are at most three, four at most four.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes.count * 3) { buffer in
            var decoder = Decoder(target: buffer)
            guard decoder.run(bytes) else { return nil }
            return String(decoding: buffer[..<decoder.count], as: UTF8.self)
        }
    }

    /// Writes UTF-8 into `target`, which must have room for three times the source.
    private struct Decoder {
        let target: UnsafeMutableBufferPointer<UInt8>
        var count = 0
        /// Opened for the first four-byte sequence of a text: they are rare.
        var converter: GB18030Converter?

        init(target: UnsafeMutableBufferPointer<UInt8>) {
            self.target = target
        }

        /// False when `source` is not GBK.
        mutating func run(_ source: UnsafeBufferPointer<UInt8>) -> Bool {
            let tables = GBKTables.shared
            var index = 0
            while index < source.count {
                let lead = source[index]
                if lead < 0x80 {
                    push(lead)
                    index += 1
                } else if lead == 0x80 {
                    push(scalar: 0x20AC)
                    index += 1
                } else {
                    guard lead <= 0xFE, index + 1 < source.count else { return false }
                    let second = source[index + 1]
                    if (0x30...0x39).contains(second) {
                        guard index + 3 < source.count,
                            let scalar = fourBytes(lead, second, source[index + 2], source[index + 3])
                        else { return false }
                        push(scalar: scalar.value)
                        index += 4
                    } else {
                        let unit = tables.units[GBKTables.index(lead, second)]
                        if unit == 0 { return false }
                        push(scalar: UInt32(unit))
                        index += 2
                    }
                }
            }
            return true
        }

        private mutating func fourBytes(
            _ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8
        ) -> Unicode.Scalar? {
            if converter == nil { converter = GB18030Converter() }
            return converter?.scalar(first, second, third, fourth)
        }

        private mutating func push(_ byte: UInt8) {
            target[count] = byte
            count += 1
        }

        private mutating func push(scalar value: UInt32) {
            if value < 0x80 {
                push(UInt8(value))
                return
            }
            if value < 0x800 {
                push(0xC0 | UInt8(value >> 6))
            } else {
                if value < 0x10000 {
                    push(0xE0 | UInt8(value >> 12))
                } else {
                    push(0xF0 | UInt8(value >> 18))
                    push(0x80 | UInt8(value >> 12 & 0x3F))
                }
                push(0x80 | UInt8(value >> 6 & 0x3F))
            }
            push(0x80 | UInt8(value & 0x3F))
        }
    }
}
