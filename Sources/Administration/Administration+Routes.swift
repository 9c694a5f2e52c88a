public import Engine
public import Messaging

/// A route as it is shown.
public struct RouteDetail: Sendable {
    /// Unique and fixed: 1 to 32 letters, digits, '.', '-' and '_'.
    public var name: String
    /// As `enableRoute` set it; one that is not is passed over.
    public var isEnabled: Bool
    /// As `RouteSettings.table` has them.
    public var settings: [Setting]
}

extension Administration {
    /// Accounts and prefixes on one page of routes: far less than a frame holds.
    private static let pageWordsMax = 30_000
    private static let portedPageMax = 10_000

    /// - Throws: `notFound` without such a route.
    public func route(_ name: String) async throws(AdministrationError) -> RouteDetail {
        await detail(of: try await known(name))
    }

    private func known(_ name: String) async throws(AdministrationError) -> Route {
        guard let route = await engine.routes.route(named: name) else { throw .notFound("There is no route \(name).") }
        return route
    }

    /// Routes in order of their names, from the one after `cursor` on; empty: from the first. A page ends at `limit`
    /// routes (0, or more than 200, is 200), or once its routes have more than 30,000 accounts and prefixes.
    public func routes(after cursor: String, limit: Int) async -> Page<RouteDetail> {
        let limit = Self.limit(limit)
        let names = await channelNames()
        var page = Page<RouteDetail>(items: [])
        var words = 0
        for route in await engine.routes.all where cursor.isEmpty || route.name > cursor {
            if page.items.count == limit || words > Self.pageWordsMax {
                page.next = page.items.last?.name
                break
            }
            page.items.append(detail(of: route, names))
            words += route.prefixes.count + route.accounts.count
        }
        return page
    }

    /// Adds a route.
    /// - Throws: `invalid` when the name or a setting is not allowed, names no channel or account, or the route lacks a
    ///   channel that it needs; `alreadyExists` when the name is taken; `unavailable` or `internal` when the store
    ///   fails.
    public func addRoute(_ name: String, _ settings: [Setting]) async throws(AdministrationError) -> RouteDetail {
        try Self.checkName(name, of: "route")
        let change = try await change(settings)
        var route = Route(name: name, channels: [])
        change(&route)
        try Self.check(route)
        let made = route
        try await stored("route \(name)") { () async throws(StoreFailure) in try await engine.addRoute(made) }
        record("route add \(name) " + settings.logged(RouteSettings.table))
        return await detail(of: made)
    }

    /// Changes the settings that are given; the others stay.
    /// - Throws: `notFound` without such a route; `invalid` as `addRoute`; `unavailable` or `internal` when the store
    ///   fails.
    public func setRoute(_ name: String, _ settings: [Setting]) async throws(AdministrationError) -> RouteDetail {
        var route = try await known(name)
        let old = await detail(of: route).settings
        let change = try await change(settings)
        change(&route)
        try Self.check(route)
        let changed = try await update(name, change)
        record(
            "route set \(name) " + settings.logged(RouteSettings.table),
            before: settings.former(in: old, RouteSettings.table))
        return changed
    }

    /// Enables or disables a route.
    /// - Throws: `notFound` without such a route; `unavailable` or `internal` when the store fails.
    public func enableRoute(_ name: String, _ isEnabled: Bool) async throws(AdministrationError) -> RouteDetail {
        let changed = try await update(name) { $0.isEnabled = isEnabled }
        record("route \(isEnabled ? "enable" : "disable") \(name)")
        return changed
    }

    /// - Returns: the route as it was.
    /// - Throws: `notFound` without such a route; `unavailable` or `internal` when the store fails.
    public func removeRoute(_ name: String) async throws(AdministrationError) -> RouteDetail {
        let route = try await stored("route \(name)") { () async throws(StoreFailure) in
            try await engine.removeRoute(name: name)
        }
        record("route remove \(name)")
        return await detail(of: route)
    }

    private func update(
        _ name: String, _ change: @escaping @Sendable (inout Route) -> Void
    ) async throws(AdministrationError) -> RouteDetail {
        await detail(
            of: try await stored("route \(name)") { () async throws(StoreFailure) in
                try await engine.updateRoute(name: name, change)
            })
    }

    // MARK: Names and keys

    private func channelNames() async -> [ChannelKey: String] {
        Dictionary(await engine.channels.all.map { ($0.key, $0.channel.name) }) { first, _ in first }
    }

    private func detail(of route: Route) async -> RouteDetail { detail(of: route, await channelNames()) }

    private func detail(of route: Route, _ names: [ChannelKey: String]) -> RouteDetail {
        var draft = RouteDraft(priority: route.priority, networks: route.networks)
        draft.channels = route.channels.map { member in
            RouteChannel(name: names[member.channel] ?? "?", priority: member.priority.map { Int32(clamping: $0) }).text
        }
        draft.accounts = route.accounts.compactMap { engine.accounts.directory.account(key: $0)?.account.id }
            .sorted()
        draft.prefixes = route.prefixes.map(\.text)
        draft.retryCodes = route.retryCodes.map(\.code).sorted()
        return RouteDetail(
            name: route.name, isEnabled: route.isEnabled, settings: RouteSettings.table.settings(of: draft))
    }

