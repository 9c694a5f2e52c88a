import Messaging
import Store
import Testing

/// Reports that match nothing and replies without an owner.
struct ParkingTests {
    private let world: World
    private let account: AccountKey
    private let channel: ChannelKey

    private static let second: Int64 = 1000
    private static let hour: Int64 = 3_600_000

    init() async throws {
        world = try World()
        account = try await world.account()
        channel = try await world.channel()
    }

    private func at(_ milliseconds: Int64) -> Timestamp { World.noon.adding(milliseconds: milliseconds) }

    private func items(_ state: ParkedItem.State? = nil) async throws -> [String] {
        try await world.store.parkedItems(ParkedFilter(state: state), limit: 100).map(\.id.text)
    }

    private func reply(
        _ content: String = "T", id: Int64? = nil, at: Timestamp? = nil, owner: AccountKey? = nil
    ) -> OwnedReply {
        let reply = CarrierReply(
            carrierID: id, mobile: "13800138000", accessNumber: "1069001212288", content: content, receivedAt: at)
        return OwnedReply(account: owner, reply: reply, accessExtension: "")
    }

    @Test func `a parked report is tried again until its message is there`() async throws {
        try await world.apply([World.report("m1", segment: 1, of: 2)], from: channel)
        try await world.apply([World.report("m2", mobile: "13800138001")], from: channel)
        let before = try await world.store.retryReports(at: at(1000), limit: 10)
        #expect(before.matched.isEmpty)
        #expect(before.tried == 2)
        let first = try await world.send(account, segments: 2)
        try await world.submit(channel, [first])
        let after = try await world.store.retryReports(at: at(10_000), limit: 10)
        #expect(after.matched == [ParkedID(.report, 1)])
        #expect(after.tried == 2)
        #expect(try await world.collect(account).map(\.segmentNumber) == [1])
        #expect(try await items() == ["R2"])
    }

    @Test func `the pauses between tries grow to ten minutes, and 72 hours later it expires`() async throws {
        try await world.apply([World.report("m7")], from: channel)
        var tries: [Int64] = []
        var expired = 0
        var now: Int64 = 0
        while now < 73 * Self.hour, expired == 0 {
            now = try world.count("SELECT next_try_at FROM parked_report") - World.noon.milliseconds
            #expect(try await world.store.hasParkedDue(at: at(now - 1)) == false)
            #expect(try await world.store.hasParkedDue(at: at(now)))
            let round = try await world.store.retryReports(at: at(now), limit: 10)
            #expect(round.tried == 1)
            expired += round.expired
            tries.append(now)
        }
        let pauses = zip(tries.dropFirst(), tries).map { ($0 - $1) / Self.second }
        #expect(tries.first == Self.second)
        #expect(pauses.prefix(9) == [2, 5, 10, 20, 30, 60, 120, 300, 600])
        #expect(pauses.dropFirst(9).dropLast().allSatisfy { $0 == 600 })
        #expect(tries.last == 72 * Self.hour)
        #expect(expired == 1)
        #expect(try await items(.waiting).isEmpty)
        #expect(try await items(.expired) == ["R1"])
        // It is not tried by itself any more.
        #expect(try await world.store.hasParkedDue(at: at(100 * Self.hour)) == false)
        #expect(try await world.store.retryReports(at: at(100 * Self.hour), limit: 10).tried == 0)
    }

    @Test func `a round tries no more than it may, those that are due longest first`() async throws {
        for number in 1...5 {
            try await world.apply([World.report("m\(number)")], from: channel, at: at(Int64(10 - number) * 100))
        }
        for expected in [["m5", "m4", "m3"], ["m2", "m1"], []] {
            let before = try await world.store.parkedItems(ParkedFilter(), limit: 10).filter { $0.tries == 0 }
            #expect(try await world.store.retryReports(at: at(2900), limit: 3).tried == expected.count)
            let after = try await world.store.parkedItems(ParkedFilter(), limit: 10).filter { $0.tries == 0 }
            let tried = Set(before.map(\.id)).subtracting(after.map(\.id))
            #expect(Set(before.filter { tried.contains($0.id) }.map(Self.customID)) == Set(expected))
        }
    }

    private static func customID(_ item: ParkedItem) -> String {
        if case .report(let report) = item.content { report.customID } else { "" }
    }

