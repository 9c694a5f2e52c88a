import DequeModule
import Messaging
import Store

/// One of the queues of a lane: its front in memory, bounded, and what came when that was full on disk only.
struct LaneQueue {
    private var items: Deque<ChannelLane.Waiting> = []
    private var bytes = 0
    /// Messages in memory.
    private(set) var depth = 0
    var spill = Spill()

    /// What contents may take on average before fewer messages are held.
    private static let bytesPerMessageMax = 512

    var isEmpty: Bool { items.isEmpty }
    var count: Int { depth + spill.count }

    /// Takes messages in at the end, those that memory has no room for on disk only.
    /// - Parameter isReadBack: they come from this queue's own front on disk.
    mutating func append(_ item: ChannelLane.Waiting, depthMax: Int, isReadBack: Bool = false) {
        if isReadBack || spill.isEmpty, depth + item.messages.count <= depthMax, hasBytes(depthMax) {
            return push(item)
        }
        var held = item
        let room = isReadBack || spill.isEmpty ? hasBytes(depthMax) ? max(0, depthMax - depth) : 0 : 0
        held.messages = item.messages.prefix(room)
        if !held.messages.isEmpty { push(held) }
        spill.insert(item.messages.dropFirst(room), waitingSince: item.part.availableAt)
    }

    private func hasBytes(_ depthMax: Int) -> Bool { bytes / Self.bytesPerMessageMax < depthMax }

    private mutating func push(_ item: ChannelLane.Waiting) {
        depth += item.messages.count
        bytes += item.part.content.utf8.count
        items.append(item)
    }

    mutating func prepend(_ item: ChannelLane.Waiting) {
        depth += item.messages.count
        bytes += item.part.content.utf8.count
        items.prepend(item)
    }

    mutating func popFirst() -> ChannelLane.Waiting? {
        guard let item = items.popFirst() else { return nil }
        depth -= item.messages.count
        bytes -= item.part.content.utf8.count
        return item
    }

    /// Takes out what is in memory.
    mutating func removeAll() -> Deque<ChannelLane.Waiting> {
        defer {
            items = []
            depth = 0
            bytes = 0
        }
        return items
    }

    /// How many messages should be read back from disk; 0 when memory holds enough of them.
    func wanted(depthMax: Int) -> Int {
        guard !spill.isEmpty, depth <= depthMax / 2, hasBytes(depthMax / 2 + 1) else { return 0 }
        return max(1, depthMax - depth)
    }

    /// Takes out what has waited in memory since before `deadline`, and begins to look through the rest.
    mutating func removeExpired(before deadline: Timestamp) -> [Int64] {
        spill.startAgeing(before: deadline)
        guard items.contains(where: { $0.part.availableAt < deadline }) else { return [] }
        var expired: [Int64] = []
        for item in removeAll() {
            if item.part.availableAt < deadline {
                expired += item.messages.map(\.sequence)
            } else {
                push(item)
            }
        }
        return expired
    }
}
