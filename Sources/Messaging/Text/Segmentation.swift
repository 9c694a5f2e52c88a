/// How a text is cut into segments, the unit of billing and of reports.
///
/// Length counts UTF-16 code units. Up to 70 are one segment; longer texts are cut into segments of 67, and a
/// surrogate pair is never split: it moves to the next segment whole.
public enum Segmentation {
    /// UTF-16 units up to which a text is one segment.
    public static let singleUnitsMax = 70
    /// UTF-16 units of each segment of a longer text, at most.
    public static let partUnitsMax = 67

    /// The number of segments of `text`; 0 for an empty one. Allocates nothing.
    public static func count(of text: String) -> Int {
        // UTF-8 never has fewer bytes than UTF-16 has units.
        if text.utf8.count <= singleUnitsMax { return text.isEmpty ? 0 : 1 }
        var text = text
        return text.withUTF8 { bytes in
            let (units, pairs) = measure(bytes)
            if units <= singleUnitsMax { return 1 }
            if pairs == 0 { return (units + partUnitsMax - 1) / partUnitsMax }
            var segments = 1
            forEachCut(in: bytes) { _ in segments += 1 }
            return segments
        }
    }

    /// The segments themselves, in order; joined they are `text` again.
    public static func segments(of text: String) -> [String] {
        if text.isEmpty { return [] }
        var text = text
        return text.withUTF8 { bytes in
            var parts: [String] = []
            var start = 0
            if measure(bytes).units > singleUnitsMax {
                forEachCut(in: bytes) { cut in
                    parts.append(String(decoding: bytes[start..<cut], as: UTF8.self))
                    start = cut
                }
            }
            parts.append(String(decoding: bytes[start...], as: UTF8.self))
            return parts
        }
    }

    /// UTF-16 code units, and how many surrogate pairs are among them. Eight bytes at a time: this is asked of every
    /// content that comes in.
    private static func measure(_ bytes: UnsafeBufferPointer<UInt8>) -> (units: Int, pairs: Int) {
        let raw = UnsafeRawBufferPointer(bytes)
        let lowBits: UInt64 = 0x0101_0101_0101_0101
        var scalars = bytes.count
        var pairs = 0
        var index = 0
        while index + 8 <= raw.count {
            let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            // 10xxxxxx continues a scalar; 1111xxxx begins one that needs a pair.
            let continuing = word >> 7 & ~word >> 6 & lowBits
            let paired = word >> 7 & word >> 6 & word >> 5 & word >> 4 & lowBits
            // The product's top byte is the sum of all bytes.
            scalars -= Int((continuing &* lowBits) >> 56)
            pairs += Int((paired &* lowBits) >> 56)
            index += 8
        }
        for byte in bytes[index...] {
            scalars -= byte & 0xC0 == 0x80 ? 1 : 0
            pairs += byte >= 0xF0 ? 1 : 0
        }
        return (scalars + pairs, pairs)
    }

    /// Calls `body` with the byte offset of every segment but the first.
    private static func forEachCut(in bytes: UnsafeBufferPointer<UInt8>, _ body: (Int) -> Void) {
        var used = 0
        var index = 0
        while index < bytes.count {
            let lead = bytes[index]
            let width = lead >= 0xF0 ? 2 : 1
            if used + width > partUnitsMax {
                body(index)
                used = 0
            }
            used += width
            index += lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        }
    }
}
