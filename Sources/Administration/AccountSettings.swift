public import Messaging

/// An account while its settings are written.
public struct AccountDraft: Sendable {
    var account: Account
    var secrets: AccountSecrets
    /// The id of the account that it is below; empty for none. The account itself has the key.
    var parent = ""
    /// Whether secrets that are easy to guess are accepted, in this request alone.
    var allowsWeakSecrets = false
}

/// The settings of accounts. A new one is a line here and a column in `Store`.
public enum AccountSettings {
    /// One row for each key of PROTOCOL.md, in the order of help and output.
    public static let table = SettingTable<AccountDraft>([
        .init("name", \.account.name, .text, title: "name", help: "A name for people."),
        .init(
            "api_password", \.secrets.apiPassword, .requiredSecret, value: "password", title: "interface password",
            help: """
                The interface password; - reads it from standard input. Without it 'account add' makes one and prints \
                it, once.
                """),
        .init(
            "price_micro", \.account.price,
            .integer(
                0...Account.priceMax.microYuan, .price,
                form: "yuan, not below zero, at most 1000000, with at most six decimals, like 0.029"),
            flag: "price", value: "yuan", title: "price", suffix: " yuan a segment",
            help: "Price of one segment in yuan, not below zero, at most six decimals."),
        .init(
            "payment", \.account.payment, .choice(Account.Payment.self), title: "payment",
            help: "Whether it pays before or after."),
        .init(
            "charge_by", \.account.chargeUnit, .choice(ChargeUnit.self), title: "charged by",
            help: "Whether balance and charges are money or a count of segments; fixed once the account is added."),
        .init(
            "credit_units", \.account.creditLimit,
            .integer(
                0...Account.amountMax, .amount,
                form: "an amount not below zero and at most \(ChargeUnit.money.labelled(Account.amountMax))"),
            flag: "credit", value: "amount", title: "credit",
            help: "How far below zero a postpaid balance may go, in yuan or segments."),
        .init(
            "api_key", \.secrets.apiKey, .secret, value: "key", title: "API key", empty: "none",
            help: "The account's API key; - reads it from standard input; an empty one removes it."),
        .init(
            "allow_plain_password", \.account.allowsPlainPassword, .flag, title: "plain password",
            help: "Whether the interface password may be sent as plain text."),
        .init(
            "allow_ip", \.account.allowedNetworks, .addresses(), value: "cidr", title: "from", empty: "any address",
            help: "An address or network that may send; give it again for more; 'any' for all."),
        .init(
            "extension", \.account.accessExtension, .digits(0...15), value: "digits", title: "extension",
            help: "Digits after a channel's number, before the customer's own."),
        .init(
            "signature", \.account.signature, .signature, value: "【text】", title: "signature",
            help: "Put in front of contents that carry none."),
        .init(
            "refund", \.account.refundRule, .choice(Account.RefundRule.self), title: "refund",
            help: """
                Which failures give the charge back: none, those refused by the platform or the carrier, or also those \
                reported as not delivered.
                """),
        .init(
            "valid_for_seconds", .secondsOrNone(from: Validity.durationMin / 1000), flag: "valid-for",
            value: "duration", title: "valid for", empty: "as long as they wait",
            help: """
                How long its messages are worth sending, 10s or more; 'none' for as long as they wait. What has not \
                been sent to a carrier by then ends as EXPIRED and is refunded in full.
                """,
            read: { .integer(($0.account.validFor ?? 0) / 1000) },
            write: { draft, value in
                let seconds = Int64(setting: value) ?? 0
                draft.account.validFor = seconds == 0 ? nil : seconds * 1000
            }),
        .init(
            "push_report", \.account.push.reportURL, .optionalURL, value: "url",
            help: "Where reports are pushed to; empty: they are polled."),
        .init(
            "push_reply", \.account.push.replyURL, .optionalURL, value: "url",
            help: "Where replies are pushed to; empty: they are polled."),
        .init(
            "push_dialect", \.account.push.dialect, .choice(PushDialect.self), help: "In which dialect they are pushed."
        ),
        .init(
            "push_format", \.account.push.format, .choice(PushSettings.Format.self),
            help: "How dialect operator-v2 writes a push."),
        .init(
            "allow_private_push", \.account.push.allowsPrivateTargets, .flag,
            help: "Whether the addresses of pushes may lead to this machine and private networks."),
        .init(
            "connection_limit", \.account.connectionLimit, .integer(1...Int64(Account.connectionLimitMax)),
            flag: "connections", title: "connections", suffix: " at once", use: .set,
            help: "Connections that the account may have open at once; \(Account.connectionLimitDefault) at first."),
        .init(
            "parent", \.parent, .identifier, value: "id", title: "sub-account of", empty: "none",
            help: "The account that it is a sub-account of, which sees its records and bills; fixed once it is added."),
        .init(
            "share_balance", \.account.sharesBalance, .flag, title: "parent's balance",
            help: "Whether a sub-account's charges and refunds move its parent's balance instead of its own."),
        .init(
            "sub_price_floor", \.account.floorsSubPrices, .flag,
            help: "Whether the prices of its sub-accounts may not be below its own."),
        .init(
            "spend_per_day_max_units", \.account.spendPerDayMax,
            .integer(
                0...Account.amountMax, .amount,
                form: "an amount not below zero and at most \(ChargeUnit.money.labelled(Account.amountMax))"),
            flag: "spend-per-day-max", value: "amount", title: "a day at most",
            help: """
                What it may be charged in a day of China, refunds not deducted; 0 for any amount. What would pass it \
                is refused as if the balance were used up.
                """),
        .init(
            "alert_below_units", \.account.alert.threshold,
            .integer(
                0...Account.amountMax, .amount,
                form: "an amount not below zero and at most \(ChargeUnit.money.labelled(Account.amountMax))"),
            flag: "alert-below", value: "amount", title: "alert below",
            help: "Alerts are sent while the balance is below this amount; 0 for none."),
        .init(
            "alert_numbers", \.account.alert.numbers,
            .list(
                "telephone numbers, at most \(BalanceAlertSettings.numbersMax)", emptyWord: "none",
                max: BalanceAlertSettings.numbersMax
            ) {
                PhoneNumber($0)?.text
            },
            flag: "alert-number", value: "number", title: "alerts to", empty: "no telephone",
            help: "A telephone that alerts go to, from the account alert.account; give it again for more."),
        .init(
            "alert_webhook", \.account.alert.webhook, .optionalURL, value: "url",
            help: "A URL that is called with each alert; empty: none. As pushes, it leads to public addresses only."),
        .init(
            "alert_form", \.account.alert.form, .choice(BalanceAlertSettings.Form.self),
            help: "What the webhook is sent: plain JSON, or a message for a robot of WeCom or DingTalk."),
        .init(
            "alert_repeat_seconds",
            .integer(
                (BalanceAlertSettings.repeatAfterRange.lowerBound / 1000)...(BalanceAlertSettings.repeatAfterRange
                    .upperBound / 1000), .seconds, form: "a duration of 10m to 720h in whole seconds"),
            flag: "alert-repeat", value: "duration",
            help: "The pause between two alerts of one low balance, 6h at first.",
            read: { .integer($0.account.alert.repeatAfter / 1000) },
            write: { draft, value in
                if let seconds = Int64(setting: value) { draft.account.alert.repeatAfter = seconds * 1000 }
            }),
        .init(
            "client_id", \.account.clientID, .identifier, value: "id",
            help: "enterprise-oauth2: its client_id; an empty one removes it, as the next four."),
        .init(
            "client_secret", \.secrets.clientSecret, .secret, value: "secret",
            help: "enterprise-oauth2: its client_secret; - reads it from standard input."),
        .init("enterprise_id", \.account.enterpriseID, .identifier, value: "id", help: "enterprise-json: its userid."),
        .init("sp_code", \.account.spCode, .identifier, value: "code", help: "yixintong: its x-sp-code."),
        .init(
            "app_secret", \.secrets.appSecret, .secret, value: "secret",
            help: "yixintong: the key with which x-sign is made; - reads it from standard input."),
        .init(
            "strict_serial", \.account.smsSerialStrict, .flag,
            help: "yixintong: whether a serialNumber must have exactly 20 digits, and not 1 to 32."),
        .init(
            "no_data_code", \.account.noDataCode, .flag,
            help: "yixintong: whether a query that finds nothing is answered with code 38 instead of an empty list."),
        .init(
            "logins",
            .list(
                "dialect=login, of the dialects " + DialectName.allCases.map(\.rawValue).joined(separator: ", "),
                emptyWord: nil
            ) {
                AccountLogin($0)?.text
            },
            flag: "login", value: "dialect=login",
            help: """
                The customer's login in a dialect in place of the account's id, as operator-v2=J10003; give it again \
                for more; nothing after the sign: its id again.
                """,
            read: { draft in
                .list(
                    DialectName.allCases.compactMap { dialect in
                        draft.account.login(in: dialect).map { AccountLogin(dialect: dialect, login: $0).text }
                    })
            },
            // Dialects that are not named keep their login.
            write: { draft, value in
                for login in ([String](setting: value) ?? []).compactMap({ AccountLogin($0) }) {
                    draft.account.logins[login.dialect] = login.login.isEmpty ? nil : login.login
                }
            }),
        .init(
            allowWeakPassword, \.allowsWeakSecrets, .permission,
            help: "Accept a password, key or secret that is short or easy to guess."),
    ])

    /// The key of the permission for secrets that are easy to guess.
    public static let allowWeakPassword = "allow_weak_password"

    /// The secrets with the property that holds each.
    static let secrets = table.rows.filter { $0.option.kind.shape == .secret }.map(\.option)
}

/// An account's login in one dialect: `operator-v2=J10003`; nothing after the sign removes it.
public struct AccountLogin: Hashable, Sendable {
    /// The dialect in which the customer uses this login.
    public let dialect: DialectName
    /// Empty: the account's id is the login again.
    public let login: String

    init(dialect: DialectName, login: String) {
        (self.dialect, self.login) = (dialect, login)
    }

    /// Nil unless `text` is written so and the login is one that the dialect can carry.
    public init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let dialect = DialectName(rawValue: parts[0]) else { return nil }
        guard parts[1].isEmpty || Account.isValidLogin(parts[1], in: dialect) else { return nil }
        self.init(dialect: dialect, login: parts[1])
    }

    var text: String { "\(dialect.rawValue)=\(login)" }
}
