import Messaging
import Testing

@testable import Store

struct OutboxTests {
    private var world: World
    private let account: AccountKey
    private let channel: ChannelKey

    init() async throws {
        world = try World()
        account = try await world.account()
        channel = try await world.channel()
    }

    private func fail(_ count: Int, of owner: AccountKey) async throws -> MessageSequence {
        try await world.send(owner, (0..<count).map { "bad\($0)" })
    }

    @Test func `reports are handed out once, in order, at most as many as asked for`() async throws {
        _ = try await fail(7, of: account)
        #expect(try await world.collect(account, limit: 3).map(\.mobile) == ["bad0", "bad1", "bad2"])
        #expect(try await world.collect(account, limit: 3).map(\.mobile) == ["bad3", "bad4", "bad5"])
        #expect(try await world.collect(account, limit: 3).map(\.mobile) == ["bad6"])
        #expect(try await world.collect(account, limit: 3).isEmpty)
    }

    @Test func `what was handed out is not handed out again after a crash`() async throws {
        var world = world
        _ = try await fail(4, of: account)
        #expect(try await world.collect(account, limit: 3).count == 3)
        try world.crash()
        #expect(try await world.collect(account).map(\.mobile) == ["bad3"])
        _ = try await world.send(account, ["bad4"])
        #expect(try await world.collect(account).map(\.mobile) == ["bad4"])
    }

    /// What ends late, a push beside a collection for one, must not give out again what is collected.
    @Test func `a cursor never goes back`() async throws {
        let key = OutboxKey(account: account, kind: .reports)
        let places: [OutboxEntryID] = try await world.store.groupCommit.perform { writer in
            try ([5, 3, 9, 4] as [OutboxEntryID]).map { place in
                try writer.moveCursor(to: place, of: key)
                return try writer.cursor(key.account, key.kind)
            }
        }
        #expect(places == [5, 5, 9, 9])
    }

    @Test func `nobody gets another's reports`() async throws {
        let other = try await world.account("OTHER")
        _ = try await fail(2, of: account)
        _ = try await fail(3, of: other)
        #expect(try await world.collect(other).count == 3)
        #expect(try await world.collect(account).count == 2)
        #expect(try await world.collect(AccountKey(account.rawValue + other.rawValue)).isEmpty)
    }

    @Test func `collectors at the same time share the reports and lose none`() async throws {
        let world = world
        _ = try await fail(200, of: account)
        let ids = try await withThrowingTaskGroup(of: [Int64].self) { group in
            for _ in 0..<20 {
                group.addTask { [account] in try await world.collect(account, limit: 13).map(\.id.rawValue) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(ids.count == 200)
        #expect(Set(ids).count == 200)
    }

    @Test func `replies are handed out once, in order, and not as reports`() async throws {
        var world = world
        let replies = (0..<3).map { number in
            OwnedReply(
                account: account,
                reply: CarrierReply(
                    carrierID: 9, mobile: "1380013800\(number)", accessNumber: "1069001212201", content: "回\(number)",
                    receivedAt: number == 0 ? World.noon.adding(milliseconds: -1000) : nil),
                accessExtension: "01")
        }
        let outcome = try await world.apply([], replies: replies, from: channel)
        #expect(outcome.matched == 3)
        #expect(try await world.collect(account).isEmpty)
        let first = try await world.store.collectReplies(for: account, limit: 2, at: World.noon)
        #expect(first.map(\.content) == ["回0", "回1"])
        #expect(first.map(\.mobile) == ["13800138000", "13800138001"])
        #expect(first.map(\.receivedAt.milliseconds) == [-1000, 0].map { World.noon.milliseconds + $0 })
        #expect(first.allSatisfy { $0.accessNumber == "1069001212201" && $0.accessExtension == "01" })
        #expect(first[0].id != first[1].id)
        try await world.reopen()
        #expect(try await world.store.collectReplies(for: account, limit: 9, at: World.noon).map(\.content) == ["回2"])
        #expect(try await world.store.collectReplies(for: account, limit: 9, at: World.noon).isEmpty)
    }

    @Test func `a reply without an owner is parked`() async throws {
        let reply = CarrierReply(carrierID: nil, mobile: "13800138000", accessNumber: "1", content: "T")
        let outcome = try await world.apply(
            [], replies: [OwnedReply(account: nil, reply: reply, accessExtension: "")], from: channel)
        #expect(outcome.parked == 1)
        #expect(try world.count("SELECT COUNT(*) FROM parked_reply WHERE content = 'T'") == 1)
        #expect(try await world.store.collectReplies(for: account, limit: 9, at: World.noon).isEmpty)
    }

    @Test func `the last sender to a number on a channel is found`() async throws {
        let other = try await world.account("OTHER")
        let elsewhere = try await world.channel("elsewhere", accessNumber: "1")
        let mobile = try #require(PhoneNumber("13800138000"))
        let stranger = try #require(PhoneNumber("13800138999"))
        try await world.submit(channel, [try await world.send(account)])
        try await world.submit(channel, [try await world.send(other)])
        try await world.submit(elsewhere, [try await world.send(account)])
        _ = try await world.send(account)
        func senders(
            _ mobiles: Set<PhoneNumber>, on channel: ChannelKey, since: Timestamp = World.noon
        ) async throws -> [PhoneNumber: [AccountKey]] {
            let wanted = Dictionary(uniqueKeysWithValues: mobiles.map { ($0, Set(["none"])) })
            return try await world.store.lastSendings(to: wanted, on: channel, since: since)
                .mapValues { $0.map(\.account) }
        }
        #expect(try await senders([mobile, stranger], on: channel) == [mobile: [other, account]])
        #expect(try await senders([mobile], on: elsewhere) == [mobile: [account]])
        let later = World.noon.adding(milliseconds: 1)
        #expect(try await senders([mobile], on: channel, since: later).isEmpty)
        // What comes after the first question, and what was queued when it was asked.
        try await world.submit(channel, [4])
        try await world.submit(elsewhere, [try await world.send(other, [stranger.text])])
        #expect(try await senders([mobile], on: channel) == [mobile: [account, other]])
        #expect(try await senders([stranger], on: elsewhere) == [stranger: [other]])
    }

    @Test func `of messages that are not indexed yet each is read once`() async throws {
        let mobile = try #require(PhoneNumber("13800138000"))
        for _ in 0..<3 { _ = try await world.send(account, ["13800138000", "bad", "13800138001"]) }
        var recent = RecentMessages(countMax: 8)
        func extend(after indexed: MessageSequence) throws -> Int {
            try world.sql { try recent.extend($0, after: indexed) }
        }
        #expect(try extend(after: 0) == 6)
        #expect(Array(recent.messages(to: mobile)) == [7, 4, 1])
        #expect(try extend(after: 0) == 0)
        _ = try await world.send(account, (0..<5).map { "1380013800\($0)" })
        #expect(try extend(after: 0) == 2)
        #expect(recent.isFull)
        #expect(recent.through == 11)
        #expect(Array(recent.messages(to: mobile)) == [10, 7, 4, 1])
        // They are in the index now.
        #expect(try extend(after: 6) == 7)
        #expect(Array(recent.messages(to: mobile)) == [10, 7])
        #expect(Array(recent.messages(to: PhoneNumber(rawValue: 13_900_139_000))) == [])
    }
}
