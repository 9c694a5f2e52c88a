import GRDB
import Messaging
import Store
import Testing

struct PushTests {
    private var world: World
    private let account: AccountKey
    private let order: PushOrder
    private let once: PushOrder

    private static let noon = World.noon
    private static let hour: Int64 = 3_600_000

    init() async throws {
        world = try World()
        account = try await world.account()
        let key = OutboxKey(account: account, kind: .reports)
        order = PushOrder(key: key, limit: 3, triesOnce: false)
        once = PushOrder(key: key, limit: 3, triesOnce: true)
    }

    private func fail(_ count: Int, from first: Int = 0, at: Timestamp = World.noon) async throws {
        _ = try await world.send(account, (first..<first + count).map { "bad\($0)" }, at: at)
    }

    private func step(
        _ order: PushOrder, _ result: PushResult? = nil, loads: Bool = true, prefersReplay: Bool = false,
        at: Timestamp = World.noon
    ) async throws -> PushStep {
        try await world.store.stepPushes(
            order, settling: result, loads: loads, prefersReplay: prefersReplay,
            giveUpBefore: at.adding(milliseconds: -72 * Self.hour), at: at)
    }

    private func mobiles(_ load: PushLoad?) -> [String]? {
        guard case .reports(let reports) = load?.content else { return nil }
        return reports.map(\.mobile)
    }

    private func lane() async throws -> PushLaneRecord {
        try #require(try await world.store.pushLanes(of: account).first)
    }

