/// What one client, and all together, may take.
public struct AdminLimits: Hashable, Sendable {
    /// Connections at once; one more is told so and closed.
    public var connectionsMax = 64
    /// From the connection's start to its hello.
    public var helloTimeout: Duration = .seconds(5)
    /// Without a whole request, while none is being carried out.
    public var idleTimeout: Duration = .seconds(300)
    /// How long `stop` waits for requests under way.
    public var stopGrace: Duration = .seconds(5)

    public init() {}
}
