import Logging
import NIOCore
import Synchronization

/// Logs each warning at most once a minute, with how often it was due.
final class RateLimitedLog: Sendable {
    private struct Entry {
        var next: NIODeadline
        var count = 0
    }

    private let name: String
    private let logger: Logger
    private let entries = Mutex<[String: Entry]>([:])

    private static let period = TimeAmount.minutes(1)

    /// - Parameter name: the listener's.
    init(name: String, logger: Logger) {
        self.name = name
        self.logger = logger
    }

    /// - Parameter text: a constant.
    func warn(_ text: String, reason: String? = nil) {
        let now = NIODeadline.now()
        let count = entries.withLock { entries -> Int? in
            var entry = entries[text] ?? Entry(next: now)
            entry.count += 1
            defer { entries[text] = entry }
            guard now >= entry.next else { return nil }
            defer { entry = Entry(next: now + Self.period) }
            return entry.count
        }
        guard let count else { return }
        var metadata: Logger.Metadata = ["listener": "\(name)", "times": "\(count)"]
        if let reason { metadata["reason"] = "\(reason)" }
        logger.warning("\(text)", metadata: metadata)
    }
}
