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
    /// Failed messages that no carrier had: invalid, kept back, cancelled, refused, or not sent in time.
    public var unsent: Int64 = 0
    /// Delivered messages of which it was noted how long they took; those of older versions were not.
    public var timed: Int64 = 0
    /// Of `timed`, those that were delivered within `fastMilliseconds`.
    public var deliveredFast: Int64 = 0

    /// How long a fast delivery takes at most: from acceptance, or from when a scheduled message became due, to the
    /// final report of its last segment.
    public static let fastMilliseconds: Int64 = 5000

    /// All figures 0.
    public init() {}

    /// Messages that have no final report: it is not known what becomes of them.
    public var unknown: Int64 {
        let rest = messages.subtractingReportingOverflow(delivered).partialValue
        return max(0, rest.subtractingReportingOverflow(failed).partialValue)
    }

    /// Messages that a carrier had, or that may go to one still.
    public var sent: Int64 { max(0, messages.subtractingReportingOverflow(unsent).partialValue) }

    /// What the messages cost after refunds.
    public var net: Int64 { charged.subtractingReportingOverflow(refunded).partialValue }

    /// Adds figure by figure; a sum that does not fit is the greatest or least number.
    public mutating func add(_ other: AccountTotal) {
        for figure in Self.figures {
            let (sum, isOver) = self[keyPath: figure].addingReportingOverflow(other[keyPath: figure])
            self[keyPath: figure] = isOver ? (other[keyPath: figure] < 0 ? .min : .max) : sum
        }
    }

    private static let figures: [any WritableKeyPath<AccountTotal, Int64> & Sendable] = [
        \.messages, \.segments, \.delivered, \.failed, \.charged, \.refunded, \.unsent, \.timed, \.deliveredFast,
    ]
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
