/// A way to a carrier, as the rules see it. How it is reached (URL, credentials) is in `ChannelEndpoint`.
public struct Channel: Hashable, Sendable {
    /// Unique among channels; what operators name it by.
    public var name: String
    /// The carrier's access number: what a handset shows, before the account's extension.
    public var accessNumber: String
    /// Networks whose numbers it takes.
    public var networks: NetworkSet
    /// Higher is chosen first.
    public var priority: Int
    /// Its share among channels of the same priority; 1 or more.
    public var weight: Int
    /// Segments per second at most; nil for no limit.
    public var ratePerSecond: Int?
    /// Calls under way at once.
    public var connectionLimit: Int
    /// Whether it is used at all; else it is left out of the choice, and messages go elsewhere.
    public var isEnabled: Bool
    /// What becomes of a call of which it is not known whether the carrier has it.
    public var uncertainRule: UncertainRule
    /// How long a call stays uncertain before the rule `resend` queues its messages again, in milliseconds.
    public var uncertainAfter: Int64
    /// Since when it is paused: what is routed to it waits, and nothing is sent; nil: it is not.
    public var pausedAt: Timestamp?

    /// Whether an operator has paused it.
    public var isPaused: Bool { pausedAt != nil }
    /// Whether calls may be made.
    public var maySend: Bool { isEnabled && !isPaused }

    /// 30 minutes, in milliseconds.
    public static let uncertainAfterDefault: Int64 = 30 * 60_000
    /// The longest `uncertainAfter`: 72 hours, in milliseconds.
    public static let uncertainAfterMax: Int64 = 72 * 3_600_000
    /// Calls under way at once unless set.
    public static let connectionLimitDefault = 8
    /// The highest `connectionLimit`.
    public static let connectionLimitMax = 1_000
    /// The highest `weight`.
    public static let weightMax = 1_000
    /// Segments a second.
    public static let rateMax = 1_000_000
    /// What `priority` may be: 32 bits with sign.
    public static let priorities = -0x8000_0000...0x7FFF_FFFF
    /// The most digits of an access number with its extensions (`Dialects/OperatorV2/INTERFACE.md`, "What we settled").
    public static let accessNumberDigitsMax = 20

    /// - Parameter uncertainAfter: in milliseconds. It is not paused.
    public init(
        name: String, accessNumber: String, networks: NetworkSet = .mainland, priority: Int = 0,
        weight: Int = 1, ratePerSecond: Int? = nil, connectionLimit: Int = Channel.connectionLimitDefault,
        isEnabled: Bool = true, uncertainRule: UncertainRule = .hold,
        uncertainAfter: Int64 = Channel.uncertainAfterDefault
    ) {
        self.name = name
        self.accessNumber = accessNumber
        self.networks = networks
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
    /// The base address of the carrier's interface, as `WebAddress` reads it.
    public var url: String
    /// Our account there: userid, account, OperID, x-app-key.
    public var user: String
    /// In the clear: only ever in memory.
    public var password: String
    /// `client_id` of Enterprise's token mode; empty where the dialect has none, as the fields below.
    public var clientID: String
    /// In the clear: only ever in memory.
    public var clientSecret: String
    /// `x-sp-code` of Yixintong.
    public var spCode: String
    /// `userid` of Enterprise's plain mode.
    public var enterpriseID: String

    /// Secrets are in the clear; fields that the dialect does not use stay empty.
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
