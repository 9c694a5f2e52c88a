import Messaging
import Store
import Testing

@testable import Engine

/// Which channels an account's extension leaves, what goes out there, and whose a reply is by it.
struct ExtensionRoutingTests {
    private static let six = CallLimits(
        sameContentMax: 1000, distinctMax: 100, extensions: ExtensionRoom(digitsMax: 6))

    private func send(
        _ house: House, _ customer: String, by account: AccountEntry, to mobile: String = House.mobile
    ) async throws -> MessageSequence {
        let part = Submission.Part(recipients: [Recipient(mobile)], content: "你好", accessExtension: customer)
        let priced = try SubmissionPricing.price(
            Submission(parts: [part]), by: account, at: house.clock.clock.now())
        #expect(priced.parts.map(\.accountExtension) == [account.account.accessExtension])
        return try await house.send(part, by: account)
    }

    @Test func `the account's part always travels; what has no room is the customer's`() async throws {
        let carrier = FakeCarrier(limits: Self.six)
        try await House.with(["one": carrier]) { house in
            let account = try await house.account(accessExtension: "1234")
            for (customer, sent, spno, exno) in [
                ("12", "123412", "10690012122123412", "12"), ("123", "1234", "106900121221234", ""),
                ("", "1234", "106900121221234", ""),
            ] {
                let sequence = try await send(house, customer, by: account)
                try await house.waitUntil(sequence, is: .delivered)
                #expect(carrier.calls.last?.messages.map(\.accessExtension) == [sent])
                let report = try await house.engine.outbox.collectReports(for: account, limit: 1).first
                #expect(report?.accessNumber == spno && report?.accessExtension == exno)
            }
        }
    }

    @Test func `a channel that cannot carry an account's extension is no candidate, and the explanation says so`()
        async throws
    {
        let narrow = FakeCarrier(limits: Self.six)
        let wide = FakeCarrier()
        try await House.with(["narrow": narrow, "wide": wide], channels: false) { house in
            try await house.channel("narrow", priority: 9)
            try await house.channel("wide")
            let long = try await house.account("LONG", accessExtension: "1234567")
            let short = try await house.account("SHORT", accessExtension: "12")
            let number = try #require(PhoneNumber(House.mobile))
            let explained = await house.engine.explain(account: long.key, number: number)
            #expect(explained.outcome == .channel("wide"))
            #expect(explained.channels.map(\.verdict) == [.cannotCarryExtension, .chosen])
            #expect(await house.engine.explain(account: short.key, number: number).outcome == .channel("narrow"))
            let sequence = try await send(house, "", by: long)
            try await house.waitUntil(sequence, is: .delivered)
            #expect(wide.calls.flatMap(\.messages).map(\.accessExtension) == ["1234567"])
            #expect(narrow.calls.isEmpty)
        }
    }

    @Test func `without a channel that can carry it a message ends as NOROUTE`() async throws {
        try await House.with(["one": FakeCarrier(limits: Self.six)]) { house in
            let long = try await house.account(accessExtension: "1234567")
            let number = try #require(PhoneNumber(House.mobile))
            #expect(await house.engine.explain(account: long.key, number: number).outcome == .noRoute)
            let sequence = try await send(house, "", by: long)
            try await eventually("NOROUTE") { try await house.timeline(sequence).status == "NOROUTE" }
        }
    }

    @Test func `a call is put together by what really goes out, and put back with what was asked`() {
        var scheduler = ChannelScheduler(
            channel: Channel(name: "c", accessNumber: "10690012122"),
            limits: CallLimits(
                sameContentMax: 10, distinctMax: 10, sharesExtension: true, extensions: ExtensionRoom(digitsMax: 6)))
        for (sequence, customer) in [(MessageSequence(1), "123"), (2, "1234"), (3, "")] {
            var part = CommittedPart(
                id: sequence, account: 1, acceptedAt: TestClock.noon, content: "c", accessExtension: customer,
                segments: 1, messages: [])
            part.accountExtension = "1234"
            part.messages = [
                CommittedPart.Message(
                    sequence: sequence, mobile: PhoneNumber(rawValue: 13_800_138_000 + sequence.rawValue))
            ]
            scheduler.enqueue(ChannelScheduler.Waiting(part: part, messages: part.messages[...]))
        }
        let call = scheduler.nextCall(at: TestClock.noon)
        #expect(call?.messages.map(\.accessExtension) == ["1234", "1234", "1234"])
        if let call { scheduler.withdraw(call) }
        let waiting = scheduler.removeAll()
        #expect(waiting.map(\.accessExtension).map(\.customer) == ["123", "1234", ""])
        #expect(waiting.allSatisfy { $0.accessExtension.account == "1234" })
    }

