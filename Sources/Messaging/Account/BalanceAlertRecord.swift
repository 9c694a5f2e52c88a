/// One account's balance alerts, as they are stored.
public struct BalanceAlertRecord: Hashable, Sendable {
    /// The store's number of the account.
    public var account: AccountKey
    /// What was reported so far.
    public var state: BalanceAlertState
    /// What is to be sent still; nil: nothing.
    public var pending: Pending?
    /// When the last notice was sent, or given up; nil: none was.
    public var answeredAt: Timestamp?
    /// What came of it in words; empty before the first.
    public var answer: String

    /// A notice that is not sent yet, with the figures of its time.
    public struct Pending: Hashable, Sendable {
        /// What it says.
        public var kind: BalanceNotice.Kind
        /// In the account's charge unit.
        public var balance: Int64
        /// In the account's charge unit.
        public var threshold: Int64
        /// When it was found; with the account, the key of its messages, so that none is sent twice.
        public var at: Timestamp
        /// Whether its messages are submitted, or there are none.
        public var isSMSDone = false
        /// Whether the webhook has taken it, or there is none.
        public var isWebhookDone = false
        /// Attempts that failed.
        public var tries = 0
        /// Not before this.
        public var nextTryAt: Timestamp

        /// One that was not tried yet.
        public init(kind: BalanceNotice.Kind, balance: Int64, threshold: Int64, at: Timestamp) {
            self.kind = kind
            self.balance = balance
            self.threshold = threshold
            self.at = at
            nextTryAt = at
        }
    }

    /// Nothing was reported yet.
    public init(
        account: AccountKey, state: BalanceAlertState = BalanceAlertState(), pending: Pending? = nil,
        answeredAt: Timestamp? = nil, answer: String = ""
    ) {
        self.account = account
        self.state = state
        self.pending = pending
        self.answeredAt = answeredAt
        self.answer = answer
    }
}
