import Foundation
import GRDB
import Messaging
import Store
import Testing

/// A long random life of a store, after which everything that is kept twice must agree.
struct RandomLifeTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `totals, ledger, reports and states agree after any life`(seed: UInt64) async throws {
        var life = try await Life(seed: seed)
        for _ in 0..<150 { try await life.step() }
        try await life.crash()
        try await life.finish()
        try await life.check()
    }
}

private struct Life {
    var world: World
    var random: SeededGenerator
    var accounts: [AccountKey] = []
    var channels: [ChannelKey] = []
    var now = World.noon
    /// Attempts under way, and messages whose report may come.
    var begun: [(id: AttemptID, messages: [MessageSequence])] = []
    var out: [(channel: ChannelKey, sequence: MessageSequence)] = []

    init(seed: UInt64) async throws {
        world = try World()
        random = SeededGenerator(seed: seed)
        for rule in Account.RefundRule.allCases {
            accounts.append(try await world.account("A\(accounts.count)", refund: rule))
        }
        channels = [try await world.channel("one"), try await world.channel("two")]
    }

    private mutating func pick<Element>(_ from: [Element]) -> Element {
        from[Int.random(in: 0..<from.count, using: &random)]
    }

    mutating func step() async throws {
        now = now.adding(milliseconds: Int64.random(in: 0...3_600_000, using: &random))
        switch Int.random(in: 0..<10, using: &random) {
        case 0...3: try await accept()
        case 4...5: try await begin()
        case 6: try await settle()
        case 7...8: try await report()
        default:
            _ = try await world.store.releaseDue(at: now)
            try await cancel()
            if Bool.random(using: &random) {
                _ = try await world.store.expire(begunBefore: now.adding(milliseconds: -36_000_000), at: now)
            }
            _ = try await world.store.retryReports(at: now, limit: 100)
        }
    }

    private mutating func accept() async throws {
        let count = Int.random(in: 1...6, using: &random)
        let mobiles = (0..<count).map { _ in
            pick(["13800138000", "13900139001", "13100131002", "bad", "12", "0085251234567"])
        }
        let due = Int.random(in: 0..<6, using: &random) == 0 ? now.adding(milliseconds: 7_200_000) : nil
        _ = try await world.accept(
            World.part(
                pick(accounts), mobiles, segments: Int.random(in: 1...3, using: &random), at: now, due: due))
    }

    private mutating func begin() async throws {
        let (parts, _) = try await world.store.queued(from: 0, limit: 20)
        let sequences = parts.flatMap(\.messages).map(\.sequence).filter {
            $0.rawValue % 3 != Int64(now.milliseconds % 3)
        }
        guard !sequences.isEmpty else { return }
        let channel = pick(channels)
        let id = try await world.begin(channel, sequences, at: now)
        begun.append((id, sequences))
        out += sequences.map { (channel, $0) }
    }

    private mutating func cancel() async throws {
        let newest = try world.count("SELECT IFNULL(MAX(sequence), 0) FROM message")
        let ids = (0..<3).map { _ in
            MessageID(sequence: MessageSequence(Int64.random(in: 1...newest + 1, using: &random)))
        }
        let all = Bool.random(using: &random)
        _ = try await world.store.cancelScheduled(ids, allOfRequest: all, reason: "", at: now)
    }

    private mutating func settle() async throws {
        guard !begun.isEmpty else { return }
        let (id, _) = begun.removeFirst()
        let outcome: Settlement.Outcome =
            switch Int.random(in: 0..<6, using: &random) {
            case 0: .refused(status: .rejected, detail: "no")
            case 1: .refusedForNow(detail: "later")
            case 2: .notSent(detail: "down")
            case 3: .uncertain(detail: "time-out")
            default: .accepted(.consecutive(from: id.rawValue * 1000))
            }
        try await world.settle(id, outcome, at: now)
    }

