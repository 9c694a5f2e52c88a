import Dispatch
import Synchronization

/// The serial queue that commits are made on. An actor that does little but prepare commits and wait for them may run
/// there too: nothing then has to wake another thread between one commit and the next.
public final class CommitExecutor: SerialExecutor {
    let queue = DispatchQueue(label: "yizhan.commits")
    private let jobs = Mutex<[UnownedJob]>([])

    init() {}

    /// Runs `job` on the queue of the commits, between two of them; callable on any thread, does not block.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        queue.async { [self] in runJobs() }
    }

    /// For an actor's `unownedExecutor`; the actor must keep this executor alive.
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
