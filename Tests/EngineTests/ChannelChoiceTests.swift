import Messaging
import Store
import Testing

@testable import Engine

/// What is decided among channels, beyond the basic order that `RulesTests` holds.
struct ChannelWeightTests {
    private func candidate(
        _ key: ChannelKey, weight: Int = 1, depth: Int = 0, priority: Int = 0, isOpen: Bool = true,
        networks: NetworkSet = .mainland, isEnabled: Bool = true
    ) -> ChannelChoice.Candidate {
        let channel = Channel(
            name: "c\(key)", accessNumber: "1", networks: networks, priority: priority, weight: weight,
            isEnabled: isEnabled)
        return ChannelChoice.Candidate(key: key, channel: channel, isOpen: isOpen, depth: depth)
    }

    /// How many of `count` messages, sent in batches of `batch`, each channel gets.
    private func split(_ candidates: [ChannelChoice.Candidate], count: Int, batch: Int = 1, drains: Bool = true)
        -> [ChannelKey:
        Int]
    {
        var candidates = candidates
        var roundRobin = WeightedRoundRobin()
        var got: [ChannelKey: Int] = [:]
        for start in stride(from: 0, to: count, by: batch) {
            let messages = (0..<min(batch, count - start)).map { index in
                CommittedPart.Message(
                    sequence: MessageSequence(Int64(start + index + 1)),
                    mobile: PhoneNumber(rawValue: 13_800_000_000 + Int64(index)))
            }
            for place in candidates.indices { candidates[place].credit = roundRobin.credit(of: candidates[place].key) }
            let plan = RoutePlan(directory: RouteDirectory(), candidates: candidates)
            let spread = RouteSpread(messages, account: 1, avoided: [:], plan: plan, roundRobin: &roundRobin)
            for (key, messages) in spread.byChannel {
                got[key, default: 0] += messages.count
                guard !drains, let place = candidates.firstIndex(where: { $0.key == key }) else { continue }
                candidates[place].depth += messages.count
            }
        }
        return got
    }

    @Test(arguments: [(1, true), (3, true), (50, true), (1, false), (50, false)])
    func `equal channels divide by weight`(_ batch: Int, _ drains: Bool) throws {
        let got = split([candidate(1, weight: 3), candidate(2)], count: 4000, batch: batch, drains: drains)
        #expect((2900...3100).contains(got[1] ?? 0))
        #expect(got.values.reduce(0, +) == 4000)
        let three = split([candidate(1, weight: 5), candidate(2, weight: 3), candidate(3, weight: 2)], count: 1000)
        #expect(three == [1: 500, 2: 300, 3: 200])
    }

    @Test func `one large submission is divided as well`() {
        let got = split([candidate(1, weight: 3), candidate(2)], count: 40_000, batch: 40_000)
        #expect((28_000...32_000).contains(got[1] ?? 0))
    }

    @Test func `weights of different priorities do not mix`() {
        #expect(split([candidate(1, weight: 1, priority: 1), candidate(2, weight: 1000)], count: 100) == [1: 100])
    }

    @Test func `a channel that is far behind gets nothing until it has caught up`() {
        let behind = candidate(1, weight: 3, depth: 3000)
        #expect(ChannelChoice.choose(for: .mobile, among: [behind, candidate(2)]) == .channel(2))
        // For three times the weight three times as much waits.
        #expect(split([behind, candidate(2, depth: 1000)], count: 400)[1] == 300)
        #expect(split([candidate(1, weight: 3, depth: 150), candidate(2)], count: 400)[1] == 300)
    }

    @Test func `a channel that comes back is not flooded with what it missed`() {
        var roundRobin = WeightedRoundRobin()
        let peers = [candidate(1), candidate(2)]
        for _ in 0..<1000 { roundRobin.note(1, among: [peers[0]], count: 1) }
        #expect(roundRobin.credit(of: 1) == 0)
        #expect(roundRobin.credit(of: 2) == 0)
    }

    @Test func `the verdicts name the reason of each channel`() {
        var candidates = [
            candidate(1), candidate(2, isEnabled: false), candidate(3, networks: NetworkSet([.unicom])),
            candidate(4, isOpen: false),
            candidate(5, priority: -1), candidate(6, depth: 5000), candidate(7),
        ]
        candidates[0].credit = 1
        let (choice, verdicts) = ChannelChoice.explain(for: .mobile, among: candidates)
        #expect(choice == .channel(1))
        #expect(verdicts == [.chosen, .off, .doesNotServe, .failing, .lowerPriority, .fuller, .notItsTurn])
    }

