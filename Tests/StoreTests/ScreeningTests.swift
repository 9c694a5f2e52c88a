import Messaging
import Synchronization
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
        let first = accepted.acceptance.firstID.sequence
        #expect(accepted.ready.flatMap(\.messages).map(\.sequence) == [first])
        #expect(try await world.balance(account) == World.opening - 2 * World.price)
        let reports = try await world.collect(account)
        #expect(reports.map(\.status.code) == ["MBBLACK", "MBBLACK", "REJECTD", "REJECTD", "REJECTD", "REJECTD"])
        #expect(reports.map(\.mobile).first == "13800138001")
        let timeline = try await world.timeline(first + 1)
        #expect(timeline.state == .failed)
        #expect(timeline.entries.contains { $0.kind == "kept back" && $0.detail == "rule blacklist" })
        // It was never charged, and does not look as if it had been.
        #expect(timeline.charged == 0)
        #expect(!timeline.entries.contains { $0.kind == "charged" })
        #expect(try await world.timeline(first).charged == 2 * World.price)
        #expect(try await world.store.verifyLedger().differences.isEmpty)
    }

    @Test func `a scheduled number that is kept back does not go out when it is due`() async throws {
        let world = try World()
        let account = try await world.account()
        var part = World.part(account, ["13800138000"], due: World.noon.adding(milliseconds: 60_000))
        part.blocked = [0: .blacklist]
        let sequence = try await world.accept(part).acceptance.firstID.sequence
        #expect(try await world.collect(account).map(\.status) == [.blacklisted])
        _ = try await world.store.releaseDue(at: World.noon.adding(milliseconds: 120_000))
        #expect(try await world.timeline(sequence).state == .failed)
        #expect(try await world.balance(account) == World.opening)
    }

    /// The list as it is when a message is due is what counts; either rule makes it heeded.
    @Test(arguments: [
        (ScreeningRules(), false), (ScreeningRules(usesBlacklist: true), true),
        (ScreeningRules(takesOptOuts: true), true),
    ])
    func `who is on the blacklist when a message is due does not get it, and it is paid back`(
        _ rules: ScreeningRules, isHeeded: Bool
    ) async throws {
        let world = try World()
        let account = try await world.account(refund: .never)
        let other = try await world.account("J10004")
        let due = World.noon.adding(milliseconds: 60_000)
        let first = try await world.accept(World.part(account, numbers, segments: 2, due: due)).acceptance.firstID
            .sequence
        let others = try await world.accept(World.part(other, numbers, due: due)).acceptance.firstID.sequence
        try await world.store.setRules(rules, of: account)
        let number = try #require(PhoneNumber(numbers[1]))
        _ = try await world.store.changeBlacklist(
            add: [number], remove: [], reason: "asked", of: account, at: World.noon)
        let released = try await world.store.releaseDue(at: due)
        let sendable = isHeeded ? [first, first + 3] : [first, first + 1, first + 3]
        #expect(
            released.parts.map { $0.messages.map(\.sequence) } == [sendable, [others, others + 1, others + 3]])
        #expect(released.effects.refunds == (isHeeded ? [account: 2 * World.price] : [:]))
        #expect(released.effects.failed == (isHeeded ? 1 : 0))
        #expect(try await world.balance(account) == World.opening - (isHeeded ? 4 : 6) * World.price)
        let timeline = try await world.timeline(first + 1)
        #expect(timeline.status == (isHeeded ? "MBBLACK" : nil))
        #expect(timeline.charged == 2 * World.price)
        #expect(timeline.refunded == (isHeeded ? 2 * World.price : 0))
        #expect(timeline.entries.contains { $0.kind == "kept back when due" } == isHeeded)
        #expect(try await world.store.verifyLedger().differences.isEmpty)
        try await world.store.setRules(ScreeningRules(), of: account)
        _ = try await world.accept(World.part(account, numbers, due: due))
        #expect(try await world.store.releaseDue(at: due).parts.first?.messages.count == 3)
    }

    @Test func `changes of blacklists are told after their commits, in their order`() async throws {
        let world = try World()
        let account = try await world.account()
        let channel = try await world.channel()
        try await world.store.setRules(ScreeningRules(takesOptOuts: true), of: account)
        let told = Mutex<[BlacklistChange]>([])
        world.store.observeBlacklists { changes in told.withLock { $0 += changes } }
        let number = PhoneNumber(rawValue: 13_800_138_000)
        try await world.apply([], replies: [reply("T", account), reply("T", account)], from: channel)
        _ = try await world.store.changeBlacklist(
            add: [], remove: [number], reason: "", of: account, at: World.noon)
        try await world.apply([], replies: [reply("T", account)], from: channel)
        let added = BlacklistChange(account: account, added: [number])
        #expect(told.withLock { $0 } == [added, BlacklistChange(account: account, removed: [number]), added])
    }

    @Test func `what accounts sent lately is found, the latest first, without what was kept back`() async throws {
        let world = try World()
        let account = try await world.account()
        let other = try await world.account("J10004")
        _ = try await world.send(account, at: World.noon.adding(milliseconds: -2000))
        var part = World.part(account, numbers)
        part.blocked = [1: .frequency]
        _ = try await world.accept(part)
        _ = try await world.send(other)
        _ = try await world.send(account, ["13900139000"])
        func found(since: Int64 = 0, _ messagesMax: Int = 100) async throws -> [String] {
            try await world.store.sendings(
                of: [account], since: World.noon.adding(milliseconds: since), messagesMax: messagesMax
            ).map(\.number.text)
        }
        let recent = ["13900139000", numbers[3], numbers[0]]
        #expect(try await found() == recent)
        #expect(try await found(since: -2000) == recent + ["13800138000"])
        #expect(try await found(2) == ["13900139000"])
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

    private func reply(_ content: String, _ account: AccountKey, mobile: String = "13800138000") -> OwnedReply {
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
        try await world.apply([], replies: [reply("T", account)], from: channel)
        #expect(try await world.store.blacklists().isEmpty)
        try await world.store.setRules(ScreeningRules(takesOptOuts: true), of: account)
        let replies = [
            reply("好的", account), reply("退订", account), reply("TD", account), reply("TD", other),
            reply("T", account, mobile: "13800138001"), reply("T", account, mobile: "x"),
        ]
        let outcome = try await world.apply([], replies: replies, from: channel)
        #expect(outcome.effects.outboxEntries == 6)
        #expect(
            try await world.store.blacklists() == [
                account: Set(["13800138000", "13800138001"].compactMap { PhoneNumber($0) })
            ])
        let entry = try await world.store.blacklist(of: account, after: nil, limit: 1)
        #expect(entry.map(\.reason) == ["reply 退订"])
        try await world.store.setRules(ScreeningRules(), of: account)
        let later = [reply("T", account, mobile: "13800138002")]
        try await world.apply([], replies: later, from: channel)
        #expect(try await world.store.blacklists()[account]?.count == 2)
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
        _ = try await world.store.settleReplies(
            [(id: found.id, owned: reply("R", account))], .byHand, at: World.noon)
        #expect(try await world.store.blacklists()[account]?.count == 1)
    }
}
