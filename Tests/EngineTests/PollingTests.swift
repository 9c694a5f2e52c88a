import Messaging
import Store
import Synchronization
import Testing

@testable import Engine

struct PollingTests {
    @Test func `a repeated report is handed out once`() async throws {
        let carrier = FakeCarrier { carrier, call in
            for index in call.messages.indices {
                carrier.report(call, index)
                carrier.report(call, index, "UNDELIV")
            }
            return .accepted(nil)
        }
        try await House.with(["one": carrier]) { house in
            let account = try await house.account()
            let sequence = try await house.send(by: account)
            try await eventually("both") { house.engine.counters.snapshot.inboundReports == 2 }
            #expect(try await house.engine.outbox.collectReports(for: account, limit: 9).count == 1)
            #expect(try await house.timeline(sequence).state == .delivered)
        }
    }

    @Test func `what cannot be read is kept, and polling goes on`() async throws {
        let carrier = FakeCarrier { _, _ in .accepted(nil) }
        try await House.with(["one": carrier]) { house in
            let account = try await house.account()
            let sequence = try await house.send(by: account)
            try await eventually("the call") { house.engine.counters.snapshot.submittedMessages == 1 }
            carrier.put("nonsense", as: .polledReports)
            carrier.report(tag: "m\(sequence)", mobile: House.mobile)
            try await house.waitUntil(sequence, is: .delivered)
            #expect(try await house.engine.store.pendingInbound().isEmpty)
        }
    }

    @Test func `a reply goes to the account with the longest extension`() async throws {
        try await House.with { house in
            let short = try await house.account("A1", accessExtension: "8")
            let long = try await house.account("A2", accessExtension: "88")
            let carrier = try #require(house.carriers["one"])
            carrier.reply(from: House.mobile, to: "106900121228801", "T")
            carrier.reply(from: House.mobile, to: "10690012122812", "退订")
            try await eventually("both") { house.engine.counters.snapshot.inboundReplies == 2 }
            let ofLong = try await house.engine.outbox.collectReplies(for: long, limit: 9)
            #expect(ofLong.map(\.content) == ["T"])
            #expect(ofLong.map(\.accessExtension) == ["01"])
            let ofShort = try await house.engine.outbox.collectReplies(for: short, limit: 9)
            #expect(ofShort.map(\.content) == ["退订"])
            #expect(ofShort.map(\.accessExtension) == ["12"])
        }
    }

    @Test func `among accounts that share a number the last sender has the reply, else it is parked`() async throws {
        try await House.with { house in
            let one = try await house.account("A1")
            let two = try await house.account("A2")
            for account in [one, two] {
                let sequence = try await house.send(by: account)
                try await house.waitUntil(sequence, is: .delivered)
            }
            let carrier = try #require(house.carriers["one"])
            carrier.reply(from: House.mobile, to: "10690012122", "mine")
            carrier.reply(from: "13900139000", to: "10690012122", "nobody's")
            try await eventually("both") { house.engine.counters.snapshot.inboundReplies == 2 }
            #expect(try await house.engine.outbox.collectReplies(for: two, limit: 9).map(\.content) == ["mine"])
            #expect(try await house.engine.outbox.collectReplies(for: one, limit: 9).isEmpty)
            #expect(house.engine.counters.snapshot.parkedItems == 1)
        }
    }

    @Test(arguments: [(0, true), (1, false)] as [(Int64, Bool)])
    func `who sent within 72 hours has the reply to a shared number, who sent before does not`(
        late: Int64, isOwned: Bool
    ) async throws {
        try await House.with { house in
            let sender = try await house.account("A1")
            _ = try await house.account("A2")
            let sequence = try await house.send(by: sender)
            try await house.waitUntil(sequence, is: .delivered)
            house.clock.advance(milliseconds: 72 * 3_600_000 + late)
            let carrier = try #require(house.carriers["one"])
            carrier.reply(from: House.mobile, to: "10690012122", "T")
            try await eventually("the reply") { house.engine.counters.snapshot.inboundReplies == 1 }
            let replies = try await house.engine.outbox.collectReplies(for: sender, limit: 9)
            #expect(replies.map(\.content) == (isOwned ? ["T"] : []))
            #expect(house.engine.counters.snapshot.parkedItems == (isOwned ? 0 : 1))
        }
    }

    @Test func `a carrier is told that a body is durable, and not before`() async throws {
        let engine = Mutex<Engine?>(nil)
        let stored = Mutex<[Int]>([])
        let carrier = FakeCarrier(
            isToBeConfirmed: true,
            onConfirm: {
                let pending = try? await engine.withLock { $0 }?.store.pendingInbound()
                stored.withLock { $0.append(pending?.count ?? -1) }
            })
        try await House.with(["one": carrier]) { house in
            engine.withLock { $0 = house.engine }
            let account = try await house.account(accessExtension: "8")
            carrier.reply(from: House.mobile, to: "106900121228", "T")
            try await eventually("its end at the carrier") { carrier.fetchable == 0 }
            try await eventually("the reply") { house.engine.counters.snapshot.inboundReplies == 1 }
            #expect(stored.withLock { $0 } == [1])
            #expect(carrier.confirmed(.polledReplies) == [Array("P|13800138000|106900121228|T".utf8)])
            #expect(try await house.engine.outbox.queryReplies(for: account, limit: 9).map(\.content) == ["T"])
        }
    }

    @Test func `replies are asked for as often as one likes and end with their confirmation`() async throws {
        try await House.with { house in
            let account = try await house.account(accessExtension: "8")
            let carrier = try #require(house.carriers["one"])
            for content in ["1", "2", "3"] { carrier.reply(from: House.mobile, to: "106900121228", content) }
            let outbox = house.engine.outbox
            try await eventually("all") { try await outbox.queryReplies(for: account, limit: 9).count == 3 }
            let two = try await outbox.queryReplies(for: account, limit: 2)
            let last = try #require(two.last)
            try await outbox.confirmReplies(for: account, through: last.id)
            try await outbox.confirmReplies(for: account, through: last.id)
            #expect(try await outbox.queryReplies(for: account, limit: 9).map(\.content) == ["3"])
            #expect(house.engine.counters.snapshot.collectedEntries == 2)
            #expect(try await outbox.collectReplies(for: account, limit: 9).map(\.content) == ["3"])
            #expect(try await outbox.queryReplies(for: account, limit: 9).isEmpty)
        }
    }

    @Test func `the engine can prove that it is alive`() async throws {
        try await House.with { house in
            let before = house.engine.store.commitCount
            try await house.engine.proveAlive()
            #expect(house.engine.store.commitCount > before)
        }
    }
}
