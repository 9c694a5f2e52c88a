/// A customer's account as the rules see it. Its secrets are kept elsewhere (`AccountSecrets`).
public struct Account: Hashable, Sendable, Identifiable {
    /// Shown as it was given; compared without regard to case, so that no two accounts differ in case alone.
    public var id: String
    /// What its customer calls itself in a dialect, where that is not `id`.
    public var logins: [DialectName: String] = [:]
    /// For people only; any text, no key.
    public var name: String
    /// Price of one segment, for accounts charged by money.
    public var price: Money
    /// Whether its balance may go below zero.
    public var payment: Payment
    /// What its balance, charges and refunds are counted in.
    public var chargeUnit: ChargeUnit
    /// How far below zero a postpaid balance may go, in `chargeUnit`; 0 or more.
    public var creditLimit: Int64
    /// Which failures are paid back.
    public var refundRule: RefundRule
    /// Whether OperatorV2 and Enterprise's plain mode take its password in the clear in the place of the digest.
    public var allowsPlainPassword: Bool
    /// Empty: any address.
    public var allowedNetworks: [IPNetwork]
    /// Digits between a channel's number and the customer's own extension.
    public var accessExtension: String
    /// `【…】`, put in front of contents that carry none; empty for none.
    public var signature: String
    /// Connections that it may have open at once, 1 to `connectionLimitMax`.
    public var connectionLimit: Int
    /// Whether its requests are taken; else each is refused with `Rejection.accountDisabled`.
    public var isEnabled: Bool
    /// `userid` of the plain mode (`Dialects/Enterprise/INTERFACE.md`, "Setting up an account"); empty for none.
    public var enterpriseID: String
    /// `client_id` of the token mode (as above); no two accounts have the same. Empty for none.
    public var clientID: String
    /// `x-sp-code` (`Dialects/Yixintong/INTERFACE.md`, "Setting up an account"); empty for none: any is accepted.
    public var spCode: String
    /// Yixintong: a serialNumber has exactly 20 digits, as its document says, and not 1 to 32.
    public var smsSerialStrict: Bool
    /// Yixintong: a query that finds nothing is answered with code 38 instead of an empty list.
    public var noDataCode: Bool
    /// Where its reports and replies are pushed to.
    public var push = PushSettings()
    /// How long its messages are worth sending, in milliseconds, unless a request says otherwise; nil: as long as they
    /// wait. See `Validity`.
    public var validFor: Int64?
    /// The account that it is a sub-account of; nil for none. A sub-account has no sub-accounts.
    public var parent: AccountKey?
    /// Of a sub-account: whether its charges and refunds move its parent's balance instead of its own.
    public var sharesBalance = false
    /// Whether its sub-accounts' prices may not be below its own.
    public var floorsSubPrices = false
    /// What it may be charged in a day of China, refunds not deducted, in `chargeUnit`; 0: any amount.
    public var spendPerDayMax: Int64 = 0
    /// When and to whom its balance is reported as low.
    public var alert = BalanceAlertSettings()

    /// Whether a balance is filled before it is spent, or may go down to the credit limit.
    public enum Payment: String, Sendable, CaseIterable {
        /// Before: the balance stays at 0 or above. After: it may fall to minus `creditLimit`.
        case prepaid, postpaid
    }

    /// Whose failure gives the charge back. Invalid numbers are never charged in the first place.
    public enum RefundRule: String, Sendable, CaseIterable {
        /// Only messages that were cancelled, kept back when due or not sent in time are paid back.
        case never
        /// The platform or the carrier refused the message.
        case refused
        /// As `refused`, and a message whose report says that it was not delivered.
        case failed
    }

    /// Connections of an account for which no limit was set.
    public static let connectionLimitDefault = 100
    /// The highest `connectionLimit` that can be set.
    public static let connectionLimitMax = 10_000
    /// Of one segment: a million yuan.
    public static let priceMax = Money(microYuan: 1_000_000_000_000)
    /// Of a balance's movement or a credit, in micro-yuan or segments: sums stay far from overflow, which traps.
    public static let amountMax: Int64 = 1_000_000_000_000_000

    /// `creditLimit` is in `chargeUnit`; what has no parameter has its default and is set afterwards.
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
    /// The interface password, of all dialects but Yixintong.
    public var apiPassword: String
    /// `apikey` of OperatorV2, in the place of userid and pwd.
    public var apiKey: String?
    /// `client_secret` of Enterprise's token mode.
    public var clientSecret: String?
    /// The secret that Yixintong's `x-sign` is made with (`Dialects/Yixintong/INTERFACE.md`, "Setting up an account").
    public var appSecret: String?

    /// - Parameters: nil for a secret that the account does not have.
    public init(
        apiPassword: String, apiKey: String? = nil, clientSecret: String? = nil, appSecret: String? = nil
    ) {
        self.apiPassword = apiPassword
        self.apiKey = apiKey
        self.clientSecret = clientSecret
        self.appSecret = appSecret
    }
}

/// The names of an account: its id, and what its customer calls itself in each dialect.
extension Account {
    /// An id is 1 to 32 letters, digits, dots, underscores and hyphens.
    public static func isValidID(_ id: String) -> Bool {
        (1...32).contains(id.utf8.count) && id.utf8.allSatisfy(isNameByte)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }

    /// Whether a text can be a login in `dialect`: operator-v2 has six letters and digits at most, the others what an
    /// id may be.
    public static func isValidLogin(_ login: String, in dialect: DialectName) -> Bool {
        guard dialect == .operatorV2 else { return isValidID(login) }
        return login.withUTF8Bytes { bytes in
            (1...6).contains(bytes.count)
                && bytes.allSatisfy { byte in
                    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                }
        }
    }

    /// What the customer calls itself in `dialect`: its login there, else its id where that fits; nil where not.
    /// In operator-v2 it is in upper case.
    public func login(in dialect: DialectName) -> String? {
        let own = logins.isEmpty ? nil : logins[dialect]
        guard let login = own ?? (Self.isValidLogin(id, in: dialect) ? id : nil) else { return nil }
        return dialect == .operatorV2 ? Self.folded(login) : login
    }

    /// Whether `name` is what the customer calls itself in `dialect`, in any case.
    public func hasLogin(_ name: String, in dialect: DialectName) -> Bool {
        guard let login = login(in: dialect) else { return false }
        return login == name || Self.folded(login) == Self.folded(name)
    }

    /// A name as it is compared: in upper case.
    public static func folded(_ name: String) -> String {
        let isFolded = name.withUTF8Bytes { bytes in
            bytes.allSatisfy { $0 < 0x80 && !(0x61...0x7A).contains($0) }
        }
        return isFolded ? name : name.uppercased()
    }
}
