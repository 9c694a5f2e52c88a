import Messaging

/// A route while its settings are written: channels and accounts by name, as they are set.
public struct RouteDraft: Sendable {
    var priority = 0
    /// `A`, or `A:5` with a priority on this route.
    var channels: [String] = []
    var accounts: [String] = []
    var networks = NetworkSet()
    var prefixes: [String] = []
    var retryCodes: [String] = []
}

/// The settings of routes. A new one is a line here and a column in `Store`.
public enum RouteSettings {
    /// One row for each key of PROTOCOL.md, in the order of help and output.
    public static let table = SettingTable<RouteDraft>([
        .init(
            "priority", \.priority, .integer(Int64(Int32.min)...Int64(Int32.max)), title: "priority",
            help: "The route of the highest priority is asked first."),
        .init(
            "channels", \.channels,
            .list(
                "channels as NAME or NAME:PRIORITY, at most \(Route.channelsMax)", emptyWord: nil,
                max: Route.channelsMax
            ) {
                RouteChannel($0)?.text
            }, flag: "channel", value: "channel[:priority]", title: "channels",
            help: "A channel of it, with a priority on this route if not the channel's own; give it again for more."),
        .init(
            "accounts", \.accounts,
            .list("ids of accounts, at most \(Route.accountsMax)", emptyWord: "any", max: Route.accountsMax) {
                Account.isValidID($0) ? $0 : nil
            }, flag: "account", value: "id", title: "accounts", empty: "any",
            help: "Only messages of this account; give it again for more; 'any' for all."),
        .init(
            "networks", \.networks, .networks(emptyWord: "any"), flag: "network", oldFlag: "carrier",
            value: "network", title: "networks", empty: "any",
            help: "Only numbers of this network; give it again for more; 'any' for all."),
        .init(
            "prefixes", \.prefixes,
            .list(
                "the first digits of numbers, as 1380 or 00852, at most \(Route.prefixesMax)", emptyWord: "any",
                max: Route.prefixesMax
            ) {
                NumberPrefix($0)?.text
            }, flag: "prefix", value: "digits", title: "prefixes", empty: "any",
            help: "Only numbers that begin so, as 1380 or 00852; give it again for more; 'any' for all."),
        .init(
            "retry_on", \.retryCodes,
            .list(
                "codes of failures, as MK:0001, at most \(Route.retryCodesMax)", emptyWord: "none",
                max: Route.retryCodesMax
            ) { text in
                let code = DeliveryStatus(text)
                let isCode = code != .unknown || text.uppercased() == DeliveryStatus.unknown.code
                return isCode && !text.contains(",") && !code.isDelivered && code.isFinal ? code.code : nil
            }, value: "code,…", title: "retry on", empty: "none",
            help: "Try a message that fails with this code once on another channel of the route; 'none' for never."),
    ])
}

/// A channel of a route as it is set: `A`, or `A:5` with the priority that it has on this route.
public struct RouteChannel: Hashable, Sendable {
    /// The channel's name; not empty, and not checked against the channels that there are.
    public let name: String
    /// On this route; nil: the channel's own.
    public let priority: Int32?

    init(name: String, priority: Int32?) {
        (self.name, self.priority) = (name, priority)
    }

    /// Nil unless `text` is written so.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty, parts.count <= 2 else { return nil }
        let priority = parts.count == 2 ? Int32(parts[1]) : nil
        if parts.count == 2, priority == nil { return nil }
        self.init(name: String(name), priority: priority)
    }

    var text: String { priority.map { "\(name):\($0)" } ?? name }
}
