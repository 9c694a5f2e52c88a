import AdminProtocol

/// A route as the command line prints it.
struct RouteView {
    private let route: AdminRoute

    init(_ route: AdminRoute) {
        self.route = route
    }

    var json: JSONText {
        .object([
            ("name", .string(route.name)), ("enabled", .bool(route.enabled)), ("priority", .integer(route.priority)),
            (
                "channels",
                .array(
                    route.ways.map { way in
                        .object([
                            ("channel", .string(way.channel)),
                            ("priority", way.hasPriority ? .integer(way.priority) : .null),
                        ])
                    })
            ),
            ("accounts", .strings(route.accounts)), ("carriers", .strings(route.carriers)),
            ("prefixes", .strings(route.prefixes)), ("retry_on", .strings(route.retryOn)),
        ])
    }

    var text: String {
        TextTable.pairs([
            ("route", route.name), ("state", route.enabled ? "enabled" : "disabled"),
            ("priority", "\(route.priority)"), ("channels", channels(separator: ", ")),
            ("accounts", Self.list(route.accounts, separator: ", ")),
            ("carriers", Self.list(route.carriers, separator: ", ")),
            ("prefixes", Self.list(route.prefixes, separator: ", ")),
            ("retry on", route.retryOn.isEmpty ? "none" : route.retryOn.joined(separator: ", ")),
        ])
    }

    static func table(_ routes: [RouteView]) -> String {
        var table = TextTable([
            ("ROUTE", .left), ("STATE", .left), ("PRIORITY", .right), ("CHANNELS", .left), ("ACCOUNTS", .left),
            ("CARRIERS", .left), ("PREFIXES", .left), ("RETRY ON", .left),
        ])
        for view in routes {
            let route = view.route
            table.add([
                route.name, route.enabled ? "enabled" : "disabled", "\(route.priority)", view.channels(separator: ","),
                few(route.accounts), few(route.carriers), few(route.prefixes),
                route.retryOn.isEmpty ? "-" : route.retryOn.joined(separator: ","),
            ])
        }
        return table.text
    }

    private func channels(separator: String) -> String {
        route.ways.map { $0.hasPriority ? "\($0.channel):\($0.priority)" : $0.channel }.joined(separator: separator)
    }

    private static func list(_ words: [String], separator: String) -> String {
        words.isEmpty ? "any" : words.joined(separator: separator)
    }

    /// What has room in a table.
    private static func few(_ words: [String]) -> String {
        words.count > 5 ? list(Array(words.prefix(5)), separator: ",") + ",…" : list(words, separator: ",")
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
            ("carrier", .optional(explanation.carrier)), ("carrier_source", .string(explanation.carrierSource)),
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
                "carrier",
                "\(explanation.carrier.isEmpty ? "nobody's" : explanation.carrier), by \(explanation.carrierSource)"
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
            "does not serve \(explanation.carrier.isEmpty ? "unknown prefixes" : explanation.carrier)"
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
