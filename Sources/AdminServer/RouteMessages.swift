import AdminProtocol
import Administration
import Engine
import Messaging

extension Administration {
    func answerRoute(
        _ request: AdminRequest.OneOf_Call
    ) async throws(AdministrationError) -> AdminResponse.OneOf_Result {
        switch request {
        case .routeAdd(let add): .route(AdminRoute(try await addRoute(add.name, add.settings.values)))
        case .routeShow(let show): .route(AdminRoute(try await route(show.name)))
        case .routeList(let list): .routes(AdminRoutes(await routes(after: list.cursor, limit: Int(list.limit))))
        case .routeSet(let set): .route(AdminRoute(try await setRoute(set.name, set.settings.values)))
        case .routeEnable(let enable): .route(AdminRoute(try await enableRoute(enable.name, enable.enabled)))
        case .routeRemove(let remove): .route(AdminRoute(try await removeRoute(remove.name)))
        case .routeExplain(let ask):
            .routeExplanation(AdminRouteExplanation(try await explain(account: ask.account, mobile: ask.mobile)))
        case .portedChange(let change):
            .portedCount(
                AdminPortedCount(
                    try await changePorted(add: change.add.map { ($0.mobile, $0.network) }, remove: change.remove)))
        case .portedList(let list): .ported(AdminPortedNumbers(ported(after: list.cursor, limit: Int(list.limit))))
        default: throw Self.misplaced
        }
    }
}

extension AdminRoutes {
    fileprivate init(_ page: Page<RouteDetail>) {
        self.init()
        routes = page.items.map { AdminRoute($0) }
        nextCursor = page.next ?? ""
    }
}

extension AdminRoute {
    fileprivate init(_ detail: RouteDetail) {
        self.init()
        name = detail.name
        enabled = detail.isEnabled
        settings = detail.settings.map { AdminSetting($0) }
    }
}

extension AdminPortedCount {
    fileprivate init(_ count: (changed: Int, total: Int)) {
        self.init()
        changed = UInt64(clamping: count.changed)
        total = UInt64(clamping: count.total)
    }
}

extension AdminPortedNumbers {
    fileprivate init(_ page: Page<PortedNumber>) {
        self.init()
        numbers = page.items.map { entry in
            var number = AdminPortedNumber()
            number.mobile = entry.number.text
            number.network = entry.network.name
            return number
        }
        nextCursor = page.next ?? ""
    }
}

extension AdminRouteExplanation {
    fileprivate init(_ answer: (explanation: RouteExplanation, account: String)) {
        let explanation = answer.explanation
        self.init()
        account = answer.account
        mobile = explanation.number.text
        network = explanation.network?.name ?? ""
        networkSource =
            if explanation.isPorted { "portability" } else if explanation.number.isMainland { "prefix" } else {
                "country code"
            }
        if let route = explanation.route {
            self.route = route.name
            if !route.accounts.isEmpty { matchedBy.append("account \(account)") }
            if let prefix = explanation.prefix { matchedBy.append("prefix \(prefix.text)") }
            if !route.networks.isEmpty { matchedBy.append("network \(network.isEmpty ? "unknown" : network)") }
        }
        passedOver = explanation.passedOver
        switch explanation.outcome {
        case .channel(let name):
            outcome = .channel
            channel = name
        case .noRoute: outcome = .noRoute
        case .waits: outcome = .waits
        }
        channels = explanation.channels.map { channel in
            var wire = AdminRouteVerdict()
            wire.channel = channel.name
            wire.priority = Int32(clamping: channel.priority)
            wire.weight = UInt32(clamping: channel.weight)
            wire.queued = UInt64(clamping: channel.queued)
            wire.isPaused = channel.isPaused
            switch channel.verdict {
            case .chosen: wire.verdict = .chosen
            case .off: wire.verdict = .off
            case .doesNotServe: wire.verdict = .doesNotServe
            case .cannotCarryExtension: wire.verdict = .cannotCarryExtension
            case .lowerPriority: wire.verdict = .lowerPriority
            case .notInRoute: wire.verdict = .notInRoute
            case .paused: wire.verdict = .paused
            case .fuller: wire.verdict = .fuller
            case .notItsTurn: wire.verdict = .notItsTurn
            case .failing(let reason):
                wire.verdict = .failing
                wire.detail = reason
            }
            return wire
        }
    }
}
