import Messaging
import Store
import Testing

/// A message that is reported failed and tried once on another channel.
struct RetryTests {
    private var world: World
    private let account: AccountKey
    private let one: ChannelKey
    private let two: ChannelKey

    init() async throws {
        world = try World()
        account = try await world.account(refund: .failed)
        one = try await world.channel("one")
        two = try await world.channel("two")
    }

    private func route(
        _ codes: [String] = ["MK:0001"], accounts: Set<AccountKey> = [], channels: [ChannelKey]? = nil
    ) async throws {
        let route = Route(
            name: "retry", accounts: accounts, channels: (channels ?? [one, two]).map { Route.Member(channel: $0) },
            retryCodes: Set(codes.map { DeliveryStatus($0) }))
        try await world.store.insert(route, at: World.noon)
    }

    /// A message that failed on the first channel.
    private func failed(segments: Int = 1) async throws -> (sequence: MessageSequence, effects: Effects) {
        let sequence = try await world.send(account, segments: segments)
        try await world.submit(one, [sequence], carrierID: 500)
        let outcome = try await world.apply([World.report("m\(sequence)", "MK:0001")], from: one)
        #expect(outcome.matched == 1)
        return (sequence, outcome.effects)
    }

    private func kinds(_ sequence: MessageSequence) async throws -> [String] {
        try await world.timeline(sequence).entries.map(\.kind)
    }

    @Test func `it is queued again, and the customer hears nothing`() async throws {
        try await route()
        let (sequence, effects) = try await failed()
        #expect(effects.finals == 0)
        #expect(effects.outboxEntries == 0)
        let part = try #require(effects.requeued.first)
        #expect(part.messages.map(\.sequence) == [sequence])
        #expect(part.avoided == [sequence: one])
        #expect(part.content == "你好")
        #expect(part.account == account)
        #expect(try await world.timeline(sequence).state == .queued)
        #expect(try await world.collect(account).isEmpty)
        #expect(try await world.balance(account) == World.opening - World.price)
        #expect(try await kinds(sequence).contains("retry"))
        let total = try await world.store.total(channel: one, days: World.today...World.today)
        #expect(total.submitted == 1)
        #expect(total.failed == 1)
    }

    @Test(arguments: [("DELIVRD", MessageState.delivered), ("MK:0001", .failed), ("UNDELIV", .failed)])
    func `the second attempt's report is the final one, whatever it says`(
        _ status: String, _ state: MessageState
    ) async throws {
        try await route()
        let (sequence, _) = try await failed()
        try await world.submit(two, [sequence])
        let outcome = try await world.apply([World.report("m\(sequence)", status)], from: two)
        #expect(outcome.effects.finals == 1)
        #expect(outcome.effects.requeued.isEmpty)
        let timeline = try await world.timeline(sequence)
        #expect(timeline.state == state)
        #expect(timeline.channel == "two")
        #expect(timeline.entries.filter { $0.kind == "attempt 1" }.count == 2)
        #expect(try await world.collect(account).map(\.status.code) == [status])
        let refunded = state == .failed ? World.price : 0
        #expect(try await world.balance(account) == World.opening - World.price + refunded)
        for (channel, failed) in [(one, 1), (two, state == .failed ? 1 : 0)] {
            let total = try await world.store.total(channel: channel, days: World.today...World.today)
            #expect(total.submitted == 1)
            #expect(Int(total.failed) == failed)
        }
        let total = try await world.store.total(account: account, days: World.today...World.today)
        #expect(total.delivered + total.failed == 1)
    }

    @Test(arguments: ["DELIVRD", "MK:0001", "ACCEPTD"])
    func `a late report of the first attempt only stands in the timeline`(_ status: String) async throws {
        try await route()
        let (sequence, _) = try await failed()
        // While it is queued again, while the second attempt is open, and after it.
        try await late(sequence, status, is: .queued)
        try await world.submit(two, [sequence])
        try await late(sequence, status, is: .submitted)
        try await world.apply([World.report("m\(sequence)")], from: two)
        try await late(sequence, status, is: .delivered)
        #expect(try await world.collect(account).map(\.status.code) == ["DELIVRD"])
        let entries = try await world.timeline(sequence).entries.filter { $0.kind == "late report" }
        #expect(entries.count == 1)
        #expect(entries.first?.detail.contains("6 times") == true)
        #expect(try world.count("SELECT COUNT(*) FROM parked_report") == 0)
    }

