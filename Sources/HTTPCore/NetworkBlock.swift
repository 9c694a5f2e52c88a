/// A block of IP addresses: all that begin with the same bits.
public struct NetworkBlock: Hashable, Sendable {
    private let address: PeerAddress
    private let prefixBits: Int

    /// - Parameters:
    ///   - address: 4 or 16 bytes in network order; IPv4 inside IPv6 counts as IPv4.
    ///   - prefixBits: how many of the leading bits count, of the 32 or 128 that the address then has.
    /// - Returns: nil for another number of bytes or bits.
    public init?(address: [UInt8], prefixBits: Int) {
        guard let address = PeerAddress(address), (0...(address.isV4 ? 32 : 128)).contains(prefixBits) else {
            return nil
        }
        self.address = address
        self.prefixBits = prefixBits
    }

    func contains(_ other: PeerAddress) -> Bool {
        guard other.isV4 == address.isV4 else { return false }
        if address.isV4 { return Self.agree(address.low << 32, other.low << 32, bits: prefixBits) }
        return Self.agree(address.high, other.high, bits: min(64, prefixBits))
            && Self.agree(address.low, other.low, bits: max(0, prefixBits - 64))
    }

    /// Whether the first `bits` bits of two words are the same.
    private static func agree(_ first: UInt64, _ second: UInt64, bits: Int) -> Bool {
        bits == 0 || (first ^ second) >> UInt64(64 - bits) == 0
    }
}
