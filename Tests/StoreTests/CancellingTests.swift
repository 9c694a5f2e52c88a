import GRDB
import Messaging
import Store
import Testing

/// Scheduled messages that are taken out before they are due.
struct CancellingTests {
    private var world: World
    private let account: AccountKey

    private static let due = World.noon.adding(milliseconds: 3_600_000)
    private static let later = World.noon.adding(milliseconds: 60_000)

    init() async throws {
        world = try World()
        account = try await world.account(refund: .never)
    }

    private func cancel(_ ids: [MessageSequence], all: Bool = false, reason: String = "") async throws -> CancelOutcome
    {
        try await world.store.cancelScheduled(
            ids.map { MessageID(sequence: $0) }, allOfRequest: all, reason: reason, at: Self.later)
    }

    @Test(arguments: Account.RefundRule.allCases)
    func `one is taken out, reported once and refunded in full, whatever the rule`(
        rule: Account.RefundRule
    ) async throws {
        var world = world
        let account = try await world.account("A2", refund: rule)
        let mobiles = ["13800138000", "13900139000"]
        _ = try await world.accept(World.part(account, mobiles, segments: 3, due: Self.due))
        #expect(try await world.balance(account) == World.opening - 6 * World.price)
        let ids = [MessageID(sequence: 2).segment(3)]
        let outcome = try await world.store.cancelScheduled(ids, allOfRequest: false, reason: "asked", at: Self.later)
        #expect(outcome.cancelled == 1)
        #expect(outcome.refused.isEmpty && outcome.left == 0)
        #expect(outcome.effects.refunds == [account: 3 * World.price])
        #expect(outcome.effects.failed == 1 && outcome.effects.outboxEntries == 3)
        try await world.reopen()
        #expect(try await world.balance(account) == World.opening - 3 * World.price)
        let timeline = try await world.timeline(2)
        #expect(timeline.state == .failed && timeline.status == "DELETED")
        #expect(timeline.finalAt == Self.later)
        #expect(timeline.refunded == 3 * World.price)
        #expect(timeline.entries.contains { $0.kind == "cancelled" && $0.detail == "before it was due: asked" })
        let note = try world.sql {
            try String.fetchAll($0, sql: "SELECT note FROM ledger WHERE kind = 2 AND reference = 2")
        }
        #expect(note == ["DELETED: cancelled before it was due"])
        let total = try await world.store.total(account: account, days: World.today...World.today)
        #expect(total.failed == 1 && total.refunded == 3 * World.price)
        // The other one is as it was.
        #expect(try await world.store.releaseDue(at: Self.due).parts.flatMap(\.messages).map(\.sequence) == [1])
        let reports = try await world.collect(account)
        #expect(reports.map(\.id.rawValue) == (1...3).map { MessageID(sequence: 2).segment($0).rawValue })
        #expect(reports.allSatisfy { $0.status == .deleted })
        #expect(try await world.store.verifyLedger().differences.isEmpty)
    }

    @Test func `by message it is one report`() async throws {
        _ = try await world.accept(World.part(account, segments: 3, due: Self.due))
        _ = try await cancel([1])
        #expect(try await world.collect(account, grain: .message).map(\.status) == [.deleted])
    }

    @Test func `all of a request goes at once, and nothing of another`() async throws {
        _ = try await world.accept(World.part(account, due: Self.due))
        let parts = [
            World.part(account, ["13800138000", "bad"], due: Self.due),
            World.part(account, ["13800138001", "13800138002"], segments: 2, due: Self.due),
            World.part(account, ["13800138003"], due: Self.due),
        ]
        _ = try await world.accept([AcceptedSubmission(parts: parts)])
        _ = try await world.accept(World.part(account, due: Self.due))
        _ = try await cancel([5])
        // Asked for by any of its messages.
        let outcome = try await cancel([3], all: true)
        #expect(outcome.cancelled == 3)
        #expect(outcome.left == 2)
        #expect(outcome.effects.refunds == [account: 4 * World.price])
        #expect(try await world.balance(account) == World.opening - 2 * World.price)
        #expect(try await world.timeline(3).status == "REJECTD")
        #expect(try await world.store.releaseDue(at: Self.due).parts.map(\.id) == [1, 7])
        let again = try await cancel([6], all: true)
        #expect(again.refused.map(\.reason) == ["none of the 5 messages of its request is scheduled"])
    }

