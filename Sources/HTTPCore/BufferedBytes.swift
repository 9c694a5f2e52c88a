import Synchronization

/// The bytes of unfinished heads and bodies that a listener holds, in total and by address.
final class BufferedBytes: Sendable {
    private struct State {
        var total = 0
        /// Addresses with no bytes have no entry.
        var shares: [AddressShare: Int] = [:]
    }

    private let max: Int
    private let shareMax: Int
    private let state = Mutex(State())

    init(max: Int, shareMax: Int) {
        self.max = max
        self.shareMax = shareMax
    }

    /// - Parameter share: the sender's; nil to count in the total only.
    /// - Returns: false, with nothing reserved, when the total or the share of this address would be exceeded.
    func reserve(_ bytes: Int, for share: AddressShare?) -> Bool {
        state.withLock { state in
            guard state.total + bytes <= max else { return false }
            if let share {
                let after = state.shares[share, default: 0] + bytes
                guard after <= shareMax else { return false }
                state.shares[share] = after
            }
            state.total += bytes
            return true
        }
    }

    func release(_ bytes: Int, for share: AddressShare?) {
        state.withLock { state in
            state.total -= bytes
            guard let share, let held = state.shares[share] else { return }
            state.shares[share] = held > bytes ? held - bytes : nil
        }
    }

    /// How much is reserved, and for how many addresses; for tests.
    var usage: (bytes: Int, addresses: Int) { state.withLock { ($0.total, $0.shares.count) } }
}
