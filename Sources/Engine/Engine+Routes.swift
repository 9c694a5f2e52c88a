public import Messaging

extension Engine {
    // MARK: Routes

    /// What would become of a message that an account sent now; the account's number in the store.
    public func explain(account: Int64, number: PhoneNumber) async -> RouteExplanation {
        await dispatcher.explain(account: account, number: number)
    }

    /// - Throws: `alreadyExists`.
    public func addRoute(_ route: Route) async throws(StoreFailure) {
        try await routes.add(route)
        announceRoutes()
    }

    /// - Throws: `notFound`.
    public func updateRoute(
        name: String, _ change: @Sendable (inout Route) -> Void
    ) async throws(StoreFailure) -> Route {
        let route = try await routes.update(name: name, change)
        announceRoutes()
        return route
    }

    /// - Throws: `notFound`.
    public func removeRoute(name: String) async throws(StoreFailure) -> Route {
        let route = try await routes.remove(name: name)
        announceRoutes()
        return route
    }

    /// Adds ported numbers or moves them to another carrier, and takes some out, all or nothing.
    public func changePorted(
        add entries: [PortedNumber], remove: Set<PhoneNumber> = []
    ) async throws(StoreFailure) {
        try await routes.changePorted(add: entries, remove: remove)
        announceRoutes()
    }

    /// What waits without a channel may have one now.
    private func announceRoutes() { _ = dispatcher.events.push(.channelsChanged([])) }
}