    @Test func `nothing becomes due when its last message is taken out`() async throws {
        _ = try await world.accept(World.part(account, ["13800138000", "13800138001"], due: Self.due))
        _ = try await cancel([1])
        #expect(try await world.store.nextDue() == Self.due)
        _ = try await cancel([2])
        #expect(try await world.store.nextDue() == nil)
        #expect(try await world.store.releaseDue(at: Self.due).parts.isEmpty)
    }

    @Test func `what is not scheduled is left as it is, and a sentence says why`() async throws {
        let channel = try await world.channel()
        _ = try await world.send(account, ["13800138000", "13800138001"])
        _ = try await world.submit(channel, [2])
        _ = try await world.accept(World.part(account, ["13800138002"], due: Self.due))
        _ = try await world.accept(World.part(account, ["13800138003"], due: Self.later))
        _ = try await world.store.releaseDue(at: Self.later)
        let first = try await cancel([1, 2, 3, 4, 99])
        #expect(first.cancelled == 1)
        let second = try await cancel([3])
        #expect(
            (first.refused + second.refused).map { "\($0.id.rawValue): \($0.reason)" } == [
                "1: it is queued, not scheduled", "2: it is submitted, not scheduled",
                "4: it is queued, not scheduled", "99: there is no such message",
                "3: it is failed (DELETED), not scheduled",
            ])
        #expect(second.effects == Effects())
        #expect(try await cancel([99], all: true).refused.map(\.reason) == ["there is no such message"])
        #expect(try await world.timeline(1).state == .queued)
        #expect(try await world.timeline(4).state == .queued)
        #expect(try await world.balance(account) == World.opening - 3 * World.price)
    }

    @Test func `a key that was used stays used`() async throws {
        let submission = AcceptedSubmission(parts: [World.part(account, due: Self.due)], idempotencyKey: "k1")
        _ = try await world.accept([submission])
        _ = try await cancel([1])
        guard case .failure(.submissionRepeated) = try await world.results(of: [submission])[0] else {
            Issue.record("it was taken again")
            return
        }
    }

    @Test func `each message is either released or cancelled, whoever comes first`() async throws {
        let count: Int64 = 300
        let submissions = (0..<count).map { _ in AcceptedSubmission(parts: [World.part(account, due: Self.due)]) }
        _ = try await world.accept(submissions)
        let store = world.store
        let cancelled = try await withThrowingTaskGroup(of: MessageSequence?.self) { group in
            for id in (1...count).shuffled() {
                group.addTask {
                    let outcome = try await store.cancelScheduled(
                        [MessageID(rawValue: id)], allOfRequest: id % 2 == 0, reason: "", at: Self.due)
                    return outcome.cancelled == 1 ? MessageSequence(id) : nil
                }
                guard id % 10 == 0 else { continue }
                group.addTask {
                    _ = try await store.releaseDue(at: Self.due, limit: 5)
                    return nil
                }
            }
            return try await group.reduce(into: [MessageSequence]()) { if let id = $1 { $0.append(id) } }
        }
        while try await !store.releaseDue(at: Self.due).parts.isEmpty {}
        var world = world
        try world.crash()
        let queued = try await world.store.queued(from: 0, limit: Int(count)).parts.flatMap(\.messages).map(\.sequence)
        let ended: [MessageSequence] = (cancelled + queued).sorted()
        #expect(ended == [MessageSequence](1...MessageSequence(count)))
        #expect(try await world.collect(account).map(\.id.sequence).sorted() == cancelled.sorted())
        #expect(try await world.balance(account) == World.opening - Int64(queued.count) * World.price)
        #expect(try await world.store.verifyLedger().differences.isEmpty)
    }
}
