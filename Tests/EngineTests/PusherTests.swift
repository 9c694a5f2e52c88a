import Messaging
import Synchronization
import Testing

@testable import Engine

struct PusherTests {
    private static let hour: Int64 = 3_600_000

    /// Runs `body` with an engine that pushes to `receiver`, after pauses of a few milliseconds.
    private static func with(_ receiver: FakeReceiver, _ body: (House) async throws -> Void) async throws {
        let house = try await open(receiver)
        do {
            try await body(house)
        } catch {
            await house.stop()
            throw error
        }
        await house.stop()
    }

    private static func open(
        _ receiver: FakeReceiver, after house: House? = nil, pause: Int64 = 4
    ) async throws -> House {
        let carrier = FakeCarrier { _, _ in .accepted(nil) }
        return try await House.open(
            ["one": carrier], in: house?.directory, key: house?.key, clock: house?.clock ?? TestClock(),
            pushes: FakePushLinks(receiver: receiver)
        ) { $0.push = PushRule(pauseMin: pause, pauseMax: pause * 4) }
    }

    private static func pushing(
        _ house: House, _ id: String, to url: String, _ dialect: PushDialect = .operatorV2
    ) async throws -> AccountEntry {
        if house.engine.accounts.directory.account(id: id) == nil { try await house.account(id) }
        return try await house.engine.accounts.update(id: id) { account, _ in
            account.push = PushSettings(reportURL: url, dialect: dialect)
        }
    }

    /// Numbers that cannot be reached are reported at once.
    private static func fail(_ range: Range<Int>, _ house: House, by entry: AccountEntry) async throws {
        _ = try await house.send(range.map { "bad\($0)" }, by: entry)
    }

    @Test func `reports are pushed in order, each once, under numbers that count`() async throws {
        let receiver = FakeReceiver()
        try await Self.with(receiver) { house in
            let entry = try await Self.pushing(house, "J10003", to: "a")
            for first in 0..<40 { try await Self.fail(first * 30..<first * 30 + 30, house, by: entry) }
            try await eventually("all reports") { receiver.pushes.reduce(0) { $0 + $1.content.count } >= 1200 }
            #expect(receiver.pushes.flatMap(\.mobiles) == (0..<1200).map { "bad\($0)" })
            #expect(receiver.pushes.map(\.sequence) == (1...receiver.pushes.count).map { Int64($0) })
            #expect(receiver.pushes.allSatisfy { $0.content.count <= 500 })
            #expect(try await house.engine.outbox.collectReports(for: entry, limit: 9).isEmpty)
            try await eventually("counted") { house.engine.counters.snapshot.collectedEntries == 1200 }
        }
    }

    @Test func `what waited before there was an address is pushed when there is one`() async throws {
        let receiver = FakeReceiver()
        try await Self.with(receiver) { house in
            let entry = try await house.account()
            try await Self.fail(0..<3, house, by: entry)
            #expect(try await house.engine.outbox.collectReports(for: entry, limit: 1).count == 1)
            _ = try await Self.pushing(house, "J10003", to: "a")
            try await eventually("the push") { receiver.pushes.count == 1 }
            #expect(receiver.pushes.flatMap(\.mobiles) == ["bad1", "bad2"])
        }
    }

    @Test func `what is not accepted is pushed again, before all that comes later`() async throws {
        let refusals = Counter()
        let receiver = FakeReceiver { _ in refusals.next() > 5 }
        try await Self.with(receiver) { house in
            let entry = try await Self.pushing(house, "J10003", to: "a")
            try await Self.fail(0..<2, house, by: entry)
            try await eventually("a failure") { !receiver.pushes.isEmpty }
            try await Self.fail(2..<4, house, by: entry)
            try await eventually("accepted") { house.engine.counters.snapshot.collectedEntries == 4 }
            let pushes = receiver.pushes
            #expect(pushes.allSatisfy { $0.mobiles.first == "bad0" || $0.mobiles == ["bad2", "bad3"] })
            #expect(pushes.prefix(6).allSatisfy { $0.mobiles.starts(with: ["bad0", "bad1"]) })
            #expect(pushes.map(\.sequence) == (1...pushes.count).map { Int64($0) })
            // The lane notes its success after the entries are counted.
            try await eventually("the lane at rest") {
                let lane = try await house.engine.pusher.lanes(of: entry).first
                return lane?.record.failures == 0 && lane?.waiting == 0
            }
        }
    }

