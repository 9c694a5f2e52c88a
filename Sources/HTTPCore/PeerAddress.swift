import Glibc
import NIOCore

/// An IP address as two words, so that comparing one takes no memory. IPv4 inside IPv6 (`::ffff:a.b.c.d`) is IPv4.
struct PeerAddress: Hashable, Sendable {
    let isV4: Bool
    /// The upper half of an IPv6 address; 0 of an IPv4 one.
    let high: UInt64
    /// The lower half of an IPv6 address; the 32 bits of an IPv4 one.
    let low: UInt64

    private init(v4 bits: UInt32) {
        isV4 = true
        high = 0
        low = UInt64(bits)
    }

    private init(high: UInt64, low: UInt64) {
        isV4 = high == 0 && low >> 32 == 0xFFFF
        self.high = high
        self.low = isV4 ? low & 0xFFFF_FFFF : low
    }

    /// Nil unless there are 4 or 16 bytes, in network order.
    init?(_ bytes: some Collection<UInt8>) {
        func word(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        switch bytes.count {
        case 4: self.init(v4: UInt32(truncatingIfNeeded: word(bytes)))
        case 16: self.init(high: word(bytes.prefix(8)), low: word(bytes.dropFirst(8)))
        default: return nil
        }
    }

    /// Nil for a Unix socket.
    init?(_ address: SocketAddress?) {
        switch address {
        // From where `sockaddr_in` and `sockaddr_in6` have them.
        case .v4(let address)?: self.init(withUnsafeBytes(of: address.address) { Array($0[4..<8]) })
        case .v6(let address)?: self.init(withUnsafeBytes(of: address.address) { Array($0[8..<24]) })
        case .unixDomainSocket?, nil: return nil
        }
    }

    /// As inet_pton(3) reads it; no zone, no port.
    init?(text: UnsafeRawBufferPointer) {
        guard !text.isEmpty, text.count < Int(INET6_ADDRSTRLEN), !text.contains(0) else { return nil }
        let isV6 = text.contains(ASCII.colon)
        let made = withUnsafeTemporaryAllocation(byteCount: text.count + 1, alignment: 1) { copy -> PeerAddress? in
            copy.copyMemory(from: text)
            copy[text.count] = 0
            guard let name = copy.assumingMemoryBound(to: CChar.self).baseAddress else { return nil }
            var words: (UInt64, UInt64) = (0, 0)
            guard inet_pton(isV6 ? AF_INET6 : AF_INET, name, &words) == 1 else { return nil }
            return withUnsafeBytes(of: &words) { PeerAddress($0.prefix(isV6 ? 16 : 4)) }
        }
        guard let made else { return nil }
        self = made
    }

    /// 4 or 16 bytes in network order.
    var bytes: [UInt8] {
        isV4 ? Self.bytes(of: low).suffix(4) : Self.bytes(of: high) + Self.bytes(of: low)
    }

    private static func bytes(of word: UInt64) -> [UInt8] { withUnsafeBytes(of: word.bigEndian) { Array($0) } }
}
