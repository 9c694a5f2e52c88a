import DequeModule
import Messaging
import Store

/// What one account has in one of a scheduler's queues, in the order in which it came: its front in memory, and what
/// found no room there on disk only.
struct AccountQueue {
    private var items: Deque<ChannelScheduler.Waiting> = []
    /// Messages in memory.
    private(set) var depth = 0
    /// What their contents take.
    private(set) var bytes = 0
    var spill = Spill(rangesMax: Self.rangesMax)

    /// Messages of accounts that send at the same time lie between each other: each of them has many short ranges.
    private static let rangesMax = 16_384

    /// What is in memory.
    var held: Deque<ChannelScheduler.Waiting> { items }
    /// Nothing is in memory.
    var isEmpty: Bool { items.isEmpty }
    /// Nothing is known of it that would be missed.
    var isForgettable: Bool { isEmpty && spill.isEmpty && spill.count == 0 }

    mutating func append(_ item: ChannelScheduler.Waiting) {
        count(item, by: 1)
        items.append(item)
    }

    mutating func prepend(_ item: ChannelScheduler.Waiting) {
        count(item, by: 1)
        items.prepend(item)
    }

    mutating func popFirst() -> ChannelScheduler.Waiting? {
        guard let item = items.popFirst() else { return nil }
        count(item, by: -1)
        return item
    }

    /// Takes out what is in memory.
    mutating func removeAll() -> Deque<ChannelScheduler.Waiting> {
        defer {
            items = []
            depth = 0
            bytes = 0
        }
        return items
    }

    /// Since when the first one waits, as far as is known.
    var oldest: Timestamp? {
        [items.first?.part.availableAt, spill.oldest].compactMap { $0 }.min()
    }

    /// Takes out what has waited in memory since before `deadline` or is not worth sending any more, and begins to look
    /// through the rest.
    mutating func removeExpired(before deadline: Timestamp, at now: Timestamp) -> [MessageSequence] {
        spill.startAgeing(before: deadline, at: now)
        func isExpired(_ item: ChannelScheduler.Waiting) -> Bool {
            item.part.availableAt < deadline || item.part.isOver(at: now)
        }
        guard items.contains(where: isExpired) else { return [] }
        var expired: [MessageSequence] = []
        for item in removeAll() {
            if isExpired(item) {
                expired += item.messages.map(\.sequence)
            } else {
                append(item)
            }
        }
        return expired
    }

    /// Does something with it, and says by how much that has changed what is in memory, and whether that was nothing.
    mutating func measured<R>(
        _ body: (inout AccountQueue) -> R
    ) -> (R, change: (messages: Int, bytes: Int, hasBegun: Bool)) {
        let (messages, content, wasEmpty) = (depth, bytes, isEmpty)
        let result = body(&self)
        return (result, (depth - messages, bytes - content, wasEmpty && !isEmpty))
    }

    private mutating func count(_ item: ChannelScheduler.Waiting, by sign: Int) {
        depth += sign * item.messages.count
        bytes += sign * item.part.content.utf8.count
    }
}
