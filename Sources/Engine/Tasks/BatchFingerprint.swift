import Messaging
import Secrets

/// Tells a batch that is sent again: a digest of its recipients with their texts, in any order.
struct BatchFingerprint {
    private var entries: [(number: Int64, text: UInt64)] = []

    mutating func add(_ number: PhoneNumber, _ text: String) {
        // FNV-1a; the digest below is over all of them.
        let hash = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        entries.append((number.rawValue, hash))
    }

    /// 32 bytes.
    consuming func digest() -> [UInt8] {
        entries.sort { ($0.number, $0.text) < ($1.number, $1.text) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entries.count * 16)
        for entry in entries {
            withUnsafeBytes(of: entry.number.littleEndian) { bytes += $0 }
            withUnsafeBytes(of: entry.text.littleEndian) { bytes += $0 }
        }
        return SHA256Digest.bytes(bytes)
    }
}
