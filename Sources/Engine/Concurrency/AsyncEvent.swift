import Synchronization

/// Wakes one sleeper. A signal while none sleeps is remembered.
final class AsyncEvent: Sendable {
    struct Signals: OptionSet {
        let rawValue: UInt8

        /// There may be more to do.
        static let more = Signals(rawValue: 1)
        /// The settings are others.
        static let changed = Signals(rawValue: 2)
        /// A pause is over.
        static let timer = Signals(rawValue: 4)
    }

    private struct State {
        var signals: Signals = []
        var sleeper: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func signal(_ signal: Signals) {
        let sleeper = state.withLock { state in
            state.signals.insert(signal)
            defer { state.sleeper = nil }
            return state.sleeper
        }
        sleeper?.resume()
    }

    /// What was signalled since this was last asked.
    func take() -> Signals {
        state.withLock { state in
            defer { state.signals = [] }
            return state.signals
        }
    }

    /// Returns when something was signalled that was not taken yet.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isSignalled = state.withLock { state in
                if state.signals.isEmpty { state.sleeper = continuation }
                return !state.signals.isEmpty
            }
            if isSignalled { continuation.resume() }
        }
    }

    func wait(atMost milliseconds: Int64) async {
        let timer = Task {
            do {
                try await Task.sleep(for: .milliseconds(milliseconds))
                signal(.timer)
            } catch {}
        }
        await wait()
        timer.cancel()
    }
}
