/// What a user of the pages may do. A customer's user has the customers' rights of its account, an operator's the
/// operators'; `fullNumbers` is both's.
public struct UserRights: OptionSet, Hashable, Sendable {
    /// As it is stored: a right's bit never changes its meaning.
    public let rawValue: Int64

    /// Bits that stand for nothing are kept and mean nothing.
    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    // MARK: Customers' users

    /// To send messages, and to cancel scheduled ones (发送).
    public static let send = UserRights(rawValue: 1)
    /// To read and export what was sent and received (记录).
    public static let records = UserRights(rawValue: 1 << 1)
    /// To read and export bills and the ledger (账单).
    public static let bills = UserRights(rawValue: 1 << 2)
    /// To change the account's users, sub-accounts, alerts and rules, and to see its credentials' names (管理).
    public static let manage = UserRights(rawValue: 1 << 3)
    /// To see telephone numbers in full.
    public static let fullNumbers = UserRights(rawValue: 1 << 4)

    // MARK: Operators

    /// To see everything that is shown to operators.
    public static let view = UserRights(rawValue: 1 << 8)
    /// To move balances, and to set prices and credit.
    public static let money = UserRights(rawValue: 1 << 9)
    /// To change accounts, channels, routes and rules, and to resolve messages.
    public static let settings = UserRights(rawValue: 1 << 10)
    /// To change users and to read the audit trail.
    public static let users = UserRights(rawValue: 1 << 11)

    /// Those that a customer's user may have.
    public static let ofCustomers: UserRights = [.send, .records, .bills, .manage, .fullNumbers]
    /// Those that an operator may have.
    public static let ofOperators: UserRights = [.view, .money, .settings, .users, .fullNumbers]

    private static let names: [(String, UserRights)] = [
        ("send", .send), ("records", .records), ("bills", .bills), ("manage", .manage), ("view", .view),
        ("money", .money), ("settings", .settings), ("users", .users), ("full-numbers", .fullNumbers),
    ]

    /// Each right of which `contains` holds, by its name on the command line and in the protocol, in a fixed order.
    public var names: [String] { Self.names.filter { contains($0.1) }.map(\.0) }

    /// The right of this name; nil for any other text.
    public init?(name: some StringProtocol) {
        guard let found = Self.names.first(where: { $0.0 == name }) else { return nil }
        self = found.1
    }
}
