import Dispatch
import Secrets
import Synchronization

/// Makes and checks password hashes on threads of its own, at most two at once: each takes 32 MiB and some 150 ms of a
/// processor. What comes while too many wait is refused.
final class PasswordHasher: Sendable {
    /// Too many wait, or libcrypto failed for want of memory.
    struct Busy: Error {}

    private typealias Job = @Sendable () -> Void

    private struct State {
        var running = 0
        /// First in, first out.
        var waiting: [Job] = []
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "yizhan.passwords", qos: .default, attributes: .concurrent)
    private let cost: PasswordHash.Cost
    private let runningMax: Int
    private let waitingMax: Int
    /// What passwords of names without one are compared with, which costs as much as any other.
    private let decoy: PasswordHash

    /// - Parameter waitingMax: with two at once, 24 of them wait 2 s.
    init(cost: PasswordHash.Cost = .standard, runningMax: Int = 2, waitingMax: Int = 24) {
        self.cost = cost
        self.runningMax = runningMax
        self.waitingMax = waitingMax
        decoy = PasswordHash.decoy(cost: cost)
    }

    /// The hash of a new password.
    func hash(_ password: String) async throws(Busy) -> PasswordHash {
        let cost = cost
        return try await run { () throws(SecretsError) in try PasswordHash.make(password, cost: cost) }
    }

    /// Whether the hash is of this password. Without a hash it is not, and takes as long.
    func matches(_ password: String, _ hash: PasswordHash?) async throws(Busy) -> Bool {
        let (known, decoy) = (hash != nil, decoy)
        return try await run { () throws(SecretsError) in
            let isRight = try (hash ?? decoy).matches(password)
            return isRight && known
        }
    }

    private func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws(SecretsError) -> Value
    ) async throws(Busy) -> Value {
        let result: Result<Value, Busy> = await withCheckedContinuation { continuation in
            let isTaken = enqueue {
                do throws(SecretsError) {
                    continuation.resume(returning: .success(try work()))
                } catch {
                    continuation.resume(returning: .failure(Busy()))
                }
            }
            if !isTaken { continuation.resume(returning: .failure(Busy())) }
        }
        return try result.get()
    }

    /// - Returns: false when too many wait.
    private func enqueue(_ job: @escaping Job) -> Bool {
        let (isTaken, starts) = state.withLock { state -> (Bool, Bool) in
            if state.running < runningMax {
                state.running += 1
                return (true, true)
            }
            guard state.waiting.count < waitingMax else { return (false, false) }
            state.waiting.append(job)
            return (true, false)
        }
        if starts { start(job) }
        return isTaken
    }

    private func start(_ job: @escaping Job) {
        queue.async { [self] in
            job()
            let next = state.withLock { state -> Job? in
                if state.waiting.isEmpty {
                    state.running -= 1
                    return nil
                }
                return state.waiting.removeFirst()
            }
            if let next { start(next) }
        }
    }
}
