import Logging
public import Messaging
import Secrets
import Store
import Synchronization

/// Who changed what: each change is one row, chained to the row before by SHA-256.
///
/// An entry is handed to the next commit at once, so that whoever made the change need not wait. What the disk does not
/// take is kept in memory and tried again every second.
public final class AuditTrail: Sendable {
    private struct State {
        var unkept: [AuditEntry] = []
        var lost = 0
    }

    private let store: Store
    private let clock: Clock
    private let logger: Logger
    private let state = Mutex(State())

    /// Entries that wait for the disk; what comes beyond is in the log only.
    private static let unkeptMax = 10_000
    private static let checkedAtOnce = 2_000

    init(store: Store, clock: Clock, logger: Logger) {
        self.store = store
        self.clock = clock
        self.logger = logger
    }

    /// Adds an entry as of now. No secret and no content of a message may be in it.
    public func add(
        user: String, address: String, action: String, target: String = "", before: String = "", after: String = ""
    ) {
        keep([
            AuditEntry(
                at: clock.now(), user: user, address: address, action: action, target: target, before: before,
                after: after)
        ])
    }

    private func keep(_ entries: [AuditEntry]) {
        store.add(entries, digest: SHA256Digest.bytes) { [self] failure in
            guard let failure else { return }
            let lost = state.withLock { state -> Int in
                let room = max(0, Self.unkeptMax - state.unkept.count)
                state.unkept += entries.prefix(room)
                let lost = max(0, entries.count - room)
                state.lost += lost
                return lost
            }
            if lost > 0 { logger.failure(failure, "entries of the audit trail are lost; the log has them") }
        }
    }

    /// Tries again to store what the disk did not take.
    func retry() {
        let entries = state.withLock { state in
            defer { state.unkept = [] }
            return state.unkept
        }
        if !entries.isEmpty { keep(entries) }
    }

    /// How many entries wait for the disk, and how many were lost since the start.
    public var unkept: (waiting: Int, lost: Int) { state.withLock { ($0.unkept.count, $0.lost) } }

    /// Entries, the latest first.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func page(_ query: AuditQuery) async throws(StoreFailure) -> AuditPage { try await store.audit(query) }

    /// Reads the whole trail and compares its digests; may take long.
    /// - Returns: how many rows were read, and the first that is not as it was written, or whose row before is missing.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func verify() async throws(StoreFailure) -> (rows: Int64, wrong: AuditEntryID?) {
        var (last, digest) = (AuditEntryID(0), [UInt8]())
        while let read = try await store.checkAudit(
            after: last, previous: digest, limit: Self.checkedAtOnce, digest: { SHA256Digest.bytes($0) })
        {
            if let wrong = read.wrong { return (wrong.rawValue, wrong) }
            (last, digest) = (read.last, read.digest)
        }
        return (last.rawValue, nil)
    }
}
