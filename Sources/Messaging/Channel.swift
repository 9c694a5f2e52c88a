/// A way to a carrier, as the rules see it. How it is reached (URL, credentials) is in `ChannelEndpoint`.
public struct Channel: Hashable, Sendable {
    public var name: String
    /// The carrier's access number: what a handset shows, before the account's extension.
    public var accessNumber: String
    public var carriers: CarrierSet
    /// Higher is chosen first.
    public var priority: Int
    /// Its share among channels of the same priority; 1 or more.
    public var weight: Int
    /// Segments per second at most; nil for no limit.
    public var ratePerSecond: Int?
    /// Calls under way at once.
    public var connectionLimit: Int
    public var isEnabled: Bool
    public var uncertainRule: UncertainRule
    /// How long a call stays uncertain before the rule `resend` queues its messages again, in milliseconds.
    public var uncertainAfter: Int64
    /// Since when it is paused: what is routed to it waits, and nothing is sent; nil: it is not.
    public var pausedAt: Timestamp?

    public var isPaused: Bool { pausedAt != nil }
    /// Whether calls may be made.
    public var maySend: Bool { isEnabled && !isPaused }

    public static let uncertainAfterDefault: Int64 = 30 * 60_000
    public static let uncertainAfterMax: Int64 = 72 * 3_600_000
    public static let connectionLimitDefault = 8
    public static let connectionLimitMax = 1_000
    public static let weightMax = 1_000
    /// Segments a second.
    public static let rateMax = 1_000_000
    public static let priorities = -0x8000_0000...0x7FFF_FFFF
    /// Access numbers end at 20 digits (seed 002 §2.1.5, `exno`).
    public static let accessNumberDigitsMax = 20

    public init(
        name: String, accessNumber: String, carriers: CarrierSet = .mainland, priority: Int = 0,
        weight: Int = 1, ratePerSecond: Int? = nil, connectionLimit: Int = Channel.connectionLimitDefault,
        isEnabled: Bool = true, uncertainRule: UncertainRule = .hold,
        uncertainAfter: Int64 = Channel.uncertainAfterDefault
    ) {
        self.name = name
        self.accessNumber = accessNumber
        self.carriers = carriers
        self.priority = priority
        self.weight = weight
        self.ratePerSecond = ratePerSecond
        self.connectionLimit = connectionLimit
        self.isEnabled = isEnabled
        self.uncertainRule = uncertainRule
        self.uncertainAfter = uncertainAfter
    }

    /// The full access number for a message; a customer's extension that would make it longer than 20 digits is void.
    public func fullNumber(accountExtension: String, customerExtension: String) -> String {
        let asked = AccessExtension(account: accountExtension, customer: customerExtension)
        return accessNumber + (asked.carried(behind: accessNumber, .widest)?.text ?? accountExtension)
    }
}

/// Where a channel's carrier is and how it knows us.
public struct ChannelEndpoint: Hashable, Sendable {
    /// The dialect's name as the command line has it: `operator-v2`. See `DialectName`.
    public var dialect: String
    public var url: String
    /// Our account there: userid, account, OperID, x-app-key.
    public var user: String
    /// In the clear: only ever in memory.
    public var password: String
    /// `client_id` of dialect 000's token mode; empty where a dialect has none, as the others.
    public var clientID: String
    /// In the clear: only ever in memory.
    public var clientSecret: String
    /// `x-sp-code` of dialect 004.
    public var spCode: String
    /// `userid` of dialect 000's plain JSON mode.
    public var enterpriseID: String

    public init(
        dialect: String, url: String, user: String, password: String, clientID: String = "",
        clientSecret: String = "", spCode: String = "", enterpriseID: String = ""
    ) {
        self.dialect = dialect
        self.url = url
        self.user = user
        self.password = password
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.spCode = spCode
        self.enterpriseID = enterpriseID
    }
}
