/// Where a request comes from, as limits count it: an IPv4 address, or the /64 of an IPv6 address, since the holder of
/// one address there has them all.
public struct AddressBlock: Hashable, Sendable, CustomStringConvertible {
    private enum Family: UInt8 { case none, v4, v6 }

    private let family: Family
    /// The address or the network part, in host order.
    private let value: UInt64

    /// - Parameter bytes: 4 or 16; IPv4 inside IPv6 is IPv4. Any other count is a peer without an address.
    public init(_ bytes: [UInt8]) {
        func number(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
        if bytes.count == 4 {
            (family, value) = (.v4, number(0..<4))
        } else if bytes.count == 16 {
            let isMapped = number(0..<8) == 0 && number(8..<12) == 0xFFFF
            (family, value) = isMapped ? (.v4, number(12..<16)) : (.v6, number(0..<8))
        } else {
            (family, value) = (.none, 0)
        }
    }

    /// As `description` writes it; nil for anything else.
    public init?(_ text: String) {
        if text == Self.noneText {
            self.init([])
        } else if let network = IPNetwork(text) {
            self.init(network.address.bytes)
        } else {
            return nil
        }
    }

    private static let noneText = "-"

    /// `10.0.0.1`, `2001:db8::/64`, or `-` for a peer without an address.
    public var description: String {
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) }
        switch family {
        case .none: return Self.noneText
        case .v4: return IPAddress(bytes: Array(bytes.suffix(4)))?.description ?? Self.noneText
        case .v6:
            let address = IPAddress(bytes: bytes + [UInt8](repeating: 0, count: 8))
            return address.map { $0.description + "/64" } ?? Self.noneText
        }
    }
}
