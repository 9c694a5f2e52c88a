import AdminProtocol
import Engine
import Messaging

/// What a request sets of a route, checked and with the store's numbers for names.
struct RouteChange: Sendable {
    var priority: Int?
    var channels: [Route.Way]?
    var accounts: Set<Int64>?
    var carriers: CarrierSet?
    var prefixes: [NumberPrefix]?
    var retryCodes: Set<DeliveryStatus>?

    func apply(to route: inout Route) {
        if let priority { route.priority = priority }
        if let channels { route.channels = channels }
        if let accounts { route.accounts = accounts }
        if let carriers { route.carriers = carriers }
        if let prefixes { route.prefixes = prefixes }
        if let retryCodes { route.retryCodes = retryCodes }
    }
}

extension EngineBridge {
    func checked(_ settings: AdminRouteSettings) async throws(AdminError) -> RouteChange {
        var change = RouteChange()
        if settings.hasPriority { change.priority = Int(settings.priority) }
        if settings.hasWays { change.channels = try await ways(settings.ways.ways) }
        if settings.hasAccounts {
            try Self.check(settings.accounts.ids.count, max: Route.accountsMax, "accounts")
            var accounts = Set<Int64>()
            for id in settings.accounts.ids {
                guard let entry = engine.accounts.directory.account(id: id) else {
                    throw .invalidArgument("There is no account \(id).", field: "settings.accounts")
                }
                accounts.insert(entry.number)
            }
            change.accounts = accounts
        }
        if settings.hasCarriers {
            for name in settings.carriers.names where Carrier(name: name) == nil {
                let names = Carrier.allCases.map(\.name).joined(separator: ", ")
                throw .invalidArgument("'\(name)' is none of \(names).", field: "settings.carriers")
            }
            change.carriers = CarrierSet(settings.carriers.names.compactMap { Carrier(name: $0) })
        }
        if settings.hasPrefixes {
            try Self.check(settings.prefixes.prefixes.count, max: Route.prefixesMax, "prefixes")
            change.prefixes = try Self.prefixes(settings.prefixes.prefixes)
        }
        if settings.hasRetryOn {
            try Self.check(settings.retryOn.codes.count, max: Route.retryCodesMax, "retry_on")
            change.retryCodes = try Self.codes(settings.retryOn.codes)
        }
        return change
    }

    /// What a route must be as a whole.
    static func check(_ route: Route) throws(AdminError) {
        if route.channels.isEmpty {
            throw .invalidArgument("A route needs at least one channel.", field: "settings.ways")
        }
        if !route.retryCodes.isEmpty, route.channels.count < 2 {
            throw .invalidArgument(
                "To try a failed message on another channel, the route needs a second channel.",
                field: "settings.retry_on")
        }
    }

    private static func check(_ count: Int, max: Int, _ field: String) throws(AdminError) {
        guard count <= max else {
            throw .invalidArgument("A route has at most \(max) \(field), not \(count).", field: "settings.\(field)")
        }
    }

    private func ways(_ wires: [AdminRouteWay]) async throws(AdminError) -> [Route.Way] {
        try Self.check(wires.count, max: Route.channelsMax, "ways")
        var ways: [Route.Way] = []
        for wire in wires {
            guard let entry = await engine.channels.channel(named: wire.channel) else {
                throw .invalidArgument("There is no channel \(wire.channel).", field: "settings.ways")
            }
            if ways.contains(where: { $0.channel == entry.number }) {
                throw .invalidArgument("Channel \(wire.channel) is named twice.", field: "settings.ways")
            }
            ways.append(Route.Way(channel: entry.number, priority: wire.hasPriority ? Int(wire.priority) : nil))
        }
        return ways
    }

    private static func prefixes(_ texts: [String]) throws(AdminError) -> [NumberPrefix] {
        var prefixes: [NumberPrefix] = []
        var seen = Set<NumberPrefix>()
        for text in texts {
            guard let prefix = NumberPrefix(text) else {
                throw .invalidArgument(
                    "No number begins with '\(text)': write 1380, or 00852 for foreign numbers.",
                    field: "settings.prefixes")
            }
            if seen.insert(prefix).inserted { prefixes.append(prefix) }
        }
        return prefixes
    }

    private static func codes(_ texts: [String]) throws(AdminError) -> Set<DeliveryStatus> {
        var codes = Set<DeliveryStatus>()
        for text in texts {
            let code = DeliveryStatus(text)
            let isCode = !text.contains(",") && (code != .unknown || text.uppercased() == DeliveryStatus.unknown.code)
            guard isCode, !code.isDelivered, code.isFinal else {
                throw .invalidArgument("'\(text)' is no code of a failure.", field: "settings.retry_on")
            }
            codes.insert(code)
        }
        return codes
    }
}

extension AdminRouteExplanation {
    init(_ explanation: RouteExplanation, account: String) {
        self.init()
        self.account = account
        mobile = explanation.number.text
        carrier = explanation.carrier?.name ?? ""
        carrierSource =
            if explanation.isPorted { "portability" } else if explanation.number.isMainland { "prefix" } else {
                "country code"
            }
        if let route = explanation.route {
            self.route = route.name
            if !route.accounts.isEmpty { matchedBy.append("account \(account)") }
            if let prefix = explanation.prefix { matchedBy.append("prefix \(prefix.text)") }
            if !route.carriers.isEmpty { matchedBy.append("carrier \(carrier.isEmpty ? "unknown" : carrier)") }
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
