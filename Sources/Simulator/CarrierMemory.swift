import Messaging
import Synchronization

/// What a simulated carrier remembers: the customer's keys that it has seen, and replies that are not confirmed yet.
final class CarrierMemory: Sendable {
    private struct State {
        var keys: Set<String> = []
        /// Each with the number that confirms it, in the order of these.
        var replies: [CustomerReply] = []
        var lastReply: Int64 = 0
    }

    /// When there are more, all are forgotten: a simulator runs for long.
    private static let keysMax = 500_000

    private let state = Mutex(State())

    func isNew(key: String, in dialect: DialectName) -> Bool {
        state.withLock { state in
            if state.keys.count >= Self.keysMax { state.keys.removeAll() }
            return state.keys.insert(dialect.rawValue + " " + key).inserted
        }
    }

    /// The replies that are not confirmed yet, with new ones as far as there is room.
    func query(limit: Int, _ take: (Int) -> [CustomerReply]) -> [CustomerReply] {
        state.withLock { state in
            let room = limit - state.replies.count
            for var reply in room > 0 ? take(room) : [] {
                state.lastReply += 1
                reply.id = MessageID(rawValue: state.lastReply)
                state.replies.append(reply)
            }
            return state.replies
        }
    }

    func confirm(through last: MessageID) {
        state.withLock { state in state.replies.removeAll { $0.id <= last } }
    }
}
