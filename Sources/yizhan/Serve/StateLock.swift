import Glibc

/// The state folder is one process's at a time: two that bill from their own memory would each charge against a balance
/// that the other has changed. The kernel lets go of the lock when the process ends, however it does.
struct StateLock: ~Copyable {
    private let descriptor: Int32

    /// - Throws: `ApplianceFailure` when another process has the lock, which it names, or the file cannot be locked.
    init(state: String) throws {
        let path = state + "/lock"
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else {
            throw ApplianceFailure("\(path) cannot be opened: \(String(cString: strerror(errno))).")
        }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            let (code, holder) = (errno, Self.holder(opened))
            close(opened)
            guard code == EWOULDBLOCK else {
                throw ApplianceFailure("\(path) cannot be locked: \(String(cString: strerror(code))).")
            }
            throw ApplianceFailure("Another yizhan\(holder) uses the state folder \(state).")
        }
        // For people; the lock is the kernel's. On a full disk it stays empty.
        let line = Array("\(getpid())\n".utf8)
        _ = ftruncate(opened, 0)
        _ = pwrite(opened, line, line.count, 0)
        descriptor = opened
    }

    private static func holder(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let digits = bytes.prefix(max(0, count)).prefix { (0x30...0x39).contains($0) }
        return digits.isEmpty ? "" : " (process \(String(decoding: digits, as: UTF8.self)))"
    }

    deinit { close(descriptor) }
}
