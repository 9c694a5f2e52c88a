import Dispatch
import Messaging
import Synchronization

/// Requesters that wait for a commit up to a limit of their own. One timer serves all of them, and none runs while none
/// waits.
final class PatientCalls: Sendable {
    private struct State {
        var waiting: [UInt64: Waiting] = [:]
        var next: UInt64 = 0
        var isTimerSet = false
    }

    private struct Waiting {
        var deadline: DispatchTime
        var giveUp: @Sendable () -> Void
    }

    private let state = Mutex(State())

    /// - Parameter giveUp: called at the deadline, unless `remove` came before.
    func add(within limit: Duration, giveUp: @escaping @Sendable () -> Void) -> UInt64 {
        let (seconds, rest) = limit.components
        let nanoseconds = min(max(seconds, 0), 86_400) * 1_000_000_000 + max(rest, 0) / 1_000_000_000
        let deadline = DispatchTime.now() + .nanoseconds(Int(nanoseconds))
        let (ticket, needsTimer) = state.withLock { state -> (UInt64, Bool) in
            state.next += 1
            state.waiting[state.next] = Waiting(deadline: deadline, giveUp: giveUp)
            defer { state.isTimerSet = true }
            return (state.next, !state.isTimerSet)
        }
        if needsTimer { setTimer(deadline) }
        return ticket
    }

    func remove(_ ticket: UInt64) { state.withLock { _ = $0.waiting.removeValue(forKey: ticket) } }

    /// Those who wait.
    var count: Int { state.withLock { $0.waiting.count } }

    private func setTimer(_ deadline: DispatchTime) {
        DispatchQueue.global().asyncAfter(deadline: deadline) { [weak self] in self?.giveUpLate() }
    }

    private func giveUpLate() {
        let now = DispatchTime.now()
        let (late, next) = state.withLock { state -> ([Waiting], DispatchTime?) in
            let late = state.waiting.filter { $0.value.deadline <= now }
            for ticket in late.keys { state.waiting[ticket] = nil }
            let next = state.waiting.values.map(\.deadline).min()
            state.isTimerSet = next != nil
            return (Array(late.values), next)
        }
        for waiting in late { waiting.giveUp() }
        // Deadlines that come in the same moment are looked at together.
        if let next { setTimer(max(next, now + .milliseconds(50))) }
    }
}

/// One such requester.
final class PatientCall<Value: Sendable>: Sendable {
    private enum State {
        case waiting(CheckedContinuation<Result<Value, StoreFailure>, Never>, Value?)
        case over
        /// The requester has gone; `Value`: what was done for it in the transaction under way.
        case gaveUp(Value?)
    }

    private let state: Mutex<State>

    init(_ continuation: CheckedContinuation<Result<Value, StoreFailure>, Never>) {
        state = Mutex(.waiting(continuation, nil))
    }

    /// Whether the requester still waits. What was noted before was done in a transaction that was rolled back.
    var isWanted: Bool {
        state.withLock { state in
            switch state {
            case .waiting(let continuation, _):
                state = .waiting(continuation, nil)
                return true
            case .gaveUp:
                state = .gaveUp(nil)
                return false
            case .over: return false
            }
        }
    }

    /// Inside the transaction.
    func note(_ value: Value) {
        state.withLock { state in
            switch state {
            case .waiting(let continuation, _): state = .waiting(continuation, value)
            case .gaveUp: state = .gaveUp(value)
            case .over: break
            }
        }
    }

    func giveUp(_ failure: StoreFailure) {
        let continuation = state.withLock { state -> CheckedContinuation<Result<Value, StoreFailure>, Never>? in
            guard case .waiting(let continuation, let value) = state else { return nil }
            state = .gaveUp(value)
            return continuation
        }
        continuation?.resume(returning: .failure(failure))
    }

    /// After the commit, or after the transaction was thrown away.
    /// - Returns: what was done for a requester that has given up.
    func finish(_ failure: StoreFailure?) -> Value? {
        let last = state.withLock { state in
            defer { state = .over }
            return state
        }
        switch last {
        case .waiting(let continuation, let value):
            if let failure {
                continuation.resume(returning: .failure(failure))
            } else if let value {
                continuation.resume(returning: .success(value))
            } else {
                continuation.resume(returning: .failure(.closed))
            }
            return nil
        case .gaveUp(let value): return failure == nil ? value : nil
        case .over: return nil
        }
    }
}
