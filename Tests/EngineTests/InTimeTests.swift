import Messaging
import Store
import Testing

@testable import Engine

/// Messages that are worth sending for a time only, wherever they wait.
struct InTimeTests {
    private static let minute: Int64 = 60_000

    private static func mobiles(_ count: Int) -> [String] { (0..<count).map { String(13_800_000_000 + $0) } }

    /// An account whose messages are worth sending for five minutes, and which is paid back nothing by its rule.
    private static func account(_ house: House) async throws -> AccountEntry {
        _ = try await house.account(refund: .never)
        return try await house.engine.accounts.update(id: "J10003") { account, _ in
            account.validFor = 5 * Self.minute
        }
    }

    /// Lets the dispatcher look at what waits until as many messages are final.
    private static func finals(_ count: Int, _ house: House) async throws {
        try await eventually("\(count) final messages") {
            house.clock.advance(milliseconds: Dispatcher.expiryCheckInterval)
            _ = house.engine.dispatcher.events.push(.tick)
            return house.engine.counters.snapshot.finalMessages >= count
        }
    }

    @Test(arguments: [0, 30])
    func `behind a channel that takes nothing they end in time, in memory and on disk`(memory: Int) async throws {
        let isDown = Switch()
        isDown.isOn = true
        let carrier = FakeCarrier { carrier, call in
            isDown.isOn ? .notSent(reason: "down") : await FakeCarrier.deliver(carrier, call)
        }
        try await House.with(["one": carrier]) {
            if memory > 0 { $0.messagesInMemoryMax = memory }
        } _: { house in
            let account = try await Self.account(house)
            for _ in 0..<5 {
                _ = try await house.send(Self.mobiles(20), by: account)
                _ = try await house.send(by: account)
            }
            let balance = account.runtime.balance
            house.clock.advance(milliseconds: 5 * Self.minute - 1)
            _ = house.engine.dispatcher.events.push(.tick)
            let second = try await house.account("J10004")
            let endless = try await house.send(["13900139000"], by: second)
            #expect(house.engine.counters.snapshot.finalMessages == 0)
            try await Self.finals(105, house)
            try await eventually("the refund") { account.runtime.balance == balance + 105 * House.price }
            let reports = try await house.engine.outbox.collectReports(for: account, limit: 500)
            #expect(reports.count == 105)
            #expect(reports.allSatisfy { $0.status == .expired })
            isDown.isOn = false
            house.clock.advance(milliseconds: ChannelScheduler.backOffMax)
            _ = house.engine.dispatcher.events.push(.tick)
            try await house.waitUntil(endless, is: .delivered)
            try await eventually("nothing waits") { await house.engine.queueStatus().waiting == 0 }
            #expect(try await house.isSound())
        }
    }

    @Test func `without a channel they end, and what is left goes out`() async throws {
        try await House.with(["one": FakeCarrier()], channels: false) { house in
            let account = try await Self.account(house)
            _ = try await house.send(Self.mobiles(20), by: account)
            try await eventually("they wait") { await house.engine.queueStatus().unrouted == 20 }
            house.clock.advance(milliseconds: 4 * Self.minute)
            let young = try await house.send(by: account)
            house.clock.advance(milliseconds: Self.minute)
            _ = house.engine.dispatcher.events.push(.tick)
            try await house.finals(20)
            try await house.channel("one")
            try await house.waitUntil(young, is: .delivered)
            #expect(house.carriers["one"]?.sent == [young])
        }
    }

