import Messaging
import Synchronization

/// What an observer of outboxes was told, in order.
final class Told: Sendable {
    private let keys = Mutex<[Set<OutboxKey>]>([])

    var all: [Set<OutboxKey>] { keys.withLock { $0 } }
    func add(_ more: Set<OutboxKey>) { keys.withLock { $0.append(more) } }
}
