import Foundation
import Testing

/// Asks the environment for the long form: YIZHAN_CRASH_ROUNDS, YIZHAN_CRASH_SEED, YIZHAN_CRASH_POWER_CUT,
/// YIZHAN_CRASH_POLLED. `packaging/crash-test` sets them.
private enum LongForm {
    private static let environment = ProcessInfo.processInfo.environment
    static let rounds = environment["YIZHAN_CRASH_ROUNDS"].flatMap { Int($0) }
    static let seed = environment["YIZHAN_CRASH_SEED"].flatMap { UInt64($0) }
    static let cutsPower = environment["YIZHAN_CRASH_POWER_CUT"] == "1"
    static let isPolled = environment["YIZHAN_CRASH_POLLED"] == "1"
}

private func runRounds(_ plan: CrashHouse.Plan) async throws {
    print("crash rounds: \(plan.rounds), seed \(plan.seed), power cut: \(plan.cutsPower), pushing: \(plan.isPushing)")
    let house = try await CrashHouse.make(plan)
    let audit = try await house.run()
    print(
        "crash rounds with seed \(plan.seed): \(audit.summary); \(house.loss); differences: \(audit.differences.count)")
    for difference in audit.differences.prefix(40) { Issue.record("seed \(plan.seed): \(difference)") }
    #expect(audit.differences.isEmpty)
    #expect(audit.summary.accepted > plan.rounds * 10)
    #expect(audit.summary.delivered > plan.rounds * 50)
    #expect(audit.summary.expired < audit.summary.delivered / 2)
    #expect(audit.summary.pushes > plan.rounds * 20)
    if plan.rounds >= 3 { #expect(audit.summary.cancelled > 0 && audit.summary.retried > 0) }
    try house.expectDiskWasUsed()
    if plan.cutsPower, plan.rounds >= 3 { #expect(house.loss.writes > 0, "no cut found anything to take back") }
}

extension EndToEnd {
    /// The short form of what `packaging/crash-test` does at length: processes killed under load, round after round,
    /// and an audit from outside.
    @Suite struct CrashRoundTests {
        private static var seed: UInt64 { LongForm.seed ?? UInt64.random(in: 1...999_999) }

        @Test func `killed under mixed load, nothing is lost, doubled or charged wrongly`() async throws {
            try await runRounds(CrashHouse.Plan(rounds: 3, seed: Self.seed))
        }

        @Test func `and so when the power is cut`() async throws {
            try await runRounds(CrashHouse.Plan(rounds: 3, seed: Self.seed, cutsPower: true))
        }
    }
}

/// `packaging/crash-test`
@Suite struct CrashRoundsAtLength {
    @Test(.enabled(if: LongForm.rounds != nil)) func `the number of rounds that was asked for`() async throws {
        try await runRounds(
            CrashHouse.Plan(
                rounds: LongForm.rounds ?? 1, seed: LongForm.seed ?? UInt64.random(in: 1...999_999),
                cutsPower: LongForm.cutsPower, isPushing: !LongForm.isPolled))
    }
}
