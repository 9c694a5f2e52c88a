public import Messaging

/// The settings of an account's content rules, which are all off at first. A new one is a line here and a column in
/// `Store`.
public enum RuleSettings {
    /// In the order of help and output; words and templates are no settings, and have commands of their own.
    public static let table = SettingTable<ScreeningRules>([
        .init(
            "require_template", \.requiresTemplate, .flag,
            help: "Whether every content must match one of the account's templates ('yizhan template')."),
        .init(
            "check_signature", \.checksSignature, .flag,
            help: """
                Whether a content must begin or end with the account's signature and is refused otherwise; without \
                this the signature is put in front of contents that carry none.
                """),
        .init(
            "blacklist", \.usesBlacklist, .flag,
            help: """
                Whether numbers on the account's blacklist ('yizhan blacklist') get nothing: such a message is \
                accepted, not charged, and reported as MBBLACK.
                """),
        .init(
            "opt_out", \.takesOptOuts, .flag,
            help: """
                Whether a reply of T, TD, N, R or 退订 puts its number on the account's blacklist; with this the \
                numbers there get nothing, as with --blacklist.
                """),
        .init(
            "frequency",
            .list(
                "limits as 5/1h (five messages an hour), at most 100 messages in at most a day and at most "
                    + "\(FrequencyLimit.limitsMax) limits", emptyWord: "none", max: FrequencyLimit.limitsMax
            ) { FrequencyLimit($0)?.description },
            value: "n/period,…",
            help: """
                At most so many messages to one number in a period, as 5/1h; up to four with commas between, 'none' \
                for no limit. They are counted since the last start.
                """,
            read: { .list($0.limits.map(\.description)) },
            write: { rules, value in
                rules.limits = ([String](setting: value) ?? []).compactMap { FrequencyLimit($0) }
            }),
    ])
}
