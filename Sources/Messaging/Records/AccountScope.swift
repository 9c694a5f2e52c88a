/// The accounts whose records a query may read. Every query for a customer takes one, and finds nothing outside of it.
public struct AccountScope: Hashable, Sendable {
    /// Nil: every account, for operators. Empty: none.
    public let accounts: Set<AccountKey>?

    /// Every account there is; for operators only.
    public static let everything = AccountScope(accounts: nil)

    private init(accounts: Set<AccountKey>?) {
        self.accounts = accounts
    }

    /// These accounts and no others.
    public init(_ accounts: some Sequence<AccountKey>) {
        self.accounts = Set(accounts)
    }

    /// Whether records of this account may be read.
    public func contains(_ account: AccountKey) -> Bool { accounts?.contains(account) ?? true }

    /// The accounts that both have: a filter by account never widens what may be read.
    public func narrowed(to account: AccountKey?) -> AccountScope {
        guard let account else { return self }
        return contains(account) ? AccountScope([account]) : AccountScope([])
    }
}
