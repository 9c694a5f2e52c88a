extension IPAddress {
    /// Whether it is an address of the public Internet: no private, loopback, link-local, shared (RFC 6598), multicast,
    /// documentation or otherwise reserved one, and none of IPv6 in which an address of IPv4 is hidden.
    public var isPublic: Bool {
        if bytes.count == 4 { return !Self.reservedV4.contains { $0.contains(self) } }
        return Self.globalV6.contains { $0.contains(self) } && !Self.reservedV6.contains { $0.contains(self) }
    }

    private static let reservedV4 = networks([
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    ])

    /// All that is given out of IPv6. Loopback, link-local, unique local, multicast, and the prefixes of translators
    /// and of embedded IPv4 are outside it.
    private static let globalV6 = networks(["2000::/3"])

    /// Of these: protocol assignments with Teredo, documentation, 6to4.
    private static let reservedV6 = networks(["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"])

    private static func networks(_ texts: [String]) -> [IPNetwork] { texts.compactMap { IPNetwork($0) } }
}
