public import Messaging
import Synchronization

/// An immutable picture of all accounts, which event loops read without a lock.
public final class AccountDirectory: Sendable {
    private let byID: [String: AccountEntry]
    private let byAPIKey: [String: AccountEntry]
    private let byClientID: [String: AccountEntry]
    private let byKey: [AccountKey: AccountEntry]
    /// By folded login, of each dialect in the order of its cases.
    private let byLogin: [[String: AccountEntry]]

    init(_ entries: [AccountEntry]) {
        byID = Dictionary(entries.map { (Account.folded($0.account.id), $0) }, uniquingKeysWith: { $1 })
        byLogin = DialectName.allCases.map { dialect in
            let named = entries.compactMap { entry in
                entry.account.login(in: dialect).map { (Account.folded($0), entry) }
            }
            return Dictionary(named, uniquingKeysWith: { $1 })
        }
        byKey = Dictionary(entries.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
        let keyed = entries.compactMap { entry in entry.secrets.apiKey.map { ($0, entry) } }
        byAPIKey = Dictionary(keyed, uniquingKeysWith: { $1 })
        let named = entries.filter { !$0.account.clientID.isEmpty }.map { ($0.account.clientID, $0) }
        byClientID = Dictionary(named, uniquingKeysWith: { $1 })
    }

    /// By its id, in any case.
    public func account(id: String) -> AccountEntry? { byID[Account.folded(id)] }

    /// By what its customer calls itself in `dialect`, in any case.
    public func account(login: String, in dialect: DialectName) -> AccountEntry? {
        byLogin[dialect.place][Account.folded(login)]
    }

    /// By its API key, literally; nil: no account has it.
    public func account(apiKey: String) -> AccountEntry? { byAPIKey[apiKey] }
    /// `clientID` as it was given to the customer.
    public func account(clientID: String) -> AccountEntry? { byClientID[clientID] }
    /// By the store's number; nil: no account has it.
    public func account(key: AccountKey) -> AccountEntry? { byKey[key] }
    /// All accounts, in no order.
    public var entries: some Collection<AccountEntry> { byID.values }
    /// How many accounts there are.
    public var count: Int { byID.count }
}

extension DialectName {
    /// Among all cases.
    fileprivate var place: Int {
        switch self {
        case .enterpriseOAuth2: 0
        case .enterpriseJSON: 1
        case .apiV1: 2
        case .operatorV2: 3
        case .guodu: 4
        case .yixintong: 5
        }
    }
}

/// One account as it was when the picture was made, and its gauges, which all pictures share.
public final class AccountEntry: Sendable {
    /// The store's own number for it.
    public let key: AccountKey
    /// Its settings at that time.
    public let account: Account
    /// In the clear: only ever in memory.
    public let secrets: AccountSecrets
    /// Shared by all pictures of the account.
    public let gauges: AccountGauges

    init(key: AccountKey, account: Account, secrets: AccountSecrets, gauges: AccountGauges) {
        self.key = key
        self.account = account
        self.secrets = secrets
        self.gauges = gauges
    }
}

/// What changes without the account being edited.
public final class AccountGauges: Sendable {
    private let connectionCount = Atomic<Int>(0)
    private let balanceValue: Atomic<Int64>
    /// The account's rules at work.
    public let screen = AccountScreen()
    /// Where its right credentials came from.
    let known = KnownAddresses()
    /// What of its submissions waits to be committed.
    let waiting = WaitingLoad()

    init(balance: Int64) {
        balanceValue = Atomic(balance)
    }

    /// Counts a connection in; false when `limit` are open already.
    public func openConnection(limit: Int) -> Bool {
        let (_, count) = connectionCount.add(1, ordering: .relaxed)
        if count <= limit { return true }
        connectionCount.subtract(1, ordering: .relaxed)
        return false
    }

    /// Counts a connection out; once for each `openConnection` that returned true.
    public func closeConnection() {
        connectionCount.subtract(1, ordering: .relaxed)
    }

    /// Connections that are open now.
    public var connections: Int { connectionCount.load(ordering: .relaxed) }

    /// The balance, in the account's charge unit, for showing; whether a submission can be paid is decided by billing.
    public var balance: Int64 { balanceValue.load(ordering: .relaxed) }

    /// For billing only.
    func publish(balance: Int64) { balanceValue.store(balance, ordering: .relaxed) }
}