    /// By our tag, and by the carrier's number.
    private func late(_ sequence: MessageSequence, _ status: String, is state: MessageState) async throws {
        for report in [World.report("m\(sequence)", status), World.report(id: 500, status)] {
            let outcome = try await world.apply([report], from: one)
            #expect(outcome.matched == 1)
            #expect(outcome.effects == Effects())
            #expect(try await world.timeline(sequence).state == state)
        }
    }

    @Test func `a late report that names the call finds its message by the number`() async throws {
        try await route()
        let first = try await world.send(account, ["13800138000", "13800138001"])
        let attempt = try await world.submit(one, [first, first + 1])
        let tag = "m\(first)a\(attempt)"
        try await world.apply([World.report(tag, "MK:0001")], from: one)
        #expect(try await world.timeline(first).state == .queued)
        try await world.submit(two, [first])
        let late = try await world.apply(
            [World.report(tag), World.report(tag, mobile: "13800138001")], from: one)
        #expect(late.matched == 2)
        #expect(late.effects.finals == 1)
        #expect(try await world.timeline(first).state == .submitted)
        #expect(try await world.timeline(first + 1).state == .delivered)
    }

    @Test func `the reports of the other segments count as late, and each segment ends once`() async throws {
        try await route()
        let sequence = try await world.send(account, segments: 3)
        try await world.submit(one, [sequence])
        let reports = [(2, "MK:0001"), (1, "MK:0001"), (3, "DELIVRD")].map { segment, status in
            World.report("m\(sequence)", segment: segment, of: 3, status)
        }
        let outcome = try await world.apply(reports, from: one)
        #expect(outcome.matched == 3)
        #expect(outcome.effects.requeued.flatMap(\.messages).count == 1)
        #expect(try await world.collect(account).isEmpty)
        try await world.submit(two, [sequence])
        for segment in 1...3 {
            try await world.apply([World.report("m\(sequence)", segment: segment, of: 3)], from: two)
        }
        #expect(try await world.collect(account).map(\.status) == [.delivered, .delivered, .delivered])
        #expect(try await world.timeline(sequence).state == .delivered)
    }

    @Test func `it is not tried again when the customer knows of a segment`() async throws {
        try await route()
        let sequence = try await world.send(account, segments: 2)
        try await world.submit(one, [sequence])
        try await world.apply([World.report("m\(sequence)", segment: 1, of: 2)], from: one)
        let outcome = try await world.apply(
            [World.report("m\(sequence)", segment: 2, of: 2, "MK:0001")], from: one)
        #expect(outcome.effects.finals == 1)
        #expect(outcome.effects.requeued.isEmpty)
    }

    @Test func `only the route's codes, accounts and channels`() async throws {
        try await route(["MK:0002"])
        #expect(try await failed().effects.finals == 1)
        let other = try await world.account("OTHER")
        var route = try await world.store.routes()[0]
        route.retryCodes = [DeliveryStatus("MK:0001")]
        route.accounts = [other]
        try await world.store.update(route)
        #expect(try await failed().effects.finals == 1)
        route.accounts = [account]
        route.channels = [Route.Member(channel: two)]
        try await world.store.update(route)
        #expect(try await failed().effects.finals == 1)
        route.channels = [Route.Member(channel: one)]
        try await world.store.update(route)
        #expect(try await failed().effects.finals == 1)
        route.channels = [Route.Member(channel: one), Route.Member(channel: two)]
        route.isEnabled = false
        try await world.store.update(route)
        #expect(try await failed().effects.finals == 1)
        route.isEnabled = true
        try await world.store.update(route)
        #expect(try await failed().effects.requeued.count == 1)
        try await world.store.removeRoute(named: route.name)
        #expect(try await failed().effects.finals == 1)
    }

    @Test func `a ported number is retried by the route of its carrier`() async throws {
        let number = PhoneNumber(rawValue: 13_800_138_000)
        let route = Route(
            name: "unicom", networks: NetworkSet([.unicom]),
            channels: [Route.Member(channel: one), Route.Member(channel: two)], retryCodes: [DeliveryStatus("MK:0001")])
        try await world.store.insert(route, at: World.noon)
        #expect(try await failed().effects.finals == 1)
        try await world.store.changePorted(add: [PortedNumber(number: number, network: .unicom)])
        #expect(try await failed().effects.requeued.count == 1)
        try await world.store.changePorted(add: [], remove: [number])
        #expect(try await failed().effects.finals == 1)
    }

