import AdminProtocol
import AdminServer
import Engine
import Messaging
import Secrets
import Store
import Testing

@Suite("What the administration says of routes to a real engine")
struct RouteBridgeTests {
    /// Leads nowhere: nothing is sent here.
    private struct DeafLinks: CarrierLinkMaker, CarrierLink {
        var dialects: [String] { ["deaf"] }
        var limits: CallLimits { CallLimits(sameContentMax: 10, distinctMax: 10) }
        var polls: [InboundKind] { [] }

        func makeLink(_ endpoint: ChannelEndpoint, connectionLimit: Int) throws(CarrierFailure) -> any CarrierLink {
            self
        }
        func submit(_ call: CarrierCall) async -> SubmitOutcome { .notSent(reason: "deaf") }
        func fetch(_ kind: InboundKind) async throws(CarrierFailure) -> [UInt8]? { nil }
        func decode(_ kind: InboundKind, _ body: [UInt8]) throws(CarrierFailure) -> InboundItems { InboundItems() }
        func close() async {}
    }

    /// Accepts every address, and pushes nothing.
    private struct DeafPushLinks: PushLinkMaker, PushLink {
        func makePushLink(_ target: PushTarget) throws(CarrierFailure) -> any PushLink { self }
        func push(_ content: PushContent, sequence: Int64) async -> PushAnswer {
            PushAnswer(isAccepted: false, words: "deaf")
        }
        func close() async {}
    }

    /// An engine with the account J10003 and the channels a and b.
    static func with(_ body: (EngineBridge) async throws -> Void) async throws {
        try await withEngine { bridge, _ in try await body(bridge) }
    }

    /// As `with`, and the engine itself.
    static func withEngine(_ body: (EngineBridge, Engine) async throws -> Void) async throws {
        try await TestServer.withFolder { folder in
            let engine = Engine(
                store: try Store(directory: folder), key: try SealingKey.generate(), maker: DeafLinks(),
                pushes: DeafPushLinks(),
                configuration: EngineConfiguration(clock: Clock { Timestamp(milliseconds: 1_720_497_600_000) }),
                logger: TestServer.logger)
            try await engine.start()
            let bridge = EngineBridge(engine: engine, version: "test", residentBytes: { 0 })
            do {
                var account = AdminAccountAdd()
                account.id = "J10003"
                account.settings.apiPassword = "111111"
                account.settings.allowWeakPassword = true
                _ = try await bridge.handle(.accountAdd(account))
                for name in ["a", "b"] {
                    var channel = AdminChannelAdd()
                    channel.name = name
                    channel.settings.dialect = "deaf"
                    channel.settings.url = "http://127.0.0.1"
                    channel.settings.user = "u"
                    channel.settings.password = "p"
                    channel.settings.number = "1069"
                    channel.settings.weight = 3
                    _ = try await bridge.handle(.channelAdd(channel))
                }
                try await body(bridge, engine)
                await engine.stop(drain: .zero)
            } catch {
                await engine.stop(drain: .zero)
                throw error
            }
        }
    }

    private static func way(_ channel: String, _ priority: Int32? = nil) -> AdminRouteWay {
        var way = AdminRouteWay()
        way.channel = channel
        if let priority { way.priority = priority }
        return way
    }

    private static func add(_ bridge: EngineBridge, _ name: String, _ settings: AdminRouteSettings) async throws
        -> AdminRoute
    {
        var add = AdminRouteAdd()
        add.name = name
        add.settings = settings
        guard case .route(let route) = try await bridge.handle(.routeAdd(add)) else { throw AdminClient.unexpected }
        return route
    }

    private static func explain(_ bridge: EngineBridge, _ mobile: String) async throws -> AdminRouteExplanation {
        var explain = AdminRouteExplain()
        explain.account = "j10003"
        explain.mobile = mobile
        guard case .routeExplanation(let explanation) = try await bridge.handle(.routeExplain(explain)) else {
            throw AdminClient.unexpected
        }
        return explanation
    }

