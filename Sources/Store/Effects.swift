/// What a piece of work did to balances and states, after its commit.
public struct Effects: Hashable, Sendable {
    /// Given back, by account, in its charge unit.
    public var refunds: [Int64: Int64] = [:]
    /// Messages that became final.
    public var finals = 0

    public init() {}
}
