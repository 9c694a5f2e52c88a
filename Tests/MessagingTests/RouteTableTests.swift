import Messaging
import Testing

struct NumberPrefixTests {
    @Test(arguments: [
        ("1", "1"), ("1380", "1380"), ("+861380", "1380"), ("0086138", "138"), ("86138", "138"), ("852", "00852"),
        ("00852", "00852"), ("+1", "001"), ("13800138000", "13800138000"),
    ])
    func `a prefix is written as its numbers are`(_ text: String, _ canonical: String) {
        #expect(NumberPrefix(text)?.text == canonical)
    }

    @Test(arguments: [
        "", "0", "+", "00", "13x", "138001380001", "86", "8625", "1 38", "1234567890123456", "-138", "+0852",
    ])
    func `what no number begins with is no prefix`(_ text: String) {
        #expect(NumberPrefix(text) == nil)
    }

    @Test func `a prefix has the numbers that begin with it`() throws {
        let mainland = try #require(PhoneNumber("13800138000"))
        let foreign = try #require(PhoneNumber("0013800138000"))
        let hongKong = try #require(PhoneNumber("0085256412345"))
        #expect(NumberPrefix("1380")?.matches(mainland) == true)
        #expect(NumberPrefix("13800138000")?.matches(mainland) == true)
        #expect(NumberPrefix("1381")?.matches(mainland) == false)
        // A number of North America does not begin with a mainland prefix, nor the other way round.
        #expect(NumberPrefix("1380")?.matches(foreign) == false)
        #expect(NumberPrefix("+1380")?.matches(foreign) == true)
        #expect(NumberPrefix("+1380")?.matches(mainland) == false)
        #expect(NumberPrefix("852")?.matches(hongKong) == true)
        #expect(NumberPrefix("853")?.matches(hongKong) == false)
    }
}

struct RouteTableTests {
    private let number = PhoneNumber(rawValue: 13_800_138_000)

    private func route(
        _ name: String, priority: Int = 0, accounts: Set<AccountKey> = [], networks: NetworkSet = [],
        prefixes: [String] = [], channel: ChannelKey = 1, isEnabled: Bool = true
    ) -> Route {
        Route(
            name: name, priority: priority, accounts: accounts, networks: networks,
            prefixes: prefixes.compactMap { NumberPrefix($0) }, channels: [Route.Member(channel: channel)],
            isEnabled: isEnabled)
    }

    private func order(_ routes: [Route], account: AccountKey = 7, network: Network? = .mobile) -> [String] {
        let table = RouteTable(routes)
        var names: [String] = []
        var rank = -1
        while let match = table.first(account: account, number: number, network: network, after: rank) {
            names.append(match.route.name)
            rank = match.rank
        }
        return names
    }

    @Test func `routes are asked by priority, then the more specific, then by name`() {
        let routes = [
            route("z everything"), route("a everything"), route("carrier", networks: NetworkSet([.mobile])),
            route("short", prefixes: ["13"]), route("long", prefixes: ["13", "13800"]),
            route("account", accounts: [7, 8]), route("account and prefix", accounts: [7], prefixes: ["1"]),
            route("first", priority: 1), route("last", priority: -1, accounts: [7], prefixes: ["13800138000"]),
        ]
        // A route stands once for each of its prefixes.
        let expected = [
            "first", "account and prefix", "account", "long", "long", "short", "carrier", "a everything",
            "z everything", "last",
        ]
        #expect(order(routes) == expected)
        #expect(order(routes.reversed()) == expected)
    }

    @Test func `a route matches only what it names`() {
        #expect(order([route("r", accounts: [8])]).isEmpty)
        #expect(order([route("r", prefixes: ["139", "852"])]).isEmpty)
        #expect(order([route("r", networks: NetworkSet([.unicom, .telecom]))]).isEmpty)
        #expect(order([route("r", isEnabled: false)]).isEmpty)
        #expect(order([route("r", accounts: [7], prefixes: ["139"])]).isEmpty)
        #expect(order([route("r", accounts: [7], networks: NetworkSet([.mobile]), prefixes: ["138"])]) == ["r"])
        // A prefix that nobody holds is served by what serves the whole mainland.
        #expect(order([route("r", networks: NetworkSet([.mobile]))], network: nil).isEmpty)
        #expect(order([route("r", networks: .mainland)], network: nil) == ["r"])
        #expect(RouteTable([route("off", isEnabled: false)]).isEmpty)
    }

    @Test func `a match says by which prefix`() throws {
        let table = RouteTable([route("r", prefixes: ["1", "1380", "138"])])
        let match = try #require(table.first(account: 1, number: number, network: nil))
        #expect(match.prefix?.text == "1380")
    }

