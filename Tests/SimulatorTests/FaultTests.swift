import Dialects
import Messaging
import Testing

@testable import Simulator

/// What goes wrong with submissions and polls, over real sockets.
@Suite struct FaultTests {
    /// What 100 submissions come to: the result, or 1 for no answer and 2 for one that cannot be read.
    private func outcomes(polls: Bool = false, _ change: @escaping (inout Faults) -> Void) async throws -> [Int] {
        var outcomes: [Int] = []
        try await CarrierHarness.with(
            settings {
                $0.seed = 5
                change(&$0.faults)
            }
        ) { harness in
            for place in 0..<100 {
                if polls { _ = try await harness.call(.fetchReports(limit: 500)) }
                let part = CarrierHarness.part(["139" + String(10_000_100 + place)])
                outcomes.append(Self.outcome(try await harness.call(.singleSend(part))))
            }
        }
        return outcomes
    }

    private static func outcome(_ answer: HTTPProbe.Answer?) -> Int {
        guard let answer else { return 1 }
        guard answer.status == 200, answer.isWhole else { return 2 }
        let read = try? answer.body.withUnsafeBytes { try OperatorV2.SendAnswer(decoding: $0) }
        return read?.result ?? 2
    }

    private static let mixture: @Sendable (inout Faults) -> Void = {
        $0.failShare = 0.2
        $0.lostAnswerShare = 0.2
        $0.garbageShare = 0.2
    }

    @Test func `the same seed and requests give the same faults, however often is polled`() async throws {
        let first = try await outcomes(Self.mixture)
        #expect(Set(first) == [0, 1, 2, -100_056])
        #expect(try await outcomes(polls: true, Self.mixture) == first)
        var dice = FaultDice(Self.faults(Self.mixture), seed: 5)
        var other = FaultDice(Self.faults(Self.mixture), seed: 6)
        #expect((0..<100).map { _ in dice.nextSubmission() } != (0..<100).map { _ in other.nextSubmission() })
    }

    private static func faults(_ change: (inout Faults) -> Void) -> Faults {
        var faults = Faults()
        change(&faults)
        return faults
    }

    @Test func `a share is met, and nothing else goes wrong`() async throws {
        for share in [0, 0.1, 0.5, 1] {
            var dice = FaultDice(Self.faults { $0.failShare = share }, seed: 9)
            let fates = (0..<10_000).map { _ in dice.nextSubmission() }
            let hits = fates.count { $0.isRefused }
            #expect(abs(hits - Int(share * 10_000)) < 200)
            #expect(share != 0 && share != 1 || hits == Int(share * 10_000))
            #expect(fates.allSatisfy { $0.answer == .sent && !$0.isSlow && !$0.isEarly })
            #expect(dice.nextPoll() == nil)
            #expect(dice.reportPlan(of: MessageID(sequence: 5)) == FaultDice.ReportPlan())
        }
    }

    @Test func `what is refused is not processed, and told the code that is wanted`() async throws {
        #expect(try await outcomes { $0.failShare = 1 } == Array(repeating: -100_056, count: 100))
        try await CarrierHarness.with(
            settings {
                $0.faults.failShare = 1
                $0.faults.failCode = -100_012
                $0.faults.garbageShare = 1
                $0.faults.lostAnswerShare = 1
            }
        ) { harness in
            // A refusal is definite: its answer is neither lost nor garbage.
            let answer = try await harness.send("13800138000")
            #expect(answer.result == -100_012)
            #expect(harness.carrier.statistics.messages == 0)
            #expect(harness.carrier.statistics.refused == 1)
        }
    }

    @Test func `a lost answer's submission is processed`() async throws {
        try await CarrierHarness.with(settings { $0.faults.lostAnswerShare = 1 }) { harness in
            let answer = try await harness.call(.singleSend(CarrierHarness.part(["13800138000"])))
            #expect(answer == nil)
            harness.time.pass(milliseconds: 200)
            #expect(try await harness.reports().map(\.mobile) == ["13800138000"])
        }
    }

    @Test func `no garbage can be taken for an answer, and its submission is processed`() async throws {
        try await CarrierHarness.with(
            settings {
                $0.faults.garbageShare = 1
                $0.seed = 1
            }
        ) { harness in
            for place in 0..<60 {
                let part = CarrierHarness.part(["139" + String(10_000_100 + place)])
                let answer = try await harness.call(.singleSend(part))
                #expect([1, 2].contains(Self.outcome(answer)), "\(answer?.head ?? "") \(answer?.text ?? "")")
            }
            harness.time.pass(milliseconds: 200)
            #expect(harness.carrier.statistics.reportsReady == 60)
            for _ in 0..<60 {
                guard let answer = try await harness.call(.fetchReports(limit: 500)), answer.status == 200,
                    answer.isWhole
                else { continue }
                #expect(throws: (any Error).self) {
                    try answer.body.withUnsafeBytes { try OperatorV2.ReportsAnswer(decoding: $0) }
                }
            }
            // A poll that was answered with garbage has taken nothing.
            #expect(harness.carrier.statistics.reportsReady == 60)
            #expect(harness.carrier.statistics.reportsGiven == 0)
        }
    }

    @Test func `every kind of garbage is thrown`() {
        var dice = FaultDice(Self.faults { $0.garbageShare = 1 }, seed: 3)
        let thrown = (0..<100).map { _ in dice.nextSubmission().answer }
        #expect(Set(thrown) == Set(Garbage.allCases.map { .garbage($0) }))
        #expect(Set((0..<100).map { _ in dice.nextPoll() }) == Set(Garbage.allCases))
    }

    @Test func `a slow answer waits, and is slow when it refuses too`() {
        var configuration = SimulatorConfiguration(clock: TestClock().clock)
        configuration.faults.slowShare = 1
        configuration.faults.slowDelay = 30_000
        for failShare in [0.0, 1] {
            configuration.faults.failShare = failShare
            var book = CarrierBook(configuration)
            let (verdict, _) = book.receive(
                Submission(parts: [CarrierHarness.part(["13800138000"])]), call: "single_send",
                endings: CarrierBook.Endings(), at: TestClock().now)
            #expect(verdict.delay == 30_000)
            #expect(verdict.isRefused == (failShare == 1))
        }
    }

    @Test func `a flapping carrier refuses connections, and takes them again`() async throws {
        try await CarrierHarness.with(settings { $0.faults.flap = Faults.Flap(up: 400, down: 400) }) { harness in
            for isUp in [true, false, true, false, true] {
                let isSeen = try await poll { await isListening(harness) == isUp }
                #expect(isSeen)
            }
            let call = OperatorV2.Call.singleSend(CarrierHarness.part(["13800138000"]))
            let isTaken = try await poll { (try? await harness.call(call))?.text.hasPrefix("{\"result\":0,") == true }
            #expect(isTaken)
        }
    }

    private func isListening(_ harness: CarrierHarness) async -> Bool {
        let answer = try? await HTTPProbe.ask(harness.address, method: "GET", "/simulator/stats")
        return answer != nil
    }
}

extension HTTPProbe.Answer {
    /// As long as its Content-Length says.
    fileprivate var isWhole: Bool { head.contains("Content-Length: \(body.count)") }
}