    @Test(arguments: [0, 5 << 38, 1 << 34, -9_000_000_000_000_000_000] as [Int64])
    func `a submit reply makes the reports that came before it due at once`(base: Int64) async throws {
        let first = try await world.send(account, ["13800138000", "13800138001"], segments: 2)
        let attempt = try await world.begin(channel, [first, first + 1])
        let early = base + 501 + MessageID.segmentStride
        try await world.apply(
            [
                World.report(id: early, segment: 2, of: 2, mobile: "13800138001"),
                World.report(id: base + 502, mobile: "13800138001"),
            ], from: channel)
        for _ in 0..<12 { _ = try await world.store.retryReports(at: at(Self.hour), limit: 10) }
        #expect(try await world.store.hasParkedDue(at: at(Self.hour)) == false)
        try await world.settle(attempt, .accepted(.consecutive(from: base + 500)), at: at(Self.hour))
        let round = try await world.store.retryReports(at: at(Self.hour), limit: 10)
        // The second is of no message of the call.
        #expect(round.tried == 1)
        #expect(round.matched.count == 1)
        #expect(try await world.collect(account).map(\.segmentNumber) == [2])
    }

    @Test func `a parked item keeps all that came`() async throws {
        var report = World.report("m9", id: 77, segment: 2, of: 3, "MK:0001")
        report.detail = "空号"
        report.reportedAt = at(-5)
        let lost = reply("退订", id: 78, at: at(-6))
        try await world.apply([report], replies: [lost], from: channel)
        let items = try await world.store.parkedItems(ParkedFilter(), limit: 10)
        guard items.count == 2, case .report(let kept) = items[0].content, case .reply(let keptReply) = items[1].content
        else {
            Issue.record("\(items)")
            return
        }
        #expect(kept == report)
        #expect(keptReply == lost.reply)
        #expect(items.map(\.state) == [.waiting, .waiting])
        #expect(items.map(\.channel) == ["sim", "sim"])
        #expect(items.map(\.receivedAt) == [World.noon, World.noon])
    }

    @Test func `an expired report is replayed when its message is there`() async throws {
        try await world.apply([World.report("m1"), World.report("m2")], from: channel)
        _ = try await world.store.retryReports(at: at(Self.hour), parkFor: Self.hour, limit: 10)
        #expect(try await items(.expired) == ["R2", "R1"])
        let first = try await world.send(account)
        try await world.submit(channel, [first])
        let round = try await world.store.replayReports([1, 2, 3], at: at(2 * Self.hour))
        #expect(round.matched == [ParkedID(.report, 1)])
        #expect(round.effects.delivered == 1)
        #expect(round.expired == 0)
        #expect(try await items(.expired) == ["R2"])
        #expect(try await world.timeline(first).state == .delivered)
    }

    @Test func `replies without an owner are tried, expire, and can be given to somebody`() async throws {
        try await world.apply([], replies: [reply("one"), reply("two")], from: channel)
        let due = try await world.store.dueReplies(at: at(1000), limit: 10)
        #expect(due.map(\.reply.content) == ["one", "two"])
        let owned = due.map { parked in
            (id: parked.id, owned: reply(parked.reply.content, owner: parked.id == 1 ? account : nil))
        }
        let round = try await world.store.settleReplies(owned, .until(parkFor: 5000), at: at(1000))
        #expect(round.matched == [ParkedID(.reply, 1)])
        #expect(try await world.store.dueReplies(at: at(2999), limit: 10).isEmpty)
        #expect(try await world.store.dueReplies(at: at(3000), limit: 10).map(\.id) == [2])
        let last = try await world.store.settleReplies(
            [(2, reply("two"))], .until(parkFor: 5000), at: at(5000))
        #expect(last.expired == 1)
        #expect(try await items() == ["M2"])
        #expect(try await items(.expired) == ["M2"])
        for _ in 0..<2 {
            _ = try await world.store.settleReplies([(2, reply("two", owner: account))], .byHand, at: at(6000))
        }
        let replies = try await world.store.collectReplies(for: account, limit: 10, at: at(6000))
        #expect(replies.map(\.content) == ["one", "two"])
        #expect(try await items().isEmpty)
    }