    /// What settings change of a route: checked, with keys in place of names.
    private func change(
        _ settings: [Setting]
    ) async throws(AdministrationError) -> @Sendable (inout Route) -> Void {
        try RouteSettings.table.check(settings)
        var draft = RouteDraft()
        RouteSettings.table.write(settings, to: &draft)
        var channels: [Route.Member] = []
        for channel in draft.channels.compactMap({ RouteChannel($0) }) {
            guard let entry = await engine.channels.channel(named: channel.name) else {
                throw .invalid(
                    "There is no channel \(channel.name): see yizhan channel list.", field: "settings.channels")
            }
            if channels.contains(where: { $0.channel == entry.key }) {
                throw .invalid("Channel \(channel.name) is named twice.", field: "settings.channels")
            }
            channels.append(Route.Member(channel: entry.key, priority: channel.priority.map { Int($0) }))
        }
        var accounts: Set<AccountKey> = []
        for id in draft.accounts {
            guard let entry = engine.accounts.directory.account(id: id) else {
                throw .invalid("There is no account \(id): see yizhan account list.", field: "settings.accounts")
            }
            accounts.insert(entry.key)
        }
        var seen = Set<NumberPrefix>()
        let prefixes = draft.prefixes.compactMap { NumberPrefix($0) }.filter { seen.insert($0).inserted }
        let codes = Set(draft.retryCodes.map { DeliveryStatus($0) })
        let (ready, keys, members, given) = (draft, accounts, channels, Set(settings.map(\.key)))
        return { route in
            if given.contains("priority") { route.priority = ready.priority }
            if given.contains("channels") { route.channels = members }
            if given.contains("accounts") { route.accounts = keys }
            if given.contains("networks") { route.networks = ready.networks }
            if given.contains("prefixes") { route.prefixes = prefixes }
            if given.contains("retry_on") { route.retryCodes = codes }
        }
    }

    /// What a route must be as a whole.
    private static func check(_ route: Route) throws(AdministrationError) {
        if route.channels.isEmpty {
            throw .invalid("A route needs at least one channel.", field: "settings.channels")
        }
        if !route.retryCodes.isEmpty, route.channels.count < 2 {
            throw .invalid(
                "To try a failed message on another channel, the route needs a second channel.",
                field: "settings.retry_on")
        }
    }

    // MARK: Why

    /// Which channel a message of an account to a number would take now.
    /// - Returns: the explanation, and the account's id as it was given to it.
    /// - Throws: `notFound` without such an account; `invalid` when `mobile` is no number that can be sent to.
    public func explain(
        account id: String, mobile: String
    ) async throws(AdministrationError) -> (explanation: RouteExplanation, account: String) {
        let entry = try entry(ofAccount: id)
        let number = try Self.number(mobile, field: "mobile")
        return (await engine.explain(account: entry.key, number: number), entry.account.id)
    }

    // MARK: Portability

    /// Adds and removes ported numbers, all or nothing.
    /// - Returns: how many numbers the request names, and how many entries there are now.
    /// - Throws: `invalid` when an entry to add is no mainland number with a network; `notFound` when one to remove is
    ///   not ported; `unavailable` when memory has no room for more; `unavailable` or `internal` when the store fails.
    public func changePorted(
        add: [(mobile: String, network: String)], remove: [String]
    ) async throws(AdministrationError) -> (changed: Int, total: Int) {
        var added: [PortedNumber] = []
        for entry in add {
            guard let number = PortedNumber(mobile: entry.mobile, network: entry.network) else {
                throw .invalid(
                    "'\(entry.mobile)' to '\(entry.network)': a mainland number and mobile, unicom, telecom or "
                        + "broadnet is needed.", field: "add")
            }
            added.append(number)
        }
        var removed = Set<PhoneNumber>()
        for mobile in remove {
            guard let number = PhoneNumber(mobile), engine.routes.directory.ported[number] != nil else {
                throw .notFound("'\(mobile)' is no ported number: see yizhan route ported list.")
            }
            removed.insert(number)
        }
        let (entries, numbers) = (added, removed)
        try await stored("ported number") { () async throws(StoreFailure) in
            try await engine.changePorted(add: entries, remove: numbers)
        }
        record("route ported added=\(entries.count) removed=\(numbers.count)")
        return (Set(entries.map(\.number)).union(numbers).count, engine.routes.directory.ported.count)
    }

    /// Ported numbers in order, from the one after `cursor` on; empty, or no number: from the first. `limit` of them at
    /// most: 0, or more than 10,000, is 10,000.
    public func ported(after cursor: String, limit: Int) -> Page<PortedNumber> {
        let limit = Self.limit(limit, max: Self.portedPageMax)
        let entries = engine.routes.directory.ported.page(after: PhoneNumber(cursor), limit: limit + 1)
        let page = Array(entries.prefix(limit))
        return Page(items: page, next: entries.count > limit ? page.last?.number.text : nil)
    }
}
