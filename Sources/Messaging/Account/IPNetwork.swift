import Glibc

/// An IP address as bytes: 4 of IPv4 or 16 of IPv6. IPv4 inside IPv6 (`::ffff:a.b.c.d`) is IPv4.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// 4 or 16, in network order.
    public let bytes: [UInt8]

    /// Nil unless there are 4 or 16 bytes.
    public init?(bytes: [UInt8]) {
        if bytes.count == 16, bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF {
            self.bytes = Array(bytes[12...])
        } else if bytes.count == 4 || bytes.count == 16 {
            self.bytes = bytes
        } else {
            return nil
        }
    }

    /// As inet_pton(3) reads it: four decimal numbers without leading zeros, or IPv6 in any of its spellings; no zone.
    public init?(_ text: some StringProtocol) {
        let text = String(text)
        guard !text.utf8.contains(0) else { return nil }
        let isV6 = text.utf8.contains(UInt8(ascii: ":"))
        var bytes = [UInt8](repeating: 0, count: isV6 ? 16 : 4)
        guard inet_pton(isV6 ? AF_INET6 : AF_INET, text, &bytes) == 1 else { return nil }
        self.init(bytes: bytes)
    }

    /// The usual short spelling: `10.0.0.1`, `2001:db8::1`.
    public var description: String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &buffer, socklen_t(buffer.count))
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// A block of addresses in CIDR notation: `10.0.0.0/8`, `2001:db8::/32`, or a single address.
public struct IPNetwork: Hashable, Sendable, CustomStringConvertible {
    /// As it was given: bits beyond `prefixBits` may be set and do not count.
    public let address: IPAddress
    /// How many leading bits count: 0 to 32 of IPv4, 0 to 128 of IPv6.
    public let prefixBits: Int

    /// Nil unless it is an address, or an address, `/` and a number of bits; an address alone is a block of one.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else { return nil }
        let bitsMax = address.bytes.count * 8
        var bits = bitsMax
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let given = Int(parts[1]) else {
                return nil
            }
            // `::ffff:10.0.0.0/104` is 10.0.0.0/8.
            let isMapped = bitsMax == 32 && parts[0].utf8.contains(UInt8(ascii: ":"))
            bits = isMapped ? given - 96 : given
            guard (0...bitsMax).contains(bits) else { return nil }
        }
        self.address = address
        self.prefixBits = bits
    }

    /// Whether an address lies in the block; one of the other family never does.
    public func contains(_ other: IPAddress) -> Bool {
        guard other.bytes.count == address.bytes.count else { return false }
        let whole = prefixBits / 8
        guard other.bytes[..<whole] == address.bytes[..<whole] else { return false }
        let rest = prefixBits % 8
        return rest == 0 || other.bytes[whole] >> (8 - rest) == address.bytes[whole] >> (8 - rest)
    }

    /// Always with the number of bits: `10.0.0.1/32`.
    public var description: String { "\(address)/\(prefixBits)" }
}
