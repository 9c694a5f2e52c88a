import Messaging
import Sheets
import Store
import Synchronization

/// Why a task ended otherwise than well.
enum TaskFailure: Error {
    /// The code that pages have words for.
    case failed(String)
    /// A person ended it.
    case cancelled
    /// The service ends; the task goes on after the start.
    case stopping

    init(_ failure: SheetFailure) { self = failure == .cancelled ? .cancelled : .failed(failure.rawValue) }
}

/// What a running task and its runner tell each other; from any thread.
final class TaskControl: Sendable {
    private struct State {
        var done: Int64 = 0
        var total: Int64 = 0
        var result: String?
    }

    private let state = Mutex(State())
    private let cancelled = Atomic<Bool>(false)
    private let stopping = Atomic<Bool>(false)

    init(_ task: TaskRecord) { state.withLock { ($0.done, $0.total) = (task.done, task.total) } }

    func cancel() { cancelled.store(true, ordering: .relaxed) }
    func stop() { stopping.store(true, ordering: .relaxed) }

    /// - Throws: when the task is to end.
    func check() throws(TaskFailure) {
        if stopping.load(ordering: .relaxed) { throw .stopping }
        if cancelled.load(ordering: .relaxed) { throw .cancelled }
    }

    /// The same for readers of spreadsheets, with what was done so far.
    func note(rows: Int) throws(SheetFailure) {
        note(done: Int64(rows))
        if stopping.load(ordering: .relaxed) || cancelled.load(ordering: .relaxed) { throw .cancelled }
    }

    func note(done: Int64) { state.withLock { $0.done = done } }
    func note(total: Int64) { state.withLock { $0.total = total } }
    func note(result: String) { state.withLock { $0.result = result } }

    var change: TaskChange {
        state.withLock { state in
            var change = TaskChange()
            (change.done, change.total, change.result) = (state.done, state.total, state.result)
            return change
        }
    }

    /// A reader's failure as a task's: it was cancelled when the service ends, too.
    func failure(_ failure: SheetFailure) -> TaskFailure {
        stopping.load(ordering: .relaxed) ? .stopping : TaskFailure(failure)
    }
}
