import Synchronization

/// How many pushes are loaded and under way at once, of all lanes. Lanes whose endpoint fails have slots of their own:
/// however many there are, they take none from those that work.
final class PushSemaphore: Sendable {
    enum Kind: Int, CaseIterable {
        case working, failing
    }

    private struct Pool {
        var free: Int
        /// First in, first out.
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let pools: Mutex<[Pool]>

    init(working: Int = 128, failing: Int = 32) {
        pools = Mutex([Pool(free: working), Pool(free: failing)])
    }

    /// Waits for a slot; each must be given back.
    func acquire(_ kind: Kind) async {
        await withCheckedContinuation { continuation in
            let isFree = pools.withLock { pools in
                guard pools[kind.rawValue].free > 0 else {
                    pools[kind.rawValue].waiting.append(continuation)
                    return false
                }
                pools[kind.rawValue].free -= 1
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    func release(_ kind: Kind) {
        let next = pools.withLock { pools -> CheckedContinuation<Void, Never>? in
            if pools[kind.rawValue].waiting.isEmpty {
                pools[kind.rawValue].free += 1
                return nil
            }
            return pools[kind.rawValue].waiting.removeFirst()
        }
        next?.resume()
    }

    /// Whether a lane waits for such a slot.
    func areWanted(_ kind: Kind) -> Bool { pools.withLock { !$0[kind.rawValue].waiting.isEmpty } }
}