    @Test func `after a restart nothing late is sent, and scheduled ones count from their time`() async throws {
        let carrier = FakeCarrier()
        let house = try await House.open(["one": carrier])
        let account = try await Self.account(house)
        let now = try await house.send(by: account)
        let due = house.clock.now.adding(milliseconds: 10 * Self.minute)
        let later = try await house.send(by: account, at: due)
        #expect(try await house.timeline(later).validUntil == due.adding(milliseconds: 5 * Self.minute))
        let latest = try await house.send(by: account, at: due.adding(milliseconds: Self.minute))
        await house.stop()
        house.clock.advance(milliseconds: 15 * Self.minute)
        let second = try await House.open(["one": carrier], in: house.directory, key: house.key, clock: house.clock)
        try await second.channel("one")
        try await second.waitUntil(latest, is: .delivered)
        try await second.waitUntil(later, is: .failed)
        try await second.waitUntil(now, is: .failed)
        #expect(carrier.sent == [latest])
        for sequence in [now, later] { #expect(try await second.timeline(sequence).refunded == House.price) }
        #expect(try await second.isSound())
        await second.stop()
    }

    @Test func `a request's own end goes before the account's, and is bounded`() async throws {
        try await House.with(["one": FakeCarrier()], channels: false) { house in
            let account = try await Self.account(house)
            let now = house.clock.now
            let longest = house.engine.configuration.reportExpiry
            func priced(_ ahead: Int64?) -> Result<Timestamp?, Rejection> {
                let part = Submission.Part(recipients: [Recipient(House.mobile)], content: "x")
                var submission = Submission(parts: [part])
                submission.validUntil = ahead.map { now.adding(milliseconds: $0) }
                return Result { () throws(Rejection) in
                    try SubmissionPricing.price(submission, by: account, at: now, validityMax: longest).parts[0]
                        .validUntil
                }
            }
            #expect(priced(nil) == .success(now.adding(milliseconds: 5 * Self.minute)))
            for ahead in [1, 60 * Self.minute, longest] {
                #expect(priced(ahead) == .success(now.adding(milliseconds: ahead)))
            }
            for ahead in [0, -1, longest + 1] { #expect(priced(ahead) == .failure(.scheduleInvalid)) }
        }
    }

    // MARK: The scheduler

    private static func waiting(
        _ first: MessageSequence, count: Int, until end: Timestamp?, extension digits: String = ""
    ) -> ChannelScheduler.Waiting {
        let messages = (0..<Int64(count)).map { offset in
            CommittedPart.Message(
                sequence: first + offset, mobile: PhoneNumber(rawValue: 13_000_000_000 + first.rawValue + offset))
        }
        let part = CommittedPart(
            id: first, account: 1, acceptedAt: TestClock.noon, validUntil: end, content: "c\(first)",
            accessExtension: digits, segments: 1, messages: messages)
        return ChannelScheduler.Waiting(part: part, messages: messages[...])
    }

    @Test(arguments: [1, 100])
    func `no call holds a message whose time is over, whatever queue it comes from`(distinctMax: Int) {
        let end = TestClock.noon.adding(milliseconds: 1000)
        var bench = SchedulerBench(limits: CallLimits(sameContentMax: 1000, distinctMax: distinctMax))
        bench.scheduler.enqueue(Self.waiting(1, count: 2, until: end))
        bench.scheduler.enqueue(Self.waiting(11, count: 2, until: nil))
        bench.scheduler.enqueue(Self.waiting(21, count: 1, until: end))
        bench.scheduler.enqueue(Self.waiting(101, count: 20, until: end))
        bench.scheduler.enqueue(Self.waiting(201, count: 20, until: nil))
        var split = Self.waiting(301, count: 3, until: end).outgoing
        split[1].validUntil = nil
        bench.scheduler.enqueueSplit(ChannelScheduler.PlannedCall(isUniform: false, messages: split))
        bench.now = end
        let sent = bench.calls().flatMap(\.messages).map(\.sequence)
        #expect(sent.sorted() == [11, 12] + Array(201...220) + [302])
        #expect(bench.scheduler.takeLate().sorted() == [1, 2, 21] + Array(101...120) + [301, 303])
        #expect(bench.scheduler.takeLate().isEmpty)
        #expect(bench.scheduler.depth == 0)
    }

    @Test func `one whose time is not over is sent, and what comes back keeps its end`() throws {
        let end = TestClock.noon.adding(milliseconds: 1000)
        var bench = SchedulerBench()
        bench.scheduler.enqueue(Self.waiting(1, count: 20, until: end))
        bench.now = end.adding(milliseconds: -1)
        let call = bench.call()
        let begun = try #require(call)
        #expect(begun.hasEnd)
        #expect(!begun.hasLate(at: bench.now))
        // The commit took longer than that.
        #expect(begun.hasLate(at: end))
        bench.scheduler.withdraw(begun)
        bench.now = end
        #expect(bench.calls().isEmpty)
        #expect(bench.scheduler.takeLate() == Array(1...20))
        #expect(bench.scheduler.callsInFlight == 0)
    }

    @Test func `a lane gives out what is over of all that waits in memory`() {
        let end = TestClock.noon.adding(milliseconds: 1000)
        var bench = SchedulerBench()
        for (first, count, end) in [(1, 1, end), (11, 20, nil), (101, 20, end)] as [(MessageSequence, Int, Timestamp?)]
        {
            bench.scheduler.enqueue(Self.waiting(first, count: count, until: end))
        }
        let old = TestClock.noon.adding(milliseconds: -1)
        #expect(bench.scheduler.removeExpired(before: old, at: end.adding(milliseconds: -1)).isEmpty)
        #expect(bench.scheduler.removeExpired(before: old, at: end).sorted() == [1] + Array(101...120))
        #expect(bench.removeAll().map(\.sequence) == Array(11...30))
    }

    @Test func `on disk all is looked through when the first is over, and again after a while`() {
        var spill = Spill()
        let noon = TestClock.noon
        let old = noon.adding(milliseconds: -1)
        func at(_ milliseconds: Int64) -> Timestamp { noon.adding(milliseconds: milliseconds) }
        spill.insert(1, waitingSince: noon, validUntil: at(50_000))
        spill.insert(2, waitingSince: noon, validUntil: nil)
        spill.insert(3, waitingSince: noon, validUntil: at(1000))
        #expect(spill.firstEnd == at(1000))
        spill.startAgeing(before: old, at: at(999))
        #expect(spill.ageingFrom == nil)
        spill.startAgeing(before: old, at: at(1000))
        #expect(spill.ageingFrom == .min)
        let taken = spill.take(from: .min)
        spill.finish(taken, next: nil, found: 3)
        // What is young does not end this walk.
        spill.continueAgeing(after: taken, next: nil, youngest: noon, deadline: old)
        #expect(spill.ageingFrom == 4)
        spill.insert(1, waitingSince: noon, validUntil: at(50_000))
        spill.insert(2, waitingSince: noon, validUntil: at(1500))
        spill.continueAgeing(after: [], next: nil, youngest: nil, deadline: old)
        #expect(spill.firstEnd == at(1500))
        spill.startAgeing(before: old, at: at(2000))
        #expect(spill.ageingFrom == nil)
        spill.startAgeing(before: old, at: at(1000 + Spill.wholeWalkInterval))
        #expect(spill.ageingFrom == .min)
    }
}

extension ChannelScheduler.Waiting {
    fileprivate var outgoing: [OutgoingMessage] {
        messages.map {
            OutgoingMessage(
                sequence: $0.sequence, mobile: $0.mobile, content: part.content,
                accessExtension: accessExtension.text, asked: accessExtension, segments: 1,
                acceptedAt: part.availableAt, validUntil: part.validUntil, account: part.account)
        }
    }
}
