/// `%XX` sequences, and `+` for a space.
enum PercentCoding {
    /// The bytes that `text` encodes; nil when a percent sign begins no sequence.
    static func decode(_ text: WireBytes) -> [UInt8]? {
        decode(text, keepsBroken: false)
    }

    /// As `decode`, with percent signs that begin no sequence taken as they are.
    static func decodeLeniently(_ text: WireBytes) -> [UInt8] {
        decode(text, keepsBroken: true) ?? []
    }

    private static func decode(_ text: WireBytes, keepsBroken: Bool) -> [UInt8]? {
        var isWhole = true
        let bytes = [UInt8](unsafeUninitializedCapacity: text.count) { buffer, count in
            var at = 0
            while at < text.count {
                let byte = text[at]
                if byte == UInt8(ascii: "%") {
                    if at + 2 < text.count, let high = value(ofDigit: text[at + 1]),
                        let low = value(ofDigit: text[at + 2])
                    {
                        buffer[count] = high << 4 | low
                        at += 2
                    } else {
                        isWhole = false
                        buffer[count] = byte
                    }
                } else {
                    buffer[count] = byte == UInt8(ascii: "+") ? 0x20 : byte
                }
                count += 1
                at += 1
            }
        }
        return isWhole || keepsBroken ? bytes : nil
    }

    /// Whether there is a `%XX` in it.
    static func hasSequence(_ text: WireBytes) -> Bool {
        var at = 0
        while at + 2 < text.count {
            if text[at] == UInt8(ascii: "%"), value(ofDigit: text[at + 1]) != nil, value(ofDigit: text[at + 2]) != nil {
                return true
            }
            at += 1
        }
        return false
    }

    /// Appends `bytes` with all but letters, digits and `-._~` as `%xx`, in lower case.
    static func append(_ bytes: some Collection<UInt8>, to output: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes.count * 3) { buffer in
            var count = 0
            for byte in bytes {
                if isUnreserved(byte) {
                    buffer[count] = byte
                    count += 1
                } else {
                    buffer[count] = UInt8(ascii: "%")
                    buffer[count + 1] = digit(byte >> 4)
                    buffer[count + 2] = digit(byte & 0xF)
                    count += 3
                }
            }
            output.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[..<count]))
        }
    }

    static func encode(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count * 3)
        append(bytes, to: &output)
        return output
    }

    static func value(ofDigit byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: false
        }
    }
}
