import Messaging
import Testing

@testable import Store

/// Messages that an account's rules keep back, and the rules themselves on disk.
struct ScreeningTests {
    private let numbers = ["13800138000", "13800138001", "12x", "13800138002"]

    @Test func `a number that is kept back is accepted, not charged, and reported`() async throws {
        let world = try World()
        let account = try await world.account()
        var part = World.part(account, numbers, segments: 2)
        part.blocked = [1: .blacklist, 3: .frequency]
        #expect(part.cost == 2 * World.price)
        let accepted = try await world.accept(part)
        let first = accepted.acceptance.firstID.rawValue
        #expect(accepted.ready.flatMap(\.messages).map(\.sequence) == [first])
        #expect(try await world.balance(account) == World.opening - 2 * World.price)
        let reports = try await world.collect(account)
        #expect(reports.map(\.status.code) == ["MBBLACK", "MBBLACK", "REJECTD", "REJECTD", "REJECTD", "REJECTD"])
        #expect(reports.map(\.mobile).first == "13800138001")
        let timeline = try await world.timeline(first + 1)
        #expect(timeline.state == .failed)
        #expect(timeline.entries.contains { $0.kind == "kept back" && $0.detail == "rule blacklist" })
        #expect(try await world.store.verifyLedger().differences.isEmpty)
    }

    @Test func `a scheduled number that is kept back does not go out when it is due`() async throws {
        let world = try World()
        let account = try await world.account()
        var part = World.part(account, ["13800138000"], due: World.noon.adding(milliseconds: 60_000))
        part.blocked = [0: .blacklist]
        let sequence = try await world.accept(part).acceptance.firstID.rawValue
        #expect(try await world.collect(account).map(\.status) == [.blacklisted])
        _ = try await world.store.releaseDue(at: World.noon.adding(milliseconds: 120_000))
        #expect(try await world.timeline(sequence).state == .failed)
        #expect(try await world.balance(account) == World.opening)
    }

    @Test func `rules, templates and words outlive a restart`() async throws {
        var world = try World()
        let account = try await world.account()
        let limits = ["1/1m", "5/1h"].compactMap { FrequencyLimit($0) }
        let rules = ScreeningRules(
            requiresTemplate: true, checksSignature: true, usesBlacklist: true, takesOptOuts: true, limits: limits)
        try await world.store.setRules(rules, of: account)
        let template = try #require(Template(id: "7", text: "您的验证码是{1}"))
        try await world.store.insert(template, of: account, at: World.noon)
        await #expect(throws: StoreFailure.alreadyExists) {
            try await world.store.insert(template, of: account, at: World.noon)
        }
        try await world.store.changeWords(add: ["赌博", "x"], remove: [], of: account)
        try await world.store.changeWords(add: ["y"], remove: ["x", "z"], of: account)
        try await world.reopen()
        let read = try #require(try await world.store.rules()[account])
        #expect(read.requiresTemplate && read.checksSignature && read.usesBlacklist && read.takesOptOuts)
        #expect(read.limits == limits)
        #expect(read.templates == [template])
        #expect(Set(read.words) == ["赌博", "y"])
        try await world.store.removeTemplate("7", of: account)
        await #expect(throws: StoreFailure.notFound) { try await world.store.removeTemplate("7", of: account) }
        try await world.store.setRules(ScreeningRules(), of: account)
        #expect(try await world.store.rules()[account]?.usesBlacklist == false)
    }

    @Test func `a blacklist is changed as a whole and read in pages`() async throws {
        let world = try World()
        let account = try await world.account()
        let numbers = (0..<5).map { PhoneNumber(rawValue: 13_800_138_000 + $0) }
        func change(add: [PhoneNumber] = [], remove: [PhoneNumber] = []) async throws -> Int {
            try await world.store.changeBlacklist(
                add: add, remove: remove, reason: "by hand", of: account, at: World.noon)
        }
        #expect(try await change(add: numbers) == 5)
        #expect(try await change(add: numbers) == 0)
        #expect(try await change(remove: [numbers[0], PhoneNumber(rawValue: 13_900_000_000)]) == 1)
        let first = try await world.store.blacklist(of: account, after: nil, limit: 3)
        #expect(first.map(\.number) == Array(numbers[1...3]))
        #expect(first[0].reason == "by hand")
        let rest = try await world.store.blacklist(of: account, after: first[2].number.rawValue, limit: 3)
        #expect(rest.map(\.number) == [numbers[4]])
        #expect(try await world.store.blacklists() == [account: Set(numbers[1...])])
    }

    private func reply(_ content: String, _ account: Int64, mobile: String = "13800138000") -> OwnedReply {
        OwnedReply(
            account: account,
            reply: CarrierReply(carrierID: nil, mobile: mobile, accessNumber: "1069", content: content),
            accessExtension: "")
    }

    @Test func `an opt-out goes on the list of an account that takes them, in the reply's own commit`() async throws {
        let world = try World()
        let account = try await world.account()
        let other = try await world.account("J10004")
        let channel = try await world.channel()
        #expect(try await world.apply([], replies: [reply("T", account)], from: channel).effects.optOuts.isEmpty)
        try await world.store.setRules(ScreeningRules(takesOptOuts: true), of: account)
        let replies = [
            reply("好的", account), reply("退订", account), reply("TD", account), reply("TD", other),
            reply("T", account, mobile: "13800138001"), reply("T", account, mobile: "x"),
        ]
        let outcome = try await world.apply([], replies: replies, from: channel)
        #expect(outcome.effects.optOuts.map(\.number.text) == ["13800138000", "13800138001"])
        #expect(outcome.effects.outboxEntries == 6)
        #expect(
            try await world.store.blacklists() == [
                account: Set(["13800138000", "13800138001"].compactMap { PhoneNumber($0) })
            ])
        let entry = try await world.store.blacklist(of: account, after: nil, limit: 1)
        #expect(entry.map(\.reason) == ["reply 退订"])
        try await world.store.setRules(ScreeningRules(), of: account)
        let later = [reply("T", account, mobile: "13800138002")]
        #expect(try await world.apply([], replies: later, from: channel).effects.optOuts.isEmpty)
    }

    @Test func `a parked reply is an opt-out when it has found its owner`() async throws {
        let world = try World()
        let account = try await world.account()
        let channel = try await world.channel()
        try await world.store.setRules(ScreeningRules(takesOptOuts: true), of: account)
        var parked = reply("R", account)
        parked.account = nil
        try await world.apply([], replies: [parked], from: channel)
        let found = try #require(
            try await world.store.dueReplies(at: World.noon.adding(milliseconds: 3_600_000), limit: 1).first)
        let round = try await world.store.settleReplies(
            [(id: found.id, owned: reply("R", account))], .byHand, at: World.noon)
        #expect(round.effects.optOuts.map(\.account) == [account])
    }
}
