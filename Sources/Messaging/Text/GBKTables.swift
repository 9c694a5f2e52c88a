import Glibc

/// The two-byte part of GB18030, both ways.
struct GBKTables: Sendable {
    /// Unicode by two-byte code; 0 for none.
    private(set) var units = [UInt16](repeating: 0, count: 126 * 256)
    /// Two-byte code by Unicode; 0 for none.
    private(set) var pairs = [UInt16](repeating: 0, count: 0x10000)

    static let shared = GBKTables()

    /// Where the code with this first byte (0x81…0xFE) and second byte is in `units`.
    static func index(_ lead: UInt8, _ trail: UInt8) -> Int { Int(lead - 0x81) * 256 + Int(trail) }

    private init() {
        guard let converter = GB18030Converter() else {
            preconditionFailure("The C library cannot convert GB18030: its gconv modules are not installed.")
        }
        for lead in UInt8(0x81)...0xFE {
            for trail in UInt8(0x40)...0xFE where trail != 0x7F {
                guard let scalar = converter.scalar(lead, trail), scalar.value <= 0xFFFF else { continue }
                // The private use area has the codes that GBK leaves to its users: no text.
                if (0xE000...0xF8FF).contains(scalar.value) { continue }
                units[Self.index(lead, trail)] = UInt16(scalar.value)
                pairs[Int(scalar.value)] = UInt16(lead) << 8 | UInt16(trail)
            }
        }
    }
}

/// One iconv descriptor from GB18030 to UTF-32.
final class GB18030Converter {
    private let descriptor: iconv_t

    init?() {
        guard let opened = iconv_open("UTF-32LE", "GB18030"), Int(bitPattern: opened) != -1 else { return nil }
        descriptor = opened
    }

    deinit { iconv_close(descriptor) }

    /// The scalar of a two-byte code.
    func scalar(_ lead: UInt8, _ trail: UInt8) -> Unicode.Scalar? {
        convert(UInt32(lead) | UInt32(trail) << 8, bytes: 2)
    }

    /// The scalar of a four-byte code.
    func scalar(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) -> Unicode.Scalar? {
        convert(UInt32(first) | UInt32(second) << 8 | UInt32(third) << 16 | UInt32(fourth) << 24, bytes: 4)
    }

    /// `packed` holds the code's first byte lowest.
    private func convert(_ packed: UInt32, bytes: Int) -> Unicode.Scalar? {
        var source = packed.littleEndian
        var target: UInt32 = 0
        let done = withUnsafeMutableBytes(of: &source) { source in
            withUnsafeMutableBytes(of: &target) { target in
                var from = source.baseAddress?.assumingMemoryBound(to: CChar.self)
                var fromLeft = bytes
                var to = target.baseAddress?.assumingMemoryBound(to: CChar.self)
                var toLeft = 4
                let result = iconv(descriptor, &from, &fromLeft, &to, &toLeft)
                return result != .max && fromLeft == 0 && toLeft == 0
            }
        }
        if done { return Unicode.Scalar(UInt32(littleEndian: target)) }
        // Back to the initial state: a refused code must not colour the next one.
        iconv(descriptor, nil, nil, nil, nil)
        return nil
    }
}