    @Test func `explaining and dispatching agree, whatever is set up`() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            var roundRobin = WeightedRoundRobin()
            let candidates = (1...6 as ClosedRange<ChannelKey>).map { key in
                candidate(
                    key, weight: Int.random(in: 1...4), depth: Int.random(in: 0...900),
                    priority: Int.random(in: 0...1), isOpen: Int.random(in: 0...3) > 0,
                    networks: Bool.random() ? .mainland : NetworkSet([.unicom]), isEnabled: Int.random(in: 0...4) > 0)
            }
            let routes = (0..<3).map { index in
                Route(
                    name: "r\(index)", accounts: Bool.random() ? [1] : [],
                    prefixes: Bool.random() ? [NumberPrefix("138")].compactMap { $0 } : [],
                    channels: (1...6 as ClosedRange<ChannelKey>).filter { _ in Bool.random(using: &generator) }.map {
                        Route.Member(channel: $0)
                    })
            }
            let directory = RouteDirectory(RouteTable(routes))
            let plan = RoutePlan(directory: directory, candidates: candidates)
            let number = PhoneNumber(rawValue: 13_800_138_000)
            let path = plan.path(account: 1, number: number, network: .mobile)
            let explained = ChannelChoice.explain(for: .mobile, among: plan.candidates(on: path))
            let spread = RouteSpread(
                [CommittedPart.Message(sequence: 1, mobile: number)], account: 1, avoided: [:], plan: plan,
                roundRobin: &roundRobin)
            switch explained.choice {
            case .channel(let chosen): #expect(Array(spread.byChannel.keys) == [chosen])
            case .noRoute: #expect(spread.withoutRoute == [1])
            case .later: #expect(spread.later.map(\.sequence) == [1])
            }
            #expect(explained.verdicts.count { $0 == .chosen } == spread.byChannel.count)
        }
    }
}

struct RoutePlanTests {
    private let number = PhoneNumber(rawValue: 13_800_138_000)

    private func candidate(_ key: ChannelKey, _ networks: NetworkSet = .mainland, isEnabled: Bool = true)
        -> ChannelChoice.Candidate
    {
        let channel = Channel(name: "c\(key)", accessNumber: "1", networks: networks, isEnabled: isEnabled)
        return ChannelChoice.Candidate(key: key, channel: channel, isOpen: true, depth: 0)
    }

    private func spread(
        _ routes: [Route], _ candidates: [ChannelChoice.Candidate], ported: [PortedNumber] = [],
        account: AccountKey = 1,
        avoided: [MessageSequence: ChannelKey] = [:]
    ) -> RouteSpread {
        var roundRobin = WeightedRoundRobin()
        let directory = RouteDirectory(RouteTable(routes), ported: PortedNumbers(ported))
        return RouteSpread(
            [CommittedPart.Message(sequence: 1, mobile: number)], account: account, avoided: avoided,
            plan: RoutePlan(directory: directory, candidates: candidates), roundRobin: &roundRobin)
    }

    private func route(_ name: String, _ channels: [ChannelKey], priority: Int = 0, accounts: Set<AccountKey> = [])
        -> Route
    {
        Route(name: name, priority: priority, accounts: accounts, channels: channels.map { Route.Member(channel: $0) })
    }

    @Test func `without a route every channel is asked, with one only its own`() {
        let candidates = [candidate(1), candidate(2)]
        #expect(spread([], candidates).byChannel.keys.first == 1)
        #expect(spread([route("r", [2])], candidates).byChannel.keys.first == 2)
        #expect(spread([route("r", [2], accounts: [9])], candidates).byChannel.keys.first == 1)
    }

    @Test func `a route decides alone while one of its channels is on`() {
        let unicom = NetworkSet([.unicom])
        #expect(spread([route("r", [2])], [candidate(1), candidate(2, unicom)]).withoutRoute == [1])
        let routes = [route("a", [2], priority: 1), route("b", [3])]
        #expect(spread(routes, [candidate(1), candidate(2, isEnabled: false), candidate(3)]).byChannel.keys.first == 3)
        let off = [candidate(1), candidate(2, isEnabled: false), candidate(3, isEnabled: false)]
        #expect(spread(routes, off).later.map(\.sequence) == [1])
    }

    @Test func `a priority on a route stands in for the channel's own`() {
        var favoured = route("r", [1, 2])
        favoured.channels[1].priority = 5
        #expect(spread([favoured], [candidate(1), candidate(2)]).byChannel.keys.first == 2)
    }

    @Test func `a ported number goes where it is now`() {
        let candidates = [candidate(1, NetworkSet([.mobile])), candidate(2, NetworkSet([.unicom]))]
        #expect(spread([], candidates).byChannel.keys.first == 1)
        let ported = [PortedNumber(number: number, network: .unicom)]
        #expect(spread([], candidates, ported: ported).byChannel.keys.first == 2)
    }

    @Test func `a message that failed goes to another channel, or nowhere`() {
        let routes = [route("r", [1, 2])]
        #expect(spread(routes, [candidate(1), candidate(2)], avoided: [1: 1]).byChannel.keys.first == 2)
        #expect(spread(routes, [candidate(1), candidate(2, isEnabled: false)], avoided: [1: 1]).exhausted == [1])
        #expect(spread(routes, [candidate(1), candidate(2, NetworkSet([.unicom]))], avoided: [1: 1]).exhausted == [1])
        // Not over a channel that its route does not name.
        #expect(spread([route("r", [1])], [candidate(1), candidate(2)], avoided: [1: 1]).exhausted == [1])
    }
}
