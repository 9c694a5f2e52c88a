import Messaging
import Store
import Testing

/// Calls of which nobody knows whether the carrier has them.
struct UncertainTests {
    private let world: World
    private let account: AccountKey
    private let channel: ChannelKey
    private let mobiles = (0..<6).map { "1380013800\($0)" }

    init() async throws {
        world = try World()
        account = try await world.account(refund: .failed)
        channel = try await world.channel()
    }

    private func at(_ milliseconds: Int64) -> Timestamp { World.noon.adding(milliseconds: milliseconds) }

    /// Messages in one call that ended nobody knows how.
    private func uncertain(
        _ count: Int = 2, segments: Int = 1, on channel: ChannelKey? = nil, by account: AccountKey? = nil
    ) async throws -> (first: MessageSequence, attempt: AttemptID) {
        let first = try await world.send(
            account ?? self.account, Array(mobiles.prefix(count)), segments: segments)
        let attempt = try await world.begin(channel ?? self.channel, first..<(first + Int64(count)))
        try await world.settle(attempt, .uncertain(detail: "closed"))
        return (first, attempt)
    }

    private func listed(channel: ChannelKey? = nil, account: AccountKey? = nil) async throws -> [MessageSequence] {
        try await world.store.uncertainMessages(channel: channel, account: account, limit: 100).messages
            .map(\.id.sequence)
    }

    private func queued() async throws -> [MessageSequence] {
        try await world.store.queued(from: 0, limit: 100).parts.flatMap(\.messages).map(\.sequence)
    }

    private func review(
        after: AttemptID = 0, limit: Int = 10, resendBefore: [ChannelKey: Timestamp] = [:]
    ) async throws -> UncertainReview {
        try await world.store.reviewUncertain(after: after, limit: limit, resendBefore: resendBefore, at: at(5000))
    }

    private func settle(_ ids: [MessageSequence], _ settlement: HandSettlement, _ reason: String = "") async throws
        -> HandOutcome
    {
        try await world.store.settleByHand(
            ids.map { MessageID(sequence: $0) }, as: settlement, reason: reason, at: at(5000))
    }

    private func balanceIsSound() async throws -> Bool {
        try await world.store.verifyLedger().differences.isEmpty
    }

    // MARK: The list