    @Test func `what waited long enough for the operator is deleted, in small batches`() async throws {
        for number in 1...5 { try await world.apply([World.report("m\(number)")], from: channel) }
        try await world.apply([], replies: [reply()], from: channel)
        _ = try await world.store.keep([1], of: .pushed, from: channel, at: World.noon, failure: "wrong credentials")
        _ = try await world.store.keep([2], of: .pushed, from: channel, at: World.noon)
        _ = try await world.store.retryReports(at: at(1000), parkFor: 1000, limit: 5)
        _ = try await world.store.settleReplies([(1, reply())], .until(parkFor: 1000), at: at(1000))
        try await world.apply([World.report("m9")], from: channel)
        #expect(try await world.store.pruneParked(at: at(2000), keepFor: 1000 * Self.second, limit: 2) == false)
        #expect(try await items().count == 9)
        for isMore in [true, true, false, false] {
            #expect(try await world.store.pruneParked(at: at(2001), keepFor: 1000, limit: 2) == isMore)
        }
        // What still waits for its owner, or to be applied, stays.
        #expect(try await items() == ["R6", "B8"])
    }

    // MARK: Lists

    @Test func `the list goes page by page through all kinds, newest first, and can be narrowed`() async throws {
        let other = try await world.channel("other", accessNumber: "106900")
        for number in 1...3 { try await world.apply([World.report("m\(number)")], from: channel) }
        try await world.apply([World.report("m4")], replies: [reply(), reply()], from: other)
        _ = try await world.store.keep(Array("abcdef".utf8), of: .pushed, from: channel, at: World.noon)
        let all = ["R4", "R3", "R2", "R1", "M2", "M1", "B5"]
        for size in 1...8 {
            var pages: [String] = []
            var cursor: ParkedID?
            while true {
                let page = try await world.store.parkedItems(ParkedFilter(), after: cursor, limit: size)
                pages += page.map(\.id.text)
                if page.count < size { break }
                cursor = page.last?.id
            }
            #expect(pages == all)
        }
        func ids(_ filter: ParkedFilter) async throws -> [String] {
            try await world.store.parkedItems(filter, limit: 100).map(\.id.text)
        }
        #expect(try await ids(ParkedFilter(kind: .reply)) == ["M2", "M1"])
        #expect(try await ids(ParkedFilter(channel: other)) == ["R4", "M2", "M1"])
        #expect(try await ids(ParkedFilter(kind: .report, channel: channel)) == ["R3", "R2", "R1"])
        #expect(try await ids(ParkedFilter(state: .unreadable)).isEmpty)
        #expect(try await ids(ParkedFilter(state: .expired)).isEmpty)
        let oldest = try await world.store.parkedIDs(ParkedFilter(), after: ParkedID(.report, 3), limit: 3)
        #expect(oldest.map(\.text) == ["R4", "M1", "M2"])
    }

    @Test func `a body is shown piece by piece`() async throws {
        let id = try await world.store.keep([0, 1, 0xFF, 3, 4], of: .pushed, from: channel, at: World.noon)
        try await world.store.markUnreadable(id, because: "not JSON")
        let item = try await world.store.parkedItem(ParkedID(.body, ParkedRowID(id.rawValue)), bytesFrom: 2, length: 2)
        guard case .body(let body) = item.content else {
            Issue.record("\(item)")
            return
        }
        #expect(body == ParkedBody(kind: .pushed, failure: "not JSON", byteCount: 5, bytes: [0xFF, 3]))
        #expect(item.state == .unreadable)
        await #expect(throws: StoreFailure.notFound) { try await world.store.parkedItem(ParkedID(.report, 1)) }
    }

    @Test func `the figures count what waits`() async throws {
        #expect(try await world.store.parkedCounts() == ParkedCounts())
        try await world.apply([World.report("m1"), World.report("m2")], replies: [reply()], from: channel)
        _ = try await world.store.retryReports(at: at(1000), parkFor: 1000, limit: 1)
        _ = try await world.store.keep([1], of: .pushed, from: channel, at: World.noon)
        _ = try await world.store.keep([1], of: .pushed, from: channel, at: World.noon, failure: "x")
        let first = try await world.send(account)
        try await world.settle(try await world.begin(channel, [first]), .uncertain(detail: "closed"))
        let counts = try await world.store.parkedCounts()
        #expect(counts.waiting == 2)
        #expect(counts.expired == 1)
        #expect(counts.unreadable == 1)
        #expect(counts.pendingBodies == 1)
        #expect(counts.uncertainAttempts == 1)
    }

    @Test(arguments: ["R12", "M7", "B3", "r12"])
    func `an item's name is read back`(_ text: String) throws {
        #expect(ParkedID(text)?.text == text.uppercased())
    }

    @Test(arguments: ["", "R", "12", "X1", "R0", "R-1", "R1.5", "R99999999999999999999"])
    func `what is no name of an item is none`(_ text: String) {
        #expect(ParkedID(text) == nil)
    }

