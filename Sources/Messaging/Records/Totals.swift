/// What an account did on a day (of acceptance, in China). Amounts are in the account's charge unit.
public struct AccountTotal: Hashable, Sendable {
    /// Recipients, invalid ones included.
    public var messages: Int64 = 0
    /// Segments of the messages that have a valid number.
    public var segments: Int64 = 0
    /// Of messages, by their final state.
    public var delivered: Int64 = 0
    /// Messages of which a segment failed.
    public var failed: Int64 = 0
    /// Before refunds.
    public var charged: Int64 = 0
    /// What was paid back, as a positive amount.
    public var refunded: Int64 = 0

    /// All figures 0.
    public init() {}
}

/// What went through a channel on a day (of the attempt, in China), in messages.
public struct ChannelTotal: Hashable, Sendable {
    /// Messages that the carrier took or may have.
    public var submitted: Int64 = 0
    /// Messages that the carrier definitely refused for good.
    public var refused: Int64 = 0
    /// Messages of which every segment was delivered.
    public var delivered: Int64 = 0
    /// Messages of which a segment failed.
    public var failed: Int64 = 0

    /// All figures 0.
    public init() {}
}

/// Why a balance moved. The raw values are stored.
public enum LedgerKind: Int, Sendable, CaseIterable {
    /// Messages were accepted: a negative amount.
    case charge = 1
    /// A failed message is paid back.
    case refund = 2
    /// An operator adds to the balance, or takes from it when negative.
    case recharge = 3

    /// The case's name, which is what operators read.
    public var name: String { "\(self)" }
}

/// Sums over everything ever accepted.
public struct GrandTotal: Hashable, Sendable {
    /// Recipients, invalid ones included.
    public var messages: Int64 = 0
    /// Segments of the messages that have a valid number.
    public var segments: Int64 = 0
    /// Messages of which every segment was delivered.
    public var delivered: Int64 = 0
    /// Messages of which a segment failed.
    public var failed: Int64 = 0
    /// Handed to carriers.
    public var submitted: Int64 = 0

    /// All figures 0.
    public init() {}
}
