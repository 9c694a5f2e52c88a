import AdminProtocol

/// An account's rules as the command line prints them.
struct RuleView {
    private let rules: AdminAccountRules

    init(_ rules: AdminAccountRules) {
        self.rules = rules
    }

    var json: JSONText {
        .object([
            ("account", .string(rules.account)), ("require_template", .bool(rules.requireTemplate)),
            ("check_signature", .bool(rules.checkSignature)), ("blacklist", .bool(rules.blacklist)),
            ("opt_out", .bool(rules.optOut)), ("frequency", .strings(rules.frequency)),
            ("words", .strings(rules.words)), ("templates", .integer(rules.templates)),
            ("blacklisted", .integer(rules.blacklisted)),
            ("refusals", .object(rules.refusals.map { ($0.rule, .integer($0.count)) })),
        ])
    }

    var text: String {
        TextTable.pairs([
            ("account", rules.account),
            ("templates", "\(rules.requireTemplate ? "required" : "not required"), \(rules.templates) there"),
            ("signature", rules.checkSignature ? "checked" : "put in front"),
            ("blacklist", "\(Self.state(rules.blacklist)), \(rules.blacklisted) numbers"),
            ("opt-outs", Self.state(rules.optOut)),
            ("frequency", rules.frequency.isEmpty ? "no limit" : rules.frequency.joined(separator: ", ")),
            ("blocked words", rules.words.isEmpty ? "none" : rules.words.joined(separator: ", ")),
            ("kept back", refusals),
        ])
    }

    private var refusals: String {
        rules.refusals.isEmpty
            ? "nothing since the start"
            : rules.refusals.map { "\($0.count) by \($0.rule)" }.joined(separator: ", ")
    }

    private static func state(_ isOn: Bool) -> String { isOn ? "on" : "off" }
}
