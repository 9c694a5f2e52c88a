/// A customer's account as the rules see it. Its secrets are kept elsewhere (`AccountSecrets`).
public struct Account: Hashable, Sendable, Identifiable {
    /// Shown as it was given; compared without regard to case, so that no two accounts differ in case alone.
    public var id: String
    /// What its customer calls itself in a dialect, where that is not `id`.
    public var logins: [DialectName: String] = [:]
    public var name: String
    /// Price of one segment, for accounts charged by money.
    public var price: Money
    public var payment: Payment
    public var chargeUnit: ChargeUnit
    /// How far below zero a postpaid balance may go, in `chargeUnit`; 0 or more.
    public var creditLimit: Int64
    public var refundRule: RefundRule
    public var allowsPlainPassword: Bool
    /// Empty: any address.
    public var allowedNetworks: [IPNetwork]
    /// Digits between a channel's number and the customer's own extension.
    public var accessExtension: String
    /// `【…】`, put in front of contents that carry none; empty for none.
    public var signature: String
    public var connectionLimit: Int
    public var isEnabled: Bool
    /// `userid` of dialect 000's plain JSON mode; empty for none, as the next two.
    public var enterpriseID: String
    /// `client_id` of dialect 000's token mode; no two accounts have the same.
    public var clientID: String
    /// `x-sp-code` of dialect 004.
    public var spCode: String
    /// Dialect 004: a serialNumber has exactly 20 digits, as its document says, and not 1 to 32.
    public var smsSerialStrict: Bool
    /// Dialect 004: a query that finds nothing is answered with code 38 instead of an empty list.
    public var noDataCode: Bool
    /// Where its reports and replies are pushed to.
    public var push = PushSettings()
    /// How long its messages are worth sending, in milliseconds, unless a request says otherwise; nil: as long as they
    /// wait. See `Validity`.
    public var validFor: Int64?

    /// Whether a balance is filled before it is spent, or may go down to the credit limit.
    public enum Payment: String, Sendable, CaseIterable {
        case prepaid, postpaid
    }

    /// Whose failure gives the charge back. Invalid numbers are never charged in the first place.
    public enum RefundRule: String, Sendable, CaseIterable {
        case never
        /// The platform or the carrier refused the message.
        case refused
        /// As `refused`, and a message whose report says that it was not delivered.
        case failed
    }

    public static let connectionLimitDefault = 100
    public static let connectionLimitMax = 10_000
    /// Of one segment: a million yuan.
    public static let priceMax = Money(microYuan: 1_000_000_000_000)
    /// Of a balance's movement or a credit, in micro-yuan or segments: sums stay far from overflow, which traps.
    public static let amountMax: Int64 = 1_000_000_000_000_000

    public init(
        id: String, name: String = "", price: Money = .zero, payment: Payment = .prepaid,
        chargeUnit: ChargeUnit = .money, creditLimit: Int64 = 0, refundRule: RefundRule = .refused,
        allowsPlainPassword: Bool = false, allowedNetworks: [IPNetwork] = [], accessExtension: String = "",
        signature: String = "", connectionLimit: Int = Account.connectionLimitDefault, isEnabled: Bool = true,
        enterpriseID: String = "", clientID: String = "", spCode: String = "", smsSerialStrict: Bool = false,
        noDataCode: Bool = false
    ) {
        self.id = id
        self.name = name
        self.price = price
        self.payment = payment
        self.chargeUnit = chargeUnit
        self.creditLimit = creditLimit
        self.refundRule = refundRule
        self.allowsPlainPassword = allowsPlainPassword
        self.allowedNetworks = allowedNetworks
        self.accessExtension = accessExtension
        self.signature = signature
        self.connectionLimit = connectionLimit
        self.isEnabled = isEnabled
        self.enterpriseID = enterpriseID
        self.clientID = clientID
        self.spCode = spCode
        self.smsSerialStrict = smsSerialStrict
        self.noDataCode = noDataCode
    }

    /// What `segments` cost, in `chargeUnit`.
    public func cost(segments: Int) -> Int64 {
        switch chargeUnit {
        case .money: (price * segments).microYuan
        case .count: Int64(segments)
        }
    }

    /// The lowest balance that this account may reach.
    public var balanceFloor: Int64 { payment == .postpaid ? -creditLimit : 0 }
}

/// The secrets of an account, in the clear: only ever in memory.
public struct AccountSecrets: Hashable, Sendable {
    /// Of dialects 000 to 003.
    public var apiPassword: String
    /// Dialect 002's.
    public var apiKey: String?
    /// `client_secret` of dialect 000's token mode.
    public var clientSecret: String?
    /// What dialect 004's x-sign is made with.
    public var appSecret: String?

    public init(
        apiPassword: String, apiKey: String? = nil, clientSecret: String? = nil, appSecret: String? = nil
    ) {
        self.apiPassword = apiPassword
        self.apiKey = apiKey
        self.clientSecret = clientSecret
        self.appSecret = appSecret
    }
}
