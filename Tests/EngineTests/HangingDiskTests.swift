import Messaging
import Store
import Synchronization
import Testing

@testable import Engine

/// A disk on which a commit does not end: nobody waits for it longer than a few times what anybody may wait.
struct HangingDiskTests {
    enum Hanging: String, CaseIterable, Sendable {
        /// A commit of submissions.
        case submissions
        /// Another one, such as a carrier's report: submissions have to wait behind it.
        case reports
    }

    private final class Outcomes: SubmissionSink {
        let settled = Mutex<[SettledSubmission]>([])
        func settle(_ outcomes: [SettledSubmission]) { settled.withLock { $0 += outcomes } }
        var count: Int { settled.withLock { $0.count } }
    }

    @Test(arguments: Hanging.allCases)
    func `while a commit hangs submissions are refused at once, and taken again after it`(
        hanging: Hanging
    ) async throws {
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        try await House.with(channels: false, configure: { $0.submissionWaitMax = 20 }) { house in
            let account = try await house.account()
            let disk = house.makeHangingDisk()
            let outcomes = Outcomes()
            let part = Submission.Part(recipients: [Recipient(House.mobile)], content: "你好")
            var taken = 0
            var refusal: Rejection?
            disk.hang()
            defer { disk.goOn() }
            let store = house.engine.store
            let other = Task {
                guard hanging == .reports else { return }
                _ = try? await store.keep([0x7B], of: .pushed, from: 1, at: TestClock.noon)
            }
            // Else the first submission could be what hangs.
            if hanging == .reports { try await eventually("a commit that hangs") { disk.isHolding } }
            try await eventually("a refusal", within: .seconds(20)) {
                refusal = house.engine.billing.submit(
                    Submission(parts: [part]), by: account, ticket: 1, sink: outcomes)
                if refusal == nil { taken += 1 }
                return refusal != nil
            }
            #expect(refusal == .overloaded)
            #expect(outcomes.count == 0)
            disk.goOn()
            await other.value
            try await eventually("the others") { outcomes.count == taken }
            #expect(outcomes.settled.withLock { $0.allSatisfy { (try? $0.outcome.get()) != nil } })
            try await eventually("submissions again") { (try? await house.submit(by: account).get()) != nil }
            #expect(account.runtime.balance == (1_000_000 - Int64(taken) - 1) * House.price)
            #expect(try await house.isSound())
        }
    }
}
