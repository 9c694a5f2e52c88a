/// Whether a request that changes something comes from one of our own pages.
enum CrossSite {
    /// Browsers say so in Sec-Fetch-Site on secure pages, else in Origin, which must be the host that was asked. A
    /// request that says neither, or `null`, is refused.
    static func isSameOrigin(fetchSite: String?, origin: String?, host: String?) -> Bool {
        if let fetchSite { return fetchSite == "same-origin" }
        guard let origin, let host, !host.isEmpty else { return false }
        for scheme in ["http://", "https://"] where origin.hasPrefix(scheme) {
            return origin.dropFirst(scheme.count).lowercased() == host.lowercased()
        }
        return false
    }

    /// Whether the Host field names a host that the pages may be asked under. An attacker's name that is made to
    /// resolve to our address is none.
    /// - Parameter allowed: in lower case, without ports; empty: any.
    static func isAllowed(host: String?, among allowed: [String]) -> Bool {
        guard !allowed.isEmpty else { return true }
        guard var name = host?.lowercased()[...] else { return false }
        if let colon = name.lastIndex(of: ":"), !name[colon...].contains("]") { name = name[..<colon] }
        return allowed.contains(String(name))
    }
}
