import Messaging

/// A piece of a body, valid while the body is.
typealias WireBytes = UnsafeBufferPointer<UInt8>

extension [UInt8] {
    /// As `withUnsafeBytes`, with the type of the error kept.
    func withRawBytes<Result, Failure>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withUnsafeBufferPointer { bytes throws(Failure) in try body(UnsafeRawBufferPointer(bytes)) }
    }
}

extension UnsafeBufferPointer where Element == UInt8 {
    init(_ raw: UnsafeRawBufferPointer) {
        self.init(start: raw.baseAddress?.assumingMemoryBound(to: UInt8.self), count: raw.count)
    }

    /// A part of this piece.
    func piece(_ range: Range<Int>) -> WireBytes { WireBytes(rebasing: self[range]) }

    /// Whether these are the bytes of `text`.
    func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        let other = text.utf8Start
        for at in 0..<count where self[at] != other[at] { return false }
        return true
    }

    /// Whether a byte is beyond ASCII.
    var hasHighBytes: Bool {
        var at = 0
        let raw = UnsafeRawBufferPointer(self)
        while at + 8 <= count {
            if raw.loadUnaligned(fromByteOffset: at, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 { return true }
            at += 8
        }
        while at < count {
            if self[at] >= 0x80 { return true }
            at += 1
        }
        return false
    }

    /// Beyond ASCII, and not UTF-8: in this country that is GBK, where a character's second byte may be a backslash.
    var isDoubleByteText: Bool { hasHighBytes && String(validating: self, as: UTF8.self) == nil }

    /// Without space, tab, CR and LF at both ends.
    var trimmed: WireBytes {
        var (start, end) = (0, count)
        while start < end, Self.isSpace(self[start]) { start += 1 }
        while end > start, Self.isSpace(self[end - 1]) { end -= 1 }
        return start == 0 && end == count ? self : piece(start..<end)
    }

    /// As UTF-8, else GBK; what is neither becomes U+FFFD. Never fails, for no reply may be lost.
    var text: String {
        guard hasHighBytes else { return string }
        return TextCharset.utf8.decodeLeniently(Array(self)) ?? string
    }

    /// As UTF-8; what is none becomes U+FFFD.
    var string: String { String(decoding: self, as: UTF8.self) }

    /// Without a UTF-8 byte-order mark in front.
    var withoutMark: WireBytes {
        count >= 3 && self[0] == 0xEF && self[1] == 0xBB && self[2] == 0xBF ? piece(3..<count) : self
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0A).contains(byte) || byte == 0x0D }
}

extension StaticString {
    var wireBytes: WireBytes { WireBytes(start: utf8Start, count: utf8CodeUnitCount) }
}
