import AdminProtocol
import AdminServer
import Administration
import Synchronization

/// One route, and what was last set of it.
final class RouteStub: Sendable {
    struct State {
        var settings: [AdminSetting]?
        var ported: [AdminPortedNumber] = []
        var requests = 0
    }

    let state = Mutex(State())

    func handle(_ request: AdminRequest.OneOf_Call) throws(AdminError) -> AdminResponse.OneOf_Result {
        switch request {
        case .routeAdd(let add): return .route(keep(add.settings))
        case .routeSet(let set): return .route(keep(set.settings))
        case .routeList:
            var routes = AdminRoutes()
            routes.routes = [route]
            return .routes(routes)
        case .routeExplain(let explain): return .routeExplanation(explanation(explain))
        case .portedChange(let change):
            state.withLock { state in
                state.ported += change.add
                state.requests += 1
            }
            var count = AdminPortedCount()
            count.changed = UInt64(change.add.count)
            count.total = UInt64(state.withLock { $0.ported.count })
            return .portedCount(count)
        case .portedList(let list):
            var page = AdminPortedNumbers()
            var number = AdminPortedNumber()
            number.mobile = list.cursor.isEmpty ? "13800138000" : "13800138001"
            number.network = "unicom"
            page.numbers = [number]
            page.nextCursor = list.cursor.isEmpty ? "13800138000" : ""
            return .ported(page)
        default: return .route(route)
        }
    }

    private func keep(_ settings: [AdminSetting]) -> AdminRoute {
        state.withLock { $0.settings = settings }
        return route
    }

    private var route: AdminRoute {
        var route = AdminRoute()
        route.name = "vip"
        route.enabled = true
        route.settings["priority"] = .integer(-2)
        route.settings["channels"] = .list(["a:5", "b"])
        route.settings["prefixes"] = .list(["1380"])
        route.settings["retry_on"] = .list(["MK:0001"])
        return route
    }

    private func explanation(_ explain: AdminRouteExplain) -> AdminRouteExplanation {
        var explanation = AdminRouteExplanation()
        explanation.account = explain.account
        explanation.mobile = explain.mobile
        explanation.network = "unicom"
        explanation.networkSource = "portability"
        explanation.route = "vip"
        explanation.matchedBy = ["account J10003", "prefix 1380"]
        explanation.passedOver = ["night"]
        explanation.outcome = .channel
        explanation.channel = "b"
        explanation.channels = [("a", .failing), ("b", .chosen), ("c", .notInRoute)].map { name, verdict in
            var channel = AdminRouteVerdict()
            channel.channel = name
            channel.verdict = verdict
            channel.detail = name == "a" ? "connection refused" : ""
            channel.weight = 3
            return channel
        }
        return explanation
    }
}
