import Logging
import Messaging
import Synchronization

/// Whether the database takes writes. Everybody who writes meets a full disk; here it is said once, when it begins and
/// when it ends.
public final class StorageHealth: Sendable {
    private struct State {
        var failure: StoreFailure?
        var since = Timestamp(milliseconds: 0)
        var lastFailure = Timestamp(milliseconds: 0)
    }

    private let state = Mutex(State())
    private let failing = Atomic<Bool>(false)
    private let clock: Clock
    private let logger: Logger

    /// A commit ends the trouble only when none failed for this long, in milliseconds: on a disk that is almost full
    /// small ones still go through.
    static let calm: Int64 = 1000

    init(clock: Clock, logger: Logger) {
        self.clock = clock
        self.logger = logger
    }

    /// Whether the last writes were refused.
    public var isFailing: Bool { failing.load(ordering: .relaxed) }

    /// Whether the file was seen to be damaged, which does not pass.
    public var isDamaged: Bool { isFailing && state.withLock { $0.failure?.isOfDisk == false } }

    /// What a write or a read came to; nil: a commit that wrote something.
    func note(_ failure: StoreFailure?) {
        guard failure != nil || isFailing else { return }
        let now = clock.now()
        let change: (begins: StoreFailure?, lasted: Int64?) = state.withLock { state in
            guard let failure else {
                guard let known = state.failure, known.isOfDisk,
                    now.milliseconds(since: state.lastFailure) >= Self.calm
                else { return (nil, nil) }
                state.failure = nil
                failing.store(false, ordering: .relaxed)
                return (nil, now.milliseconds(since: state.since))
            }
            state.lastFailure = now
            // Damage does not pass, and nothing is worse.
            let isNews = state.failure == nil || (state.failure?.isOfDisk == true && !failure.isOfDisk)
            guard isNews else { return (nil, nil) }
            if state.failure == nil { state.since = now }
            state.failure = failure
            failing.store(true, ordering: .relaxed)
            return (failure, nil)
        }
        if let begins = change.begins {
            let words =
                begins.isOfDisk
                ? "the database takes no writes; new messages are refused until it does"
                : "the database is damaged; nothing is accepted, charged, sent or handed out any more: stop the "
                    + "service, keep a copy of its folder, and restore a backup"
            logger.critical("\(words)", metadata: ["reason": "\(begins.words)"])
        } else if let lasted = change.lasted {
            logger.notice("the database takes writes again", metadata: ["after_ms": "\(lasted)"])
        }
    }

    /// A sentence for the operator; nil when all is well.
    public var problem: String? {
        let (failure, since) = state.withLock { ($0.failure, $0.since) }
        guard let failure else { return nil }
        return failure.isOfDisk
            ? "The database takes no writes since \(since.chinaText): \(failure.words). New messages are refused; "
                + "it goes on by itself when the disk does."
            : "The database is damaged, seen at \(since.chinaText): \(failure.words). Nothing is accepted, charged, "
                + "sent or handed out any more. Stop the service, keep a copy of its folder, and restore a backup."
    }
}

extension StoreFailure {
    /// The reason alone.
    fileprivate var words: String {
        switch self {
        case .unavailable(let words), .damaged(let words), .busy(let words), .limitReached(let words),
            .sealingFailed(let words):
            words
        case .notFound, .alreadyExists, .closed: "\(self)"
        }
    }
}

extension Logger {
    /// An error, unless `StorageHealth` has said it for all.
    func failure(_ failure: StoreFailure, _ message: Logger.Message, _ metadata: Logger.Metadata = [:]) {
        log(
            level: failure.isOfStorage ? .debug : .error, message,
            metadata: metadata.merging(["reason": "\(failure)"]) { $1 })
    }
}
