/// How a raw body came from a carrier, which says how to read it. The raw values are stored.
public enum InboundKind: Int, Sendable, CaseIterable {
    /// The answer to a poll for reports.
    case polledReports = 1
    /// The answer to a poll for replies.
    case polledReplies = 2
    /// What it holds, reports or replies, its own text says.
    case pushed = 3

    /// The case's name, which is what operators read.
    public var name: String { "\(self)" }
}

/// A raw body that is stored and not yet applied.
public struct InboundBody: Sendable {
    /// Its row in the store.
    public var id: InboundID
    /// The channel that it came on.
    public var channel: ChannelKey
    /// How it came.
    public var kind: InboundKind
    /// The bytes as they came.
    public var body: [UInt8]

    /// - Parameter body: the bytes as they came.
    public init(id: InboundID, channel: ChannelKey, kind: InboundKind, body: [UInt8]) {
        self.id = id
        self.channel = channel
        self.kind = kind
        self.body = body
    }
}
