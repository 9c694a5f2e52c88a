import Dialects
import Messaging
import Testing

@testable import Simulator

/// What goes wrong with reports.
@Suite struct ReportFaultTests {
    private static let numbers = (0..<200).map { "139" + String(10_000_100 + $0) }

    /// Sends a long text of three segments to 200 numbers, in ten submissions; then lets `takes` times 200 ms pass.
    ///
    /// - Returns: what is handed out before any time has passed, and after each 200 ms.
    private func handOuts(
        takes: Int, _ change: @escaping (inout Faults) -> Void
    ) async throws -> [[CarrierReport]] {
        var all: [[CarrierReport]] = []
        let configure = settings {
            $0.seed = 4
            $0.lateAnswerDelay = 1
            change(&$0.faults)
        }
        try await CarrierHarness.with(configure) { harness in
            let text = String(repeating: "长", count: 135)
            for start in stride(from: 0, to: 200, by: 20) {
                let part = CarrierHarness.part(Array(Self.numbers[start..<start + 20]), content: text)
                #expect(try await harness.send(.batchSend(part)).result == 0)
            }
            for round in 0...takes {
                if round > 0 { harness.time.pass(milliseconds: 200) }
                var taken: [CarrierReport] = []
                while case let reports = try await harness.reports(limit: 70), !reports.isEmpty { taken += reports }
                all.append(taken)
            }
            #expect(harness.carrier.statistics.messagesWaiting == 0)
            #expect(harness.carrier.statistics.reportsReady == 0)
        }
        return all
    }

    private func statuses(_ reports: [CarrierReport]) -> [Int64?: [DeliveryStatus]] {
        reports.reduce(into: [:]) { $0[$1.carrierID, default: []].append($1.status) }
    }

    @Test func `a share of messages fails, with all segments`() async throws {
        let reports = try await handOuts(takes: 1) { $0.reportFailShare = 0.3 }.flatMap { $0 }
        #expect(reports.count == 600)
        let failed = reports.filter { $0.status == .undeliverable }
        #expect((40...80).contains(Set(failed.map(\.mobile)).count))
        #expect(failed.count == Set(failed.map(\.mobile)).count * 3)
        #expect(reports.allSatisfy { $0.status == .undeliverable || $0.status == .delivered })
    }

    @Test func `every segment is reported twice, some later, some of these with another status`() async throws {
        let rounds = try await handOuts(takes: 3) { $0.duplicateShare = 1 }
        let all = statuses(rounds.flatMap { $0 })
        #expect(all.count == 600)
        #expect(all.values.allSatisfy { $0.count == 2 && $0[0] == .delivered })
        let changed = all.values.count { $0[1] == .undeliverable }
        #expect((120...300).contains(changed))
        // At once: the first two stand together. Changed ones come later always.
        let first = statuses(rounds[1])
        #expect(first.count == 600)
        #expect((120...300).contains(first.values.count { $0.count == 2 }))
        #expect(first.values.allSatisfy { $0.allSatisfy { $0 == .delivered } })
        #expect(try await handOuts(takes: 3) { $0.duplicateShare = 1 } == rounds)
    }

    @Test func `reports come shuffled, some late, some before their time`() async throws {
        let rounds = try await handOuts(takes: 7) { $0.isReordering = true }
        let all = rounds.flatMap { $0 }
        #expect(all.count == 600)
        #expect(Set(all.map(\.carrierID)).count == 600)
        // Early, usual, and late.
        #expect(!rounds[0].isEmpty)
        #expect(rounds[1].count > 300)
        #expect(!rounds[7].isEmpty)
        #expect(rounds[0].count + rounds[1].count + rounds[7].count == 600)
        // Segments of a message stand among those of others, in any order.
        let neighbours = zip(rounds[1], rounds[1].dropFirst()).count { $0.mobile == $1.mobile }
        #expect(neighbours < 30)
        let descents = zip(rounds[1], rounds[1].dropFirst()).count { ($0.segmentNumber ?? 0) > ($1.segmentNumber ?? 0) }
        #expect(descents > 50)
        #expect(try await handOuts(takes: 7) { $0.isReordering = true } == rounds)
    }

    @Test func `shuffled reports that come twice are the same ones twice`() async throws {
        let rounds = try await handOuts(takes: 10) {
            $0.isReordering = true
            $0.duplicateShare = 1
        }
        let all = statuses(rounds.flatMap { $0 })
        #expect(all.count == 600)
        #expect(all.values.allSatisfy { $0.count == 2 && $0[0] == .delivered })
        #expect(all.values.contains { $0[1] == .undeliverable })
    }
}
