/// For how long what has found no owner is kept, in milliseconds.
public struct ParkingRule: Hashable, Sendable {
    /// Reports and replies are tried again for this long; then they wait for the operator only.
    public var parkFor: Int64
    /// What waits for the operator only is kept for this long: expired reports and replies, and unreadable bodies.
    public var keepFor: Int64

    /// 72 hours, in milliseconds.
    public static let parkForDefault: Int64 = 72 * 3_600_000
    /// 30 days, in milliseconds.
    public static let keepForDefault: Int64 = 30 * 24 * 3_600_000

    /// Both in milliseconds.
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
    /// What it is; an id's letter says so.
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

    /// Which table it is in.
    public var kind: Kind
    /// Its row in that table.
    public var row: ParkedRowID

    /// - Parameter row: above 0 where it names something stored.
    public init(_ kind: Kind, _ row: ParkedRowID) {
        self.kind = kind
        self.row = row
    }

    /// Nil when it is not of that form; a small letter does.
    public init?(_ text: some StringProtocol) {
        guard let first = text.first, let row = ParkedRowID(String(text.dropFirst())), row > 0,
            let kind = Kind.allCases.first(where: { String($0.letter) == first.uppercased() })
        else { return nil }
        self.init(kind, row)
    }

    /// The letter and the row: `R12`.
    public var text: String { "\(kind.letter)\(row)" }
}

/// Something that a carrier handed us and that has no owner.
public struct ParkedItem: Sendable {
    /// What is done with it.
    public enum State: String, Sendable, CaseIterable {
        /// It is tried again by itself.
        case waiting
        /// It was tried for long enough.
        case expired
        /// A body that its dialect could not read, or whose sender was not proved.
        case unreadable
    }

    /// The item itself, as far as it could be read.
    public enum Content: Sendable {
        /// A report that matches no message yet.
        case report(CarrierReport)
        /// A reply that belongs to no account yet.
        case reply(CarrierReply)
        /// A stored body, not applied.
        case body(ParkedBody)
    }

    /// What operators name it by.
    public var id: ParkedID
    /// Waiting, expired or unreadable.
    public var state: State
    /// The channel's name.
    public var channel: String
    /// When it came to us.
    public var receivedAt: Timestamp
    /// How often it was tried; 0 for bodies.
    public var tries: Int
    /// Nil when it is not tried by itself any more.
    public var nextTryAt: Timestamp?
    /// When it was given up; nil while it is tried, and for bodies.
    public var expiredAt: Timestamp?
    /// What came from the carrier.
    public var content: Content

    /// - Parameter channel: the channel's name.
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
    /// How it came.
    public var kind: InboundKind
    /// Why it could not be read; nil when it has not been tried.
    public var failure: String?
    /// Bytes of the whole body.
    public var byteCount: Int
    /// A piece of it; empty in lists.
    public var bytes: [UInt8]
    /// How often it came.
    public var copies: Int
    /// When last, if more than once.
    public var lastAt: Timestamp?

    /// - Parameter bytes: a piece of the body, or nothing.
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
    /// Only reports, replies or bodies.
    public var kind: ParkedID.Kind?
    /// Only those in this state.
    public var state: ParkedItem.State?
    /// Only what this channel brought.
    public var channel: ChannelKey?

    /// With the defaults all are meant.
    public init(kind: ParkedID.Kind? = nil, state: ParkedItem.State? = nil, channel: ChannelKey? = nil) {
        self.kind = kind
        self.state = state
        self.channel = channel
    }
}

/// How much there is that waits for an operator; each figure counts up to `max`.
public struct ParkedCounts: Hashable, Sendable {
    /// Calls, not messages.
    public var uncertainAttempts = 0
    /// Reports and replies.
    public var waiting = 0
    /// Reports and replies that are not tried by themselves any more.
    public var expired = 0
    /// Bodies.
    public var unreadable = 0
    /// Bodies that are stored and not applied yet.
    public var pendingBodies = 0

    /// Where counting ends: this figure means as many or more.
    public static let max = 100_000

    /// All figures 0.
    public init() {}
}
