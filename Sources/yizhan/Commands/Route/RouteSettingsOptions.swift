import AdminProtocol
import ArgumentParser
import Messaging

/// A channel of a route: `A`, or `A:5` with the priority that it has on this route.
struct RouteWayArgument: ExpressibleByArgument {
    let channel: String
    let priority: Int32?

    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty, parts.count <= 2 else { return nil }
        channel = String(name)
        priority = parts.count == 2 ? Int32(parts[1]) : nil
        if parts.count == 2, priority == nil { return nil }
    }
}

/// A carrier, or `any`.
struct RouteCarrierArgument: ExpressibleByArgument {
    /// Empty for `any`.
    let carriers: [Carrier]

    init?(argument: String) {
        if argument == "any" {
            carriers = []
        } else {
            guard let named = CarriersArgument(argument: argument) else { return nil }
            carriers = named.carriers
        }
    }

    static let allValueStrings = CarriersArgument.allValueStrings + ["any"]
}

/// What `route add` and `route set` share. Lists may be given several times, and with commas between.
struct RouteSettingsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A channel of it, with a priority on this route if not the channel's own; give it again for more.",
            valueName: "channel[:priority]"))
    var channel: [RouteWayArgument] = []

    @Option(
        help: ArgumentHelp("Only messages of this account; give it again for more; 'any' for all.", valueName: "id"))
    var account: [String] = []

    @Option(
        help: ArgumentHelp("Only numbers of this carrier; give it again for more; 'any' for all.", valueName: "carrier")
    )
    var carrier: [RouteCarrierArgument] = []

    @Option(
        help: ArgumentHelp(
            "Only numbers that begin so, as 1380 or 00852; give it again for more; 'any' for all.", valueName: "digits")
    )
    var prefix: [String] = []

    @Option(parsing: .unconditional, help: "Higher is asked first.")
    var priority: Int32?

    @Option(
        help: ArgumentHelp(
            "Try a message that fails with this code once on another channel of the route; 'none' for never.",
            valueName: "code,…"))
    var retryOn: [String] = []

    func validate() throws {
        try Self.check(account, option: "--account", all: "any")
        try Self.check(prefix, option: "--prefix", all: "any")
        try Self.check(retryOn, option: "--retry-on", all: "none")
        for text in Self.words(prefix, all: "any") where NumberPrefix(text) == nil {
            throw ValidationError("--prefix takes the first digits of numbers, as 1380 or 00852; not '\(text)'.")
        }
        for text in Self.words(account, all: "any") where !Account.isValidID(text) {
            throw ValidationError("--account takes an account's id; not '\(text)'.")
        }
    }

    var isEmpty: Bool {
        channel.isEmpty && account.isEmpty && carrier.isEmpty && prefix.isEmpty && priority == nil && retryOn.isEmpty
    }

    var settings: AdminRouteSettings {
        var settings = AdminRouteSettings()
        if let priority { settings.priority = priority }
        if !channel.isEmpty {
            settings.ways.ways = channel.map { argument in
                var way = AdminRouteWay()
                way.channel = argument.channel
                if let priority = argument.priority { way.priority = priority }
                return way
            }
        }
        if !account.isEmpty { settings.accounts.ids = Self.words(account, all: "any") }
        if !carrier.isEmpty { settings.carriers.names = carrier.flatMap(\.carriers).map(\.name) }
        if !prefix.isEmpty { settings.prefixes.prefixes = Self.words(prefix, all: "any") }
        if !retryOn.isEmpty { settings.retryOn.codes = Self.words(retryOn, all: "none") }
        return settings
    }

    /// `all` alone stands for the empty list.
    private static func words(_ arguments: [String], all: String) -> [String] {
        let words = arguments.flatMap { $0.split(separator: ",").map { String($0) } }
        return words == [all] ? [] : words
    }

    /// An empty shell variable must not widen a route.
    private static func check(_ arguments: [String], option: String, all: String) throws {
        let words = arguments.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        if words.contains(where: \.isEmpty) {
            throw ValidationError("\(option) has an empty value; '\(all)' takes the condition away.")
        }
        if words.count > 1, words.contains(where: { $0 == all }) {
            throw ValidationError("\(option) '\(all)' stands alone.")
        }
    }
}