    @Test func `an endpoint that does not answer delays nobody else's`() async throws {
        let gate = Gate()
        let receiver = FakeReceiver { push in
            if push.url == "dead" { await gate.pass() }
            return true
        }
        try await Self.with(receiver) { house in
            // Or the house would never stop.
            defer { gate.open() }
            let dead = try await Self.pushing(house, "J10003", to: "dead")
            let alive = try await Self.pushing(house, "J10004", to: "alive")
            try await Self.fail(0..<1000, house, by: dead)
            try await eventually("it hangs") { !receiver.pushes(to: "dead").isEmpty }
            for round in 0..<20 { try await Self.fail(round..<round + 1, house, by: alive) }
            try await eventually("the other's") {
                receiver.pushes(to: "alive").reduce(0) { $0 + $1.content.count } == 20
            }
            #expect(receiver.pushes(to: "dead").count == 1)
            // Nor does it stop a poll's other kind, or give away what it holds.
            #expect(try await house.engine.outbox.collectReports(for: dead, limit: 9).isEmpty)
            gate.open()
            try await eventually("all of it") {
                receiver.pushes(to: "dead").reduce(0) { $0 + $1.content.count } == 1000
            }
        }
    }

    @Test func `many endpoints that fail delay no good one, however long they hang`() async throws {
        let gate = Gate()
        let failed = Mutex<Set<String>>([])
        let receiver = FakeReceiver { push in
            if push.url == "good" { return true }
            // The first attempt fails at once, each after that hangs.
            if !failed.withLock({ $0.insert(push.url).inserted }) { await gate.pass() }
            return false
        }
        try await Self.with(receiver) { house in
            defer { gate.open() }
            // More than may be under way at once of those that work.
            let count = 200
            for index in 0..<count {
                let id = "BAD\(index)"
                let bad = try await Self.pushing(house, id, to: id)
                try await Self.fail(0..<1, house, by: bad)
            }
            // As many hang as may of those that fail; the others wait for one of them.
            try await eventually("all fail, and many hang") {
                failed.withLock { $0.count } == count && receiver.pushes.count >= count + 32
            }
            let good = try await Self.pushing(house, "GOOD", to: "good")
            for round in 1...20 {
                try await Self.fail(round..<round + 1, house, by: good)
                try await eventually("the good one") { receiver.pushes(to: "good").count == round }
            }
            #expect(receiver.pushes.count == count + 32 + 20)
        }
    }

    @Test func `dialect 001 pushes each report alone and once, whatever the answer`() async throws {
        let receiver = FakeReceiver { push in push.mobiles != ["bad3"] }
        try await Self.with(receiver) { house in
            let entry = try await Self.pushing(house, "J10003", to: "a", .apiV1)
            try await Self.fail(0..<50, house, by: entry)
            try await eventually("all") { house.engine.counters.snapshot.collectedEntries == 50 }
            #expect(receiver.pushes.allSatisfy { $0.content.count == 1 })
            #expect(receiver.pushes.flatMap(\.mobiles).sorted() == (0..<50).map { "bad\($0)" }.sorted())
            #expect(Set(receiver.pushes.map(\.sequence)).count == 50)
            try await eventually("what came of it is noted") {
                try await house.timeline(4).entries.contains { $0.kind == "pushed" && $0.detail.hasSuffix("HTTP 503") }
            }
            #expect(try await house.timeline(5).entries.contains { $0.kind == "pushed" && $0.detail.hasSuffix("200") })
            #expect(try await house.engine.outbox.collectReports(for: entry, limit: 9).isEmpty)
        }
    }

    @Test func `a start goes on where the stop was, and doubles nothing`() async throws {
        let gate = Gate()
        let receiver = FakeReceiver { push in
            await gate.pass()
            return true
        }
        var house = try await Self.open(receiver)
        let entry = try await Self.pushing(house, "J10003", to: "a")
        try await Self.fail(0..<1700, house, by: entry)
        try await eventually("the first is under way") { receiver.pushes.count == 1 }
        let stopping = Task { [house] in await house.engine.stop(drain: .seconds(20)) }
        gate.open()
        await stopping.value
        let before = receiver.pushes.count
        house = try await Self.open(receiver, after: house)
        try await eventually("the rest") { receiver.pushes.reduce(0) { $0 + $1.content.count } >= 1700 }
        #expect(receiver.pushes.flatMap(\.mobiles) == (0..<1700).map { "bad\($0)" })
        #expect(receiver.pushes.map(\.sequence) == (1...receiver.pushes.count).map { Int64($0) })
        #expect(before < receiver.pushes.count)
        await house.stop()
    }

