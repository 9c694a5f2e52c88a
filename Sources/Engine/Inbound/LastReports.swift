import Messaging
import Synchronization

/// When each channel's carrier last handed over a report.
final class LastReports: Sendable {
    private struct State {
        var times: [ChannelKey: Timestamp] = [:]
    }

    private let state = Mutex(State())

    var all: [ChannelKey: Timestamp] { state.withLock { $0.times } }

    func note(_ channel: ChannelKey, at now: Timestamp) { state.withLock { $0.times[channel] = now } }
}
