/// Counts of latencies in buckets that grow with the value: at most 1/64 of error from 1 µs to more than an hour, in a
/// fixed 14 KB.
struct LatencyHistogram: Sendable {
    private static let linearBits = 6
    private static let ceiling: UInt64 = 1 << 32 - 1

    private var counts = [UInt64](repeating: 0, count: 27 << linearBits)
    private(set) var total: UInt64 = 0
    /// The longest latency seen, in microseconds.
    private(set) var highest: UInt64 = 0

    mutating func record(microseconds value: UInt64) {
        counts[Self.index(min(value, Self.ceiling))] += 1
        total += 1
        highest = max(highest, value)
    }

    mutating func merge(_ other: LatencyHistogram) {
        for index in counts.indices { counts[index] += other.counts[index] }
        total += other.total
        highest = max(highest, other.highest)
    }

    /// The latency in microseconds that `permille` of a thousand requests did not exceed; 0 when nothing was recorded.
    func percentile(permille: UInt64) -> UInt64 {
        guard total > 0 else { return 0 }
        let rank = max(1, (total * permille + 999) / 1000)
        var seen: UInt64 = 0
        for (index, count) in counts.enumerated() {
            seen += count
            if seen >= rank { return min(Self.upperEdge(index), highest) }
        }
        return highest
    }

    /// Below 128 a bucket a microsecond; above, 64 buckets for each doubling.
    private static func index(_ value: UInt64) -> Int {
        let shift = max(0, UInt64.bitWidth - value.leadingZeroBitCount - linearBits - 1)
        return shift << linearBits + Int(value >> UInt64(shift))
    }

    private static func upperEdge(_ index: Int) -> UInt64 {
        guard index >= 2 << linearBits else { return UInt64(index) }
        let shift = index >> linearBits - 1
        return UInt64(index - shift << linearBits + 1) << UInt64(shift) - 1
    }
}
