import Messaging
import Synchronization

/// One thing asked of a driver, with an end of our own beside the one that the driver owes: who waits goes on when the
/// time is over, whatever the driver does.
struct DriverCall<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var isOver = false
        var caller: CheckedContinuation<Value?, Never>?
    }

    /// Invariant: the caller is resumed once, by the side that sets `isOver`.
    private final class Shared: Sendable {
        let state = Mutex(State())

        /// - Returns: false when the call was over before.
        func end(_ value: Value?) -> Bool {
            let (isFirst, caller) = state.withLock { state in
                if state.isOver { return (false, CheckedContinuation<Value?, Never>?.none) }
                (state.isOver, state.value) = (true, value)
                defer { state.caller = nil }
                return (true, state.caller)
            }
            caller?.resume(returning: value)
            return isFirst
        }

        func value() async -> Value? {
            await withCheckedContinuation { caller in
                let (isOver, value) = state.withLock { state in
                    if !state.isOver { state.caller = caller }
                    return (state.isOver, state.value)
                }
                if isOver { caller.resume(returning: value) }
            }
        }
    }

    private let shared = Shared()
    private let work: Task<Void, Never>

    /// Begins it.
    /// - Parameter late: is handed what comes when the caller does not wait any more.
    init(
        _ ask: @escaping @Sendable () async -> Value, late: @escaping @Sendable (Value) async -> Void = { _ in }
    ) {
        work = Task { [shared] in
            let value = await ask()
            if !shared.end(value) { await late(value) }
        }
    }

    /// Lets who waits go on without an answer, and tells the driver to end.
    func giveUp() {
        if shared.end(nil) { work.cancel() }
    }

    /// Waits for the driver's answer, and goes on without it after `limit`; then the driver is told to end.
    /// - Returns: nil when it did not end in time.
    func value(within limit: Duration) async -> Value? {
        let alarm = Task { [shared, work] in
            do {
                try await Task.sleep(for: limit)
            } catch {
                return
            }
            if shared.end(nil) { work.cancel() }
        }
        defer { alarm.cancel() }
        return await shared.value()
    }
}

extension CallLimits {
    /// When a call is given up that its driver has not ended.
    var givenUpAfter: Duration { .milliseconds(min(durationMax, Int64.max / 4) * 2) }
}
