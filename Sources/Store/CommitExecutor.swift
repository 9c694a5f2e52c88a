import Dispatch

/// The serial queue that commits are made on. An actor that does little but prepare commits and wait for them may live
/// there too: nothing then has to wake another thread between one commit and the next.
public final class CommitExecutor: SerialExecutor {
    let queue = DispatchQueue(label: "yizhan.commits")

    init() {}

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}
