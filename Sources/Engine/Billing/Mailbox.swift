import Synchronization

/// A bounded queue between threads and one actor. The actor takes everything that waits at once, so it is crossed once
/// per batch and never per message.
final class Mailbox<Element: Sendable>: Sendable {
    private struct State {
        var waiting: [Element] = []
        var reader: CheckedContinuation<[Element]?, Never>?
        var isClosed = false
    }

    private let state = Mutex(State())
    private let countMax: Int

    init(countMax: Int) {
        self.countMax = countMax
    }

    /// False when the mailbox is full or closed; the element was not taken then.
    func push(_ element: Element) -> Bool {
        let (taken, reader): (Bool, CheckedContinuation<[Element]?, Never>?) = state.withLock { state in
            if state.isClosed || state.waiting.count >= countMax { return (false, nil) }
            if let reader = state.reader {
                state.reader = nil
                return (true, reader)
            }
            state.waiting.append(element)
            return (true, nil)
        }
        reader?.resume(returning: [element])
        return taken
    }

    /// Everything that waits, at least one element; nil once the mailbox is closed and empty. For one reader, which
    /// stays on its own executor.
    func next(isolation: isolated (any Actor)? = #isolation) async -> [Element]? {
        await withCheckedContinuation(isolation: isolation) { continuation in
            let ready: [Element]?? = state.withLock { state in
                if !state.waiting.isEmpty {
                    defer { state.waiting = [] }
                    return .some(state.waiting)
                }
                if state.isClosed { return .some(nil) }
                state.reader = continuation
                return nil
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }

    /// What waits is still handed out; nothing new is taken.
    func close() {
        let reader = state.withLock { state in
            state.isClosed = true
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: nil)
    }

    var count: Int { state.withLock { $0.waiting.count } }
}
