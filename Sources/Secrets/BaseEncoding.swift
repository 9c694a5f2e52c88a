/// Bytes as text of an alphabet of 32 or 64 characters (RFC 4648), without padding.
public struct BaseEncoding: Sendable {
    /// Capital letters and 2 to 7; the small letters are read as well. Authenticator apps take secrets in it.
    public static let base32 = BaseEncoding(bits: 5, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", foldsCase: true)
    /// Letters, digits, `+` and `/`.
    public static let base64 = BaseEncoding(
        bits: 6, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", foldsCase: false)

    /// Bits that a character stands for.
    private let bits: Int
    private let alphabet: [UInt8]
    /// The value of each ASCII character; 255: none.
    private let values: [UInt8]

    private init(bits: Int, _ alphabet: String, foldsCase: Bool) {
        self.bits = bits
        self.alphabet = Array(alphabet.utf8)
        var values = [UInt8](repeating: 255, count: 128)
        for (value, character) in self.alphabet.enumerated() {
            values[Int(character)] = UInt8(value)
            let isLetter = (0x41...0x5A).contains(character)
            if foldsCase, isLetter { values[Int(character | 0x20)] = UInt8(value) }
        }
        self.values = values
    }

    /// The shortest text of the bytes.
    public func text(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        var (pending, count) = (0, 0)
        for byte in bytes {
            pending = (pending << 8 | Int(byte)) & 0xFFFF
            count += 8
            while count >= bits {
                count -= bits
                text.append(alphabet[pending >> count & (1 << bits - 1)])
            }
        }
        if count > 0 { text.append(alphabet[pending << (bits - count) & (1 << bits - 1)]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of a text as `text` writes it; nil for any other, also for one whose last character has bits to spare
    /// that are set.
    public func bytes(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        var (pending, count) = (0, 0)
        for character in text.utf8 {
            guard character < 128, values[Int(character)] != 255 else { return nil }
            pending = (pending << bits | Int(values[Int(character)])) & 0xFFFF
            count += bits
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: pending >> count))
            }
        }
        guard count < bits, pending & (1 << count - 1) == 0 else { return nil }
        return bytes
    }
}
