public import Messaging
import Synchronization

/// Five wrong credentials within five minutes from one account and address shut that pair out until five minutes have
/// passed (WIRE.md §002, code -100002). Bounded: when too many pairs are remembered, the oldest go first, and of an
/// account's name, which whoever asks can make as long as he likes, so many bytes count.
public final class LockOut: Sendable {
    public static let failuresMax = 5
    public static let window: Int64 = 5 * 60_000
    public static let nameBytesMax = 64
    private static let pairsMax = 10_000

    private struct Pair: Hashable {
        var account: String
        var address: [UInt8]

        init(_ account: String, _ address: [UInt8]) {
            let isShort = account.utf8.count <= LockOut.nameBytesMax
            // A copy: a slice would keep the whole of it.
            self.account =
                isShort ? account : String(decoding: account.utf8.prefix(LockOut.nameBytesMax), as: UTF8.self)
            self.address = address
        }
    }

    private let failures = Mutex<[Pair: [Timestamp]]>([:])
    /// Spares the hot path the lock while nobody has failed.
    private let pairCount = Atomic<Int>(0)

    public init() {}

    public func isLocked(account: String, address: [UInt8], at now: Timestamp) -> Bool {
        if pairCount.load(ordering: .relaxed) == 0 { return false }
        return failures.withLock { failures in
            guard let times = failures[Pair(account, address)], times.count >= Self.failuresMax,
                let last = times.last
            else { return false }
            return now.milliseconds - last.milliseconds < Self.window
        }
    }

    /// - Returns: true when this failure shuts the pair out.
    public func recordFailure(account: String, address: [UInt8], at now: Timestamp) -> Bool {
        failures.withLock { failures in
            let pair = Pair(account, address)
            var times = failures[pair, default: []]
            times.removeAll { now.milliseconds - $0.milliseconds >= Self.window }
            times.append(now)
            failures[pair] = times.suffix(Self.failuresMax)
            if failures.count > Self.pairsMax { Self.forgetOldest(&failures, at: now) }
            pairCount.store(failures.count, ordering: .relaxed)
            return times.count >= Self.failuresMax
        }
    }

    private static func forgetOldest(_ failures: inout [Pair: [Timestamp]], at now: Timestamp) {
        failures = failures.filter { _, times in
            times.last.map { now.milliseconds - $0.milliseconds < window } ?? false
        }
        let surplus = failures.count - pairsMax
        guard surplus > 0 else { return }
        let oldest = failures.sorted { ($0.value.last?.milliseconds ?? 0) < ($1.value.last?.milliseconds ?? 0) }
        for (pair, _) in oldest.prefix(surplus + pairsMax / 10) { failures[pair] = nil }
    }
}
