/// Where a listener gets its socket from.
public enum ListenSource: Hashable, Sendable {
    /// A name or a numeric address of either family; port 0 for any free one.
    case bind(host: String, port: Int)
    /// A bound stream socket from elsewhere (systemd, say), which the server owns from now on.
    case adopt(descriptor: Int32)
}
