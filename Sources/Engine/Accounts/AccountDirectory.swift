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
    /// Sub-accounts in the order of their ids.
    private let byParent: [AccountKey: [AccountEntry]]

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
        let children = entries.filter { $0.account.parent != nil }.sorted { $0.account.id < $1.account.id }
        byParent = Dictionary(grouping: children) { $0.account.parent ?? 0 }
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
    /// The sub-accounts of an account, in the order of their ids.
    public func children(of key: AccountKey) -> [AccountEntry] { byParent[key] ?? [] }
    /// An account with its sub-accounts: whose records and bills it may see. A sub-account sees its own alone.
    public func scope(of key: AccountKey) -> [AccountKey] { [key] + children(of: key).map(\.key) }
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

/// One account as it was when the picture was made, and its runtime, which all pictures share.
public final class AccountEntry: Sendable {
    /// The store's own number for it.
    public let key: AccountKey
    /// Its settings at that time.
    public let account: Account
    /// In the clear: only ever in memory.
    public let secrets: AccountSecrets
    /// Shared by all pictures of the account.
    public let runtime: AccountRuntime
    /// Of a sub-account: the account that it is below, as that was when the picture was made.
    public let parent: AccountEntry?
    /// Whose balance its charges are taken from: its own key, or its parent's.
    public let payer: AccountKey
    /// The lowest balance that the payer may reach.
    let payerFloor: Int64
    let payerGauges: AccountRuntime
    /// Whether its requests are taken: neither it nor its parent is disabled.
    public let isEnabled: Bool

    /// What an entry says of its parent is settled here, once for each picture, so that nothing is looked up for a
    /// message.
    init(
        key: AccountKey, account: Account, secrets: AccountSecrets, runtime: AccountRuntime, parent: AccountEntry? = nil
    ) {
        self.key = key
        self.account = account
        self.secrets = secrets
        self.runtime = runtime
        self.parent = parent
        let payer = account.sharesBalance ? parent : nil
        self.payer = payer?.key ?? key
        payerFloor = (payer?.account ?? account).balanceFloor
        payerGauges = payer?.runtime ?? runtime
        isEnabled = account.isEnabled && parent?.account.isEnabled != false
    }

    /// What it can spend from: its own balance or its parent's, in its charge unit; for showing.
    public var balance: Int64 { payerGauges.balance }
    /// The lowest that `balance` may reach.
    public var balanceFloor: Int64 { payerFloor }
    /// Whether its charges are taken from its parent's balance.
    public var sharesBalance: Bool { payer != key }
}

/// What changes without the account being edited.
public final class AccountRuntime: Sendable {
    private let connectionCount = Atomic<Int>(0)
    private let balanceValue: Atomic<Int64>
    /// The account's rules at work.
    public let screening = MessageScreening()
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

    /// The account's own balance, in its charge unit, for showing; billing decides whether a submission can be paid.
    public var balance: Int64 { balanceValue.load(ordering: .relaxed) }

    /// For billing only.
    func publish(balance: Int64) { balanceValue.store(balance, ordering: .relaxed) }
}
