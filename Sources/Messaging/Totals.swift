/// What an account did on a day (of acceptance, in China). Amounts are in the account's charge unit.
public struct AccountTotal: Hashable, Sendable {
    public var messages: Int64 = 0
    public var segments: Int64 = 0
    /// Of messages, by their final state.
    public var delivered: Int64 = 0
    public var failed: Int64 = 0
    public var charged: Int64 = 0
    public var refunded: Int64 = 0

    public init() {}
}

/// What went through a channel on a day (of the attempt, in China), in messages.
public struct ChannelTotal: Hashable, Sendable {
    public var submitted: Int64 = 0
    public var refused: Int64 = 0
    public var delivered: Int64 = 0
    public var failed: Int64 = 0

    public init() {}
}

/// Why a balance moved. The raw values are stored.
public enum LedgerKind: Int, Sendable, CaseIterable {
    case charge = 1
    case refund = 2
    case recharge = 3

    public var name: String { "\(self)" }
}

/// Sums over everything ever accepted.
public struct GrandTotal: Hashable, Sendable {
    public var messages: Int64 = 0
    public var segments: Int64 = 0
    public var delivered: Int64 = 0
    public var failed: Int64 = 0
    /// Handed to carriers.
    public var submitted: Int64 = 0

    public init() {}
}
