import Messaging

/// Where pushes go: an `http://host[:port]/path` address.
public struct PushTarget: Hashable, Sendable {
    /// A name or an address; of IPv6 without brackets.
    public let host: String
    /// 80 where the URL has none.
    public let port: Int
    /// The path with its query, at least `/`.
    public let target: String

    /// Nil when `url` is anything else.
    public init?(_ url: String) {
        guard let address = try? WebAddress(url), !address.isSecure else { return nil }
        host = address.host
        port = address.port
        target = address.path.hasPrefix("/") ? address.target : "/" + address.target
    }

    /// The value of the Host field.
    var authority: String { (host.contains(":") ? "[\(host)]" : host) + (port == 80 ? "" : ":\(port)") }
}
