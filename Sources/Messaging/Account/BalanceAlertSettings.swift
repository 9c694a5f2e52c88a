/// When an account's balance is reported as low, and to whom.
public struct BalanceAlertSettings: Hashable, Sendable {
    /// Alerts are sent while the balance is below it, in the account's charge unit; 0: none are.
    public var threshold: Int64
    /// Get an SMS each, from the account of the platform that sends alerts.
    public var numbers: [PhoneNumber]
    /// Is called with each notice; empty for none.
    public var webhook: String
    /// How the webhook's body is written and its answer is read.
    public var form: Form
    /// The pause between two notices of one low balance, in milliseconds.
    public var repeatAfter: Int64

    /// The receivers that a webhook can be written for.
    public enum Form: String, Sendable, CaseIterable {
        /// A JSON object with a field for each figure.
        case json
        /// The text message of a robot of WeCom (企业微信) or DingTalk (钉钉).
        case wecom, dingtalk
    }

    /// Of `numbers`.
    public static let numbersMax = 10
    /// Six hours.
    public static let repeatAfterDefault: Int64 = 6 * 3_600_000
    /// Of `repeatAfter`: ten minutes to 30 days.
    public static let repeatAfterRange: ClosedRange<Int64> = 600_000...(30 * 86_400_000)

    /// Without a threshold nothing is sent; `threshold` is in the account's charge unit, `repeatAfter` in milliseconds.
    public init(
        threshold: Int64 = 0, numbers: [PhoneNumber] = [], webhook: String = "", form: Form = .json,
        repeatAfter: Int64 = BalanceAlertSettings.repeatAfterDefault
    ) {
        self.threshold = threshold
        self.numbers = numbers
        self.webhook = webhook
        self.form = form
        self.repeatAfter = repeatAfter
    }

    /// Whether somebody is told of a low balance; without, it only shows on the pages.
    public var hasRecipients: Bool { !numbers.isEmpty || !webhook.isEmpty }
}

/// What a balance alert says.
public struct BalanceNotice: Hashable, Sendable {
    /// The raw values are stored, and are the `event` of a webhook in plain JSON.
    public enum Kind: String, Sendable {
        /// The balance is below the threshold: for the first time, or still, when the pause is over.
        case low = "balance_low"
        case stillLow = "balance_still_low"
        /// It is not below the threshold any more.
        case recovered = "balance_recovered"
    }

    /// Which of the three.
    public var kind: Kind
    /// The account's id.
    public var account: String
    /// The account's name for people; may be empty.
    public var name: String
    /// What both amounts are counted in.
    public var unit: ChargeUnit
    /// In `unit`.
    public var balance: Int64
    /// In `unit`.
    public var threshold: Int64
    /// When it was found.
    public var at: Timestamp

    /// Both amounts are in `unit`.
    public init(
        kind: Kind, account: String, name: String, unit: ChargeUnit, balance: Int64, threshold: Int64, at: Timestamp
    ) {
        self.kind = kind
        self.account = account
        self.name = name
        self.unit = unit
        self.balance = balance
        self.threshold = threshold
        self.at = at
    }

    /// One sentence in Chinese, as it stands in an SMS and in a robot's message.
    public var text: String {
        let who = name.isEmpty ? account : "\(account)（\(name)）"
        let balance = amount(balance)
        let threshold = amount(threshold)
        return switch kind {
        case .low: "账户 \(who) 余额 \(balance)，低于预警值 \(threshold)，请及时充值。"
        case .stillLow: "账户 \(who) 余额 \(balance)，仍低于预警值 \(threshold)，请及时充值。"
        case .recovered: "账户 \(who) 余额已恢复为 \(balance)，不低于预警值 \(threshold)。"
        }
    }

    /// `12.5 元`, or `300 条`; without zeros at the end.
    private func amount(_ amount: Int64) -> String {
        guard unit == .money else { return "\(amount) 条" }
        var text = unit.text(amount)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text + " 元"
    }
}
