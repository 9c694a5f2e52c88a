import Messaging

/// Where pushes go: an `http://host[:port]/path` address.
public struct PushTarget: Hashable, Sendable {
    public let host: String
    public let port: Int
    /// The path with its query, at least `/`.
    public let target: String

    /// Nil when `url` is anything else.
    public init?(_ url: String) {
        let scheme = "http://"
        guard url.lowercased().hasPrefix(scheme) else { return nil }
        let rest = url.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let tail = rest[authority.endIndex...]
        guard tail.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        target = tail.hasPrefix("/") ? String(tail) : "/" + tail
        let portStart = authority.lastIndex(of: ":").flatMap { colon in
            authority[colon...].contains("]") ? nil : authority.index(after: colon)
        }
        if let portStart {
            guard let port = Int(authority[portStart...]), (1...65535).contains(port) else { return nil }
            self.port = port
        } else {
            port = 80
        }
        var host = portStart.map { authority[..<authority.index(before: $0)] } ?? authority
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "@") }) else {
            return nil
        }
        self.host = String(host)
    }

    /// The value of the Host field.
    var authority: String { (host.contains(":") ? "[\(host)]" : host) + (port == 80 ? "" : ":\(port)") }
}