    @Test func `after a restart the channel is still avoided`() async throws {
        var world = world
        try await route()
        let (sequence, _) = try await failed()
        try world.crash()
        let parts = try await world.store.queued(from: 0, limit: 10).parts
        #expect(parts.map(\.avoided) == [[sequence: one]])
        // Also when the second attempt did not leave, and there is no third.
        let attempt = try await world.begin(two, [sequence])
        try await world.settle(attempt, .notSent(detail: "down"))
        #expect(try await world.store.queued(from: 0, limit: 10).parts.map(\.avoided) == [[sequence: one]])
        try await world.submit(two, [sequence])
        let outcome = try await world.apply([World.report("m\(sequence)", "MK:0001")], from: two)
        #expect(outcome.effects.finals == 1)
    }

    @Test func `without another channel the first report is final, once`() async throws {
        try await route()
        let (sequence, _) = try await failed()
        let effects = try await world.store.endRetries([sequence, sequence, 99], at: World.noon)
        #expect(effects.finals == 1)
        #expect(effects.refunds == [account: World.price])
        #expect(try await world.store.endRetries([sequence], at: World.noon) == Effects())
        #expect(try await world.timeline(sequence).status == "MK:0001")
        #expect(try await world.collect(account).map(\.status.code) == ["MK:0001"])
        let total = try await world.store.total(channel: one, days: World.today...World.today)
        #expect(total.failed == 1)
        #expect(total.submitted == 1)
        // What the carrier says now changes nothing.
        try await world.apply([World.report("m\(sequence)")], from: one)
        #expect(try await world.collect(account).isEmpty)
    }

    @Test func `a report before the submit reply does not let the reply end the message`() async throws {
        try await route()
        let sequence = try await world.send(account)
        let attempt = try await world.begin(one, [sequence])
        try await world.apply([World.report("m\(sequence)", "MK:0001")], from: one)
        let effects = try await world.settle(attempt, .refused(status: .rejected, detail: "code 1"))
        #expect(effects.finals == 0)
        #expect(try await world.timeline(sequence).state == .queued)
    }

    @Test func `the first attempt does not expire a message that is queued again`() async throws {
        try await route()
        let (sequence, _) = try await failed()
        let later = World.noon.adding(milliseconds: 1)
        #expect(try await world.store.expire(begunBefore: later, at: later).effects.finals == 0)
        #expect(try await world.timeline(sequence).state == .queued)
    }

    // MARK: What is stored

    @Test func `a route comes back as it was stored`() async throws {
        let route = Route(
            name: "all of it", priority: -3, accounts: [account, 77], networks: NetworkSet([.mobile, .international]),
            prefixes: ["1380", "00852"].compactMap { NumberPrefix($0) },
            channels: [Route.Member(channel: two, priority: -7), Route.Member(channel: one)],
            retryCodes: [DeliveryStatus("MK:0001"), DeliveryStatus("two words")], isEnabled: false)
        try await world.store.insert(route, at: World.noon)
        #expect(try await world.store.routes() == [route])
        await #expect(throws: StoreFailure.alreadyExists) { try await world.store.insert(route, at: World.noon) }
        let plain = Route(name: "a", channels: [Route.Member(channel: one)])
        try await world.store.insert(plain, at: World.noon)
        #expect(try await world.store.routes() == [plain, route])
        try await world.store.removeRoute(named: "a")
        await #expect(throws: StoreFailure.notFound) { try await world.store.removeRoute(named: "a") }
        await #expect(throws: StoreFailure.notFound) { try await world.store.update(plain) }
    }

    @Test func `ported numbers are kept, moved and taken out`() async throws {
        let numbers = (0..<3).map { PhoneNumber(rawValue: 13_800_138_000 + Int64($0)) }
        try await world.store.changePorted(add: numbers.map { PortedNumber(number: $0, network: .unicom) })
        try await world.store.changePorted(
            add: [PortedNumber(number: numbers[1], network: .telecom)], remove: [numbers[2]])
        let ported = try await world.store.portedNumbers()
        #expect(ported.count == 2)
        #expect(ported[numbers[0]] == .unicom)
        #expect(ported[numbers[1]] == .telecom)
    }
}