    // MARK: Exactly once

    @Test func `a body is applied once, whoever comes second`() async throws {
        let first = try await world.send(account)
        try await world.submit(channel, [first])
        let body = try await world.store.keep([1], of: .pushed, from: channel, at: World.noon)
        var outcomes: [InboundOutcome] = []
        for _ in 0..<2 {
            outcomes.append(
                try await world.store.apply(
                    reports: [World.report("m\(first)"), World.report("m99")], replies: [reply(owner: account)],
                    of: body, from: channel, at: World.noon))
        }
        #expect(outcomes.map(\.wasGone) == [false, true])
        #expect(outcomes.map(\.matched) == [2, 0])
        #expect(outcomes.map(\.parked) == [1, 0])
        #expect(try await world.store.collectReplies(for: account, limit: 10, at: World.noon).count == 1)
        #expect(try await items() == ["R1"])
        #expect(try await world.timeline(first).entries.contains { $0.kind == "repeated report" } == false)
    }

    @Test func `only old pending bodies are taken up while the service runs`() async throws {
        let old = try await world.store.keep([1], of: .pushed, from: channel, at: World.noon)
        _ = try await world.store.keep([2], of: .pushed, from: channel, at: at(2))
        _ = try await world.store.keep([3], of: .pushed, from: channel, at: World.noon, failure: "refused")
        #expect(try await world.store.pendingInbound(receivedBy: at(1)).map(\.id) == [old])
        #expect(try await world.store.pendingInbound(after: old, receivedBy: at(1)).isEmpty)
        #expect(try await world.store.pendingInbound().count == 2)
        #expect(try await world.store.inbound(old).body == [1])
        await #expect(throws: StoreFailure.notFound) { try await world.store.inbound(99) }
    }

    @Test func `an id is never given out twice`() async throws {
        for status in ["DELIVRD", "UNDELIV"] {
            try await world.apply([World.report("m1", status)], replies: [reply()], from: channel)
        }
        let first = try await world.send(account)
        try await world.submit(channel, [first])
        _ = try await world.store.replayReports([1, 2], at: World.noon)
        _ = try await world.store.settleReplies(
            [(1, reply(owner: account)), (2, reply(owner: account))], .byHand, at: World.noon)
        #expect(try await items().isEmpty)
        try await world.apply([World.report("m9")], replies: [reply()], from: channel)
        #expect(try await items() == ["R3", "M3"])
        #expect(try await world.store.keep([1], of: .pushed, from: channel, at: World.noon) == 4)
    }

    /// The same reply, pushed again because our answer was lost, against two that only look the same.
    @Test(
        arguments: [
            (5, nil, true), (5, 0, true), (nil, 0, true), (0, 0, true), (nil, nil, false), (0, nil, false),
        ] as [(Int64?, Int64?, Bool)])
    func `a reply that is pushed again is known by the carrier's id or time`(
        id: Int64?, seconds: Int64?, isKnown: Bool
    ) async throws {
        let came = reply(id: id, at: seconds.map { at($0) }, owner: account)
        try await world.apply([], replies: [came], from: channel)
        let again = try await world.apply([], replies: [came], from: channel, at: at(Self.hour))
        #expect(again.repeated == (isKnown ? 1 : 0))
        let replies = try await world.store.collectReplies(for: account, limit: 10, at: World.noon)
        #expect(replies.count == (isKnown ? 1 : 2))
    }

    @Test func `replies that differ in anything are two, and after a day nothing is known`() async throws {
        let other = try await world.channel("other", accessNumber: "106900")
        try await world.apply([], replies: [reply(id: 5, at: World.noon, owner: account)], from: channel)
        for different in [
            reply(id: 6, at: World.noon, owner: account), reply(id: 5, at: at(1000), owner: account),
            reply("Y", id: 5, at: World.noon, owner: account),
        ] { #expect(try await world.apply([], replies: [different], from: channel).repeated == 0) }
        let same = reply(id: 5, at: World.noon, owner: account)
        #expect(try await world.apply([], replies: [same], from: other).repeated == 0)
        #expect(try await world.apply([], replies: [same], from: channel).repeated == 1)
        #expect(try await world.store.collectReplies(for: account, limit: 10, at: World.noon).count == 5)
        _ = try await world.store.pruneParked(at: at(25 * Self.hour), keepFor: 1000 * Self.hour)
        #expect(try world.count("SELECT COUNT(*) FROM reply_seen") == 0)
    }
}
