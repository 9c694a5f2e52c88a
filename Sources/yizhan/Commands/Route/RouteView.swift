import AdminProtocol
import Administration

/// A route as the command line prints it.
struct RouteView {
    private let route: AdminRoute

    init(_ route: AdminRoute) {
        self.route = route
    }

    var json: JSONText {
        let channels = route.settings.list("channels").compactMap { RouteChannel($0) }.map { channel in
            JSONText.object([
                ("channel", .string(channel.name)),
                ("priority", channel.priority.map { .integer($0) } ?? .null),
            ])
        }
        let others = RouteSettings.table.options.filter { $0.key != "channels" }
        return .object(
            [("name", .string(route.name)), ("enabled", .bool(route.enabled)), ("channels", .array(channels))]
                + others.members(route.settings))
    }

    var text: String {
        TextTable.pairs(
            [("route", route.name), ("state", route.enabled ? "enabled" : "disabled")]
                + RouteSettings.table.options.pairs(route.settings))
    }

    static func table(_ routes: [RouteView]) -> String {
        var table = TextTable([
            ("ROUTE", .left), ("STATE", .left), ("PRIORITY", .right), ("CHANNELS", .left), ("ACCOUNTS", .left),
            ("NETWORKS", .left), ("PREFIXES", .left), ("RETRY ON", .left),
        ])
        for route in routes.map(\.route) {
            let (settings, codes) = (route.settings, route.settings.list("retry_on"))
            table.add([
                route.name, route.enabled ? "enabled" : "disabled", "\(settings.integer("priority"))",
                settings.list("channels").joined(separator: ","), few(settings.list("accounts")),
                few(settings.list("networks")), few(settings.list("prefixes")),
                codes.isEmpty ? "-" : codes.joined(separator: ","),
            ])
        }
        return table.text
    }

    /// What has room in a table.
    private static func few(_ words: [String]) -> String {
        if words.isEmpty { return "any" }
        return words.prefix(5).joined(separator: ",") + (words.count > 5 ? ",…" : "")
    }
}

/// Why a message would take the channel that it would take.
struct RouteExplanationView {
    private let explanation: AdminRouteExplanation

    init(_ explanation: AdminRouteExplanation) {
        self.explanation = explanation
    }

    var json: JSONText {
        .object([
            ("account", .string(explanation.account)), ("mobile", .string(explanation.mobile)),
            ("network", .optional(explanation.network)), ("network_source", .string(explanation.networkSource)),
            ("route", .optional(explanation.route)), ("matched_by", .strings(explanation.matchedBy)),
            ("passed_over", .strings(explanation.passedOver)), ("outcome", .string(outcome)),
            ("channel", .optional(explanation.channel)),
            (
                "channels",
                .array(
                    explanation.channels.map { channel in
                        .object([
                            ("channel", .string(channel.channel)), ("verdict", .string(channel.verdict.name)),
                            ("detail", .optional(channel.detail)), ("priority", .integer(channel.priority)),
                            ("weight", .integer(channel.weight)), ("queued", .integer(channel.queued)),
                            ("paused", .bool(channel.isPaused)),
                        ])
                    })
            ),
        ])
    }

    var text: String {
        var pairs = [
            ("account", explanation.account), ("number", explanation.mobile),
            (
                "network",
                "\(explanation.network.isEmpty ? "none" : explanation.network), by \(explanation.networkSource)"
            ), ("route", route),
        ]
        if !explanation.passedOver.isEmpty {
            pairs.append(("passed over", explanation.passedOver.joined(separator: ", ") + ": all channels are off"))
        }
        pairs.append(("goes to", chosen))
        var table = TextTable([
            ("CHANNEL", .left), ("VERDICT", .left), ("PRIORITY", .right), ("WEIGHT", .right), ("QUEUED", .right),
        ])
        for channel in explanation.channels {
            table.add([
                channel.channel, verdict(channel), "\(channel.priority)", "\(channel.weight)", "\(channel.queued)",
            ])
        }
        return TextTable.pairs(pairs) + "\n\n" + table.text
    }

    private var route: String {
        if explanation.route.isEmpty {
            return explanation.passedOver.isEmpty ? "no route: all channels" : "none that has a channel on"
        }
        let reasons = explanation.matchedBy.isEmpty ? "every message" : explanation.matchedBy.joined(separator: ", ")
        return "\(explanation.route), for \(reasons)"
    }

    private var chosen: String {
        switch explanation.outcome {
        case .channel: isPaused ? "\(explanation.channel), which is paused: it waits there" : explanation.channel
        case .noRoute: "nowhere: it fails with NOROUTE"
        case .waits, .unspecified, .UNRECOGNIZED: "nowhere yet: it waits for a channel"
        }
    }

    private var isPaused: Bool {
        explanation.channels.contains { $0.channel == explanation.channel && $0.isPaused }
    }

    private var outcome: String {
        switch explanation.outcome {
        case .channel: "channel"
        case .noRoute: "no-route"
        case .waits: "waits"
        case .unspecified, .UNRECOGNIZED: "unknown"
        }
    }

    private func verdict(_ channel: AdminRouteVerdict) -> String {
        switch channel.verdict {
        case .doesNotServe:
            "does not serve \(explanation.network.isEmpty ? "unknown prefixes" : explanation.network)"
        case .cannotCarryExtension: "has no room for the account's extension"
        case .failing: channel.detail.isEmpty ? "failing" : "failing: \(channel.detail)"
        case .notItsTurn: "not its turn, by weight"
        case .chosen where channel.isPaused: "chosen, paused"
        default: channel.verdict.name.map { $0 == "-" ? " " : String($0) }.joined()
        }
    }
}

extension AdminRouteVerdict.Verdict {
    /// As the command line writes it.
    var name: String {
        switch self {
        case .chosen: "chosen"
        case .off: "off"
        case .doesNotServe: "does-not-serve"
        case .cannotCarryExtension: "cannot-carry-extension"
        case .failing: "failing"
        case .lowerPriority: "lower-priority"
        case .notInRoute: "not-in-route"
        case .paused: "paused"
        case .fuller: "fuller"
        case .notItsTurn: "not-its-turn"
        case .unspecified, .UNRECOGNIZED: "unknown"
        }
    }
}
