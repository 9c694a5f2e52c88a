import Dispatch
import Messaging
import Secrets
import Store
import Synchronization
import Testing

@testable import Engine

/// What may wait to be committed, and who takes how much of it.
struct AdmissionTests {
    private static let bounds = SubmissionLoad(submissions: 100, recipients: 1000, bytes: 10_000, units: 2000)

    private func load(_ recipients: Int, of submissions: Int = 1, bytes: Int = 0) -> SubmissionLoad {
        SubmissionLoad(
            submissions: submissions, recipients: recipients, bytes: bytes, units: submissions * 10 + recipients)
    }

    /// - Parameter others: what waits of other accounts.
    private func admits(
        _ one: SubmissionLoad, own: SubmissionLoad = SubmissionLoad(), others: SubmissionLoad = SubmissionLoad()
    ) -> Bool {
        func sum(_ loads: SubmissionLoad...) -> SubmissionLoad {
            loads.reduce(into: SubmissionLoad()) { sum, load in
                sum.submissions += load.submissions
                sum.recipients += load.recipients
                sum.bytes += load.bytes
                sum.units += load.units
            }
        }
        return one.isAdmitted(total: sum(one, own, others), ofAccount: sum(one, own), bounds: Self.bounds)
    }

    @Test func `small submissions may fill all of the room, large ones half of it`() {
        #expect(admits(load(9), others: load(991)))
        #expect(!admits(load(9), others: load(992)))
        #expect(admits(load(10), others: load(490)))
        #expect(!admits(load(10), others: load(491)))
        #expect(admits(load(9, bytes: 1), others: load(1, bytes: 9999)))
        #expect(!admits(load(9, bytes: 1), others: load(1, bytes: 10_000)))
        #expect(admits(load(10, bytes: 1), others: load(1, bytes: 4999)))
        #expect(!admits(load(10, bytes: 1), others: load(1, bytes: 5000)))
        #expect(admits(load(1), others: load(1, of: 99)))
        #expect(!admits(load(1), others: load(1, of: 100)))
        #expect(!admits(load(10), others: load(1, of: 50)))
    }

    @Test func `an account may fill three quarters of the room`() {
        #expect(admits(load(1), own: load(749)))
        #expect(!admits(load(1), own: load(750)))
        #expect(admits(load(1), own: load(1, of: 74), others: load(1, of: 25)))
        #expect(!admits(load(1), own: load(1, of: 75)))
        #expect(admits(load(1, bytes: 1), own: load(1, bytes: 7499)))
        #expect(!admits(load(1, bytes: 1), own: load(1, bytes: 7500)))
    }

    @Test func `whoever is alone is let in, however large, within what memory holds`() {
        #expect(admits(load(1000, bytes: 10_000)))
        #expect(!admits(load(1001)))
        #expect(!admits(load(10, bytes: 10_001)))
        #expect(admits(SubmissionLoad(submissions: 1, recipients: 900, bytes: 9, units: 5000)))
        #expect(!admits(SubmissionLoad(submissions: 1, recipients: 900, bytes: 9, units: 5000), others: load(1)))
    }

    // MARK: Billing by itself

    private struct Bench {
        let directory: TemporaryDirectory
        let store: Store
        let accounts: AccountStore
        let billing: Billing

        init(
            submissionsMax: Int = 1000, recipientsMax: Int = 1000,
            onChange: @escaping @Sendable (AccountDirectory) -> Void = { _ in }
        ) throws {
            directory = try TemporaryDirectory()
            store = try Store(directory: directory.path)
            let clock = TestClock().clock
            accounts = AccountStore(store: store, key: try SealingKey.generate(), clock: clock, onChange: onChange)
            billing = Billing(
                store: store, accounts: accounts, counters: EngineCounters(), submissionsMax: submissionsMax,
                recipientsMax: recipientsMax, clock: clock, onCommit: { _ in })
        }

        func account(_ id: String, credit: Int64 = 0) async throws -> AccountEntry {
            let account = Account(
                id: id, price: Money(microYuan: House.price), payment: .postpaid, creditLimit: credit)
            return try await billing.addAccount(
                account, secrets: AccountSecrets(apiPassword: "p"), openingBalance: 1000 * House.price)
        }
    }

    private static func submission(_ recipients: Int = 1) -> Submission {
        let recipients = (0..<recipients).map { Recipient(String(13_800_138_000 + $0)) }
        return Submission(parts: [Submission.Part(recipients: recipients, content: "你好")])
    }

    @Test(arguments: [(1000, 8), (8, 1000)])
    func `one customer's flood does not have another's code refused`(
        submissionsMax: Int, recipientsMax: Int
    ) async throws {
        // Nothing is committed: all that is let in waits.
        let bench = try Bench(submissionsMax: submissionsMax, recipientsMax: recipientsMax)
        let flooding = try await bench.account("A1")
        let other = try await bench.account("B1")
        let sink = Ignoring()
        func submit(_ entry: AccountEntry) -> Rejection? {
            bench.billing.submit(Self.submission(), by: entry, ticket: 0, sink: sink)
        }
        let told = (0..<20).map { _ in submit(flooding) }
        #expect(told.count { $0 == nil } == 6)
        #expect(told.last == .overloaded)
        #expect(submit(other) == nil)
        #expect(submit(other) == nil)
        #expect(submit(other) == .overloaded)
        await bench.store.close()
    }

    @Test func `what is charged while an account is being added counts`() async throws {
        let billing = Mutex<Billing?>(nil)
        let signal = Signal()
        // Called when the account is there for all to see, and before its addition is over.
        let bench = try Bench { directory in
            guard let billing = billing.withLock({ $0 }), let entry = directory.account(id: "A1") else { return }
            #expect(billing.submit(Self.submission(), by: entry, ticket: 0, sink: signal) == nil)
            #expect(signal.semaphore.wait(timeout: .now() + 120) == .success)
        }
        billing.withLock { $0 = bench.billing }
        let running = Task { await bench.billing.run() }
        let entry = try await bench.account("A1", credit: House.price)
        #expect(entry.runtime.balance == 999 * House.price)
        #expect(try await bench.store.accounts().map(\.balance) == [999 * House.price])
        billing.withLock { $0 = nil }
        bench.billing.stop()
        await running.value
        await bench.store.close()
    }
}

private final class Ignoring: SubmissionSink {
    func settle(_ outcomes: [SettledSubmission]) {}
}

private final class Signal: SubmissionSink {
    let semaphore = DispatchSemaphore(value: 0)

    func settle(_ outcomes: [SettledSubmission]) { semaphore.signal() }
}
