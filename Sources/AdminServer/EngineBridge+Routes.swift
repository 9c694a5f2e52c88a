import AdminProtocol
import Engine
import Messaging

extension EngineBridge {
    /// Accounts and prefixes on one page of routes: far less than a frame holds.
    private static let pageWordsMax = 30_000
    private static let portedPageMax = 10_000

    /// The requests of this family.
    func handleRoute(_ request: AdminRequest.OneOf_Call) async throws(AdminError) -> AdminResponse.OneOf_Result {
        switch request {
        case .routeAdd(let request): .route(try await add(request))
        case .routeShow(let request): .route(await message(of: try await route(request.name)))
        case .routeList(let request): .routes(await list(request))
        case .routeSet(let request): .route(try await set(request))
        case .routeEnable(let request): .route(try await enable(request))
        case .routeRemove(let request): .route(try await remove(request))
        case .routeExplain(let request): .routeExplanation(try await explain(request))
        case .portedChange(let request): .portedCount(try await change(request))
        case .portedList(let request): .ported(list(request))
        default: throw AdminError(.unknownRequest, "This is no request about routes.")
        }
    }

    private func route(_ name: String) async throws(AdminError) -> Route {
        guard let route = await engine.routes.route(named: name) else { throw .notFound("There is no route \(name).") }
        return route
    }

    private func add(_ request: AdminRouteAdd) async throws(AdminError) -> AdminRoute {
        let isPlain = request.name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
        }
        guard isPlain, (1...32).contains(request.name.utf8.count) else {
            throw .invalidArgument("A route's name is 1 to 32 of a-z, A-Z, 0-9, '.', '-', '_'.", field: "name")
        }
        guard request.settings.hasWays else {
            throw .invalidArgument("A route needs at least one channel.", field: "settings.ways")
        }
        let change = try await checked(request.settings)
        var route = Route(name: request.name, channels: [])
        change.apply(to: &route)
        try Self.check(route)
        let made = route
        try await stored("route \(request.name)") { () async throws(StoreFailure) in try await engine.addRoute(made) }
        return await message(of: made)
    }

    private func set(_ request: AdminRouteSet) async throws(AdminError) -> AdminRoute {
        var route = try await route(request.name)
        let change = try await checked(request.settings)
        change.apply(to: &route)
        try Self.check(route)
        return try await update(request.name) { change.apply(to: &$0) }
    }

    private func enable(_ request: AdminRouteEnable) async throws(AdminError) -> AdminRoute {
        try await update(request.name) { $0.isEnabled = request.enabled }
    }

    private func update(
        _ name: String, _ change: @escaping @Sendable (inout Route) -> Void
    ) async throws(AdminError) -> AdminRoute {
        let route = try await stored("route \(name)") { () async throws(StoreFailure) in
            try await engine.updateRoute(name: name, change)
        }
        return await message(of: route)
    }

    private func remove(_ request: AdminRouteRemove) async throws(AdminError) -> AdminRoute {
        let route = try await stored("route \(request.name)") { () async throws(StoreFailure) in
            try await engine.removeRoute(name: request.name)
        }
        return await message(of: route)
    }

    private func list(_ request: AdminRouteList) async -> AdminRoutes {
        let limit = request.limit == 0 ? Self.pageMax : min(Int(request.limit), Self.pageMax)
        var page = AdminRoutes()
        var words = 0
        let names = await channelNames()
        for route in await engine.routes.all where request.cursor.isEmpty || route.name > request.cursor {
            if page.routes.count == limit || words > Self.pageWordsMax {
                page.nextCursor = page.routes.last?.name ?? ""
                break
            }
            page.routes.append(message(of: route, names))
            words += route.prefixes.count + route.accounts.count
        }
        return page
    }

    private func channelNames() async -> [Int64: String] {
        Dictionary(await engine.channels.all.map { ($0.number, $0.channel.name) }) { first, _ in first }
    }

    private func message(of route: Route) async -> AdminRoute { message(of: route, await channelNames()) }

    private func message(of route: Route, _ names: [Int64: String]) -> AdminRoute {
        var message = AdminRoute()
        message.name = route.name
        message.enabled = route.isEnabled
        message.priority = Int32(clamping: route.priority)
        message.ways = route.channels.map { way in
            var wire = AdminRouteWay()
            wire.channel = names[way.channel] ?? "?"
            if let priority = way.priority { wire.priority = Int32(clamping: priority) }
            return wire
        }
        message.accounts = route.accounts.compactMap { engine.accounts.directory.account(number: $0)?.account.id }
            .sorted()
        message.carriers = route.carriers.carriers.map(\.name)
        message.prefixes = route.prefixes.map(\.text)
        message.retryOn = route.retryCodes.map(\.code).sorted()
        return message
    }

    // MARK: Why

    private func explain(_ request: AdminRouteExplain) async throws(AdminError) -> AdminRouteExplanation {
        let account = try account(request.account)
        guard let number = PhoneNumber(request.mobile) else {
            throw .invalidArgument(
                "'\(request.mobile)' is no number that a message can be sent to.", field: "mobile")
        }
        return AdminRouteExplanation(
            await engine.explain(account: account.number, number: number), account: account.account.id)
    }

    // MARK: Portability

    private func change(_ request: AdminPortedChange) async throws(AdminError) -> AdminPortedCount {
        var added: [PortedNumber] = []
        for entry in request.add {
            guard let number = PortedNumber(mobile: entry.mobile, carrier: entry.carrier) else {
                throw .invalidArgument(
                    "'\(entry.mobile)' to '\(entry.carrier)': a mainland number and mobile, unicom, telecom or "
                        + "broadnet is needed.", field: "add")
            }
            added.append(number)
        }
        var removed = Set<PhoneNumber>()
        for mobile in request.remove {
            guard let number = PhoneNumber(mobile), engine.routes.directory.ported[number] != nil else {
                throw .notFound("'\(mobile)' is no ported number.")
            }
            removed.insert(number)
        }
        let (entries, numbers) = (added, removed)
        try await stored("ported number") { () async throws(StoreFailure) in
            try await engine.changePorted(add: entries, remove: numbers)
        }
        var count = AdminPortedCount()
        count.changed = UInt64(clamping: Set(entries.map(\.number)).union(numbers).count)
        count.total = UInt64(clamping: engine.routes.directory.ported.count)
        return count
    }

    private func list(_ request: AdminPortedList) -> AdminPortedNumbers {
        let limit = request.limit == 0 ? Self.portedPageMax : min(Int(request.limit), Self.portedPageMax)
        let entries = engine.routes.directory.ported.page(after: PhoneNumber(request.cursor), limit: limit + 1)
        var page = AdminPortedNumbers()
        page.numbers = entries.prefix(limit).map { entry in
            var wire = AdminPortedNumber()
            wire.mobile = entry.number.text
            wire.carrier = entry.carrier.name
            return wire
        }
        if entries.count > limit { page.nextCursor = page.numbers.last?.mobile ?? "" }
        return page
    }
}
