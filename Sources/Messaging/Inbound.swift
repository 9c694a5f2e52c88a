/// How a raw body came from a carrier, which says how to read it. The raw values are stored.
public enum InboundKind: Int, Sendable, CaseIterable {
    case polledReports = 1
    case polledReplies = 2
    /// What it holds, reports or replies, its own text says.
    case pushed = 3

    public var name: String { "\(self)" }
}

/// A raw body that is stored and not yet applied.
public struct InboundBody: Sendable {
    public var id: Int64
    public var channel: Int64
    public var kind: InboundKind
    public var body: [UInt8]

    public init(id: Int64, channel: Int64, kind: InboundKind, body: [UInt8]) {
        self.id = id
        self.channel = channel
        self.kind = kind
        self.body = body
    }
}