    @Test func `what is accepted is followed by what comes next, and requests are counted`() async throws {
        try await fail(7)
        let first = try #require(try await step(order).load)
        #expect(mobiles(first) == ["bad0", "bad1", "bad2"])
        #expect(first.sequence == 1)
        let second = try #require(
            try await step(order, PushResult(load: first, isAccepted: true, answers: ["HTTP 200"])).load)
        #expect(mobiles(second) == ["bad3", "bad4", "bad5"])
        #expect(second.sequence == 2)
        // Not accepted: the same again, under the next number.
        let failed = PushResult(
            load: second, isAccepted: false, answers: ["HTTP 503"], nextTryAt: Self.noon.adding(milliseconds: 500))
        #expect(try await step(order, failed, loads: false).load == nil)
        let failing = try await lane()
        #expect(failing.failures == 1)
        #expect(failing.failingSince == Self.noon)
        #expect(failing.nextTryAt == Self.noon.adding(milliseconds: 500))
        #expect(failing.answer == "HTTP 503")
        let third = try #require(try await step(order).load)
        #expect(mobiles(third) == ["bad3", "bad4", "bad5"])
        #expect(third.sequence == 3)
        let last = try #require(
            try await step(order, PushResult(load: third, isAccepted: true, answers: ["HTTP 200"])).load)
        #expect(mobiles(last) == ["bad6"])
        let end = try await step(order, PushResult(load: last, isAccepted: true, answers: ["HTTP 200"]))
        #expect(end.load == nil)
        let lane = try await lane()
        #expect(lane.requests == 4)
        #expect(lane.failures == 0)
        #expect(lane.failingSince == nil)
        #expect(lane.nextTryAt == nil)
        #expect(try await world.store.countWaiting(order.key, limit: 10) == 0)
    }

    @Test func `nothing is polled while it is pushed, nor after`() async throws {
        try await fail(4)
        let load = try #require(try await step(order).load)
        #expect(try await world.collect(account).isEmpty)
        _ = try await step(order, PushResult(load: load, isAccepted: true, answers: ["HTTP 200"]), loads: false)
        #expect(try await world.collect(account).map(\.mobile) == ["bad3"])
    }

    @Test func `after a crash what was under way is pushed again under a number of its own, or polled`() async throws {
        var world = world
        try await fail(2)
        #expect(try await step(order).load?.sequence == 1)
        try world.crash()
        try await world.store.forgetPushesUnderWay()
        let again = try await world.store.stepPushes(
            order, settling: nil, loads: true, giveUpBefore: Self.noon, at: Self.noon)
        #expect(mobiles(again.load) == ["bad0", "bad1"])
        #expect(again.load?.sequence == 2)
        try world.crash()
        try await world.store.forgetPushesUnderWay()
        #expect(try await world.collect(account).count == 2)
    }

    @Test func `what has one attempt counts as collected before it, also over a crash`() async throws {
        var world = world
        try await fail(5)
        let first = try #require(try await step(once).load)
        #expect(mobiles(first) == ["bad0", "bad1", "bad2"])
        try world.crash()
        try await world.store.forgetPushesUnderWay()
        let next = try await world.store.stepPushes(
            once, settling: nil, loads: true, giveUpBefore: Self.noon, at: Self.noon)
        let second = try #require(next.load)
        #expect(mobiles(second) == ["bad3", "bad4"])
        #expect(second.sequence == 4)
        let result = PushResult(load: second, isAccepted: false, answers: ["HTTP 200", "HTTP 500"])
        let end = try await world.store.stepPushes(
            once, settling: result, loads: true, giveUpBefore: Self.noon, at: Self.noon)
        #expect(end.load == nil)
        #expect(try await world.collect(account).isEmpty)
        let answers = try world.sql { db in
            try String.fetchAll(db, sql: "SELECT answer FROM collection ORDER BY through")
        }
        #expect(answers == ["", "", "", "HTTP 200", "HTTP 500"])
        let words = try await world.timeline(5).entries.filter { $0.kind == "pushed" }.map(\.detail)
        #expect(words.count == 1)
        #expect(words.first?.hasSuffix("HTTP 500") == true)
        let unknown = try await world.timeline(1).entries.filter { $0.kind == "pushed" }.map(\.detail)
        #expect(unknown.first?.hasSuffix("the answer is not known") == true)
    }

    @Test func `what is 72 hours old is given up, if every attempt since then failed`() async throws {
        try await fail(4)
        let young = Self.noon.adding(milliseconds: 60 * Self.hour)
        try await fail(2, from: 4, at: young)
        var load = try #require(try await step(order).load)
        func failing(at hours: Int64) async throws -> Int {
            let at = Self.noon.adding(milliseconds: hours * Self.hour)
            let result = PushResult(load: load, isAccepted: false, answers: ["HTTP 500"], nextTryAt: at)
            let givenUp = try await step(order, result, loads: false, at: at).givenUp
            load = try #require(try await step(order, at: at).load)
            return givenUp
        }
        #expect(try await failing(at: 1) == 0)
        #expect(try await failing(at: 72) == 0)
        #expect(mobiles(load) == ["bad0", "bad1", "bad2"])
        // 72 hours after the first failure: what was there then.
        #expect(try await failing(at: 73) == 4)
        #expect(mobiles(load) == ["bad4", "bad5"])
        #expect(try await failing(at: 131) == 0)
        let words = try await world.timeline(1).entries.filter { $0.kind == "pushed" }.map(\.detail)
        #expect(words.first?.hasSuffix("given up: HTTP 500") == true)
    }

    @Test func `what was pushed or collected in a time is pushed once more, and kept in order`() async throws {
        try await fail(3)
        let load = try #require(try await step(order).load)
        _ = try await step(order, PushResult(load: load, isAccepted: true, answers: ["HTTP 200"]), loads: false)
        let later = Self.noon.adding(milliseconds: Self.hour)
        try await fail(4, from: 3)
        #expect(try await world.store.collectReports(for: account, limit: 4, at: later).count == 4)
        try await fail(1, from: 7)
        let store = world.store
        func replay(_ from: Timestamp, _ through: Timestamp) async throws -> Int {
            try await store.replayPushes(order.key, from: from, through: through, at: later)
        }
        #expect(try await replay(Self.noon.adding(milliseconds: 1), later.adding(milliseconds: -1)) == 0)
        #expect(try await replay(later, later) == 4)
        #expect(try await lane().replays == 1)
        var seen: [[String]?] = []
        var result: PushResult?
        for _ in 0..<3 {
            let load = try #require(try await step(order, result, prefersReplay: true, at: later).load)
            seen.append(mobiles(load))
            result = PushResult(load: load, isAccepted: true, answers: ["HTTP 200"])
        }
        #expect(seen == [["bad3", "bad4", "bad5"], ["bad6"], ["bad7"]])
        #expect(try await step(order, result, prefersReplay: true, at: later).load == nil)
        #expect(try await lane().replays == 0)
        // A failed repetition is repeated; one that has one attempt is not.
        #expect(try await replay(Self.noon, Self.noon) == 3)
        let again = try #require(try await step(order).load)
        let failed = PushResult(load: again, isAccepted: false, answers: ["HTTP 500"], nextTryAt: later)
        _ = try await step(order, failed, loads: false)
        #expect(mobiles(try await step(once).load) == ["bad0", "bad1", "bad2"])
        #expect(try await step(once).load == nil)
    }

    @Test func `what is repeated goes on after a crash where it was`() async throws {
        var world = world
        try await fail(5)
        #expect(try await world.collect(account).count == 5)
        #expect(try await world.store.replayPushes(order.key, from: Self.noon, through: Self.noon, at: Self.noon) == 5)
        let load = try #require(try await step(order).load)
        let next = try await step(order, PushResult(load: load, isAccepted: true, answers: ["HTTP 200"]))
        #expect(mobiles(next.load) == ["bad3", "bad4"])
        try world.crash()
        let after = try await world.store.stepPushes(
            order, settling: nil, loads: true, giveUpBefore: Self.noon, at: Self.noon)
        #expect(mobiles(after.load) == ["bad3", "bad4"])
    }

    @Test func `by message, a message is pushed once, with its last segment's row`() async throws {
        let channel = try await world.channel()
        let first = try await world.send(account, ["13800138000"], segments: 2)
        let second = try await world.send(account, ["13800138001"], segments: 2)
        try await world.submit(channel, [first])
        try await world.submit(channel, [second])
        func report(_ sequence: MessageSequence, _ segment: Int, _ status: String = "DELIVRD") async throws {
            try await world.apply(
                [
                    World.report(
                        "m\(sequence)", segment: segment, of: 2, mobile: "1380013800\(first.distance(to: sequence))",
                        status)
                ],
                from: channel)
        }
        let wanted = PushOrder(key: order.key, limit: 3, triesOnce: false, grain: .message)
        try await report(first, 1)
        try await report(second, 1)
        let early = try await step(wanted)
        #expect(early.load == nil)
        #expect(early.hasMore)
        #expect(try await step(wanted).hasMore == false)
        try await report(first, 2, "UNDELIV")
        try await report(second, 2)
        let load = try #require(try await step(wanted).load)
        #expect(mobiles(load) == ["13800138000", "13800138001"])
        let end = try await step(wanted, PushResult(load: load, isAccepted: true, answers: ["HTTP 200"]))
        #expect(end.load == nil)
        // Once more, from both times of collecting.
        #expect(try await world.store.replayPushes(order.key, from: Self.noon, through: Self.noon, at: Self.noon) == 4)
        #expect(mobiles(try await step(wanted).load) == ["13800138000", "13800138001"])
    }

    @Test func `commits tell whose outboxes they filled`() async throws {
        let other = try await world.account("OTHER")
        let told = Told()
        world.store.observeOutboxes { told.add($0) }
        try await fail(3)
        _ = try await world.send(other, ["bad"])
        let channel = try await world.channel()
        let reply = CarrierReply(carrierID: nil, mobile: "13800138000", accessNumber: "1", content: "T")
        _ = try await world.apply(
            [], replies: [OwnedReply(account: account, reply: reply, accessExtension: "")], from: channel)
        #expect(
            told.all == [
                [OutboxKey(account: account, kind: .reports)], [OutboxKey(account: other, kind: .reports)],
                [OutboxKey(account: account, kind: .replies)],
            ])
    }

    @Test func `push settings survive`() async throws {
        var world = world
        var account = try #require(try await world.store.accounts().first)
        #expect(account.account.push == PushSettings())
        account.account.push = PushSettings(
            reportURL: "http://a/r", replyURL: "https://b", dialect: .guodu, format: .json, allowsPrivateTargets: true)
        try await world.store.update(account.account, key: account.key, sealedSecrets: [1])
        try await world.reopen()
        #expect(try await world.store.accounts().first?.account.push == account.account.push)
    }
}
