import Messaging
import Store
import Testing

@testable import Engine

/// An account's rules between its submission and its charge.
struct ScreeningTests {
    private func refusal(_ result: Result<Acceptance, Rejection>) -> Rejection? {
        if case .failure(let rejection) = result { rejection } else { nil }
    }

    private func template(_ id: String, _ text: String) throws -> Template {
        try #require(Template(id: id, text: text))
    }

    @Test func `templates, words and signature refuse with their names, and cost nothing`() async throws {
        try await House.with { (house: House) async throws in
            let entry = try await house.account()
            let before = entry.runtime.balance
            try await house.engine.rules.add(try template("1", "您的验证码是{1}"), to: entry)
            #expect(refusal(await house.submit([House.mobile], "free text", by: entry)) == nil)
            _ = try await house.engine.rules.update(entry) { $0.requiresTemplate = true }
            #expect(
                refusal(await house.submit([House.mobile], "free text", by: entry))
                    == .contentRejected(rule: "template"))
            #expect(refusal(await house.submit([House.mobile], "您的验证码是66", by: entry)) == nil)
            _ = try await house.engine.rules.changeWords(add: ["66"], remove: [], of: entry)
            #expect(
                refusal(await house.submit([House.mobile], "您的验证码是66", by: entry)) == .contentRejected(rule: "word"))
            _ = try await house.engine.rules.changeWords(add: [], remove: ["66"], of: entry)
            _ = try await house.engine.rules.update(entry) { rules in
                rules.requiresTemplate = false
                rules.checksSignature = true
            }
            #expect(
                refusal(await house.submit([House.mobile], "free text", by: entry))
                    == .contentRejected(rule: "signature"))
            #expect(refusal(await house.submit([House.mobile], "【驿站】free", by: entry)) == nil)
            #expect(entry.runtime.balance == before - 3 * House.price)
            #expect(entry.runtime.screening.refusals == [.template: 1, .word: 1, .signature: 1])
            #expect(try await house.isSound())
        }
    }

    @Test func `a blacklisted number is accepted, not charged, and reported`() async throws {
        try await House.with { (house: House) async throws in
            let entry = try await house.account()
            let before = entry.runtime.balance
            let number = try #require(PhoneNumber(House.mobile))
            #expect(
                try await house.engine.rules.changeBlacklist(add: [number], reason: "asked", of: entry) == 1)
            // The list alone does nothing: the rule is off.
            let free = try await house.send(by: entry)
            try await house.waitUntil(free, is: .delivered)
            _ = try await house.engine.rules.update(entry) { $0.usesBlacklist = true }
            let first = try await house.send([House.mobile, "13900139000"], by: entry)
            #expect(try await house.timeline(first).status == "MBBLACK")
            try await house.waitUntil(first + 1, is: .delivered)
            #expect(entry.runtime.balance == before - 2 * House.price)
            try await house.finals(3)
            let counters = house.engine.counters.snapshot
            #expect(counters.acceptedMessages == 3)
            #expect(counters.acceptedSegments == 2)
            #expect(counters.failedMessages == 1)
            #expect(counters.outboxEntries == 3)
            let timeline = try await house.timeline(first)
            #expect(timeline.charged == 0)
            #expect(!timeline.entries.contains { $0.kind == "charged" })
            let reports = try await house.engine.outbox.collectReports(for: entry, limit: 10)
            #expect(reports.filter { $0.status == .blacklisted }.map(\.id.sequence) == [first])
            _ = try await house.engine.rules.changeBlacklist(add: [], remove: [number], reason: "", of: entry)
            let again = try await house.send(by: entry)
            try await house.waitUntil(again, is: .delivered)
            #expect(try await house.isSound())
        }
    }

    @Test func `parts keep their own places`() async throws {
        try await House.with { (house: House) async throws in
            let entry = try await house.account()
            let number = try #require(PhoneNumber(House.mobile))
            _ = try await house.engine.rules.changeBlacklist(add: [number], reason: "", of: entry)
            _ = try await house.engine.rules.update(entry) { $0.usesBlacklist = true }
            let submission = Submission(parts: [
                Submission.Part(recipients: [Recipient("13900139000"), Recipient("1x")], content: "a"),
                Submission.Part(recipients: [Recipient("13900139001"), Recipient(House.mobile)], content: "b"),
            ])
            let priced = try SubmissionPricing.price(submission, by: entry, at: TestClock.noon)
            #expect(priced.parts.map(\.blocked) == [[:], [1: .blacklist]])
            #expect(priced.parts.map(\.cost) == [House.price, House.price])
        }
    }

    @Test func `too many messages to a number are refused, or kept back among others`() async throws {
        try await House.with { (house: House) async throws in
            let entry = try await house.account()
            let limit = try #require(FrequencyLimit("2/1h"))
            _ = try await house.engine.rules.update(entry) { $0.limits = [limit] }
            #expect(refusal(await house.submit([House.mobile, House.mobile], by: entry)) == nil)
            #expect(refusal(await house.submit(by: entry)) == .tooFrequent)
            let first = try await house.send(["13900139000", House.mobile], by: entry)
            #expect(try await house.timeline(first + 1).status == "REJECTD")
            #expect(
                try await house.timeline(first + 1).entries.contains { $0.detail == "rule frequency" })
            try await house.waitUntil(first, is: .delivered)
            #expect(entry.runtime.screening.refusals == [.frequency: 2])
            #expect(try await house.isSound())
        }
    }

    /// What is refused for another reason has not used up the number's share.
    @Test func `a submission that is refused may be tried again at once`() async throws {
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        try await House.with(configure: { $0.messagesInMemoryMax = 1 }) { (house: House) async throws in
            let entry = try await house.account(messages: 0)
            let limit = try #require(FrequencyLimit("1/1h"))
            _ = try await house.engine.rules.update(entry) { $0.limits = [limit] }
            #expect(refusal(await house.submit([House.mobile, "13900139000"], by: entry)) == .overloaded)
            #expect(refusal(await house.submit(by: entry)) == .insufficientBalance)
            #expect(try await house.engine.billing.recharge(entry, amount: 9 * House.price, note: nil))
            #expect(refusal(await house.submit(by: entry, key: "a")) == nil)
            #expect(refusal(await house.submit(["13900139000"], by: entry, key: "a")) == .submissionRepeated)
            #expect(refusal(await house.submit(["13900139000"], by: entry, key: "b")) == nil)
            #expect(entry.runtime.balance == 7 * House.price)
            #expect(entry.runtime.screening.refusals.isEmpty)
        }
    }

    @Test func `frequency limits know after a restart what was sent before it`() async throws {
        let house = try await House.open(["one": FakeCarrier()])
        let entry = try await house.account()
        let limit = try #require(FrequencyLimit("2/1h"))
        _ = try await house.engine.rules.update(entry) { $0.limits = [limit] }
        _ = try await house.send(by: entry)
        house.clock.advance(milliseconds: 1_800_000)
        _ = try await house.send(by: entry)
        #expect(refusal(await house.submit(by: entry)) == .tooFrequent)
        let again = try await house.again()
        let reread = try #require(again.engine.accounts.directory.account(id: "J10003"))
        #expect(refusal(await again.submit(by: reread)) == .tooFrequent)
        again.clock.advance(milliseconds: 1_800_000)
        #expect(refusal(await again.submit(by: reread)) == nil)
        #expect(refusal(await again.submit(by: reread)) == .tooFrequent)
        await again.stop()
    }

    @Test func `a template that is named must be there, even where no rule is on`() async throws {
        try await House.with { (house: House) async throws in
            let entry = try await house.account()
            try await house.engine.rules.add(try template("1", "hello {1}"), to: entry)
            func judged(_ content: String, _ id: String) -> Rejection? {
                let part = Submission.Part(recipients: [Recipient(House.mobile)], content: content)
                let submission = Submission(parts: [part], templateID: id)
                do throws(Rejection) {
                    _ = try SubmissionPricing.price(submission, by: entry, at: TestClock.noon)
                    return nil
                } catch {
                    return error
                }
            }
            #expect(judged("hello you", "1") == nil)
            #expect(judged("goodbye", "1") == .contentRejected(rule: "template"))
            #expect(judged("hello you", "2") == .contentRejected(rule: "template"))
            #expect(judged("anything", "") == nil)
        }
    }

    @Test func `rules and lists are there again after a restart`() async throws {
        let house = try await House.open(["one": FakeCarrier()])
        let entry = try await house.account()
        let number = try #require(PhoneNumber(House.mobile))
        try await house.engine.rules.add(try template("b", "x{1}"), to: entry)
        try await house.engine.rules.add(try template("a", "y{1}"), to: entry)
        _ = try await house.engine.rules.update(entry) { $0.usesBlacklist = true }
        _ = try await house.engine.rules.changeBlacklist(add: [number], reason: "", of: entry)
        let again = try await house.again()
        let reread = try #require(again.engine.accounts.directory.account(id: "J10003"))
        #expect(reread.runtime.screening.rules.templates.map(\.id) == ["a", "b"])
        #expect(reread.runtime.screening.blacklistCount == 1)
        let sequence = try await again.send(by: reread)
        #expect(try await again.timeline(sequence).status == "MBBLACK")
        // A change of the account leaves its rules in force.
        let changed = try await again.engine.accounts.update(id: "J10003") { account, _ in account.name = "x" }
        #expect(changed.runtime.screening.rules.usesBlacklist)
        _ = try await again.engine.rules.removeTemplate("a", from: changed)
        await #expect(throws: StoreFailure.notFound) {
            try await again.engine.rules.removeTemplate("a", from: changed)
        }
        await again.stop()
    }

    @Test func `an opt-out is heeded by the next submission`() async throws {
        try await House.with { (house: House) async throws in
            let entry = try await house.account()
            _ = try await house.engine.rules.update(entry) { rules in
                rules.usesBlacklist = true
                rules.takesOptOuts = true
            }
            let first = try await house.send(by: entry)
            try await house.waitUntil(first, is: .delivered)
            try #require(house.carriers["one"]).reply(from: House.mobile, to: "10690012122", "TD")
            try await eventually("the opt-out") { entry.runtime.screening.blacklistCount == 1 }
            let second = try await house.send(by: entry)
            #expect(try await house.timeline(second).status == "MBBLACK")
        }
    }

    @Test func `an opt-out is heeded by what was scheduled before it`() async throws {
        try await House.with { (house: House) async throws in
            let entry = try await house.account(refund: .never)
            _ = try await house.engine.rules.update(entry) { $0.takesOptOuts = true }
            let due = house.clock.now.adding(milliseconds: 3_600_000)
            let alone = try await house.send(by: entry, at: due)
            let scheduled = try await house.send([House.mobile, "13900139000"], by: entry, at: due)
            let first = try await house.send(by: entry)
            try await house.waitUntil(first, is: .delivered)
            let carrier = try #require(house.carriers["one"])
            carrier.reply(from: House.mobile, to: "10690012122", "TD")
            try await eventually("the opt-out") { entry.runtime.screening.blacklistCount == 1 }
            house.clock.advance(milliseconds: 3_600_000)
            try await house.waitUntil(scheduled + 1, is: .delivered)
            for kept in [alone, scheduled] {
                try await house.waitUntil(kept, is: .failed)
                #expect(try await house.timeline(kept).status == "MBBLACK")
            }
            #expect(carrier.sent == [first, scheduled + 1])
            try await eventually("the refund") { entry.runtime.balance == 999_998 * House.price }
            #expect(try await house.isSound())
        }
    }
}
