/// FNV-1a of 64 bits, to find what may be the same. Two that have it in common are compared whole, since
/// different texts with the same one are easily made.
struct Fingerprint {
    private var value: UInt64 = 0xCBF2_9CE4_8422_2325

    /// As the database keeps it.
    var number: Int64 { Int64(bitPattern: value) }

    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    }

    /// Adds a text so that its end counts too: two texts in a row differ from their concatenation.
    mutating func add(_ text: String?) {
        add((text ?? "\u{1}").utf8)
        add(CollectionOfOne(0xFF))
    }

    mutating func add(_ number: Int64?) {
        withUnsafeBytes(of: (number ?? .min).littleEndian) { add($0) }
    }
}
