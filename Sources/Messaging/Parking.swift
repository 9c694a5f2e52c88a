/// For how long what has found no owner is kept, in milliseconds.
public struct ParkingRule: Hashable, Sendable {
    /// Reports and replies are tried again for this long; then they wait for the operator only.
    public var parkFor: Int64
    /// What waits for the operator only is kept for this long: expired reports and replies, and unreadable bodies.
    public var keepFor: Int64

    public static let parkForDefault: Int64 = 72 * 3_600_000
    public static let keepForDefault: Int64 = 30 * 24 * 3_600_000

    public init(parkFor: Int64 = parkForDefault, keepFor: Int64 = keepForDefault) {
        self.parkFor = parkFor
        self.keepFor = keepFor
    }

    private static let pauses: [Int64] = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600]

    /// How long to wait after the `tries`-th try before the next, in milliseconds: at first 1 s, at last 10 min.
    public static func pause(afterTries tries: Int) -> Int64 {
        pauses[min(max(0, tries), pauses.count - 1)] * 1000
    }
}

/// The name of something that a carrier handed us and that has no owner: `R12`, `M7`, `B3`.
public struct ParkedID: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        /// A delivery report: R.
        case report
        /// A message from a handset: M.
        case reply
        /// A whole body that could not be read, or is not applied yet: B.
        case body

        var letter: Character {
            switch self {
            case .report: "R"
            case .reply: "M"
            case .body: "B"
            }
        }
    }

    public var kind: Kind
    public var number: Int64

    public init(_ kind: Kind, _ number: Int64) {
        self.kind = kind
        self.number = number
    }

    /// Nil when it is not of that form; a small letter does.
    public init?(_ text: some StringProtocol) {
        guard let first = text.first, let number = Int64(text.dropFirst()), number > 0,
            let kind = Kind.allCases.first(where: { String($0.letter) == first.uppercased() })
        else { return nil }
        self.init(kind, number)
    }

    public var text: String { "\(kind.letter)\(number)" }
}

/// Something that a carrier handed us and that has no owner.
public struct ParkedItem: Sendable {
    public enum State: String, Sendable, CaseIterable {
        /// It is tried again by itself.
        case waiting
        /// It was tried for long enough.
        case expired
        /// A body that its dialect could not read, or that was not from whom it said.
        case unreadable
    }

    public enum Content: Sendable {
        case report(CarrierReport)
        case reply(CarrierReply)
        case body(ParkedBody)
    }

    public var id: ParkedID
    public var state: State
    /// The channel's name.
    public var channel: String
    public var receivedAt: Timestamp
    public var tries: Int
    /// Nil when it is not tried by itself any more.
    public var nextTryAt: Timestamp?
    public var expiredAt: Timestamp?
    public var content: Content

    public init(
        id: ParkedID, state: State, channel: String, receivedAt: Timestamp, tries: Int, nextTryAt: Timestamp?,
        expiredAt: Timestamp?, content: Content
    ) {
        self.id = id
        self.state = state
        self.channel = channel
        self.receivedAt = receivedAt
        self.tries = tries
        self.nextTryAt = nextTryAt
        self.expiredAt = expiredAt
        self.content = content
    }
}

/// A raw body that is stored.
public struct ParkedBody: Hashable, Sendable {
    public var kind: InboundKind
    /// Why it could not be read; nil when nobody has tried.
    public var failure: String?
    public var byteCount: Int
    /// A piece of it; empty in lists.
    public var bytes: [UInt8]
    /// How often it came.
    public var copies: Int
    /// When last, if more than once.
    public var lastAt: Timestamp?

    public init(
        kind: InboundKind, failure: String?, byteCount: Int, bytes: [UInt8] = [], copies: Int = 1,
        lastAt: Timestamp? = nil
    ) {
        self.kind = kind
        self.failure = failure
        self.byteCount = byteCount
        self.bytes = bytes
        self.copies = copies
        self.lastAt = lastAt
    }
}

/// Which parked items are meant; nil for all.
public struct ParkedFilter: Hashable, Sendable {
    public var kind: ParkedID.Kind?
    public var state: ParkedItem.State?
    /// The store's number of a channel.
    public var channel: Int64?

    public init(kind: ParkedID.Kind? = nil, state: ParkedItem.State? = nil, channel: Int64? = nil) {
        self.kind = kind
        self.state = state
        self.channel = channel
    }
}

/// How much there is that waits for somebody; each figure counts up to `max`.
public struct ParkedCounts: Hashable, Sendable {
    /// Calls, not messages.
    public var uncertainAttempts = 0
    /// Reports and replies.
    public var waiting = 0
    public var expired = 0
    /// Bodies.
    public var unreadable = 0
    public var pendingBodies = 0

    public static let max = 100_000

    public init() {}
}
