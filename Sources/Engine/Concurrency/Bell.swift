import Synchronization

/// Wakes one sleeper. A ring while none sleeps is remembered.
final class Bell: Sendable {
    struct Rings: OptionSet {
        let rawValue: UInt8

        /// There may be more to do.
        static let more = Rings(rawValue: 1)
        /// The settings are others.
        static let changed = Rings(rawValue: 2)
        /// A pause is over.
        static let timer = Rings(rawValue: 4)
    }

    private struct State {
        var rings: Rings = []
        var sleeper: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func ring(_ ring: Rings) {
        let sleeper = state.withLock { state in
            state.rings.insert(ring)
            defer { state.sleeper = nil }
            return state.sleeper
        }
        sleeper?.resume()
    }

    /// What was rung since this was last asked.
    func take() -> Rings {
        state.withLock { state in
            defer { state.rings = [] }
            return state.rings
        }
    }

    /// Returns when something was rung that was not taken yet.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isRung = state.withLock { state in
                if state.rings.isEmpty { state.sleeper = continuation }
                return !state.rings.isEmpty
            }
            if isRung { continuation.resume() }
        }
    }

    func wait(atMost milliseconds: Int64) async {
        let timer = Task {
            do {
                try await Task.sleep(for: .milliseconds(milliseconds))
                ring(.timer)
            } catch {}
        }
        await wait()
        timer.cancel()
    }
}
