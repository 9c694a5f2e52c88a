import Synchronization

/// The limits of the bytes of unfinished heads and bodies that a listener holds, in total and by address.
final class BufferLimiter: Sendable {
    private struct State {
        var total = 0
        /// Addresses with no bytes have no entry.
        var addresses: [AddressKey: Int] = [:]
    }

    private let max: Int
    private let addressMax: Int
    private let state = Mutex(State())

    init(max: Int, addressMax: Int) {
        self.max = max
        self.addressMax = addressMax
    }

    /// - Parameter key: the sender's; nil to count in the total only.
    /// - Returns: false, with nothing reserved, when the total or the limit of this address would be exceeded.
    func reserve(_ bytes: Int, for key: AddressKey?) -> Bool {
        state.withLock { state in
            guard state.total + bytes <= max else { return false }
            if let key {
                let after = state.addresses[key, default: 0] + bytes
                guard after <= addressMax else { return false }
                state.addresses[key] = after
            }
            state.total += bytes
            return true
        }
    }

    func release(_ bytes: Int, for key: AddressKey?) {
        state.withLock { state in
            state.total -= bytes
            guard let key, let held = state.addresses[key] else { return }
            state.addresses[key] = held > bytes ? held - bytes : nil
        }
    }

    /// How much is reserved, and for how many addresses; for tests.
    var usage: (bytes: Int, addresses: Int) { state.withLock { ($0.total, $0.addresses.count) } }
}
