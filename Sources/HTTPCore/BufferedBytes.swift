import Synchronization

/// The memory that all unfinished bodies of a server take together.
final class BufferedBytes: Sendable {
    private let total = Atomic<Int>(0)

    /// False, and nothing reserved, when that would be more than `limit`.
    func reserve(_ bytes: Int, of limit: Int) -> Bool {
        let after = total.add(bytes, ordering: .relaxed).newValue
        if after <= limit { return true }
        total.subtract(bytes, ordering: .relaxed)
        return false
    }

    func release(_ bytes: Int) {
        total.subtract(bytes, ordering: .relaxed)
    }
}
