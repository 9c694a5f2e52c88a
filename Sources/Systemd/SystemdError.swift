import Glibc

/// A call into libsystemd that failed: its name and the errno.
public struct SystemdError: Error, Equatable, CustomStringConvertible {
    public let call: String
    public let code: Int32

    public var description: String { "\(call): \(String(cString: strerror(code)))" }
}
