public import Messaging

/// Calls customers' webhooks with notices of their balances.
///
/// MUST end every call in bounded time, MUST NOT repeat a request by itself, and MUST NOT follow redirects.
public protocol AlertLink: Sendable {
    /// One request.
    func send(_ notice: BalanceNotice, to target: AlertTarget) async -> PushAnswer
    /// Looks nothing up and connects to nothing.
    /// - Throws: a sentence when the address cannot work.
    func check(_ target: AlertTarget) throws(CarrierFailure)
}

/// Where a customer wants its balance alerts.
public struct AlertTarget: Hashable, Sendable {
    /// http or https.
    public var url: String
    /// How the body is written.
    public var form: BalanceAlertSettings.Form
    /// Whether the address may lead to machines of private networks or to this one.
    public var allowsPrivate: Bool

    /// Takes the values as they are.
    public init(url: String, form: BalanceAlertSettings.Form, allowsPrivate: Bool) {
        self.url = url
        self.form = form
        self.allowsPrivate = allowsPrivate
    }

    /// Nil where the account has no webhook. What pushes may reach, alerts may.
    init?(_ account: Account) {
        guard !account.alert.webhook.isEmpty else { return nil }
        self.init(
            url: account.alert.webhook, form: account.alert.form, allowsPrivate: account.push.allowsPrivateTargets)
    }
}

/// For an engine that calls no webhooks.
public struct NoAlertLink: AlertLink {
    /// Has no state.
    public init() {}

    /// Sends nothing.
    public func send(_ notice: BalanceNotice, to target: AlertTarget) async -> PushAnswer {
        PushAnswer(isAccepted: false, words: "no webhook is called here")
    }

    /// Takes any address.
    public func check(_ target: AlertTarget) throws(CarrierFailure) {}
}