    @Test func `a route is made, found, changed, switched off and removed`() async throws {
        try await Self.with { bridge in
            var settings = AdminRouteSettings()
            settings.ways.ways = [Self.way("b", 7), Self.way("a")]
            settings.accounts.ids = ["j10003"]
            settings.carriers.names = ["mobile", "unicom"]
            settings.prefixes.prefixes = ["1380", "+852", "1380"]
            settings.retryOn.codes = ["mk:0001"]
            let made = try await Self.add(bridge, "vip", settings)
            #expect(made.enabled)
            #expect(made.ways == [Self.way("b", 7), Self.way("a")])
            #expect(made.accounts == ["J10003"])
            #expect(made.carriers == ["mobile", "unicom"])
            #expect(made.prefixes == ["1380", "00852"])
            #expect(made.retryOn == ["MK:0001"])
            let explained = try await Self.explain(bridge, "13800138000")
            #expect(explained.channel == "b")
            #expect(explained.matchedBy == ["account J10003", "prefix 1380", "carrier mobile"])
            #expect(explained.channels.map(\.verdict) == [.lowerPriority, .chosen])
            #expect(explained.channels.map(\.weight) == [3, 3])
            var set = AdminRouteSet()
            set.name = "vip"
            set.settings.prefixes = AdminRoutePrefixes()
            set.settings.priority = -1
            guard case .route(let changed) = try await bridge.handle(.routeSet(set)) else { return }
            #expect(changed.prefixes.isEmpty && changed.priority == -1 && changed.accounts == ["J10003"])
            var enable = AdminRouteEnable()
            enable.name = "vip"
            _ = try await bridge.handle(.routeEnable(enable))
            #expect(try await Self.explain(bridge, "13800138000").route.isEmpty)
            var remove = AdminRouteRemove()
            remove.name = "vip"
            _ = try await bridge.handle(.routeRemove(remove))
            await #expect(throws: AdminError.notFound("There is no route vip.")) {
                try await bridge.handle(.routeRemove(remove))
            }
        }
    }

    @Test func `what cannot be a route is refused, with the field to blame`() async throws {
        try await Self.with { bridge in
            func refused(
                _ field: String, name: String = "r", _ change: (inout AdminRouteSettings) -> Void
            ) async throws {
                var settings = AdminRouteSettings()
                settings.ways.ways = [Self.way("a"), Self.way("b")]
                change(&settings)
                let given = settings
                let error = await #expect(throws: AdminError.self) { try await Self.add(bridge, name, given) }
                #expect(error?.code == .invalidArgument)
                #expect(error?.field == field, "\(error?.message ?? "")")
            }
            try await refused("settings.ways") { $0.ways.ways.append(Self.way("pigeon")) }
            try await refused("settings.ways") { $0.ways.ways.append(Self.way("a")) }
            try await refused("settings.ways") { $0.ways.ways = [] }
            try await refused("settings.ways") { $0.clearWays() }
            try await refused("settings.accounts") { $0.accounts.ids = ["NOBODY"] }
            try await refused("settings.carriers") { $0.carriers.names = ["pigeon"] }
            try await refused("settings.prefixes") { $0.prefixes.prefixes = ["0138"] }
            try await refused("settings.prefixes") { settings in
                settings.prefixes.prefixes = (0...Route.prefixesMax).map { String(10_000 + $0) }
            }
            for code in ["DELIVRD", "ENROUTE", "", "A,B"] {
                try await refused("settings.retry_on") { $0.retryOn.codes = [code] }
            }
            try await refused("settings.retry_on") { settings in
                settings.ways.ways = [Self.way("a")]
                settings.retryOn.codes = ["MK:0001"]
            }
            try await refused("name", name: "a b") { _ in }
            var settings = AdminRouteSettings()
            settings.ways.ways = [Self.way("a")]
            _ = try await Self.add(bridge, "r", settings)
            let twice = settings
            await #expect(throws: AdminError.alreadyExists("There is a route r already.")) {
                try await Self.add(bridge, "r", twice)
            }
            await #expect(throws: AdminError.self) { try await Self.explain(bridge, "not a number") }
        }
    }

    @Test func `routes come in pages`() async throws {
        try await Self.with { bridge in
            for index in 0..<5 {
                var settings = AdminRouteSettings()
                settings.ways.ways = [Self.way("a")]
                _ = try await Self.add(bridge, "r\(index)", settings)
            }
            var list = AdminRouteList()
            list.limit = 2
            var names: [String] = []
            repeat {
                guard case .routes(let page) = try await bridge.handle(.routeList(list)) else { return }
                names += page.routes.map(\.name)
                list.cursor = page.nextCursor
            } while !list.cursor.isEmpty
            #expect(names == ["r0", "r1", "r2", "r3", "r4"])
        }
    }

    @Test func `ported numbers are added, listed in pages and taken out, all or nothing`() async throws {
        try await Self.with { bridge in
            func change(_ add: [(String, String)], remove: [String] = []) async throws -> AdminPortedCount {
                var change = AdminPortedChange()
                change.add = add.map { mobile, carrier in
                    var number = AdminPortedNumber()
                    number.mobile = mobile
                    number.carrier = carrier
                    return number
                }
                change.remove = remove
                guard case .portedCount(let count) = try await bridge.handle(.portedChange(change)) else {
                    throw AdminClient.unexpected
                }
                return count
            }
            let count = try await change((0..<5).map { ("1380013800\($0)", "unicom") })
            #expect(count.changed == 5 && count.total == 5)
            await #expect(throws: AdminError.self) {
                try await change([("13800138009", "unicom"), ("13800138008", "pigeon")])
            }
            await #expect(throws: AdminError.self) { try await change([], remove: ["13800138000", "13800138009"]) }
            let explained = try await Self.explain(bridge, "13800138001")
            #expect(explained.carrier == "unicom" && explained.carrierSource == "portability")
            #expect(try await change([], remove: ["13800138001"]).total == 4)
            #expect(try await Self.explain(bridge, "13800138001").carrierSource == "prefix")
            var list = AdminPortedList()
            list.limit = 3
            var mobiles: [String] = []
            repeat {
                guard case .ported(let page) = try await bridge.handle(.portedList(list)) else { return }
                mobiles += page.numbers.map(\.mobile)
                list.cursor = page.nextCursor
            } while !list.cursor.isEmpty
            #expect(mobiles == ["13800138000", "13800138002", "13800138003", "13800138004"])
        }
    }
}
