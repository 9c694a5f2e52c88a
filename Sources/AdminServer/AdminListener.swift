import AdminProtocol
import Glibc

/// Where `AdminServer` listens.
public enum AdminListenSource: Hashable, Sendable {
    /// Makes the socket file, mode 0660; a file on which no process listens is replaced.
    case path(String)
    /// A bound Unix-domain stream socket, as systemd hands it over. The server owns and closes it.
    case descriptor(Int32)
}

/// Why the server cannot listen. Each reads as one sentence without a full stop.
public enum AdminListenError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Empty, longer than 107 bytes, or with a NUL.
    case pathInvalid(String)
    /// Another process listens there.
    case inUse(String)
    /// Something that is no socket is in the way.
    case notASocket(String)
    /// A system call failed: the path, the call's name and its errno.
    case system(String, step: String, code: Int32)
    /// `start` was called, and `stop` not since.
    case alreadyStarted

    /// One sentence without a full stop; with the path, unless it is `alreadyStarted`.
    public var description: String {
        switch self {
        case .pathInvalid(let path): "'\(path)' cannot be a socket's path: it takes 1 to 107 bytes"
        case .inUse(let path): "another process listens on \(path)"
        case .notASocket(let path): "\(path) is there and is not a socket"
        case .system(let path, let step, let code): "\(path): \(step): \(String(cString: strerror(code)))"
        case .alreadyStarted: "the administration server is started already"
        }
    }
}

/// A bound Unix-domain socket and its file.
struct AdminListener: Sendable {
    let descriptor: Int32
    /// The group of the socket's file; nil when there is none.
    let group: UInt32?
    /// What to remove at the end; nil of an adopted socket, whose file is not this process's.
    private let file: (path: String, inode: ino_t)?

    /// Adopts a socket.
    init(adopting descriptor: Int32) {
        self.descriptor = descriptor
        file = nil
        group = Self.path(of: descriptor).flatMap(Self.status)?.st_gid
    }

    /// Makes a socket at `path`. No client can connect before its mode is set: listening comes later.
    init(path: String) throws(AdminListenError) {
        guard let address = sockaddr_un(path: path) else { throw .pathInvalid(path) }
        try Self.removeStale(path, address)
        let made = socket(AF_UNIX, Int32(clamping: SOCK_STREAM.rawValue) | Int32(clamping: SOCK_CLOEXEC.rawValue), 0)
        guard made >= 0 else { throw .system(path, step: "socket", code: errno) }
        guard address.withSocketAddress({ bind(made, $0, $1) }) == 0 else {
            let code = errno
            close(made)
            throw code == EADDRINUSE ? .inUse(path) : .system(path, step: "bind", code: code)
        }
        guard chmod(path, 0o660) == 0, let status = Self.status(path) else {
            let code = errno
            close(made)
            unlink(path)
            throw .system(path, step: "chmod", code: code)
        }
        descriptor = made
        group = status.st_gid
        file = (path, status.st_ino)
    }

    /// Removes the socket's file if it is still the one that was made here.
    func removeFile() {
        guard let file, Self.status(file.path)?.st_ino == file.inode else { return }
        unlink(file.path)
    }

    private static func removeStale(_ path: String, _ address: sockaddr_un) throws(AdminListenError) {
        guard let status = status(path) else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path) }
        // Non-blocking: a listener whose backlog is full (EAGAIN) is one all the same.
        let kind =
            Int32(clamping: SOCK_STREAM.rawValue) | Int32(clamping: SOCK_CLOEXEC.rawValue)
            | Int32(clamping: SOCK_NONBLOCK.rawValue)
        let probe = socket(AF_UNIX, kind, 0)
        guard probe >= 0 else { throw .system(path, step: "socket", code: errno) }
        defer { close(probe) }
        let result = address.withSocketAddress { connect(probe, $0, $1) }
        guard result != 0, errno == ECONNREFUSED else { throw .inUse(path) }
        guard unlink(path) == 0 || errno == ENOENT else { throw .system(path, step: "unlink", code: errno) }
    }

    private static func status(_ path: String) -> stat? {
        var result = stat()
        return lstat(path, &result) == 0 ? result : nil
    }

    private static func path(of descriptor: Int32) -> String? {
        var address = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0, address.sun_family == sa_family_t(AF_UNIX) else { return nil }
        let path = withUnsafeBytes(of: &address.sun_path) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return path.isEmpty ? nil : path
    }
}
