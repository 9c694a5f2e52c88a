import Messaging
import Synchronization

/// When each channel's carrier last handed over a report.
final class LastReports: Sendable {
    private struct State {
        var times: [Int64: Timestamp] = [:]
    }

    private let state = Mutex(State())

    var all: [Int64: Timestamp] { state.withLock { $0.times } }

    func note(_ channel: Int64, at now: Timestamp) { state.withLock { $0.times[channel] = now } }
}