    // MARK: Replies

    private func sending(_ account: AccountKey, _ number: String, _ message: Int64) -> LastSending {
        sending(account, number, "", message)
    }

    private func sending(_ account: AccountKey, _ number: String, _ customer: String, _ message: Int64) -> LastSending {
        LastSending(
            account: account, message: MessageID(rawValue: message), accessNumber: number,
            customerExtension: customer)
    }

    private func answered(
        _ owner: ReplyOwner, _ number: String, _ sendings: [LastSending]
    ) -> (account: AccountKey?, rest: String, message: Int64?) {
        let answered = AnsweredSending(owner, accessNumber: number, sendings: sendings)
        return (answered.account, answered.customerExtension, answered.message?.rawValue)
    }

    @Test func `a reply belongs to the number's owner, and answers its last message to the handset`() {
        let owner = ReplyOwner.account(2, customerExtension: "7")
        #expect(answered(owner, "106987", []) == (2, "7", nil))
        #expect(answered(owner, "106987", [sending(2, "10698", 5)]) == (2, "7", 5))
        let several = [sending(1, "1069", 9), sending(2, "10698", 8), sending(2, "106987", "7", 6)]
        #expect(answered(owner, "106987", several) == (2, "7", 6))
        // Somebody else wrote last, and from the same number: the owner wrote, too.
        #expect(answered(owner, "106987", [sending(1, "106987", "87", 9), sending(2, "10698", 8)]) == (2, "7", 8))
    }

    @Test func `a reply to what another account really sent is not handed to one that never wrote`() {
        let owner = ReplyOwner.account(2, customerExtension: "")
        #expect(answered(owner, "10698", [sending(1, "10698", "8", 9)]) == (1, "8", 9))
        #expect(answered(owner, "10698", [sending(1, "1069", 9)]) == (2, "", nil))
    }

    @Test func `among accounts that share a number the one that last wrote has the reply`() {
        let owner = ReplyOwner.lastSender(among: [1, 2], customerExtension: "1")
        let sendings = [sending(3, "1069", 9), sending(2, "1069", 8), sending(1, "10691", "1", 7)]
        #expect(answered(owner, "10691", sendings) == (1, "1", 7))
        #expect(answered(owner, "10692", sendings) == (2, "1", 8))
        #expect(answered(owner, "10692", [sending(3, "1069", 9)]) == (nil, "1", nil))
        #expect(answered(owner, "10691", [sending(3, "10691", "91", 9)]) == (3, "91", 9))
        #expect(answered(.nobody, "999", [sending(3, "1069", 9)]) == (3, "", 9))
        #expect(answered(.nobody, "999", []) == (nil, "", nil))
    }

    @Test func `the handset's answer goes to the account that wrote, with the message that it answers`() async throws {
        let carrier = FakeCarrier(limits: Self.six)
        try await House.with(["one": carrier]) { house in
            let writer = try await house.account("WRITER", accessExtension: "1234")
            let stranger = try await house.account("STRANGER", accessExtension: "")
            let sequence = try await send(house, "123", by: writer)
            try await house.waitUntil(sequence, is: .delivered)
            let spno = try await house.engine.outbox.collectReports(for: writer, limit: 1).first?.accessNumber ?? ""
            carrier.reply(from: House.mobile, to: spno, "T")
            try await eventually("the reply") { house.engine.counters.snapshot.inboundReplies == 1 }
            let replies = try await house.engine.outbox.collectReplies(for: writer, limit: 9)
            #expect(replies.map(\.content) == ["T"])
            #expect(replies.map(\.answered) == [MessageID(sequence: sequence)])
            #expect(try await house.engine.outbox.collectReplies(for: stranger, limit: 9).isEmpty)
        }
    }

    @Test func `a customer's extension that looks like another account's does not give its answers away`() async throws
    {
        let carrier = FakeCarrier()
        try await House.with(["one": carrier]) { house in
            let writer = try await house.account("WRITER")
            let neighbour = try await house.account("NEXT", accessExtension: "88")
            let sequence = try await send(house, "8801", by: writer)
            try await house.waitUntil(sequence, is: .delivered)
            carrier.reply(from: House.mobile, to: "106900121228801", "T")
            try await eventually("the reply") { house.engine.counters.snapshot.inboundReplies == 1 }
            let replies = try await house.engine.outbox.collectReplies(for: writer, limit: 9)
            #expect(replies.map(\.accessExtension) == ["8801"])
            #expect(try await house.engine.outbox.collectReplies(for: neighbour, limit: 9).isEmpty)
        }
    }
}
