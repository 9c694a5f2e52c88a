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
        /// Those that are served.
        var welcomed = 0
        /// Those that are only told that they are too many.
        var refused = 0
        var isClosing = false
        var empty: EventLoopPromise<Void>?

        var isEmpty: Bool { welcomed == 0 && refused == 0 }
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
            guard !state.isClosing else { return .noRoom }
            if state.welcomed < max {
                state.welcomed += 1
                return .welcome
            }
            guard state.refused < Self.refusedMax else { return .noRoom }
            state.refused += 1
            return .toBeRefused
        }
    }

    /// Somebody who was let in with `verdict` goes.
    func leave(_ verdict: Verdict) {
        let done = state.withLock { state -> EventLoopPromise<Void>? in
            switch verdict {
            case .welcome: state.welcomed -= 1
            case .toBeRefused: state.refused -= 1
            case .noRoom: break
            }
            return state.isEmpty ? state.empty.take() : nil
        }
        done?.succeed()
    }

    var count: Int { state.withLock { $0.welcomed + $0.refused } }

    /// Lets nobody in any more and keeps `promise` when the last one has gone.
    func close(_ promise: EventLoopPromise<Void>) {
        let isEmpty = state.withLock { state in
            state.isClosing = true
            if !state.isEmpty { state.empty = promise }
            return state.isEmpty
        }
        if isEmpty { promise.succeed() }
    }
}
