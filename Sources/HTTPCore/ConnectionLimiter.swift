import NIOCore
import Synchronization

/// The limits of a listener's connections over all its event loops, in total and by address.
final class ConnectionLimiter: Sendable {
    enum Verdict {
        case accepted
        /// The address has reached its limit.
        case addressFull
        /// The listener has reached its limit.
        case full
        /// The server stops.
        case closing
    }

    private struct State {
        /// Connections that are served.
        var accepted = 0
        /// Connections that only get the answer 503.
        var refused = 0
        /// By address: direct connections, and requests under way through proxies. Addresses without any have no entry.
        var addresses: [AddressKey: Int] = [:]
        var isClosing = false
        var empty: EventLoopPromise<Void>?

        var isEmpty: Bool { accepted == 0 && refused == 0 }

        mutating func take(_ key: AddressKey, of max: Int) -> Bool {
            let held = addresses[key, default: 0]
            guard held < max else { return false }
            addresses[key] = held + 1
            return true
        }

        mutating func give(_ key: AddressKey) {
            guard let held = addresses[key] else { return }
            addresses[key] = held > 1 ? held - 1 : nil
        }
    }

    private let max: Int
    private let addressMax: Int
    private let state = Mutex(State())

    /// The limit of connections that wait for their 503 to be read.
    static let refusedMax = 64

    init(max: Int, addressMax: Int) {
        self.max = max
        self.addressMax = addressMax
    }

    /// Counts a connection when neither limit is reached.
    /// - Parameter key: the peer's; nil for a trusted proxy, for which only the total counts.
    func enter(_ key: AddressKey?) -> Verdict {
        state.withLock { state in
            guard !state.isClosing else { return .closing }
            if let key, state.addresses[key, default: 0] >= addressMax { return .addressFull }
            guard state.accepted < max else { return .full }
            if let key { _ = state.take(key, of: addressMax) }
            state.accepted += 1
            return .accepted
        }
    }

    /// A served connection is closed. `key`: the one it was counted for.
    func leave(_ key: AddressKey?) {
        let done = state.withLock { state -> EventLoopPromise<Void>? in
            state.accepted -= 1
            if let key { state.give(key) }
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
    func take(_ key: AddressKey) -> Bool { state.withLock { $0.take(key, of: addressMax) } }

    func give(_ key: AddressKey) { state.withLock { $0.give(key) } }

    var count: Int { state.withLock { $0.accepted + $0.refused } }
    /// How many addresses are counted; for tests.
    var addressCount: Int { state.withLock { $0.addresses.count } }

    /// Accepts no connection from now on, and completes `promise` when the last one is closed.
    func close(_ promise: EventLoopPromise<Void>) {
        let isEmpty = state.withLock { state in
            state.isClosing = true
            if !state.isEmpty { state.empty = promise }
            return state.isEmpty
        }
        if isEmpty { promise.succeed() }
    }
}

/// What connections and memory are counted by: an IPv4 address, or the /64 of an IPv6 address, since one host usually
/// has a whole /64.
struct AddressKey: Hashable, Sendable {
    private let isV4: Bool
    private let bits: UInt64

    init(_ address: PeerAddress) {
        isV4 = address.isV4
        bits = address.isV4 ? address.low : address.high
    }
}
