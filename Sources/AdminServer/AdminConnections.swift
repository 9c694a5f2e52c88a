import NIOCore
import Synchronization

/// The connections that are open.
final class AdminConnections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isStopping = false
    }

    private let state = Mutex(State())
    private let max: Int

    init(max: Int) {
        self.max = max
    }

    /// Nil, or why `channel` has no place.
    func admit(_ channel: any Channel) -> String? {
        state.withLock { state in
            if state.isStopping { return "the appliance is stopping" }
            if state.channels.count >= max { return "\(max) administration connections are open already" }
            state.channels[ObjectIdentifier(channel)] = channel
            return nil
        }
    }

    func remove(_ channel: any Channel) {
        state.withLock { _ = $0.channels.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    /// Admits nobody any more; the connections that are still open.
    func stop() -> [any Channel] {
        state.withLock { state in
            state.isStopping = true
            return Array(state.channels.values)
        }
    }
}
