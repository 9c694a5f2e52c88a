import Foundation
import Glibc
import Synchronization

/// What a service manager hears: a datagram socket that counts what is sent to it.
final class ServiceManagerStub: Sendable {
    private let descriptor: Int32
    private let path: String
    private let count = Mutex(0)

    init(in directory: TemporaryDirectory) throws {
        path = directory.path("notify")
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Socket.Failure("socket") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes.prefix($0.count - 1)) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw Socket.Failure("bind \(path)") }
    }

    deinit { close(descriptor) }

    /// For a process that is watched; `watchdog` is its WatchdogSec=.
    func environment(watchdog: Duration) -> [String: String] {
        let microseconds = watchdog.components.seconds * 1_000_000
        return ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": String(microseconds)]
    }

    /// How often the watchdog was fed so far.
    func feedings() -> Int {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let length = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            guard length > 0 else { return count.withLock { $0 } }
            if String(decoding: buffer[..<length], as: UTF8.self).contains("WATCHDOG=1") { count.withLock { $0 += 1 } }
        }
    }
}
