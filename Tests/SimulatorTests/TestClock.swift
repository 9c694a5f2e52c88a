import Messaging
import Synchronization

/// A time that passes only when it is told to.
final class TestClock: Sendable {
    private let time = Mutex(Timestamp(milliseconds: 1_480_000_000_000))

    var now: Timestamp { time.withLock { $0 } }
    var clock: Clock { Clock(now: { self.now }) }

    func pass(milliseconds: Int64) {
        time.withLock { $0 = $0.adding(milliseconds: milliseconds) }
    }
}

/// Asks again and again; false when the answer was never yes in two minutes.
func poll(_ condition: () async throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(120)
    while !(try await condition()) {
        if ContinuousClock.now > deadline { return false }
        try await Task.sleep(for: .milliseconds(2))
    }
    return true
}
