import Messaging
import Store

/// The walk over all queued messages, once after the start; what is accepted meanwhile comes by memory and must not be
/// taken twice.
struct StartScan {
    /// Where it goes on; nil when it is over.
    private(set) var from: MessageSequence? = 0
    /// Up to here everything that was committed has been read.
    private var readThrough: MessageSequence = 0
    /// The first message that came by memory.
    private var firstNew = MessageSequence.max

    /// Whether a part that comes by memory has not been read from disk; parts come in the order of their ids.
    mutating func admits(_ part: CommittedPart) -> Bool {
        if part.id <= readThrough { return false }
        if from != nil { firstNew = min(firstNew, part.id) }
        return true
    }

    /// Takes in what was read. `next`: where the read stopped; nil when it came to the end.
    /// - Returns: what did not come by memory.
    mutating func take(_ parts: [CommittedPart], next: MessageSequence?) -> [CommittedPart] {
        let old = parts.filter { $0.id < firstNew }
        readThrough = max(readThrough, old.last?.messages.last?.sequence ?? 0)
        from = next.flatMap { $0 < firstNew ? $0 : nil }
        return old
    }
}
