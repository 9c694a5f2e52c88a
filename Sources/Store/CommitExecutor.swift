import Dispatch
import Synchronization

/// The serial queue that commits are made on. An actor that does little but prepare commits and wait for them may live
/// there too: nothing then has to wake another thread between one commit and the next.
public final class CommitExecutor: SerialExecutor {
    let queue = DispatchQueue(label: "yizhan.commits")
    private let jobs = Mutex<[UnownedJob]>([])

    init() {}

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        queue.async { [self] in runJobs() }
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    /// Runs what waits. Commits that follow one another without a pause would keep the queue to themselves: they call
    /// it between two of them. On the queue.
    func runJobs() {
        while true {
            let waiting = jobs.withLock { jobs in
                defer { jobs = [] }
                return jobs
            }
            if waiting.isEmpty { return }
            for job in waiting { job.runSynchronously(on: asUnownedSerialExecutor()) }
        }
    }
}
