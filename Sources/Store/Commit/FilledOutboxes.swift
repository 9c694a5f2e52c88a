import Messaging

/// The outboxes that something was put into. Thousands of entries in a row are of one account, so the last is
/// remembered and costs nothing.
struct FilledOutboxes {
    private(set) var keys: Set<OutboxKey> = []
    private var last: OutboxKey?

    mutating func insert(_ key: OutboxKey) {
        guard key != last else { return }
        last = key
        keys.insert(key)
    }

    mutating func removeAll() {
        guard last != nil else { return }
        last = nil
        keys.removeAll(keepingCapacity: true)
    }
}
