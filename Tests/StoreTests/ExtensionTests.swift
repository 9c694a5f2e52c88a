import Foundation
import GRDB
import Messaging
import Testing

@testable import Store

/// What reports and replies say of numbers: what really went out, and how the customer wrote it.
struct ExtensionTests {
    private let world: World
    private let account: AccountKey
    private let channel: ChannelKey

    init() async throws {
        world = try World()
        account = try await world.account(accessExtension: "1234")
        channel = try await world.channel()
    }

    private func send(_ customer: String, accountExtension: String = "1234") async throws -> MessageSequence {
        var part = World.part(account, accessExtension: customer)
        part.accountExtension = accountExtension
        return try await world.accept(part).acceptance.firstID.sequence
    }

    private func submit(_ sequence: MessageSequence, _ room: ExtensionRoom, number: String? = "10690012122")
        async throws
    {
        let attempt = NewAttempt(
            channel: channel, messages: SequenceRuns([sequence]), accessNumber: number, room: room)
        let begun = try await world.store.begin([attempt], at: World.noon)[0].id
        try await world.settle(begun, .accepted(nil))
        try await world.apply([World.report("m\(sequence)")], from: channel)
    }

    @Test func `reports say what went out, and so does the timeline`() async throws {
        let six = ExtensionRoom(digitsMax: 6)
        for (asked, room, sent, exno) in [
            ("12", six, "10690012122123412", "12"), ("123", six, "106900121221234", ""),
            ("123", ExtensionRoom.widest, "106900121221234123", "123"), ("", six, "106900121221234", ""),
            ("123456", .widest, "106900121221234", ""),
        ] {
            let sequence = try await send(asked)
            try await submit(sequence, room)
            let report = try #require(try await world.collect(account).first)
            #expect(report.accessNumber == sent, "\(asked) \(room)")
            #expect(report.accessExtension == exno)
            #expect(try await world.timeline(sequence).accessNumber == sent)
        }
    }

    @Test func `what changes later changes nothing of what went out`() async throws {
        let sequence = try await send("1", accountExtension: "77")
        try await submit(sequence, .widest, number: "106855")
        try world.sql { db in
            try db.execute(sql: "UPDATE account SET access_extension = '9'; UPDATE channel SET access_number = '1'")
        }
        #expect(try await world.collect(account).map(\.accessNumber) == ["106855771"])
    }

    @Test func `where nothing went out there is no number, and exno is as it was given`() async throws {
        let sequence = try await send("12")
        _ = try await world.store.fail([sequence], with: .noRoute, at: World.noon)
        let report = try #require(try await world.collect(account).first)
        #expect(report.accessNumber.isEmpty && report.accessExtension == "12")
    }

    @Test func `messages of an older version go out, and are reported, with the account's present extension`()
        async throws
    {
        let sequence = try await send("5")
        try world.sql { try $0.execute(sql: "UPDATE submission SET account_extension = NULL") }
        #expect(try await world.store.queued(from: 1, limit: 9).parts.map(\.accountExtension) == ["1234"])
        try await submit(sequence, .widest, number: nil)
        try world.sql { try $0.execute(sql: "UPDATE attempt SET extension_room = NULL") }
        let report = try #require(try await world.collect(account).first)
        #expect(report.accessNumber == "1069001212212345" && report.accessExtension == "5")
    }

    @Test func `queued, due and tried again, a message keeps the extension that it was accepted with`() async throws {
        var later = World.part(account, due: World.noon.adding(milliseconds: 1), accessExtension: "5")
        later.accountExtension = "77"
        _ = try await world.accept(later)
        let due = try await world.store.releaseDue(at: World.noon.adding(milliseconds: 2)).parts
        #expect(due.map(\.accountExtension) == ["77"] && due.map(\.accessExtension) == ["5"])
        let queued = try await world.store.queued(from: 1, limit: 9).parts
        #expect(queued.map(\.accountExtension) == ["77"] && queued.map(\.accessExtension) == ["5"])
    }

    @Test(arguments: [
        "13800138000", "8613800138000", "+8613800138000", "008613800138000", "+85256412345", "0085256412345",
    ])
    func `a report names the number as it was written`(number: String) async throws {
        let sequence = try await world.send(account, [number])
        try await world.submit(channel, [sequence])
        let plain = try #require(PhoneNumber(number))
        try await world.apply([World.report("m\(sequence)", mobile: plain.text)], from: channel)
        #expect(try await world.collect(account).map(\.mobile) == [number])
        #expect(try await world.timeline(sequence).mobile == plain.text)
    }

    // MARK: Reports without a status

