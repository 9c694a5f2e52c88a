import Messaging
import Testing

@testable import yizhan

/// The parts of the benchmark that decide what its figures mean.
@Suite("The benchmark")
struct BenchTests {
    @Test func `requests of a rate are due at even distances however late they are taken`() {
        var pace = RequestPace(messagesPerSecond: 1000, messagesPerRequest: 1)
        #expect(pace.next(at: .max - 1) == nil)
        pace.begin(at: 5_000_000)
        #expect(pace.next(at: 4_999_999) == nil)
        #expect(pace.next(at: 5_000_000) == 5_000_000)
        #expect(pace.next(at: 5_999_999) == nil)
        #expect(pace.dueCount(at: 5_999_999) == 0)
        #expect(pace.dueCount(at: 8_000_000) == 3)
        #expect(pace.next(at: 9_000_000) == 6_000_000)
        #expect(pace.next(at: 9_000_000) == 7_000_000)
        pace.giveBack()
        #expect(pace.nextDue == 7_000_000)
        #expect(pace.next(at: 9_000_000) == 7_000_000)
    }

    @Test(arguments: [(1000, 1, 1_000_000), (1000, 1000, 1_000_000_000), (30_000, 2, 66_666), (2_000_000_000, 1, 1)])
    func `the distance is that of the whole load`(_ rate: Int, _ messages: Int, _ nanoseconds: UInt64) {
        #expect(RequestPace(messagesPerSecond: rate, messagesPerRequest: messages).interval == nanoseconds)
    }

    @Test func `a percentile is off by a sixty-fourth at most, and never beyond the highest`() {
        var histogram = LatencyHistogram()
        #expect(histogram.percentile(permille: 990) == 0)
        for value in 1...100_000 as ClosedRange<UInt64> { histogram.record(microseconds: value) }
        for permille in [1, 10, 500, 990, 999, 1000] as [UInt64] {
            let exact = permille * 100
            let found = histogram.percentile(permille: permille)
            #expect(found >= exact && found <= exact + exact / 64 + 1, "\(permille): \(found)")
        }
        #expect(histogram.highest == 100_000)
        #expect(histogram.percentile(permille: 1000) == 100_000)
        #expect(histogram.total == 100_000)
    }

    @Test func `histograms add up`() {
        var left = LatencyHistogram()
        var right = LatencyHistogram()
        for _ in 0..<99 { left.record(microseconds: 10) }
        right.record(microseconds: 5_000_000)
        left.merge(right)
        #expect(left.total == 100)
        #expect(left.percentile(permille: 990) == 10)
        #expect(left.percentile(permille: 1000) == 5_000_000)
    }

    // MARK: Filling

    private let today = Timestamp(china: Timestamp.China(year: 2026, month: 3, day: 1, hour: 9)) ?? .zero

    @Test func `a filled store's messages are spread over the days before today, in order`() {
        let plan = FillPlan(messages: 60_000, accounts: 7, days: 60, today: today)
        var days: [Int: Int] = [:]
        var last = Timestamp.zero
        for message in 0..<plan.messages {
            let at = plan.acceptedAt(message)
            #expect(at >= last)
            #expect((8..<20).contains(at.china.hour))
            days[at.chinaDay, default: 0] += 1
            last = at
        }
        #expect(days.count == 60)
        #expect(days.values.allSatisfy { $0 == 1000 })
        #expect(days.keys.min() == 20_251_231)
        #expect(days.keys.max() == 20_260_228)
    }

    @Test(arguments: [1, 999, 1000, 1001, 1250, 1251, 20_000])
    func `its requests cover every message once, a fifth of them alone`(_ messages: Int) {
        let plan = FillPlan(messages: messages, accounts: 10, days: 60, today: today)
        let requests = plan.requests(ofUnits: 0..<plan.unitCount)
        var next = 0
        for request in requests {
            #expect(request.first == next)
            #expect((1...1000).contains(request.count))
            #expect((0..<10).contains(plan.account(of: request)))
            next += request.count
        }
        #expect(next == messages)
        guard messages == 20_000 else { return }
        #expect(requests.filter { $0.count == 1 }.count == messages / 5)
        #expect(Set(requests.filter { $0.count > 1 }.map { plan.account(of: $0) }).count == 10)
        #expect(Set(requests.filter { $0.count == 1 }.map { plan.account(of: $0) }).count == 10)
    }

