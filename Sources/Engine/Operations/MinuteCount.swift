import DequeModule
import Messaging

/// How much happened in the last 60 seconds, to the second.
struct MinuteCount {
    private var seconds: Deque<(second: Int64, count: Int)> = []

    mutating func note(_ count: Int, at now: Timestamp) {
        let second = now.milliseconds / 1000
        if let last = seconds.last, last.second == second {
            seconds[seconds.count - 1].count += count
        } else {
            seconds.append((second, count))
        }
        while let first = seconds.first, first.second <= second - 60 { seconds.removeFirst() }
    }

    func sum(at now: Timestamp) -> Int {
        let since = now.milliseconds / 1000 - 60
        return seconds.reduce(0) { $1.second > since ? $0 + $1.count : $0 }
    }
}
