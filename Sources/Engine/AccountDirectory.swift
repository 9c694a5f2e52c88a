public import Messaging
import Synchronization

/// An immutable picture of all accounts. Event loops read it without waiting for anybody.
public final class AccountDirectory: Sendable {
    private let byID: [String: AccountEntry]
    private let byKey: [String: AccountEntry]
    private let byClientID: [String: AccountEntry]
    private let byNumber: [Int64: AccountEntry]
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
        byNumber = Dictionary(entries.map { ($0.number, $0) }, uniquingKeysWith: { $1 })
        let keyed = entries.compactMap { entry in entry.secrets.apiKey.map { ($0, entry) } }
        byKey = Dictionary(keyed, uniquingKeysWith: { $1 })
        let named = entries.filter { !$0.account.clientID.isEmpty }.map { ($0.account.clientID, $0) }
        byClientID = Dictionary(named, uniquingKeysWith: { $1 })
    }

    /// By its id, in any case.
    public func account(id: String) -> AccountEntry? { byID[Account.folded(id)] }

    /// By what its customer calls itself in `dialect`, in any case.
    public func account(login: String, in dialect: DialectName) -> AccountEntry? {
        byLogin[dialect.place][Account.folded(login)]
    }

    public func account(apiKey: String) -> AccountEntry? { byKey[apiKey] }
    /// `clientID` as it was given to the customer.
    public func account(clientID: String) -> AccountEntry? { byClientID[clientID] }
    public func account(number: Int64) -> AccountEntry? { byNumber[number] }
    public var entries: some Collection<AccountEntry> { byID.values }
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

/// One account as it was when the picture was made, and its gauges, which live on from picture to picture.
public final class AccountEntry: Sendable {
    /// The store's own number for it.
    public let number: Int64
    public let account: Account
    public let secrets: AccountSecrets
    public let gauges: AccountGauges

    init(number: Int64, account: Account, secrets: AccountSecrets, gauges: AccountGauges) {
        self.number = number
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

    public func closeConnection() {
        connectionCount.subtract(1, ordering: .relaxed)
    }

    public var connections: Int { connectionCount.load(ordering: .relaxed) }

    /// What the account can still spend down to its floor is judged by billing alone; this is for showing.
    public var balance: Int64 { balanceValue.load(ordering: .relaxed) }

    /// For billing only.
    func publish(balance: Int64) { balanceValue.store(balance, ordering: .relaxed) }
}