    @Test func `its accounts and contents are such as the appliance takes`() {
        #expect(Account.isValidID(FillPlan.accountID(0)))
        #expect(Account.isValidID(FillPlan.accountID(FillPlan.accountsMax - 1)))
        let plan = FillPlan(messages: 20_000_000, accounts: 10, days: 60, today: today)
        for request in plan.requests(ofUnits: 15_999..<16_000) {
            #expect(Segmentation.count(of: plan.content(of: request)) == 1)
        }
    }

    // MARK: Arguments

    /// The exit code is 64 for wrong arguments and 69 when they are right but nobody is there.
    private func status(_ words: String) async throws -> Int32 {
        let words = ["bench"] + words.split(separator: " ").map(String.init)
        return try await Program.run(try Program.yizhan, words, environment: ["YIZHAN_ADMIN_SOCKET": "/nowhere"]).status
    }

    @Test(arguments: [
        "--url http://127.0.0.1:1 --messages 5", "load --url http://[::1]:1 --rate 100 --pipeline 4",
        "--url http://127.0.0.1:1 --account J10003 --account J10004", "--url http://127.0.0.1:1 --answers-only",
    ])
    func `bench alone means load, with several accounts if they are given`(_ words: String) async throws {
        #expect(try await status(words) == 69)
    }

    @Test(arguments: [
        "", "--url http://127.0.0.1:1 --account J10003 --account too-long", "--url http://127.0.0.1:1 --pipeline 0",
        "--url http://127.0.0.1:1 --rate 0", "fill", "fill /nowhere --messages 0", "fill /nowhere --accounts 1001",
        "fill /nowhere --days 0", "stages /nowhere --group 0", "floor", "floor --listen 80",
    ])
    func `wrong arguments are refused`(_ words: String) async throws {
        #expect(try await status(words) == 64)
    }

    // MARK: Limits of costs

    private static let limits = """
        # a comment
        decode   6.05  14   # and another
        commit   -     40
        answer   2     -
        """

    @Test func `what costs as much as its limit is accepted, what costs more is named with limit and value`() throws {
        let limits = try CostLimits(Self.limits)
        #expect(
            limits.violations([
                Cost(name: "decode", allocations: 6.05, percent: 14), Cost(name: "commit", allocations: 99, percent: 1),
                Cost(name: "answer", allocations: 0, percent: 99),
            ]).isEmpty)
        #expect(
            limits.violations([
                Cost(name: "decode", allocations: 7, percent: 14.5), Cost(name: "commit", percent: 40.5),
            ]) == [
                "decode: 7.0 allocations, the limit is 6.05.", "decode: 14.5 % of the time, the limit is 14.0 %.",
                "commit: 40.5 % of the time, the limit is 40.0 %.",
            ])
    }

    @Test func `a stage without a limit, and one whose allocations were not counted, is no success`() throws {
        let limits = try CostLimits(Self.limits)
        #expect(
            limits.violations([Cost(name: "new", allocations: 0, percent: 0)]) == ["new: there is no limit for it."])
        #expect(
            limits.violations([Cost(name: "decode", percent: 1)])
                == ["decode: allocations were not counted; run packaging/check-costs."])
    }

    @Test(arguments: ["decode", "decode 1", "decode 1 2 3", "decode one 2", "decode 1 two"])
    func `a line of another form is refused`(line: String) {
        #expect(throws: ApplianceFailure.self) { try CostLimits(line) }
    }
}

extension Timestamp {
    fileprivate static let zero = Timestamp(milliseconds: 0)
}
