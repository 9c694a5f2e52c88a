import AdminProtocol
import Administration

/// An account's rules as the command line prints them.
struct RuleView {
    private let rules: AdminAccountRules

    init(_ rules: AdminAccountRules) {
        self.rules = rules
    }

    var json: JSONText {
        .object(
            [("account", .string(rules.account))] + RuleSettings.table.options.members(rules.settings) + [
                ("words", .strings(rules.words)), ("templates", .integer(rules.templates)),
                ("blacklisted", .integer(rules.blacklisted)),
                ("refusals", .object(rules.refusals.map { ($0.rule, .integer($0.count)) })),
            ])
    }

    var text: String {
        let (settings, limits) = (rules.settings, rules.settings.list("frequency"))
        return TextTable.pairs([
            ("account", rules.account),
            (
                "templates",
                "\(settings.isOn("require_template") ? "required" : "not required"), \(rules.templates) there"
            ),
            ("signature", settings.isOn("check_signature") ? "required" : "put in front"),
            ("blacklist", "\(Self.state(settings.isOn("blacklist"))), \(rules.blacklisted) numbers"),
            ("opt-outs", Self.state(settings.isOn("opt_out"))),
            ("frequency", limits.isEmpty ? "no limit" : limits.joined(separator: ", ")),
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