    private mutating func report() async throws {
        guard !out.isEmpty else { return }
        let (channel, sequence) = pick(out)
        let total = try await world.timeline(sequence).segments
        let status = pick(["DELIVRD", "DELIVRD", "UNDELIV", "ACCEPTD", "MK:0001"])
        let segment: Int? = Bool.random(using: &random) ? Int.random(in: 1...total, using: &random) : nil
        try await world.apply(
            [World.report("m\(sequence)", segment: segment, of: total, mobile: "", status)], from: channel, at: now)
    }

    mutating func crash() async throws {
        try world.crash()
        begun = []
        _ = try await world.store.markInterruptedAttempts(at: now)
    }

    /// Brings every message to an end.
    mutating func finish() async throws {
        now = now.adding(milliseconds: 80 * 3_600_000)
        while try await !world.store.releaseDue(at: now).parts.isEmpty {}
        while true {
            let (parts, _) = try await world.store.queued(from: 0, limit: 100)
            if parts.isEmpty { break }
            let messages = parts.flatMap(\.messages).map(\.sequence)
            let attempt = try await world.begin(pick(channels), messages, at: now)
            try await world.settle(attempt, .accepted(nil), at: now)
        }
        let later = now.adding(milliseconds: 1)
        while try await world.store.expire(begunBefore: later, at: now).more {}
    }

    func check() async throws {
        let verdict = try await world.store.verifyLedger()
        #expect(verdict.differences.isEmpty)
        // Each message has one final state, and each of its segments one report.
        #expect(try world.count("SELECT COUNT(*) FROM message WHERE state NOT IN (3, 4)") == 0)
        #expect(
            try world.count(
                """
                SELECT COUNT(*) FROM message m JOIN submission s ON s.id = m.submission
                WHERE s.segments <> (SELECT COUNT(DISTINCT segment) FROM report r WHERE r.sequence = m.sequence)
                OR s.segments <> (SELECT COUNT(*) FROM report r WHERE r.sequence = m.sequence)
                """) == 0)
        for account in accounts { try await check(account: account) }
        for channel in channels { try await check(channel: channel) }
    }

    private func check(account: AccountKey) async throws {
        let total = try await world.store.total(account: account, days: 20_240_101...20_241_231)
        func scan(_ what: String) throws -> Int64 {
            try world.count(
                "SELECT \(what) FROM message m JOIN submission s ON s.id = m.submission WHERE s.account = ?",
                [account.rawValue])
        }
        #expect(try total.messages == scan("COUNT(*)"))
        #expect(try total.segments == scan("SUM(CASE WHEN m.mobile = 0 THEN 0 ELSE s.segments END)"))
        #expect(try total.delivered == scan("SUM(m.state = 3)"))
        #expect(try total.failed == scan("SUM(m.state = 4)"))
        let ledger = "SELECT IFNULL(SUM(amount), 0) FROM ledger WHERE account = ? AND kind ="
        #expect(try total.charged == -world.count("\(ledger) 1", [account.rawValue]))
        #expect(try total.refunded == world.count("\(ledger) 2", [account.rawValue]))
        #expect(try await world.balance(account) == World.opening - total.charged + total.refunded)
        var collected = 0
        while case let page = try await world.collect(account, limit: 50), !page.isEmpty { collected += page.count }
        #expect(try Int64(collected) == scan("SUM(s.segments)"))
    }

    private func check(channel: ChannelKey) async throws {
        let total = try await world.store.total(channel: channel, days: 20_240_101...20_241_231)
        let scan = "SELECT COUNT(*) FROM message m JOIN attempt a ON a.id = m.attempt WHERE a.channel = ? AND m.state ="
        #expect(try total.delivered == world.count("\(scan) 3", [channel.rawValue]))
        #expect(try total.failed == world.count("\(scan) 4", [channel.rawValue]))
        let attempts = try world.sql {
            try Row.fetchAll(
                $0, sql: "SELECT state, messages FROM attempt WHERE channel = ?", arguments: [channel.rawValue]
            )
            .map {
                (state: $0["state"] as Int, count: SequenceRuns(encoded: Array($0["messages"] as Data))?.count ?? 0)
            }
        }
        let submitted = attempts.filter { [1, 4].contains($0.state) }.reduce(0) { $0 + $1.count }
        #expect(total.submitted == Int64(submitted))
    }
}
