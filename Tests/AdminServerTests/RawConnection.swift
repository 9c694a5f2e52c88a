import AdminProtocol
import Foundation
import Testing

/// A connection that sends whatever bytes it is told to. Reads give up after ten seconds.
final class RawConnection {
    private let descriptor: Int32
    private var received: [UInt8] = []

    init(path: String) throws {
        let address = try #require(sockaddr_un(path: path))
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard address.withSocketAddress({ connect(descriptor, $0, $1) }) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// Stops early when the server closes.
    func send(_ bytes: [UInt8]) { Self.send(bytes, to: descriptor) }

    /// As `send`, on a thread of its own.
    func sendInBackground(_ bytes: [UInt8]) {
        let copy = dup(descriptor)
        Thread.detachNewThread {
            Self.send(bytes, to: copy)
            close(copy)
        }
    }

    private static func send(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0 { return }
            rest = rest.dropFirst(count)
        }
    }

    func send(_ envelope: AdminEnvelope) throws { send(try AdminFrame.encode(envelope)) }

    func hello() throws {
        try send(.hello(software: "raw", id: 1))
        let answer = try #require(try next())
        #expect(answer.requestID == 1)
        #expect(answer.welcome.protocol == AdminFrame.protocolVersion)
    }

    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// The next envelope; nil when the server has closed.
    func next() throws -> AdminEnvelope? {
        while true {
            if let envelope = try AdminFrame.take(from: &received) { return envelope }
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            // A server that closes with bytes unread resets the connection.
            if count == 0 || (count < 0 && errno == ECONNRESET) { return nil }
            guard count > 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
            received += buffer[..<count]
        }
    }

    /// The error that ends the connection.
    func lastError() throws -> AdminError {
        let envelope = try #require(try next())
        guard case .error(let error) = envelope.body else {
            Issue.record("not an error: \(envelope)")
            return AdminError()
        }
        #expect(try next() == nil)
        return error
    }
}
