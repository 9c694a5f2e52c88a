import Glibc

/// A connected Unix-domain stream socket with deadlines on everything. Not to be shared between threads.
struct UnixStream: ~Copyable {
    enum Failure: Error {
        case system(Int32)
        case timedOut
        case pathTooLong
    }

    private let descriptor: Int32

    deinit { close(descriptor) }

    /// Connects to the socket at `path`.
    static func connected(to path: String, deadline: ContinuousClock.Instant) throws(Failure) -> UnixStream {
        guard let address = sockaddr_un(path: path) else { throw .pathTooLong }
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw .system(errno) }
        let stream = UnixStream(descriptor: descriptor)
        // On a Unix socket EAGAIN means that the listener's backlog is full; the connection is not under way.
        while true {
            if address.withSocketAddress({ connect(descriptor, $0, $1) }) == 0 { return stream }
            let code = errno
            if code == EINTR { continue }
            guard code == EAGAIN else { throw .system(code) }
            guard ContinuousClock.now < deadline else { throw .timedOut }
            _ = poll(nil, 0, 10)
        }
    }

    /// Sends all of `bytes`.
    func send(_ bytes: [UInt8], deadline: ContinuousClock.Instant) throws(Failure) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                let rest = buffer[sent...]
                return Glibc.send(
                    descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                try wait(for: Int16(POLLOUT), deadline: deadline)
            } else if errno != EINTR {
                throw .system(errno)
            }
        }
    }

    /// Up to `limit` bytes, as many as are there; empty at the end of the stream.
    func receive(limit: Int, deadline: ContinuousClock.Instant) throws(Failure) -> [UInt8] {
        while true {
            var code: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, filled in
                let count = recv(descriptor, buffer.baseAddress, limit, 0)
                code = count < 0 ? errno : 0
                filled = max(0, count)
            }
            if code == 0 { return bytes }
            if code == EAGAIN {
                try wait(for: Int16(POLLIN), deadline: deadline)
            } else if code != EINTR {
                throw .system(code)
            }
        }
    }

    private func wait(for events: Int16, deadline: ContinuousClock.Instant) throws(Failure) {
        while true {
            let left = deadline - ContinuousClock.now
            guard left > .zero else { throw .timedOut }
            let (seconds, attoseconds) = left.components
            // Rounded up, so that the last part of a millisecond does not spin.
            let milliseconds = min(seconds, 86_400) * 1000 + attoseconds / 1_000_000_000_000_000 + 1
            var entry = pollfd(fd: descriptor, events: events, revents: 0)
            let ready = poll(&entry, 1, Int32(milliseconds))
            if ready > 0 { return }
            if ready < 0, errno != EINTR { throw .system(errno) }
        }
    }
}
