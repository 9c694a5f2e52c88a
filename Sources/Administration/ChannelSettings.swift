import Messaging

/// A channel while its settings are written.
public struct ChannelDraft: Sendable {
    var channel: Channel
    var endpoint: ChannelEndpoint
    var callbackNetworks: [IPNetwork] = []
    var makesNewToken = false
}

/// The settings of channels. A new one is a line here and a column in `Store`.
public enum ChannelSettings {
    /// One row for each key of PROTOCOL.md, in the order of help and output.
    public static let table = SettingTable<ChannelDraft>([
        .init(
            "dialect", \.endpoint.dialect, .text, title: "dialect", use: .required,
            help: "The carrier's interface: \(DialectName.allCases.map(\.rawValue).joined(separator: ", "))."),
        .init("url", \.endpoint.url, .url, title: "url", use: .required, help: "The address of the carrier's service."),
        .init("user", \.endpoint.user, .text, title: "user", use: .required, help: "Our account at the carrier."),
        .init(
            "password", \.endpoint.password,
            .password, use: .required, help: "The account's password; - reads it from standard input."),
        .init(
            "client_id", \.endpoint.clientID, .identifier, value: "id", title: "client id", empty: "",
            help: "enterprise-oauth2: our client_id there."),
        .init(
            "client_secret", \.endpoint.clientSecret, .secret, value: "secret",
            help: "enterprise-oauth2: our client_secret there; - reads it from standard input."),
        .init(
            "enterprise_id", \.endpoint.enterpriseID, .identifier, value: "id", title: "enterprise id", empty: "",
            help: "enterprise-json: our userid there."),
        .init(
            "sp_code", \.endpoint.spCode, .identifier, value: "code", title: "sp code", empty: "",
            help: "yixintong: our x-sp-code there."),
        .init(
            "number", \.channel.accessNumber, .digits(1...Channel.accessNumberDigitsMax), value: "digits",
            title: "number", use: .required, help: "The access number that handsets show."),
        .init(
            "new_callback_token", \.makesNewToken, .permission, use: .set,
            help: """
                Makes a new token for the address to which the carrier pushes, and prints it; the old one is accepted \
                for 24 hours more.
                """),
        .init(
            "callback_allow_ip", \.callbackNetworks, .addresses(max: 100), value: "network", title: "callback from",
            empty: "",
            help: "An address or network from which the carrier may push to us; again for more; 'any' for all."),
        .init(
            "networks", \.channel.networks, .networks(emptyWord: nil), oldFlag: "carriers", value: "network,…",
            title: "networks", help: "Networks of the numbers that it serves, with commas between."),
        .init(
            "priority", \.channel.priority, .integer(Int64(Int32.min)...Int64(Int32.max)), title: "priority",
            help: "The channel of the highest priority is chosen first."),
        .init(
            "weight", \.channel.weight, .integer(1...Int64(Channel.weightMax)), title: "weight",
            help: "Its share among channels of the same priority, 1 to \(Channel.weightMax)."),
        .init(
            "rate", .integer(0...Int64(Channel.rateMax)), title: "rate", empty: "no limit", suffix: " segments/s",
            help: "Segments a second at most; 0 for no limit.",
            read: { .integer(Int64($0.channel.ratePerSecond ?? 0)) },
            write: { draft, value in
                let rate = Int(setting: value) ?? 0
                draft.channel.ratePerSecond = rate == 0 ? nil : rate
            }),
        .init(
            "uncertain", \.channel.uncertainRule, .choice(UncertainRule.self), value: "hold|resend",
            title: "uncertain",
            help: """
                What becomes of messages of which it is not known whether the carrier has them. hold: they wait for a \
                report, or for 'yizhan message settle'. resend: after --uncertain-after they are queued again, each \
                once; a handset may get them twice.
                """),
        .init(
            "uncertain_after_seconds",
            .integer(1...Channel.uncertainAfterMax / 1000, .seconds, form: "1s to 72h in whole seconds"),
            flag: "uncertain-after", value: "duration", title: "resend after", suffix: " s",
            help: "How long they are uncertain before resend queues them again, 1s to 72h; 30m unless set.",
            read: { .integer($0.channel.uncertainAfter / 1000) },
            write: { draft, value in
                draft.channel.uncertainAfter = (Int64(setting: value) ?? 0) * 1000
            }),
        .init(
            "connections", \.channel.connectionLimit, .integer(1...Int64(Channel.connectionLimitMax)),
            title: "connections", help: "Calls under way at once; \(Channel.connectionLimitDefault) unless set."),
    ])
}
