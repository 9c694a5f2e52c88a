import Glibc

/// A call into libsystemd that failed: its name and the errno.
public struct SystemdError: Error, Equatable, CustomStringConvertible {
    /// The C function's name.
    public let call: String
    /// The errno, positive.
    public let code: Int32

    /// The call and the text of its errno: `sd_listen_fds_with_names: Bad file descriptor`.
    public var description: String { "\(call): \(String(cString: strerror(code)))" }
}
