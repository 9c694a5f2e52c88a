import CSystemd
import Glibc

/// The sockets that systemd's socket units opened for us (sd_listen_fds(3)).
public enum ListenSockets {
    /// The listening descriptors by the `FileDescriptorName=` of their socket unit, in systemd's order. Empty when the
    /// process was not socket-activated. Every descriptor is close-on-exec and belongs to the caller from here on.
    ///
    /// Call it once, before any thread is started: it takes `LISTEN_PID`, `LISTEN_FDS` and `LISTEN_FDNAMES` out of the
    /// environment, so that children do not claim the sockets, and the environment is not safe to change among threads.
    /// - Throws: `SystemdError` when the variables are there but do not hold, such as a descriptor that is not open.
    public static func adopt() throws(SystemdError) -> [String: [Int32]] {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = sd_listen_fds_with_names(1, &names)
        defer { freeAll(names) }
        guard count >= 0 else { throw SystemdError(call: "sd_listen_fds_with_names", code: -count) }
        var sockets: [String: [Int32]] = [:]
        for index in 0..<Int(count) {
            let name = names?[index].map { String(cString: $0) } ?? "unknown"
            sockets[name, default: []].append(SD_LISTEN_FDS_START + Int32(index))
        }
        return sockets
    }

    private static func freeAll(_ names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) {
        guard let names else { return }
        var next = names
        while let name = next.pointee {
            free(name)
            next += 1
        }
        free(names)
    }
}
