/// Whether every balance is the sum of its ledger.
public struct LedgerVerdict: Sendable {
    public var accounts = 0
    public var entries: Int64 = 0
    public var differences: [Difference] = []
    /// The sums of all entries: micro-yuan of accounts charged by money, segments of those charged by count.
    public var money: Int64 = 0
    public var count: Int64 = 0
    /// Whether every entry was read.
    public var isFull = true
    /// Entries that were proved by an earlier one and not read again.
    public var provedBefore: Int64 = 0

    public init() {}

    public struct Difference: Sendable {
        public var account: String
        public var unit: ChargeUnit
        public var stored: Int64
        public var summed: Int64

        public init(account: String, unit: ChargeUnit, stored: Int64, summed: Int64) {
            self.account = account
            self.unit = unit
            self.stored = stored
            self.summed = summed
        }
    }
}
