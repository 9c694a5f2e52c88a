import Messaging
import Store
import Testing

@testable import Engine

struct RefusalLogTests {
    private func key(_ account: AccountKey = 1, rule: String = "frequency", address: String = "10.0.0.1") -> Refusal.Key
    {
        Refusal.Key(account: account, dialect: "operator-v2", code: "-100998", rule: rule, address: address)
    }

    private func with(_ rule: RefusalRule = RefusalRule(), _ body: (RefusalLog, TestClock) async throws -> Void)
        async throws
    {
        let directory = try TemporaryDirectory()
        let store = try Store(directory: directory.path)
        let clock = TestClock()
        try await body(RefusalLog(store: store, rule: rule, clock: clock.clock), clock)
        await store.close()
    }

    @Test func `refusals that are alike are one, with how often and when`() async throws {
        try await with { log, clock in
            for _ in 0..<3 {
                log.note(key(), mobiles: ["13800138000"])
                clock.advance(milliseconds: 1_000)
            }
            log.note(key(), mobiles: ["13900139000"])
            let page = try await log.list(RefusalQuery())
            #expect(page.refusals.map(\.key.mobile) == ["13900139000", "13800138000"])
            #expect(page.refusals.map(\.times) == [1, 3])
            #expect(page.refusals[1].firstAt == TestClock.noon)
            #expect(page.refusals[1].lastAt == TestClock.noon.adding(milliseconds: 2_000))
            // The same again is the same row.
            log.note(key(), mobiles: ["13800138000"])
            #expect(try await log.list(RefusalQuery(mobile: "13800138000")).refusals.map(\.times) == [4])
        }
    }

    @Test func `a submission of many numbers is told apart in fifty, the rest are counted`() async throws {
        try await with { log, _ in
            log.note(key(), mobiles: (0..<1_000).map { "\(13_800_138_000 + $0)" })
            log.note(key(rule: "password"), mobiles: [])
            let refusals = try await log.list(RefusalQuery()).refusals
            #expect(refusals.count == 52)
            #expect(refusals.filter { $0.key.mobile.isEmpty && $0.key.rule == "frequency" }.map(\.times) == [950])
            #expect(refusals.filter { $0.key.rule == "password" }.map(\.times) == [1])
        }
    }

    @Test func `a flood takes a bounded share of memory, and every refusal is counted`() async throws {
        try await with { log, _ in
            for number in 0..<50_000 { log.note(key(1), mobiles: ["\(number)"]) }
            log.note(key(2), mobiles: ["13800138000"])
            #expect(log.count <= RefusalLog.accountKeysMax + 3)
            for account in 3..<1_000 {
                for number in 0..<50 { log.note(key(AccountKey(Int64(account))), mobiles: ["\(number)"]) }
            }
            #expect(log.count <= RefusalLog.keysMax + 1_000)
            while log.count > 0 { try await log.flush() }
            var query = RefusalQuery(account: 1, limit: 100_000)
            #expect(try await log.list(query).refusals.reduce(0) { $0 + $1.times } == 50_000)
            query.account = 2
            #expect(try await log.list(query).refusals.map(\.key.mobile) == ["13800138000"])
            query.account = nil
            #expect(try await log.list(query).refusals.reduce(0) { $0 + $1.times } == 50_001 + 997 * 50)
        }
    }

    @Test func `an account's rows of a day are bounded, and those of all days`() async throws {
        try await with(RefusalRule(accountRowsMax: 100, rowsMax: 250)) { log, clock in
            for day in 0..<3 {
                for number in 0..<150 {
                    log.note(key(1), mobiles: ["\(number)"])
                    log.note(key(2), mobiles: ["\(number)"])
                }
                while log.count > 0 { try await log.flush() }
                let rows = try await log.list(RefusalQuery(limit: 10_000)).refusals
                #expect(rows.count == min(202 * (day + 1), 250))
                #expect(rows.filter { $0.key.mobile.isEmpty }.map(\.times).prefix(2) == [50, 50])
                clock.advance(milliseconds: 86_400_000)
            }
        }
    }

    @Test func `what is older than it is to be kept goes, a day at a time`() async throws {
        try await with(RefusalRule(keepFor: 2 * 86_400_000)) { log, clock in
            log.note(key(), mobiles: ["1"])
            try await log.flush()
            clock.advance(milliseconds: 2 * 86_400_000)
            log.note(key(), mobiles: ["2"])
            try await log.prune()
            #expect(try await log.list(RefusalQuery()).refusals.map(\.key.mobile) == ["2", "1"])
            clock.advance(milliseconds: 86_400_000)
            try await log.prune()
            #expect(try await log.list(RefusalQuery()).refusals.map(\.key.mobile) == ["2"])
        }
    }

    @Test func `refusals are found by account, name, number and day, page after page`() async throws {
        try await with { log, clock in
            log.note(
                Refusal.Key(account: 0, name: "NOBODY", dialect: "guodu", code: "04", rule: "password"), mobiles: [])
            log.note(key(1), mobiles: ["13800138000"])
            clock.advance(milliseconds: 86_400_000)
            for number in 0..<25 { log.note(key(2), mobiles: ["\(13_800_138_000 + number)"]) }
            #expect(try await log.list(RefusalQuery(name: "NOBODY")).refusals.map(\.key.code) == ["04"])
            #expect(try await log.list(RefusalQuery(account: 1)).refusals.count == 1)
            #expect(try await log.list(RefusalQuery(mobile: "13800138000")).refusals.map(\.key.account) == [2, 1])
            #expect(try await log.list(RefusalQuery(day: 20_240_709)).refusals.count == 2)
            #expect(try await log.list(RefusalQuery(account: 1, day: 20_240_710)).refusals.isEmpty)
            var seen: [Refusal] = []
            var query = RefusalQuery(limit: 10)
            repeat {
                let page = try await log.list(query)
                seen += page.refusals
                query.before = try page.next.map { try #require(RefusalCursor($0.text)) }
            } while query.before != nil
            #expect(seen.count == 27 && Set(seen.map(\.key)).count == 27)
            for text in ["", "1", "1.", "a.b", "1.2.3", "99999999999999999999.1"] {
                #expect(RefusalCursor(text) == nil)
            }
        }
    }

    @Test func `a disk that does not take them loses none`() async throws {
        let directory = try TemporaryDirectory()
        let store = try Store(directory: directory.path)
        let log = RefusalLog(store: store, rule: RefusalRule(), clock: TestClock().clock)
        log.note(key(), mobiles: ["13800138000"])
        await store.close()
        await #expect(throws: StoreFailure.self) { try await log.flush() }
        #expect(log.count == 1)
    }
}
