import Messaging
import Synchronization

/// What a test waited for did not come.
struct TimedOut: Error, CustomStringConvertible {
    let description: String
}

/// Asks again and again until the condition holds; throws `TimedOut` after `limit`.
func eventually(
    _ what: String, within limit: Duration = .seconds(120), until condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw TimedOut(description: "\(what): not within \(limit)") }
        try await Task.sleep(for: .milliseconds(2))
    }
}

/// A clock that moves only when it is told to. It stands at noon of 2024-07-09 in China.
final class TestClock: Sendable {
    static let noon = Timestamp(milliseconds: 1_720_497_600_000)
    private let value = Mutex(TestClock.noon)

    var now: Timestamp { value.withLock { $0 } }
    var clock: Clock { Clock { self.now } }
    func advance(milliseconds: Int64) { value.withLock { $0 = $0.adding(milliseconds: milliseconds) } }
}

/// A wall clock that can be set, beside one that cannot. Both stand still between two steps.
final class TwoClocks: Sendable {
    private struct State {
        var wall = TestClock.noon
        var uptime: Int64 = 1_000_000
    }

    private let state = Mutex(State())

    var clock: Clock {
        Clock(now: { self.state.withLock { $0.wall } }, uptime: { self.state.withLock { $0.uptime } })
    }

    /// Both go on.
    func pass(milliseconds: Int64) {
        state.withLock { state in
            state.wall = state.wall.adding(milliseconds: milliseconds)
            state.uptime += milliseconds
        }
    }

    /// Somebody sets the wall clock.
    func set(aheadBy milliseconds: Int64) {
        state.withLock { $0.wall = $0.wall.adding(milliseconds: milliseconds) }
    }

    /// The machine is started again: the other clock begins anew.
    func reboot() { state.withLock { $0.uptime = 5_000 } }
}

/// Lets nobody pass until it is opened.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for one in waiting { one.resume() }
    }

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}

/// Something that is on or off.
final class Switch: Sendable {
    private let value = Mutex(false)

    var isOn: Bool {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}

/// Counts 1, 2, 3 ….
final class Counter: Sendable {
    private let value = Mutex(0)

    /// The last number that was given out; 0 before the first.
    var last: Int { value.withLock { $0 } }

    func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}