    @Test func `a start keeps the pause after failures`() async throws {
        let receiver = FakeReceiver { _ in false }
        var house = try await Self.open(receiver, pause: Self.hour)
        let entry = try await Self.pushing(house, "J10003", to: "a")
        try await Self.fail(0..<1, house, by: entry)
        try await eventually("the failure is noted") {
            try await house.engine.pusher.lanes(of: entry).first?.record.failures == 1
        }
        house = try await {
            await house.stop()
            return try await Self.open(receiver, after: house, pause: Self.hour)
        }()
        // Another account's push shows that lanes are at work.
        let other = try await Self.pushing(house, "J10004", to: "b")
        try await Self.fail(0..<1, house, by: other)
        try await eventually("the other's") { receiver.pushes(to: "b").count == 1 }
        #expect(receiver.pushes(to: "a").count == 1)
        // Another address is tried at once.
        _ = try await Self.pushing(house, "J10003", to: "c")
        try await eventually("the new address") { receiver.pushes(to: "c").count == 1 }
        await house.stop()
    }

    @Test func `kinds are chosen one by one, and an account that is off waits`() async throws {
        let receiver = FakeReceiver()
        try await Self.with(receiver) { house in
            let entry = try await house.account()
            let changed = try await house.engine.accounts.update(id: entry.account.id) { account, _ in
                account.push = PushSettings(replyURL: "replies")
            }
            try await Self.fail(0..<2, house, by: changed)
            #expect(try await house.engine.outbox.collectReports(for: changed, limit: 9).count == 2)
            let off = try await house.engine.accounts.update(id: entry.account.id) { account, _ in
                account.push = PushSettings(reportURL: "reports", replyURL: "replies")
                account.isEnabled = false
            }
            try await Self.fail(2..<4, house, by: off)
            let marker = try await Self.pushing(house, "J10004", to: "marker")
            try await Self.fail(0..<1, house, by: marker)
            try await eventually("another's") { receiver.pushes(to: "marker").count == 1 }
            #expect(receiver.pushes.count == 1)
            _ = try await house.engine.accounts.update(id: entry.account.id) { account, _ in account.isEnabled = true }
            try await eventually("on again") { receiver.pushes(to: "reports").count == 1 }
            // Without an address they are polled again.
            let polled = try await house.engine.accounts.update(id: entry.account.id) { account, _ in
                account.push = PushSettings()
            }
            try await Self.fail(4..<6, house, by: polled)
            try await eventually("polled") {
                try await house.engine.outbox.collectReports(for: polled, limit: 9).map(\.mobile) == ["bad4", "bad5"]
            }
        }
    }

    @Test func `what failed for 72 hours is given up`() async throws {
        let receiver = FakeReceiver { _ in false }
        try await Self.with(receiver) { house in
            let entry = try await Self.pushing(house, "J10003", to: "a")
            try await Self.fail(0..<2, house, by: entry)
            try await eventually("failures") { receiver.pushes.count >= 2 }
            house.clock.advance(milliseconds: 71 * Self.hour)
            try await eventually("more failures") { receiver.pushes.count >= 4 }
            #expect(try await house.engine.pusher.lanes(of: entry).first?.waiting == 2)
            house.clock.advance(milliseconds: Self.hour)
            try await eventually("given up") { try await house.engine.pusher.lanes(of: entry).first?.waiting == 0 }
            try await Self.fail(2..<3, house, by: entry)
            try await eventually("what is new is tried") { receiver.pushes.last?.mobiles == ["bad2"] }
        }
    }

    @Test func `what was pushed is pushed once more when it is asked for`() async throws {
        let receiver = FakeReceiver()
        try await Self.with(receiver) { house in
            let entry = try await Self.pushing(house, "J10003", to: "a")
            try await Self.fail(0..<5, house, by: entry)
            try await eventually("pushed") { house.engine.counters.snapshot.collectedEntries == 5 }
            house.clock.advance(milliseconds: Self.hour)
            try await Self.fail(5..<8, house, by: entry)
            try await eventually("pushed") { house.engine.counters.snapshot.collectedEntries == 8 }
            let noon = TestClock.noon
            let count = try await house.engine.pusher.replay(.reports, of: entry, from: noon, through: noon)
            #expect(count == 5)
            try await eventually("again") { receiver.pushes.reduce(0) { $0 + $1.content.count } == 13 }
            let again = receiver.pushes.flatMap(\.mobiles).suffix(5)
            #expect(Array(again) == (0..<5).map { "bad\($0)" })
            #expect(try await house.engine.pusher.replay(.replies, of: entry, from: noon, through: noon) == 0)
        }
    }

    @Test func `an address that cannot work is refused, and harms nobody`() async throws {
        let receiver = FakeReceiver()
        try await Self.with(receiver) { house in
            #expect(throws: CarrierFailure.self) {
                try house.engine.pusher.check(PushSettings(reportURL: "impossible"))
            }
            let entry = try await Self.pushing(house, "J10003", to: "impossible")
            try await Self.fail(0..<1, house, by: entry)
            _ = try await Self.pushing(house, "J10003", to: "a")
            try await eventually("the good address") { receiver.pushes.map(\.mobiles) == [["bad0"]] }
        }
    }
}
