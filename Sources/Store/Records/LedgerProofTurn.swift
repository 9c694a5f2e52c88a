import Synchronization

/// That one proof is under way, and how far it is.
final class LedgerProofTurn: Sendable {
    private struct State {
        var isTaken = false
        var done: Int64 = 0
        var total: Int64 = 0
    }

    private let state = Mutex(State())

    /// - Returns: false when one is under way.
    func begin() -> Bool {
        state.withLock { state in
            if state.isTaken { return false }
            state = State(isTaken: true)
            return true
        }
    }

    func end() { state.withLock { $0 = State() } }

    func note(_ done: Int64, of total: Int64) {
        state.withLock { ($0.done, $0.total) = (done, total) }
    }

    /// `1200 of 5000 entries`
    var words: String {
        let (done, total) = state.withLock { ($0.done, $0.total) }
        return "\(done) of \(total) entries; try again when it has ended"
    }
}
