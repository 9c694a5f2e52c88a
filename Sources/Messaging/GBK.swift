import Glibc

/// GBK ↔ Unicode. The mapping is the C library's (GB18030, of which GBK is the one- and two-byte part); it is read
/// once into tables, so that a text costs no call into iconv. Byte 0x80 is the euro sign, as Windows has it.
public enum GBK {
    /// The text, or nil when `bytes` is not GBK. Four-byte GB18030 sequences are understood too.
    public static func decode(_ bytes: some Collection<UInt8>) -> String? {
        var scalars = String.UnicodeScalarView()
        var iterator = bytes.makeIterator()
        while let lead = iterator.next() {
            if lead < 0x80 {
                scalars.append(Unicode.Scalar(lead))
                continue
            }
            if lead == 0x80 {
                scalars.append("€")
                continue
            }
            guard lead <= 0xFE, let second = iterator.next() else { return nil }
            if (0x30...0x39).contains(second) {
                guard let third = iterator.next(), let fourth = iterator.next(),
                    let scalar = Tables.scalar(ofFourBytes: [lead, second, third, fourth])
                else { return nil }
                scalars.append(scalar)
                continue
            }
            let unit = Tables.shared.units[Tables.index(lead, second)]
            guard unit != 0, let scalar = Unicode.Scalar(unit) else { return nil }
            scalars.append(scalar)
        }
        return String(scalars)
    }

    /// The bytes, or nil when a character of `text` has none in GBK (an emoji, say).
    public static func encode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            if scalar.value < 0x80 {
                bytes.append(UInt8(scalar.value))
                continue
            }
            guard scalar.value <= 0xFFFF else { return nil }
            let pair = Tables.shared.pairs[Int(scalar.value)]
            if pair == 0 { return nil }
            bytes.append(UInt8(pair >> 8))
            bytes.append(UInt8(pair & 0xFF))
        }
        return bytes
    }

    private struct Tables: Sendable {
        /// Unicode by two-byte code; 0 for none.
        var units = [UInt16](repeating: 0, count: 126 * 256)
        /// Two-byte code by Unicode; 0 for none.
        var pairs = [UInt16](repeating: 0, count: 0x10000)

        static let shared = Tables()

        static func index(_ lead: UInt8, _ trail: UInt8) -> Int { Int(lead - 0x81) * 256 + Int(trail) }

        private init() {
            guard let handle = Converter(from: "GB18030") else { return }
            for lead in UInt8(0x81)...0xFE {
                for trail in UInt8(0x40)...0xFE where trail != 0x7F {
                    guard let scalar = handle.scalar([lead, trail]), scalar.value <= 0xFFFF else { continue }
                    // The private use area stands for codes that GBK leaves to its users: no text.
                    if (0xE000...0xF8FF).contains(scalar.value) { continue }
                    units[Self.index(lead, trail)] = UInt16(scalar.value)
                    pairs[Int(scalar.value)] = UInt16(lead) << 8 | UInt16(trail)
                }
            }
        }

        static func scalar(ofFourBytes bytes: [UInt8]) -> Unicode.Scalar? {
            Converter(from: "GB18030")?.scalar(bytes)
        }
    }

    /// One iconv descriptor to UTF-32.
    private final class Converter {
        private let descriptor: iconv_t

        init?(from charset: String) {
            guard let opened = iconv_open("UTF-32LE", charset), Int(bitPattern: opened) != -1 else { return nil }
            descriptor = opened
        }

        deinit { iconv_close(descriptor) }

        func scalar(_ bytes: [UInt8]) -> Unicode.Scalar? {
            var source = bytes.map { CChar(bitPattern: $0) }
            var target: UInt32 = 0
            let done = source.withUnsafeMutableBufferPointer { source in
                withUnsafeMutableBytes(of: &target) { target in
                    var from = source.baseAddress
                    var fromLeft = source.count
                    var to = target.baseAddress?.assumingMemoryBound(to: CChar.self)
                    var toLeft = 4
                    let result = iconv(descriptor, &from, &fromLeft, &to, &toLeft)
                    return result != .max && fromLeft == 0 && toLeft == 0
                }
            }
            return done ? Unicode.Scalar(target) : nil
        }
    }
}

/// Bytes whose charset is a matter of faith.
public enum TextCharset: Sendable {
    case gbk, utf8

    /// The text in this charset if `bytes` is valid in it, else in the other one, else nil (WIRE.md §002).
    public func decodeLeniently(_ bytes: [UInt8]) -> String? {
        switch self {
        case .gbk: GBK.decode(bytes) ?? String(validating: bytes, as: UTF8.self)
        case .utf8: String(validating: bytes, as: UTF8.self) ?? GBK.decode(bytes)
        }
    }
}
