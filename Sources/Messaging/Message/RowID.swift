/// The number that the store knows a row by. `Kind` says of what, so that an account's key cannot be passed for a
/// channel's: they do not convert into each other, only to and from the bare number, where SQL, protobuf or a wire
/// format has one.
public struct RowID<Kind>: RawRepresentable, Hashable, Comparable, Sendable {
    /// As SQL, protobuf or a wire format has it.
    public var rawValue: Int64

    /// Any number is taken; whether there is such a row, the store knows.
    @inlinable
    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// The same without a label.
    @inlinable
    public init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// Whether both are the same row.
    @inlinable
    public static func == (left: Self, right: Self) -> Bool { left.rawValue == right.rawValue }

    /// In the order in which the rows were numbered.
    @inlinable
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// Hashes the bare number.
    @inlinable
    public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }

    /// What dictionaries ask for. As the number's own: it is hashed in one step, where the default sets up a hasher for
    /// it, and a message is looked up by such keys a dozen times.
    @inlinable
    public func _rawHashValue(seed: Int) -> Int { rawValue._rawHashValue(seed: seed) }

    /// Below every row: where lists begin.
    @inlinable
    public static var min: Self { Self(.min) }

    /// Above every row: where lists without a bound end.
    @inlinable
    public static var max: Self { Self(.max) }
}

/// Rows that are numbered one after the other: the id some places on, and ranges of ids. Where a sum or difference does
/// not fit it is the nearest number that does: a row of a damaged file may have any id, and must not end the process.
extension RowID: Strideable {
    /// How many places `other` is after this one; negative when it is before.
    @inlinable
    public func distance(to other: Self) -> Int64 {
        let (difference, isOver) = other.rawValue.subtractingReportingOverflow(rawValue)
        return isOver ? (rawValue < 0 ? .max : .min) : difference
    }

    /// The id `count` places on.
    @inlinable
    public func advanced(by count: Int64) -> Self { self + count }

    /// The id `count` places on.
    @inlinable
    public static func + (id: Self, count: Int64) -> Self {
        let (sum, isOver) = id.rawValue.addingReportingOverflow(count)
        return Self(isOver ? (count < 0 ? .min : .max) : sum)
    }

    /// The id `count` places back.
    @inlinable
    public static func - (id: Self, count: Int64) -> Self {
        let (difference, isOver) = id.rawValue.subtractingReportingOverflow(count)
        return Self(isOver ? (count < 0 ? .max : .min) : difference)
    }

    /// Moves the id on by `count` places.
    @inlinable
    public static func += (id: inout Self, count: Int64) { id = id + count }
}

extension RowID: ExpressibleByIntegerLiteral {
    /// For constants: `0` is no row's id.
    @inlinable
    public init(integerLiteral value: Int64) {
        self.init(value)
    }
}

extension RowID: CustomStringConvertible {
    /// The bare number in decimal.
    public var description: String { "\(rawValue)" }
}

extension RowID: LosslessStringConvertible {
    /// Nil when it is not a decimal number.
    public init?(_ text: String) {
        guard let value = Int64(text) else { return nil }
        self.init(value)
    }
}

/// What ids are of.
public enum RowKind {
    /// Accounts.
    public enum Account {}
    /// Channels.
    public enum Channel {}
    /// Messages, by sequence.
    public enum Message {}
    /// Calls to carriers.
    public enum Attempt {}
    /// Reports and replies in customers' outboxes.
    public enum OutboxEntry {}
    /// Ranges of outbox entries to push once more.
    public enum PushReplay {}
    /// Raw bodies of carriers.
    public enum InboundBody {}
    /// Reports and replies that matched nothing.
    public enum ParkedItem {}
    /// Refused requests, counted together.
    public enum Refusal {}
    /// Movements of balances.
    public enum LedgerEntry {}
    /// Users of the pages.
    public enum User {}
    /// Entries of the audit trail.
    public enum AuditEntry {}
}

/// Of an account; its `id` is what people use.
public typealias AccountKey = RowID<RowKind.Account>
/// Of a channel; its `name` is what people use.
public typealias ChannelKey = RowID<RowKind.Channel>
/// Of a message; a submission has its first message's.
public typealias MessageSequence = RowID<RowKind.Message>
/// Of a call to a carrier.
public typealias AttemptID = RowID<RowKind.Attempt>
/// Of a report or a reply in a customer's outbox.
public typealias OutboxEntryID = RowID<RowKind.OutboxEntry>
/// Of a range of outbox entries that is to be pushed once more.
public typealias PushReplayID = RowID<RowKind.PushReplay>
/// Of a raw body.
public typealias InboundID = RowID<RowKind.InboundBody>
/// Of a report or reply that matched nothing; `ParkedID` adds which of the two.
public typealias ParkedRowID = RowID<RowKind.ParkedItem>
/// Of a row of refusals that are counted together.
public typealias RefusalRowID = RowID<RowKind.Refusal>
/// Of a movement of a balance.
public typealias LedgerEntryID = RowID<RowKind.LedgerEntry>
/// Of a user of the pages; its `name` is what people use.
public typealias UserKey = RowID<RowKind.User>
/// Of an entry of the audit trail; they grow with time.
public typealias AuditEntryID = RowID<RowKind.AuditEntry>
