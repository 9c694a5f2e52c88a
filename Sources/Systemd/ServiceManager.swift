import CSystemd

/// Notifications to the service manager, and its watchdog interval (sd_notify(3), sd_watchdog_enabled(3)).
public enum ServiceManager {
    /// What the service manager can be notified of.
    public enum State: Sendable, Equatable {
        /// Start-up is finished: units ordered after this one may start.
        case ready
        /// The service is ending.
        case stopping
        /// The process is alive; to be sent every `watchdogInterval`.
        case watchdog
        /// One line for `systemctl status`.
        case status(String)

        var assignment: String {
            switch self {
            case .ready: "READY=1"
            case .stopping: "STOPPING=1"
            case .watchdog: "WATCHDOG=1"
            // A newline would begin the next assignment.
            case .status(let text): "STATUS=" + String(text.map { $0.isNewline ? " " : $0 })
            }
        }
    }

    /// Sends `states` in one datagram. False when no manager listens (`NOTIFY_SOCKET` unset) or it could not be
    /// reached: neither is a reason to stop serving.
    @discardableResult
    public static func notify(_ states: State...) -> Bool {
        sd_notify(0, states.map(\.assignment).joined(separator: "\n")) > 0
    }

    /// How often to send `.watchdog`: half of `WatchdogSec=`, as sd_watchdog_enabled(3) advises. Nil when the manager
    /// does not watch this process.
    public static var watchdogInterval: Duration? {
        var timeoutMicroseconds: UInt64 = 0
        guard sd_watchdog_enabled(0, &timeoutMicroseconds) > 0 else { return nil }
        return .microseconds(timeoutMicroseconds / 2)
    }
}
