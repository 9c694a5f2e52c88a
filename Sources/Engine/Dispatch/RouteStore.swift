public import Messaging
import Store
import Synchronization

/// Owns the routes and the ported numbers: reads and changes them, and publishes a picture for dispatching after each
/// change.
public actor RouteStore {
    private let store: Store
    private let clock: Clock
    private var routes: [String: Route] = [:]
    private let published = Mutex(RouteDirectory())
    private let mutex = AsyncMutex()

    init(store: Store, clock: Clock) {
        self.store = store
        self.clock = clock
    }

    /// The picture as of the last change.
    public nonisolated var directory: RouteDirectory { published.withLock { $0 } }

    /// By name.
    public var all: [Route] { routes.values.sorted { $0.name < $1.name } }
    /// The route of exactly that name.
    public func route(named name: String) -> Route? { routes[name] }

    /// Routes that a table may have.
    public static let countMax = 10_000

    func load() async throws(StoreFailure) {
        for route in try await store.routes() { routes[route.name] = route }
        publish(try await store.portedNumbers())
    }

    /// - Throws: `alreadyExists`.
    func add(_ route: Route) async throws(StoreFailure) {
        await mutex.lock()
        defer { mutex.unlock() }
        if routes[route.name] != nil { throw .alreadyExists }
        if routes.count >= Self.countMax { throw .limitReached("there are \(Self.countMax) routes already") }
        try await store.insert(route, at: clock.now())
        routes[route.name] = route
        publish(directory.ported)
    }

    /// - Throws: `notFound`.
    func update(
        name: String, _ change: @Sendable (inout Route) -> Void
    ) async throws(StoreFailure) -> Route {
        await mutex.lock()
        defer { mutex.unlock() }
        guard var route = routes[name] else { throw .notFound }
        change(&route)
        route.name = name
        try await store.update(route)
        routes[name] = route
        publish(directory.ported)
        return route
    }

    /// - Throws: `notFound`.
    func remove(name: String) async throws(StoreFailure) -> Route {
        await mutex.lock()
        defer { mutex.unlock() }
        guard let route = routes[name] else { throw .notFound }
        try await store.removeRoute(named: name)
        routes[name] = nil
        publish(directory.ported)
        return route
    }

    /// Adds ported numbers or moves them to another carrier, and takes some out, all or nothing.
    /// - Throws: `limitReached` when there would be more than memory holds.
    func changePorted(add entries: [PortedNumber], remove: Set<PhoneNumber>) async throws(StoreFailure) {
        await mutex.lock()
        defer { mutex.unlock() }
        var ported = directory.ported
        ported.change(add: entries, remove: remove)
        if ported.count > PortedNumbers.countMax, ported.count > directory.ported.count {
            throw .limitReached("at most \(PortedNumbers.countMax) ported numbers are kept")
        }
        try await store.changePorted(add: entries, remove: remove)
        publish(ported)
    }

    private func publish(_ ported: PortedNumbers) {
        let directory = RouteDirectory(RouteTable(routes.values), ported: ported)
        published.withLock { $0 = directory }
    }
}
