public import Messaging
import Synchronization

extension Billing {
    /// Hands a submission in and waits for what became of it: durable when it is accepted. For callers that are tasks;
    /// event loops give a sink.
    public nonisolated func outcome(
        of submission: Submission, by entry: AccountEntry
    ) async -> Result<Acceptance, Rejection> {
        await withCheckedContinuation { continuation in
            let sink = AwaitedSubmission(continuation)
            if let rejection = submit(submission, by: entry, ticket: 0, sink: sink) {
                sink.settle([SettledSubmission(ticket: 0, outcome: .failure(rejection))])
            }
        }
    }
}

/// Resumes the one who waits for a submission, once.
private final class AwaitedSubmission: SubmissionSink {
    private struct State: Sendable {
        var continuation: CheckedContinuation<Result<Acceptance, Rejection>, Never>?
    }

    private let state: Mutex<State>

    init(_ continuation: CheckedContinuation<Result<Acceptance, Rejection>, Never>) {
        state = Mutex(State(continuation: continuation))
    }

    func settle(_ outcomes: [SettledSubmission]) {
        guard let outcome = outcomes.first?.outcome else { return }
        let waiting = state.withLock { state in
            defer { state.continuation = nil }
            return state.continuation
        }
        waiting?.resume(returning: outcome)
    }
}
