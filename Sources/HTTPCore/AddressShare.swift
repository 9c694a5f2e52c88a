/// The key by which connections and memory are counted: an IPv4 address, or the /64 of an IPv6 address, since one host
/// usually has a whole /64.
struct AddressShare: Hashable, Sendable {
    private let isV4: Bool
    private let bits: UInt64

    init(_ address: PeerAddress) {
        isV4 = address.isV4
        bits = address.isV4 ? address.low : address.high
    }
}