    @Test func `the list tells what is uncertain, since when and why`() async throws {
        let (first, attempt) = try await uncertain()
        let accepted = try await world.send(account)
        try await world.submit(channel, [accepted])
        try await world.apply([World.report("m\(first)", mobile: mobiles[0])], from: channel)
        let (messages, next) = try await world.store.uncertainMessages(limit: 10)
        #expect(
            messages == [
                UncertainMessage(
                    id: MessageID(sequence: first + 1), account: "J10003",
                    mobile: try #require(PhoneNumber(mobiles[1])), channel: "sim", attempt: attempt,
                    since: World.noon, reason: "closed")
            ])
        #expect(next == nil)
    }

    @Test func `the list goes on where a page ended, and can be narrowed`() async throws {
        let other = try await world.channel("other", accessNumber: "106900")
        let second = try await world.account("J10004")
        let a = try await uncertain(3)
        let b = try await uncertain(2, on: other)
        let c = try await uncertain(1, by: second)
        let all = Array(a.first..<(a.first + 3)) + [b.first, b.first + 1, c.first]
        for size in 1...7 {
            var found: [MessageSequence] = []
            var cursor: UncertainCursor? = .start
            while let from = cursor {
                let page = try await world.store.uncertainMessages(from: from, limit: size)
                found += page.messages.map(\.id.sequence)
                // The cursor travels as text.
                cursor = try page.next.map { try #require(UncertainCursor($0.text)) }
            }
            #expect(found == all)
        }
        #expect(try await listed(channel: other) == [b.first, b.first + 1])
        #expect(try await listed(account: second) == [c.first])
        let through = UncertainCursor(attempt: 0, after: 0, through: b.attempt)
        let bounded = try await world.store.uncertainMessages(from: through, limit: 100)
        #expect(bounded.messages.map(\.id.sequence) == Array(all.dropLast()))
        #expect(try await world.store.newestAttempt() == c.attempt)
    }

    @Test(arguments: ["", "1", "1.x", "x.1", "1.2.x", "1.2.3.4", "1..2"])
    func `what is no cursor is none`(_ text: String) { #expect(UncertainCursor(text) == nil) }

    // MARK: The review

    @Test func `an attempt is settled when all of its messages have their end`() async throws {
        let (first, attempt) = try await uncertain()
        #expect(try await review().closed.isEmpty)
        for number in 0..<2 {
            try await world.apply(
                [World.report("m\(first + Int64(number))", mobile: mobiles[number])], from: channel)
        }
        #expect(try await review().closed == [attempt])
        try await world.store.closeUncertain([attempt], at: at(1000))
        #expect(try await review().closed.isEmpty)
        #expect(try await world.store.parkedCounts().uncertainAttempts == 0)
        let timeline = try await world.timeline(first)
        #expect(timeline.attemptState == .accepted)
        #expect(timeline.entries.contains { $0.detail.contains("settled by reports") && $0.detail.contains("closed") })
    }

    @Test func `one that has an open message is not settled whatever is asked`() async throws {
        let (first, attempt) = try await uncertain()
        try await world.store.closeUncertain([attempt], at: at(1000))
        #expect(try await world.timeline(first).attemptState == .uncertain)
    }

    @Test func `the review walks in steps and looks at each attempt once a round`() async throws {
        var attempts: [AttemptID] = []
        for _ in 0..<5 { attempts.append(try await uncertain(1).attempt) }
        #expect(try await review(limit: 2).last == attempts[1])
        #expect(try await review(after: attempts[1], limit: 2).last == attempts[3])
        #expect(try await review(after: attempts[3], limit: 2).last == nil)
    }

    @Test func `a channel's rule queues unreported messages again, each once`() async throws {
        let other = try await world.channel("other", accessNumber: "106900")
        let (first, attempt) = try await uncertain(3)
        _ = try await uncertain(1, on: other)
        try await world.apply([World.report("m\(first + 1)", mobile: mobiles[1])], from: channel)
        // Not yet, and never on a channel that holds.
        #expect(try await review(resendBefore: [channel: at(-1)]).due.isEmpty)
        #expect(try await review(resendBefore: [channel: at(0)]).due == [attempt])
        let parts = try await world.store.resendUncertain([attempt, attempt], at: at(1000)).parts
        #expect(parts.flatMap(\.messages).map(\.sequence) == [first, first + 2])
        #expect(try await queued() == [first, first + 2])
        #expect(try await world.store.total(channel: channel, days: World.today...World.today).submitted == 1)
        var timeline = try await world.timeline(first)
        #expect(timeline.state == .queued)
        #expect(timeline.attemptState == .abandoned)
        #expect(timeline.entries.filter { $0.kind == "resent" }.count == 1)
        // Uncertain again: it is held now.
        let again = try await world.begin(channel, [first, first + 2], at: at(2000))
        try await world.settle(again, .uncertain(detail: "closed again"), at: at(2000))
        let later = try await review(resendBefore: [channel: at(9000)])
        #expect(later.due.isEmpty)
        #expect(try await world.store.resendUncertain([again], at: at(9000)).parts.isEmpty)
        timeline = try await world.timeline(first)
        #expect(timeline.state == .submitted)
        #expect(timeline.attemptState == .uncertain)
        #expect(try await world.balance(account) == World.opening - 4 * World.price)
    }

    @Test func `a message that is partly reported is not sent again`() async throws {
        let (first, attempt) = try await uncertain(1, segments: 2)
        try await world.apply([World.report("m\(first)", segment: 1, of: 2, mobile: mobiles[0])], from: channel)
        #expect(try await review(resendBefore: [channel: at(0)]).due.isEmpty)
        #expect(try await world.store.resendUncertain([attempt], at: at(0)).parts.isEmpty)
        #expect(try await world.timeline(first).attemptState == .uncertain)
        let refused = try await settle([first], .resend).refused
        #expect(refused.count == 1)
        #expect(refused.first?.reason.contains("report") == true)
    }

    @Test func `a transaction queues some of them again, and the next the rest`() async throws {
        let (first, attempt) = try await uncertain(5)
        let other = try await uncertain(2)
        var found: [[MessageSequence]] = []
        var hasMore = true
        while hasMore {
            let (parts, more) = try await world.store.resendUncertain(
                [attempt, other.attempt], at: at(1000), messagesMax: 2)
            found.append(parts.flatMap(\.messages).map(\.sequence))
            hasMore = more
            if found.count == 2 { #expect(try await world.timeline(first).attemptState == .uncertain) }
        }
        #expect(
            found == [
                [first, first + 1], [first + 2, first + 3], [first + 4, other.first], [other.first + 1],
            ])
        #expect(try await world.timeline(first).attemptState == .abandoned)
        #expect(try await world.store.total(channel: channel, days: World.today...World.today).submitted == 0)
    }

    /// The carrier has it after all: what was queued again must not go out.
    @Test(arguments: [false, true])
    func `a report of a part calls a message back from the queue`(isByHand: Bool) async throws {
        let (first, attempt) = try await uncertain(1, segments: 2)
        if isByHand {
            #expect(try await settle([first], .resend).settled == 1)
        } else {
            #expect(try await !world.store.resendUncertain([attempt], at: at(0)).parts.isEmpty)
        }
        try await world.apply([World.report("m\(first)", segment: 1, of: 2, mobile: mobiles[0])], from: channel)
        #expect(try await queued().isEmpty)
        #expect(try await world.timeline(first).state == .submitted)
        let begun = try await world.store.begin(
            [NewAttempt(channel: channel, messages: SequenceRuns([first]))], at: at(0))
        #expect(begun[0].only == [])
        try await world.apply([World.report("m\(first)", segment: 2, of: 2, mobile: mobiles[0])], from: channel)
        #expect(try await world.timeline(first).state == .delivered)
        #expect(try await world.collect(account).map(\.status) == [.delivered, .delivered])
        let total = try await world.store.total(channel: channel, days: World.today...World.today)
        #expect(total.submitted == 1)
        #expect(total.delivered == 1)
    }

    @Test func `one that was called back from the queue expires, although its call was looked at before`()
        async throws
    {
        let (first, attempt) = try await uncertain(1, segments: 2)
        _ = try await world.store.resendUncertain([attempt], at: at(0))
        #expect(try await world.store.expire(begunBefore: at(1), at: at(1)).effects.finals == 0)
        try await world.apply([World.report("m\(first)", segment: 1, of: 2, mobile: mobiles[0])], from: channel)
        #expect(try await world.store.expire(begunBefore: at(1), at: at(1)).effects.finals == 1)
        #expect(try await world.collect(account).map(\.status) == [.delivered, .expired])
    }

    /// It failed on one channel, was given to another, and nobody knows what became of it there.
    @Test(arguments: [false, true])
    func `a message that is sent again goes to no channel that it failed on`(isByHand: Bool) async throws {
        let other = try await world.channel("other", accessNumber: "106900")
        let route = Route(
            name: "retry", channels: [channel, other].map { Route.Member(channel: $0) },
            retryCodes: [DeliveryStatus("MK:0001")])
        try await world.store.insert(route, at: World.noon)
        let sequence = try await world.send(account)
        try await world.submit(channel, [sequence])
        try await world.apply([World.report("m\(sequence)", "MK:0001")], from: channel)
        let attempt = try await world.begin(other, [sequence])
        try await world.settle(attempt, .uncertain(detail: "closed"))
        let parts =
            isByHand
            ? try await settle([sequence], .resend).effects.requeued
            : try await world.store.resendUncertain([attempt], at: at(0)).parts
        #expect(parts.map(\.avoided) == [[sequence: channel]])
        #expect(parts == (try await world.store.queued(from: 0, limit: 10).parts))
    }

    /// By the tag of a message of its own, and by that of a call that shares the field.
    @Test(arguments: [false, true], [0, 1, 2])
    func `a late report of the first call counts, and only the first of both`(
        isShared: Bool, when: Int
    ) async throws {
        let (first, attempt) = try await uncertain()
        _ = try await world.store.resendUncertain([attempt], at: at(1000))
        if when > 0 { try await world.submit(channel, [first]) }
        if when > 1 { try await world.apply([World.report("m\(first)", "UNDELIV")], from: channel) }
        let tag = isShared ? "m\(first)a\(attempt)" : "m\(first)"
        let late = try await world.apply([World.report(tag, mobile: mobiles[0])], from: channel)
        #expect(late.parked == 0)
        let timeline = try await world.timeline(first)
        #expect(timeline.status == (when > 1 ? "UNDELIV" : "DELIVRD"))
        #expect(try await world.collect(account).count == 1)
        // Delivered while it waited to go out again: it does not.
        #expect(try await queued() == (when == 0 ? [first + 1] : [first + 1]))
        #expect(timeline.entries.contains { $0.kind == "repeated report" } == (when > 1))
        #expect(try await balanceIsSound())
    }

    @Test func `a late report over another channel than the message went over is parked`() async throws {
        let other = try await world.channel("other", accessNumber: "106900")
        let (first, attempt) = try await uncertain()
        _ = try await world.store.resendUncertain([attempt], at: at(1000))
        try await world.submit(other, [first])
        for tag in ["m\(first)", "m\(first)a\(attempt)"] {
            #expect(try await world.apply([World.report(tag, mobile: mobiles[0])], from: channel).parked == 1)
        }
        #expect(try await world.timeline(first).state == .submitted)
    }

    // MARK: By hand

    @Test(arguments: [HandSettlement.delivered, .failed])
    func `an operator ends a message, and the customer hears of it`(_ settlement: HandSettlement) async throws {
        let (first, _) = try await uncertain(2, segments: 2)
        let outcome = try await settle([first], settlement, "asked the carrier")
        #expect(outcome.settled == 1)
        #expect(outcome.refused.isEmpty)
        #expect(outcome.effects.requeued.isEmpty)
        let isDelivered = settlement == .delivered
        #expect(outcome.effects.delivered == (isDelivered ? 1 : 0))
        #expect(outcome.effects.refunds == (isDelivered ? [:] : [account: 2 * World.price]))
        let reports = try await world.collect(account)
        #expect(reports.map(\.segmentNumber) == [1, 2])
        #expect(Set(reports.map(\.status)) == [isDelivered ? .delivered : .undeliverable])
        let timeline = try await world.timeline(first)
        #expect(timeline.state == (isDelivered ? .delivered : .failed))
        let event = timeline.entries.first { $0.kind == "settled by hand" }
        #expect(event?.detail.contains(settlement.rawValue) == true)
        #expect(event?.detail.contains("asked the carrier") == true)
        #expect(try await listed() == [first + 1])
        #expect(try await balanceIsSound())
        // The carrier's own report comes too late.
        try await world.apply([World.report("m\(first)", "EXPIRED")], from: channel)
        #expect(try await world.collect(account).isEmpty)
    }

    @Test func `an operator has a message sent again`() async throws {
        let (first, attempt) = try await uncertain()
        let outcome = try await settle([first + 1, first], .resend)
        #expect(outcome.settled == 2)
        #expect(outcome.effects.refunds.isEmpty && outcome.effects.outboxEntries == 0)
        #expect(outcome.effects.requeued.flatMap(\.messages).map(\.sequence).sorted() == [first, first + 1])
        #expect(try await queued() == [first, first + 1])
        #expect(try await listed().isEmpty)
        #expect(try await world.timeline(first).attemptState == .abandoned)
        #expect(try await world.store.total(channel: channel, days: World.today...World.today).submitted == 0)
        let again = try await world.begin(channel, [first, first + 1])
        #expect(again == attempt + 1)
        #expect(try await world.collect(account).isEmpty)
    }

    @Test func `only what is uncertain is settled, and the rest is named with its reason`() async throws {
        let queued = try await world.send(account)
        let accepted = try await world.send(account)
        try await world.submit(channel, [accepted])
        let begun = try await world.send(account)
        _ = try await world.begin(channel, [begun])
        let (first, _) = try await uncertain(1)
        let ids = [
            queued, accepted, begun, 999, first, first,
            MessageSequence(MessageID(sequence: accepted).segment(3).rawValue),
        ]
        let outcome = try await settle(ids, .failed)
        #expect(outcome.settled == 1)
        #expect(
            outcome.refused.map(\.reason) == [
                "it is queued, not uncertain", "its attempt is accepted, not uncertain",
                "its attempt is begun, not uncertain", "there is no such message", "it is failed, not uncertain",
                "its attempt is accepted, not uncertain",
            ])
        #expect(try await world.collect(account).count == 1)
    }
}
