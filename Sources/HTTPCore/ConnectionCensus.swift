import NIOCore
import Synchronization

/// How many connections a server has, over all its event loops.
final class ConnectionCensus: Sendable {
    enum Verdict {
        case welcome
        /// Full: it is answered that it is too many.
        case toBeRefused
        /// So full that there is no room for answers either, or the server stops.
        case noRoom
    }

    private struct State {
        var count = 0
        var isClosing = false
        var empty: EventLoopPromise<Void>?
    }

    private let max: Int
    private let state = Mutex(State())

    /// How many refused ones may wait for their answer to be read.
    private static let refusedMax = 64

    init(max: Int) {
        self.max = max
    }

    func enter() -> Verdict {
        state.withLock { state in
            guard !state.isClosing, state.count < max + Self.refusedMax else { return .noRoom }
            state.count += 1
            return state.count <= max ? .welcome : .toBeRefused
        }
    }

    func leave() {
        let done = state.withLock { state -> EventLoopPromise<Void>? in
            state.count -= 1
            return state.count == 0 ? state.empty.take() : nil
        }
        done?.succeed()
    }

    var count: Int { state.withLock { $0.count } }

    /// Lets nobody in any more and keeps `promise` when the last one has gone.
    func close(_ promise: EventLoopPromise<Void>) {
        let isEmpty = state.withLock { state in
            state.isClosing = true
            if state.count > 0 { state.empty = promise }
            return state.count == 0
        }
        if isEmpty { promise.succeed() }
    }
}