    @Test func `thousands of routes answer as one asked after another would`() {
        var generator = SeededGenerator(seed: 11)
        let routes = (0..<2000).map { index in
            route(
                "r\(index)", priority: Int.random(in: 0...2, using: &generator),
                accounts: Bool.random(using: &generator)
                    ? [AccountKey(Int64.random(in: 1...20, using: &generator))] : [],
                networks: Bool.random(using: &generator) ? NetworkSet([.mobile]) : [],
                prefixes: (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                    String(String(Int.random(in: 13_800_000_000...13_899_999_999, using: &generator)).prefix(5))
                })
        }
        let table = RouteTable(routes)
        for _ in 0..<500 {
            let number = PhoneNumber(rawValue: Int64.random(in: 13_800_000_000...13_899_999_999, using: &generator))
            let account = AccountKey(Int64.random(in: 1...25, using: &generator))
            let network: Network? = Bool.random(using: &generator) ? .mobile : .unicom
            let best = routes.filter { route in
                (route.accounts.isEmpty || route.accounts.contains(account))
                    && (route.networks.isEmpty || route.networks.serves(network))
                    && (route.prefixes.isEmpty || route.prefixes.contains { $0.matches(number) })
            }.min { left, right in
                if left.priority != right.priority { return left.priority > right.priority }
                if left.accounts.isEmpty != right.accounts.isEmpty { return right.accounts.isEmpty }
                if left.prefixes.isEmpty != right.prefixes.isEmpty { return right.prefixes.isEmpty }
                if left.networks.isEmpty != right.networks.isEmpty { return right.networks.isEmpty }
                return left.name < right.name
            }
            #expect(table.first(account: account, number: number, network: network)?.route.name == best?.name)
        }
    }

    @Test func `a failure is tried again only for its codes and when there is another channel`() {
        var route = route("r", channel: 1)
        route.retryCodes = [DeliveryStatus("MK:0001"), .delivered, .accepted]
        #expect(!route.retries(DeliveryStatus("MK:0001"), on: 1))
        route.channels.append(Route.Member(channel: 2))
        #expect(route.retries(DeliveryStatus("mk:0001"), on: 1))
        #expect(route.retries(DeliveryStatus("MK:0001"), on: 2))
        #expect(!route.retries(DeliveryStatus("MK:0001"), on: 3))
        #expect(!route.retries(DeliveryStatus("MK:0002"), on: 1))
        // Whatever a route says, these are no failures.
        #expect(!route.retries(.delivered, on: 1))
        #expect(!route.retries(.accepted, on: 1))
    }

    @Test func `the route of a message that went out is the first that has its channel`() {
        let table = RouteTable([
            route("a", priority: 2, channel: 1), route("b", priority: 1, channel: 2), route("c", channel: 2),
        ])
        func name(_ channel: ChannelKey) -> String? {
            table.route(account: 1, number: number, network: .mobile, over: channel)?.name
        }
        #expect(name(1) == "a")
        #expect(name(2) == "b")
        #expect(name(3) == nil)
    }
}

struct PortedNumbersTests {
    private func entry(_ number: Int64, _ network: Network) -> PortedNumber {
        PortedNumber(number: PhoneNumber(rawValue: number), network: network)
    }

    @Test func `a ported number has the carrier of its entry, others that of their prefix`() {
        let ported = PortedNumbers([entry(13_800_138_000, .unicom)])
        #expect(ported.network(of: PhoneNumber(rawValue: 13_800_138_000)) == .unicom)
        #expect(ported.network(of: PhoneNumber(rawValue: 13_800_138_001)) == .mobile)
        #expect(ported.network(of: PhoneNumber(rawValue: -85_256_412_345)) == .international)
        #expect(PortedNumbers()[PhoneNumber(rawValue: 13_800_138_000)] == nil)
    }

    @Test func `only mainland numbers are ported, and only to mainland carriers`() {
        #expect(PortedNumber(mobile: "13800138000", network: "telecom")?.network == .telecom)
        #expect(PortedNumber(mobile: "+8613800138000", network: "telecom")?.number.rawValue == 13_800_138_000)
        #expect(PortedNumber(mobile: "0085256412345", network: "telecom") == nil)
        #expect(PortedNumber(mobile: "13800138000", network: "international") == nil)
        #expect(PortedNumber(mobile: "1380013800", network: "telecom") == nil)
    }

    @Test func `hundreds of thousands change as a dictionary would`() {
        var generator = SeededGenerator(seed: 5)
        var expected: [Int64: Network] = [:]
        var ported = PortedNumbers()
        let networks: [Network] = [.mobile, .unicom, .telecom, .broadnet]
        for round in 0..<4 {
            let added = (0..<60_000).map { _ in
                entry(
                    Int64.random(in: 13_800_000_000...13_800_300_000, using: &generator),
                    networks.randomElement(using: &generator) ?? .mobile)
            }
            let removed = Set(
                (0..<(round * 5000)).map { _ in
                    PhoneNumber(rawValue: Int64.random(in: 13_800_000_000...13_800_300_000, using: &generator))
                })
            for number in removed { expected[number.rawValue] = nil }
            for entry in added { expected[entry.number.rawValue] = entry.network }
            ported.change(add: added, remove: removed)
            #expect(ported.count == expected.count)
        }
        #expect((13_800_000_000...13_800_300_000).allSatisfy { ported[PhoneNumber(rawValue: $0)] == expected[$0] })
        var pages: [PortedNumber] = []
        while case let page = ported.page(after: pages.last?.number, limit: 7777), !page.isEmpty { pages += page }
        #expect(pages.map(\.number.rawValue) == expected.keys.sorted())
    }
}