    @Test func `a report without status and code is parked, and ends nothing`() async throws {
        let sequence = try await world.send(account)
        try await world.submit(channel, [sequence])
        var report = World.report("m\(sequence)")
        report.status = .missing
        let outcome = try await world.apply([report], from: channel)
        #expect(outcome.parked == 1 && outcome.matched == 0 && outcome.effects.finals == 0)
        #expect(try await world.timeline(sequence).state == .submitted)
        let later = World.noon.adding(milliseconds: 3_600_000)
        #expect(try await world.store.retryReports(at: later, limit: 9).matched.isEmpty)
        #expect(try await world.store.replayReports([1], at: later).matched.isEmpty)
        let item = try await world.store.parkedItems(ParkedFilter(), limit: 9).first
        guard case .report(let parked)? = item?.content else {
            Issue.record("nothing is parked")
            return
        }
        #expect(parked.status == .missing)
        try await world.apply([World.report("m\(sequence)")], from: channel)
        #expect(try await world.timeline(sequence).state == .delivered)
    }

    // MARK: Sendings and replies

    @Test func `the last sendings to a number tell what each went out under`() async throws {
        let other = try await world.account("OTHER")
        for (customer, room) in [("1", ExtensionRoom.widest), ("22", .widest), ("333", ExtensionRoom(digitsMax: 6))] {
            let sequence = try await send(customer)
            try await submit(sequence, room)
        }
        try await world.submit(channel, [try await world.send(other)])
        let mobile = try #require(PhoneNumber("13800138000"))
        let found =
            try await world.store.lastSendings(
                to: [mobile: ["none"]], on: channel, since: World.noon)[mobile] ?? []
        #expect(found.map(\.account) == [other, account, account, account])
        #expect(
            found.map(\.accessNumber)
                == ["10690012122", "106900121221234", "10690012122123422", "1069001212212341"])
        #expect(found.map(\.customerExtension) == ["", "", "22", "1"])
        #expect(found.map(\.message.rawValue) == [4, 3, 2, 1])
        // The search goes no further back than it must.
        let wanted: Set = ["106900121221234", "106900121221234" + "22"]
        let some = try await world.store.lastSendings(to: [mobile: wanted], on: channel, since: World.noon)[mobile]
        #expect(some?.map(\.message.rawValue) == [4, 3, 2])
    }

    @Test func `a reply keeps the message that it answers`() async throws {
        let reply = CarrierReply(carrierID: 9, mobile: "13800138000", accessNumber: "1069", content: "T")
        var owned = OwnedReply(account: account, reply: reply, accessExtension: "")
        owned.answered = MessageID(rawValue: 41)
        var second = owned
        second.reply.carrierID = 10
        second.answered = nil
        try await world.apply([], replies: [owned, second], from: channel)
        let collected = try await world.store.collectReplies(for: account, limit: 9, at: World.noon)
        #expect(collected.map(\.answered) == [MessageID(rawValue: 41), nil])
    }

    // MARK: How much at once

    @Test func `replies are handed out up to two mebibytes at a time, and none is passed over`() async throws {
        let long = String(repeating: "字", count: 1365)
        let replies = (1...600).map { number in
            OwnedReply(
                account: account,
                reply: CarrierReply(
                    carrierID: Int64(number), mobile: "13800138000", accessNumber: "1069", content: "\(number)" + long),
                accessExtension: "")
        }
        try await world.apply([], replies: replies, from: channel)
        var sizes: [Int] = []
        var numbers: [Int] = []
        while true {
            let page = try await world.store.collectReplies(for: account, limit: 200, at: World.noon)
            if page.isEmpty { break }
            sizes.append(page.count)
            #expect(page.reduce(0) { $0 + $1.content.utf8.count * 3 } <= Store.bytesPerCollection + 3 * 4200)
            numbers += page.compactMap { Int($0.content.prefix { $0.isASCII }) }
        }
        #expect(numbers == Array(1...600))
        #expect(sizes.count > 3 && sizes[0] < 200)
        // What stays until it is confirmed is bounded as well.
        try await world.apply(
            [],
            replies: replies.map { reply in
                var next = reply
                next.reply.carrierID = (reply.reply.carrierID ?? 0) + 1000
                return next
            }, from: channel)
        let queried = try await world.store.queryReplies(for: account, limit: 500)
        #expect(queried.count == sizes[0])
        let last = try #require(queried.last?.id)
        #expect(try await world.store.confirmReplies(for: account, through: last, at: World.noon) == queried.count)
        let next = try await world.store.queryReplies(for: account, limit: 1)
        #expect(next.first?.content.hasPrefix("\(queried.count + 1)") == true)
    }

    @Test func `reports with long fields are handed out up to two mebibytes at a time`() async throws {
        let data = String(repeating: "x", count: 4000)
        _ = try await world.accept(
            World.part(account, ["13800138000"] + (0..<1300).map { "bad\($0)" }, customData: data))
        var sizes: [Int] = []
        while true {
            let page = try await world.collect(account, limit: 500)
            if page.isEmpty { break }
            sizes.append(page.count)
        }
        #expect(sizes.reduce(0, +) == 1300)
        #expect(sizes.count > 2 && sizes[0] < 500)
    }
}
