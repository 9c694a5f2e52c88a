/// How much a search may do before it says how far it got.
public struct SearchBudget: Hashable, Sendable {
    /// Of the uptime clock. A search always does one step, so that going on gets on.
    public var milliseconds: Int64
    /// Steps of some ten thousand rows, at most.
    public var steps: Int

    /// - Parameter milliseconds: of the uptime clock.
    public init(milliseconds: Int64, steps: Int = .max) {
        self.milliseconds = milliseconds
        self.steps = steps
    }

    /// For a page that somebody waits for.
    public static let page = SearchBudget(milliseconds: 400)
    /// For what runs in the background, and goes on by itself.
    public static let background = SearchBudget(milliseconds: 2000)
}

/// Which messages are wanted: those that meet every condition, the latest first.
public struct MessageSearch: Hashable, Sendable {
    /// Whose messages may be found.
    public var scope: AccountScope
    /// Only messages to this number.
    public var mobile: PhoneNumber?
    /// Only messages that have this in their text, byte for byte; empty: any.
    public var content = ""
    /// Accepted at this moment or later.
    public var from: Timestamp?
    /// Accepted before this moment.
    public var to: Timestamp?
    /// Only messages of one of these; empty: any.
    public var statuses: Set<MessageStatus> = []
    /// Only messages whose status has this code; empty: any.
    public var code = ""
    /// Only messages of the request that this is the first message of.
    public var request: MessageSequence?
    /// Only messages below this sequence: where the page before ended.
    public var before: MessageSequence?
    /// Records of a page, at most.
    public var limit = 50
    /// What one page may cost.
    public var budget = SearchBudget.page

    /// Every message of the scope, 50 a page.
    public init(scope: AccountScope) {
        self.scope = scope
    }
}

/// A page of a search.
public struct SearchPage<Item: Sendable, Place: Hashable & Sendable>: Sendable {
    /// The latest first; may be empty although there are more.
    public var items: [Item]
    /// `before` of the next page; nil: all was looked at.
    public var next: Place?
    /// When the budget ended before the page was full: everything accepted later was looked at. Nil otherwise.
    public var lookedBackTo: Timestamp?

    /// - Parameter next: nil: this is the last page.
    public init(items: [Item], next: Place?, lookedBackTo: Timestamp? = nil) {
        self.items = items
        self.next = next
        self.lookedBackTo = lookedBackTo
    }
}
