public import Messaging

/// What a piece of work did to balances and states, after its commit.
public struct Effects: Hashable, Sendable {
    /// Given back, by the account that had paid, in its charge unit.
    public var refunds: [AccountKey: Int64] = [:]
    /// Messages that became final: delivered, failed.
    public var delivered = 0
    /// Messages that became final as not delivered.
    public var failed = 0
    /// Entries put into outboxes.
    public var outboxEntries = 0
    /// Messages that were reported failed and are to be tried once on another channel.
    public var requeued: [CommittedPart] = []

    /// No effects.
    public init() {}
}
