/// All routes that are on, in the order in which they are asked: by priority, then the more specific one (an account,
/// then the longer number prefix, then a carrier), then by name. Cost of a question grows with the routes that name
/// the same account or prefix, not with all of them.
public struct RouteTable: Sendable {
    /// A route that a message takes, and by what.
    public struct Match: Hashable, Sendable {
        /// The whole route, with all its channels.
        public var route: Route
        /// Its place in the order, to ask for the next one.
        public var rank: Int
        /// The prefix of the route that the number has; nil when the route names none.
        public var prefix: NumberPrefix?
    }

    /// A route with one of its prefixes, or with none.
    private struct Entry: Hashable, Sendable {
        /// In `routes`.
        var route: Int
        var prefix: NumberPrefix?
    }

    private var routes: [Route] = []
    /// In the order in which they are asked.
    private var entries: [Entry] = []
    /// Ranks of entries without account and prefix, of those with an account and no prefix, of those with a prefix.
    private var general: [Int] = []
    private var byAccount: [AccountKey: [Int]] = [:]
    private var byPrefix: [NumberPrefix: [Int]] = [:]
    /// Lengths of prefixes that occur.
    private var lengths: [Int] = []
    /// Codes for which some route tries again.
    public private(set) var retryCodes: Set<DeliveryStatus> = []

    /// A table without routes.
    public init() {}

    /// Takes the routes that are enabled and have a channel; any order. Sorts them: O(n log n) in routes and prefixes.
    public init(_ all: some Sequence<Route>) {
        routes = all.filter { $0.isEnabled && !$0.channels.isEmpty }
        for index in routes.indices {
            let prefixes = Set(routes[index].prefixes)
            if prefixes.isEmpty { entries.append(Entry(route: index, prefix: nil)) }
            for prefix in prefixes { entries.append(Entry(route: index, prefix: prefix)) }
        }
        let routes = routes
        entries.sort { Self.isAsked($0, before: $1, routes) }
        for (rank, entry) in entries.enumerated() {
            let accounts = routes[entry.route].accounts
            if let prefix = entry.prefix {
                byPrefix[prefix, default: []].append(rank)
            } else if accounts.isEmpty {
                general.append(rank)
            } else {
                for account in accounts { byAccount[account, default: []].append(rank) }
            }
        }
        lengths = Set(byPrefix.keys.map(\.length)).sorted()
        retryCodes = routes.reduce(into: []) { $0.formUnion($1.retryCodes) }
    }

    /// Whether there is no route, so that every message may take every channel.
    public var isEmpty: Bool { entries.isEmpty }

    /// The first route that a message may take; after `rank`, if given.
    public func first(
        account: AccountKey, number: PhoneNumber, network: Network?, after rank: Int = -1
    ) -> Match? {
        var best = Int.max
        func ask(_ ranks: [Int]?) {
            guard let ranks else { return }
            for candidate in ranks where candidate > rank {
                if candidate >= best { return }
                let route = routes[entries[candidate].route]
                guard route.accounts.isEmpty || route.accounts.contains(account),
                    route.networks.isEmpty || route.networks.serves(network)
                else { continue }
                best = candidate
                return
            }
        }
        ask(general)
        if !byAccount.isEmpty { ask(byAccount[account]) }
        for length in lengths {
            guard let prefix = number.prefix(length) else { break }
            ask(byPrefix[prefix])
        }
        guard best != .max else { return nil }
        return Match(route: routes[entries[best].route], rank: best, prefix: entries[best].prefix)
    }

    /// The route under which a message went out on `channel`: the first one that has this channel.
    public func route(account: AccountKey, number: PhoneNumber, network: Network?, over channel: ChannelKey) -> Route? {
        var rank = -1
        while let match = first(account: account, number: number, network: network, after: rank) {
            if match.route.member(over: channel) != nil { return match.route }
            rank = match.rank
        }
        return nil
    }

    private static func isAsked(_ left: Entry, before right: Entry, _ routes: [Route]) -> Bool {
        let (one, other) = (routes[left.route], routes[right.route])
        if one.priority != other.priority { return one.priority > other.priority }
        if one.accounts.isEmpty != other.accounts.isEmpty { return !one.accounts.isEmpty }
        let lengths = (left.prefix?.length ?? 0, right.prefix?.length ?? 0)
        if lengths.0 != lengths.1 { return lengths.0 > lengths.1 }
        if one.networks.isEmpty != other.networks.isEmpty { return !one.networks.isEmpty }
        if one.name != other.name { return one.name < other.name }
        return (left.prefix?.rawValue ?? 0) < (right.prefix?.rawValue ?? 0)
    }
}
