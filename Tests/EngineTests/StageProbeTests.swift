import Messaging
import Store
import Testing

@testable import Engine

/// What the benchmark times must be what the engine does.
@Suite("The steps of the hot path, one at a time")
struct StageProbeTests {
    private let now = Timestamp(milliseconds: 1_700_000_000_000)

    private func entry(balance: Int64) -> AccountEntry {
        AccountEntry(
            key: 7, account: Account(id: "J10003", price: Money(microYuan: 10)),
            secrets: AccountSecrets(apiPassword: "x"), runtime: AccountRuntime(balance: balance))
    }

    private func probe(_ entry: AccountEntry) -> StageProbe {
        StageProbe(
            account: entry, channel: Channel(name: "sim", accessNumber: "1069"),
            limits: CallLimits(sameContentMax: 1000, distinctMax: 100))
    }

    private func submission(_ content: String = "hello") throws -> Submission {
        let number = try #require(PhoneNumber("13800138000"))
        return Submission(parts: [Submission.Part(recipients: [.number(number)], content: content)])
    }

    @Test func `bills what can be paid and publishes what is left`() throws {
        let entry = entry(balance: 25)
        var probe = probe(entry)
        let billed = probe.bill(
            [try submission(), try submission(""), try submission(), try submission()], by: entry, at: now)
        #expect(billed.count == 2)
        #expect(billed.allSatisfy { $0.parts[0].cost == 10 && $0.parts[0].acceptedAt == now })
        #expect(entry.runtime.balance == 5)
    }

    @Test func `plans calls of small submissions together and takes their endings`() throws {
        let number = try #require(PhoneNumber("13800138000"))
        var probe = probe(entry(balance: 0))
        let parts = (1...150 as ClosedRange<MessageSequence>).map { sequence in
            CommittedPart(
                id: sequence, account: 7, acceptedAt: now, content: "hello", accessExtension: "", segments: 1,
                messages: [CommittedPart.Message(sequence: sequence, mobile: number)])
        }
        let calls = probe.calls(for: parts, at: now)
        #expect(calls.map(\.messages.count) == [100, 50])
        #expect(calls.flatMap { $0.messages.map(\.sequence) } == Array(1...150))
        for call in calls {
            guard
                case .accepted(.consecutive(from: 9), _) = probe.ended(call, .accepted(.consecutive(from: 9)), at: now)
            else {
                Issue.record("an accepted call is settled otherwise")
                continue
            }
        }
        #expect(probe.calls(for: [], at: now).isEmpty)
    }
}
