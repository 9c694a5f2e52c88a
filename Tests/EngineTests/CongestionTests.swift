import Messaging
import Testing

@testable import Engine

/// When submissions are refused because too much waits.
struct CongestionTests {
    private static let second: Int64 = 1_000_000

    @Test func `nothing is refused before a rate is known`() {
        let congestion = Congestion(waitMax: 1000)
        #expect(congestion.unitsMax == .max)
    }

    @Test func `a small batch says nothing about the rate`() {
        var congestion = Congestion(waitMax: 1000)
        for _ in 0..<100 { congestion.note(units: Congestion.significantUnits - 1, microseconds: Self.second) }
        #expect(congestion.unitsMax == .max)
    }

    @Test(
        arguments: [
            (100_000, 1_000_000, 1000, 100_000), (100_000, 500_000, 1000, 200_000), (100_000, 1_000_000, 500, 50_000),
            // A slow machine may have so much waiting all the same.
            (3000, 10_000_000, 1000, Congestion.unitsMin), (100_000, 0, 1000, 100_000_000_000),
        ] as [(Int, Int64, Int64, Int)])
    func `what waits is what is done in the time that it may wait`(
        units: Int, microseconds: Int64, waitMax: Int64, expected: Int
    ) {
        var congestion = Congestion(waitMax: waitMax)
        congestion.note(units: units, microseconds: microseconds)
        #expect(congestion.unitsMax == expected)
    }

    @Test func `one slow batch counts for a quarter, and the rate comes back`() {
        var congestion = Congestion(waitMax: 1000)
        congestion.note(units: 100_000, microseconds: Self.second)
        congestion.note(units: 100_000, microseconds: 5 * Self.second)
        #expect(congestion.unitsMax == 80_000)
        for _ in 0..<20 { congestion.note(units: 100_000, microseconds: Self.second) }
        #expect(congestion.unitsMax > 99_000)
    }

    /// At three times its capacity, in steps of a millisecond: how long those wait that are let in.
    @Test func `at three times the capacity whoever is let in waits no longer than about a second`() {
        let unit = Congestion.submissionUnits + 1
        let capacityPerMillisecond = 15
        var congestion = Congestion(waitMax: 1000)
        var waiting: [Int] = []
        var batch: [Int] = []
        var batchEnd = 0
        var batchStart = 0
        var longest = 0
        var done = 0
        var refused = 0
        for now in 0..<20_000 {
            if now >= batchEnd {
                if !batch.isEmpty {
                    congestion.note(units: batch.count * unit, microseconds: Int64(now - batchStart) * 1000)
                    longest = max(longest, batch.map { now - $0 }.max() ?? 0)
                    done += batch.count
                }
                (batch, waiting) = (waiting, [])
                batchStart = now
                batchEnd = now + 2 + batch.count / capacityPerMillisecond
            }
            for _ in 0..<(3 * capacityPerMillisecond) {
                if (batch.count + waiting.count + 1) * unit <= congestion.unitsMax {
                    waiting.append(now)
                } else {
                    refused += 1
                }
            }
        }
        #expect(longest <= 1100)
        #expect(refused > 0)
        // And it works as fast as it can all the time.
        #expect(done > 19_000 * capacityPerMillisecond * 9 / 10)
    }

    @Test func `a commit that is stuck is one that takes three times as long as anybody may wait`() {
        #expect(Congestion(waitMax: 1000).stallMilliseconds == 3000)
    }

    @Test(arguments: [(1000, 0.0, 500), (1000, 0.5, 750), (1, 0.9, 0)] as [(Int64, Double, Int64)])
    func `pauses of pollers are spread`(pause: Int64, jitter: Double, expected: Int64) {
        #expect(ReportPoller.jittered(pause, jitter) == expected)
    }
}
