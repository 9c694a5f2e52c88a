import NIOCore
import Synchronization

/// Counts the connections of a listener over all its event loops, in total and by address.
final class ConnectionCensus: Sendable {
    enum Verdict {
        case welcome
        /// The address has reached its limit.
        case shareTaken
        /// The listener has reached its limit.
        case full
        /// The server stops.
        case closing
    }

    private struct State {
        /// Connections that are served.
        var welcomed = 0
        /// Connections that only get the answer 503.
        var refused = 0
        /// By address: direct connections, and requests under way through proxies. Addresses with none have no entry.
        var shares: [AddressShare: Int] = [:]
        var isClosing = false
        var empty: EventLoopPromise<Void>?

        var isEmpty: Bool { welcomed == 0 && refused == 0 }

        mutating func take(_ share: AddressShare, of max: Int) -> Bool {
            let held = shares[share, default: 0]
            guard held < max else { return false }
            shares[share] = held + 1
            return true
        }

        mutating func give(_ share: AddressShare) {
            guard let held = shares[share] else { return }
            shares[share] = held > 1 ? held - 1 : nil
        }
    }

    private let max: Int
    private let shareMax: Int
    private let state = Mutex(State())

    /// The limit of connections that wait for their 503 to be read.
    static let refusedMax = 64

    init(max: Int, shareMax: Int) {
        self.max = max
        self.shareMax = shareMax
    }

    /// Counts a connection when neither limit is reached.
    /// - Parameter share: the peer's; nil for a trusted proxy, for which only the total counts.
    func enter(_ share: AddressShare?) -> Verdict {
        state.withLock { state in
            guard !state.isClosing else { return .closing }
            if let share, state.shares[share, default: 0] >= shareMax { return .shareTaken }
            guard state.welcomed < max else { return .full }
            if let share { _ = state.take(share, of: shareMax) }
            state.welcomed += 1
            return .welcome
        }
    }

    /// A served connection is closed. `share`: the one it was counted for.
    func leave(_ share: AddressShare?) {
        let done = state.withLock { state -> EventLoopPromise<Void>? in
            state.welcomed -= 1
            if let share { state.give(share) }
            return state.isEmpty ? state.empty.take() : nil
        }
        done?.succeed()
    }

    /// Counts a connection that only gets the answer 503; false when that limit is reached, too.
    func enterRefused() -> Bool {
        state.withLock { state in
            guard !state.isClosing, state.refused < Self.refusedMax else { return false }
            state.refused += 1
            return true
        }
    }

    func leaveRefused() {
        let done = state.withLock { state -> EventLoopPromise<Void>? in
            state.refused -= 1
            return state.isEmpty ? state.empty.take() : nil
        }
        done?.succeed()
    }

    /// Counts a connection or a request under way for an address that a proxy names; false when the address has
    /// reached its limit.
    func take(_ share: AddressShare) -> Bool { state.withLock { $0.take(share, of: shareMax) } }

    func give(_ share: AddressShare) { state.withLock { $0.give(share) } }

    var count: Int { state.withLock { $0.welcomed + $0.refused } }
    /// How many addresses are counted; for tests.
    var addressCount: Int { state.withLock { $0.shares.count } }

    /// Welcomes no connection from now on, and completes `promise` when the last one is closed.
    func close(_ promise: EventLoopPromise<Void>) {
        let isEmpty = state.withLock { state in
            state.isClosing = true
            if !state.isEmpty { state.empty = promise }
            return state.isEmpty
        }
        if isEmpty { promise.succeed() }
    }
}
