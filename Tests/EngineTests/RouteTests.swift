import Messaging
import Store
import Testing

@testable import Engine

struct RouteTests {
    private static let failing: FakeCarrier.Answer = { carrier, call in
        for index in call.messages.indices { carrier.report(call, index, "MK:0001") }
        return .accepted(.consecutive(from: carrier.takeIDs(call.messages.count)))
    }

    private func number(_ text: String) throws -> PhoneNumber { try #require(PhoneNumber(text)) }

    private func route(_ house: House, _ name: String, _ channels: [String], _ change: (inout Route) -> Void = { _ in })
        async throws
    {
        var members: [Route.Member] = []
        for channel in channels {
            members.append(Route.Member(channel: try #require(await house.engine.channels.channel(named: channel)).key))
        }
        var route = Route(name: name, channels: members)
        change(&route)
        try await house.engine.addRoute(route)
    }

    @Test func `messages take the route of their account, prefix or carrier, and the explanation says so`() async throws
    {
        let names = ["a", "b", "c", "d"]
        let carriers = Dictionary(uniqueKeysWithValues: names.map { ($0, FakeCarrier()) })
        try await House.with(carriers) { house in
            let plain = try await house.account()
            let vip = try await house.account("VIP")
            try await route(house, "vip", ["b"]) { $0.accounts = [vip.key] }
            try await route(house, "prefix", ["c"]) { $0.prefixes = [NumberPrefix("1391")].compactMap { $0 } }
            try await route(house, "unicom", ["d"]) { $0.networks = NetworkSet([.unicom]) }
            let ported = "13800138009"
            try await house.engine.changePorted(add: [PortedNumber(number: try number(ported), network: .unicom)])
            let cases: [(AccountEntry, String, channel: String, route: String?)] = [
                (plain, "13800138000", "a", nil), (vip, "13800138000", "b", "vip"), (vip, "13910000000", "b", "vip"),
                (plain, "13910000000", "c", "prefix"), (plain, "13010000000", "d", "unicom"),
                (plain, ported, "d", "unicom"),
            ]
            for (account, mobile, channel, route) in cases {
                let explained = await house.engine.explain(account: account.key, number: try number(mobile))
                #expect(explained.outcome == .channel(channel))
                #expect(explained.route?.name == route)
                #expect(explained.isPorted == (mobile == ported))
                let sequence = try await house.send([mobile], by: account)
                try await house.waitUntil(sequence, is: .delivered)
                #expect(try await house.timeline(sequence).channel == channel)
            }
        }
    }

    @Test func `routes and ported numbers are there after a restart`() async throws {
        let house = try await House.open(["a": FakeCarrier(), "b": FakeCarrier()])
        try await house.channel("a")
        try await house.channel("b")
        try await route(house, "all", ["b"])
        try await house.engine.changePorted(add: [PortedNumber(number: try number(House.mobile), network: .telecom)])
        let again = try await house.again()
        let mobile = try number(House.mobile)
        // The dispatcher takes up its channels after the start.
        try await eventually("the channels") {
            await again.engine.explain(account: 1, number: mobile).outcome == .channel("b")
        }
        #expect(await again.engine.explain(account: 1, number: mobile).network == .telecom)
        await again.stop()
    }

    @Test func `what waits because a route's channels are off goes out by another route`() async throws {
        try await House.with(["a": FakeCarrier(), "b": FakeCarrier()]) { house in
            let account = try await house.account()
            try await route(house, "all", ["a"])
            _ = try await house.engine.updateChannel(name: "a") { channel, _ in channel.isEnabled = false }
            let mobile = try number(House.mobile)
            try await eventually("the change") {
                await house.engine.explain(account: account.key, number: mobile).outcome == .waits
            }
            let explained = await house.engine.explain(account: account.key, number: mobile)
            #expect(explained.passedOver == ["all"])
            let sequence = try await house.send(by: account)
            try await eventually("it waits") { await house.engine.queueStatus().unrouted == 1 }
            try await route(house, "spare", ["b"])
            try await house.waitUntil(sequence, is: .delivered)
            #expect(try await house.timeline(sequence).channel == "b")
        }
    }

    @Test func `equal channels share the traffic by weight`() async throws {
        try await House.with(["a": FakeCarrier(), "b": FakeCarrier()]) { house in
            _ = try await house.engine.updateChannel(name: "a") { channel, _ in channel.weight = 3 }
            let account = try await house.account()
            for index in 0..<200 { _ = try await house.send([String(13_800_138_000 + index)], by: account) }
            try await house.finals(200)
            #expect(house.carriers["a"]?.sent.count == 150)
            #expect(house.carriers["b"]?.sent.count == 50)
        }
    }

    // MARK: A second channel

    @Test func `a message that failed is tried once on the other channel and delivered there`() async throws {
        try await House.with(["a": FakeCarrier(answer: Self.failing), "b": FakeCarrier()]) { house in
            try await route(house, "retry", ["a", "b"]) { route in
                route.channels[0].priority = 1
                route.retryCodes = [DeliveryStatus("MK:0001")]
            }
            let account = try await house.account(refund: .failed)
            let first = try await house.send((0..<20).map { String(13_800_138_000 + $0) }, by: account)
            try await house.finals(20)
            #expect(house.carriers["a"]?.sent.sorted() == Array(first..<(first + 20)))
            #expect(house.carriers["b"]?.sent.sorted() == Array(first..<(first + 20)))
            let reports = try await house.engine.outbox.collectReports(for: account, limit: 100)
            #expect(reports.count == 20)
            #expect(reports.allSatisfy { $0.status == .delivered })
            #expect(account.runtime.balance == (1_000_000 - 20) * House.price)
            #expect(try await house.isSound())
        }
    }

    @Test func `a message that fails on both has one final report, and its charge back`() async throws {
        let carriers = ["a": FakeCarrier(answer: Self.failing), "b": FakeCarrier(answer: Self.failing)]
        try await House.with(carriers) { house in
            try await route(house, "retry", ["a", "b"]) { $0.retryCodes = [DeliveryStatus("MK:0001")] }
            let account = try await house.account(refund: .failed)
            let sequence = try await house.send(by: account)
            try await house.waitUntil(sequence, is: .failed)
            #expect((carriers["a"]?.sent ?? []) + (carriers["b"]?.sent ?? []) == [sequence, sequence])
            #expect(try await house.engine.outbox.collectReports(for: account, limit: 100).count == 1)
            try await eventually("the refund") { account.runtime.balance == 1_000_000 * House.price }
            #expect(try await house.isSound())
        }
    }

    @Test func `without another channel the first report is final at once`() async throws {
        try await House.with(["a": FakeCarrier(answer: Self.failing), "b": FakeCarrier()], channels: false) { house in
            try await house.channel("a")
            try await house.channel("b", networks: NetworkSet([.unicom]))
            try await route(house, "retry", ["a", "b"]) { $0.retryCodes = [DeliveryStatus("MK:0001")] }
            let account = try await house.account()
            let sequence = try await house.send(by: account)
            try await house.waitUntil(sequence, is: .failed)
            #expect(try await house.timeline(sequence).status == "MK:0001")
            #expect(house.carriers["b"]?.sent.isEmpty == true)
            let reports = try await house.engine.outbox.collectReports(for: account, limit: 100)
            #expect(reports.map(\.status.code) == ["MK:0001"])
        }
    }

    @Test func `what waits for its second channel does not go back to the first after a restart`() async throws {
        let stuck = FakeCarrier { _, _ in .notSent(reason: "down") }
        let house = try await House.open(["a": FakeCarrier(answer: Self.failing), "b": stuck])
        try await house.channel("a", priority: 1)
        try await house.channel("b")
        try await route(house, "retry", ["a", "b"]) { $0.retryCodes = [DeliveryStatus("MK:0001")] }
        let account = try await house.account()
        let sequence = try await house.send(by: account)
        try await eventually("the second attempt") { stuck.sent == [sequence] }
        try await house.waitUntil(sequence, is: .queued)
        let first = FakeCarrier()
        let second = FakeCarrier()
        let again = try await house.again(["a": first, "b": second])
        try await again.waitUntil(sequence, is: .delivered)
        #expect(first.sent.isEmpty)
        #expect(second.sent == [sequence])
        await again.stop()
    }
}
