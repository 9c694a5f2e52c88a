import Messaging
import Synchronization

/// A continuation of a submission that several may want to resume; the first one does.
final class OnceContinuation: Sendable {
    private let continuation = Mutex<CheckedContinuation<Result<Acceptance, Rejection>?, Never>?>(nil)

    func set(_ continuation: CheckedContinuation<Result<Acceptance, Rejection>?, Never>) {
        self.continuation.withLock { $0 = continuation }
    }

    func resume(_ outcome: Result<Acceptance, Rejection>?) {
        let waiting = continuation.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        waiting?.resume(returning: outcome)
    }
}
