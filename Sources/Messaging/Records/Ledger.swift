/// Which movements of balances are wanted: those that meet every condition, the latest first.
public struct LedgerSearch: Hashable, Sendable {
    /// Whose balances.
    public var scope: AccountScope
    /// Booked at this moment or later.
    public var from: Timestamp?
    /// Booked before this moment.
    public var to: Timestamp?
    /// Only movements of these kinds; empty: any.
    public var kinds: Set<LedgerKind> = []
    /// Only entries below this one: where the page before ended.
    public var before: LedgerEntryID?
    /// Entries of a page, at most.
    public var limit = 50
    /// What one page may cost.
    public var budget = SearchBudget.page

    /// Every movement of the scope, 50 a page.
    public init(scope: AccountScope) {
        self.scope = scope
    }
}

/// One movement of a balance.
public struct LedgerEntry: Hashable, Sendable {
    /// Its place in the ledger.
    public var id: LedgerEntryID
    /// The store's number of the account whose balance it moved.
    public var account: AccountKey
    /// The account's id.
    public var accountID: String
    /// What `amount` is counted in.
    public var unit: ChargeUnit
    /// When it was booked.
    public var at: Timestamp
    /// Why the balance moved.
    public var kind: LedgerKind
    /// Added to the balance; negative for a charge.
    public var amount: Int64
    /// The first message of what was charged, or the message that was paid back; nil for a recharge.
    public var reference: MessageID?
    /// Words that were given with it; empty for none.
    public var note: String

    /// - Parameter amount: in `unit`, negative for a charge.
    public init(
        id: LedgerEntryID, account: AccountKey, accountID: String, unit: ChargeUnit, at: Timestamp, kind: LedgerKind,
        amount: Int64, reference: MessageID?, note: String
    ) {
        self.id = id
        self.account = account
        self.accountID = accountID
        self.unit = unit
        self.at = at
        self.kind = kind
        self.amount = amount
        self.reference = reference
        self.note = note
    }
}

/// What one account did on one day of acceptance.
public struct DailyTotal: Hashable, Sendable {
    /// The store's number of the account.
    public var account: AccountKey
    /// In China, as yyyymmdd.
    public var day: Int
    /// The day's figures.
    public var total: AccountTotal

    /// - Parameter day: in China, as yyyymmdd.
    public init(account: AccountKey, day: Int, total: AccountTotal) {
        self.account = account
        self.day = day
        self.total = total
    }
}
