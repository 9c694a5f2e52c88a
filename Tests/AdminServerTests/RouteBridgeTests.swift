import AdminProtocol
import AdminServer
import Administration
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
    static func with(_ body: (TestBridge) async throws -> Void) async throws {
        try await withEngine { bridge, _ in try await body(bridge) }
    }

    /// As `with`, and the engine itself.
    static func withEngine(_ body: (TestBridge, Engine) async throws -> Void) async throws {
        try await TestServer.withFolder { folder in
            let engine = Engine(
                store: try Store(directory: folder), key: try SealingKey.generate(), maker: DeafLinks(),
                pushes: DeafPushLinks(),
                configuration: EngineConfiguration(clock: Clock { Timestamp(milliseconds: 1_720_497_600_000) }),
                logger: TestServer.logger)
            try await engine.start()
            let bridge = TestBridge(engine)
            do {
                var account = AdminAccountAdd()
                account.id = "J10003"
                account.settings["api_password"] = .text("111111")
                account.settings["allow_weak_password"] = .flag(true)
                _ = try await bridge.handle(.accountAdd(account))
                for name in ["a", "b"] {
                    var channel = AdminChannelAdd()
                    channel.name = name
                    channel.settings["dialect"] = .text("deaf")
                    channel.settings["url"] = .text("http://127.0.0.1")
                    channel.settings["user"] = .text("u")
                    channel.settings["password"] = .text("p")
                    channel.settings["number"] = .text("1069")
                    channel.settings["weight"] = .integer(3)
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

    private static func add(_ bridge: TestBridge, _ name: String, _ settings: [AdminSetting]) async throws
        -> AdminRoute
    {
        var add = AdminRouteAdd()
        add.name = name
        add.settings = settings
        guard case .route(let route) = try await bridge.handle(.routeAdd(add)) else { throw AdminClient.unexpected }
        return route
    }

    private static func explain(_ bridge: TestBridge, _ mobile: String) async throws -> AdminRouteExplanation {
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
            var settings = [] as [AdminSetting]
            settings["channels"] = .list(["b:7", "a"])
            settings["accounts"] = .list(["j10003"])
            settings["networks"] = .list(["mobile", "unicom"])
            settings["prefixes"] = .list(["1380", "+852", "1380"])
            settings["retry_on"] = .list(["mk:0001"])
            let made = try await Self.add(bridge, "vip", settings)
            #expect(made.enabled)
            #expect(made.settings["channels"] == .list(["b:7", "a"]))
            #expect(made.settings["accounts"] == .list(["J10003"]))
            #expect(made.settings["networks"] == .list(["mobile", "unicom"]))
            #expect(made.settings["prefixes"] == .list(["1380", "00852"]))
            #expect(made.settings["retry_on"] == .list(["MK:0001"]))
            let explained = try await Self.explain(bridge, "13800138000")
            #expect(explained.channel == "b")
            #expect(explained.matchedBy == ["account J10003", "prefix 1380", "network mobile"])
            #expect(explained.channels.map(\.verdict) == [.lowerPriority, .chosen])
            #expect(explained.channels.map(\.weight) == [3, 3])
            var set = AdminRouteSet()
            set.name = "vip"
            set.settings["prefixes"] = .list([])
            set.settings["priority"] = .integer(-1)
            guard case .route(let changed) = try await bridge.handle(.routeSet(set)) else { return }
            #expect(
                changed.settings["prefixes"] == .list([]) && changed.settings["priority"] == .integer(-1)
                    && changed.settings["accounts"] == .list(["J10003"]))
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
                _ field: String, name: String = "r", _ change: (inout [AdminSetting]) -> Void
            ) async throws {
                var settings = [] as [AdminSetting]
                settings["channels"] = .list(["a", "b"])
                change(&settings)
                let given = settings
                let error = await #expect(throws: AdminError.self) { try await Self.add(bridge, name, given) }
                #expect(error?.code == .invalidArgument)
                #expect(error?.field == field, "\(error?.message ?? "")")
            }
            try await refused("settings.channels") { $0["channels"] = .list(["a", "b", "pigeon"]) }
            try await refused("settings.channels") { $0["channels"] = .list(["a", "b", "a"]) }
            try await refused("settings.channels") { $0["channels"] = .list([]) }
            try await refused("settings.channels") { $0["channels"] = nil }
            try await refused("settings.accounts") { $0["accounts"] = .list(["NOBODY"]) }
            try await refused("settings.networks") { $0["networks"] = .list(["pigeon"]) }
            try await refused("settings.prefixes") { $0["prefixes"] = .list(["0138"]) }
            try await refused("settings.prefixes") { settings in
                settings["prefixes"] = .list((0...Route.prefixesMax).map { String(10_000 + $0) })
            }
            for code in ["DELIVRD", "ENROUTE", "", "A,B"] {
                try await refused("settings.retry_on") { $0["retry_on"] = .list([code]) }
            }
            try await refused("settings.retry_on") { settings in
                settings["channels"] = .list(["a"])
                settings["retry_on"] = .list(["MK:0001"])
            }
            try await refused("name", name: "a b") { _ in }
            var settings = [] as [AdminSetting]
            settings["channels"] = .list(["a"])
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
                var settings = [] as [AdminSetting]
                settings["channels"] = .list(["a"])
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
                change.add = add.map { mobile, network in
                    var number = AdminPortedNumber()
                    number.mobile = mobile
                    number.network = network
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
            #expect(explained.network == "unicom" && explained.networkSource == "portability")
            #expect(try await change([], remove: ["13800138001"]).total == 4)
            #expect(try await Self.explain(bridge, "13800138001").networkSource == "prefix")
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
