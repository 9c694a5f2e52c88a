/// Whether every balance is the sum of its ledger.
public struct LedgerVerdict: Sendable {
    /// How many accounts were compared.
    public var accounts = 0
    /// Entries of these accounts, those proved before included.
    public var entries: Int64 = 0
    /// Accounts whose balance is not its ledger's sum; empty: all is well.
    public var differences: [Difference] = []
    /// The sums of all entries: micro-yuan of accounts charged by money, segments of those charged by count.
    public var money: Int64 = 0
    /// As `money`, in segments.
    public var count: Int64 = 0
    /// Whether every entry was read.
    public var isFull = true
    /// Entries that were proved by an earlier one and not read again.
    public var provedBefore: Int64 = 0

    /// Nothing compared yet.
    public init() {}

    /// A balance that is not its ledger's sum, or entries that changed after they were proved.
    public struct Difference: Sendable {
        /// The account's id, or in parentheses what the difference is about instead.
        public var account: String
        /// What `stored` and `summed` are counted in.
        public var unit: ChargeUnit
        /// The balance as the account has it.
        public var stored: Int64
        /// The sum of the account's ledger entries.
        public var summed: Int64

        /// - Parameters: amounts are micro-yuan or segments, as `unit` says.
        public init(account: String, unit: ChargeUnit, stored: Int64, summed: Int64) {
            self.account = account
            self.unit = unit
            self.stored = stored
            self.summed = summed
        }
    }
}
