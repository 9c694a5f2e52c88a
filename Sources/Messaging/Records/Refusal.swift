/// Requests that were refused for the same reason, counted together.
public struct Refusal: Hashable, Sendable {
    /// What makes refusals the same.
    public struct Key: Hashable, Sendable {
        /// The store's number of the account; 0 where the request named none of ours.
        public var account: AccountKey
        /// The name that the request gave where it is no account's; cut, never an API key.
        public var name: String
        /// As the command line has it: `operator-v2`.
        public var dialect: String
        /// What the customer was answered, as its dialect writes it.
        public var code: String
        /// `Rejection.rule`.
        public var rule: String
        /// Whom it was for; empty where that is not known, or for all numbers beyond those that are told apart.
        public var mobile: String
        /// Where it came from; empty where there are too many to be told apart.
        public var address: String

        /// - Parameter account: 0 where the request named none of ours.
        public init(
            account: AccountKey, name: String = "", dialect: String, code: String, rule: String, mobile: String = "",
            address: String = ""
        ) {
            self.account = account
            self.name = name
            self.dialect = dialect
            self.code = code
            self.rule = rule
            self.mobile = mobile
            self.address = address
        }

        /// The one that refusals are counted under when there are too many to be told apart.
        public var summary: Key { Key(account: account, dialect: dialect, code: code, rule: rule) }
    }

    /// What these refusals have in common.
    public var key: Key
    /// How often it happened.
    public var times: Int64
    /// The first of them.
    public var firstAt: Timestamp
    /// The latest of them.
    public var lastAt: Timestamp

    /// - Parameter times: 1 or more.
    public init(key: Key, times: Int64, firstAt: Timestamp, lastAt: Timestamp) {
        self.key = key
        self.times = times
        self.firstAt = firstAt
        self.lastAt = lastAt
    }
}

/// How many refusals are kept, and for how long.
public struct RefusalRule: Hashable, Sendable {
    /// 7 days, in milliseconds.
    public static let keepForDefault: Int64 = 7 * 86_400_000
    /// In milliseconds.
    public var keepFor: Int64
    /// Of one account in one day; beyond it they are only counted.
    public var accountRowsMax: Int
    /// Of all accounts and days; the oldest go.
    public var rowsMax: Int

    /// - Parameter keepFor: in milliseconds.
    public init(
        keepFor: Int64 = RefusalRule.keepForDefault, accountRowsMax: Int = 2_000, rowsMax: Int = 100_000
    ) {
        self.keepFor = keepFor
        self.accountRowsMax = accountRowsMax
        self.rowsMax = rowsMax
    }
}

/// Which refusals are wanted: those that meet every condition given, the latest first.
public struct RefusalQuery: Hashable, Sendable {
    /// The store's number of the account.
    public var account: AccountKey?
    /// A name that is no account's.
    public var name: String?
    /// Only those for this number, as `Key.mobile` has it.
    public var mobile: String?
    /// In China, as yyyymmdd.
    public var day: Int?
    /// Where the page before ended; nil: from the latest.
    public var before: RefusalCursor?
    /// Refusals of a page, at most; less than 1 counts as 1.
    public var limit: Int

    /// With the defaults all refusals are meant, 100 a page.
    public init(
        account: AccountKey? = nil, name: String? = nil, mobile: String? = nil, day: Int? = nil,
        before: RefusalCursor? = nil, limit: Int = 100
    ) {
        self.account = account
        self.name = name
        self.mobile = mobile
        self.day = day
        self.before = before
        self.limit = limit
    }
}

/// Where a page of refusals ended.
public struct RefusalCursor: Hashable, Sendable {
    /// `Refusal.lastAt` of the last one of the page, in milliseconds.
    public var lastAt: Int64
    /// Its row, which orders refusals of the same moment.
    public var id: RefusalRowID

    /// - Parameter lastAt: in milliseconds since 1970.
    public init(lastAt: Int64, id: RefusalRowID) {
        self.lastAt = lastAt
        self.id = id
    }

    /// Nil for what is no cursor of this list.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let lastAt = Int64(parts[0]), let id = RefusalRowID(String(parts[1])) else {
            return nil
        }
        self.init(lastAt: lastAt, id: id)
    }

    /// `lastAt.id`, as `init(_:)` reads it.
    public var text: String { "\(lastAt).\(id)" }
}

/// A page of refusals.
public struct RefusalPage: Sendable {
    /// The latest first.
    public var refusals: [Refusal]
    /// `before` of the next page; nil on the last.
    public var next: RefusalCursor?

    /// - Parameter next: nil: this is the last page.
    public init(refusals: [Refusal], next: RefusalCursor?) {
        self.refusals = refusals
        self.next = next
    }
}
