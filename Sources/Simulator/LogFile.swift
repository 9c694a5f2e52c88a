import Glibc
import Messaging
import Synchronization

/// A file that gets one line per received message: `custid,mobile,msgid,outcome`. Lines are gathered and written
/// when there are many, when `flush` is called, and at the end.
final class LogFile: Sendable {
    private let descriptor: Int32
    private let pending = Mutex<[UInt8]>([])

    private static let pendingBytesMax = 64 << 10

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Opens for appending; makes the file when there is none.
    init(path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Failure(description: "\(path): \(String(cString: strerror(errno)))") }
    }

    deinit {
        flush()
        close(descriptor)
    }

    func append(_ messages: [SubmittedMessage], isRefused: Bool) {
        pending.withLock { bytes in
            for message in messages {
                bytes.append(contentsOf: message.part.customID.utf8)
                bytes.append(UInt8(ascii: ","))
                // What stands in for a number may hold anything but control characters.
                bytes.append(contentsOf: message.mobile.utf8.lazy.map { $0 == UInt8(ascii: ",") ? 0x3B : $0 })
                bytes.append(UInt8(ascii: ","))
                bytes.append(contentsOf: String(message.id.rawValue).utf8)
                bytes.append(contentsOf: isRefused ? ",refused\n".utf8 : ",accepted\n".utf8)
            }
            if bytes.count >= Self.pendingBytesMax { write(&bytes) }
        }
    }

    func flush() {
        pending.withLock { write(&$0) }
    }

    private func write(_ bytes: inout [UInt8]) {
        var done = 0
        while done < bytes.count {
            let written = bytes.withUnsafeBytes { raw in
                Glibc.write(descriptor, raw.baseAddress.map { $0 + done }, raw.count - done)
            }
            if written < 0 && errno == EINTR { continue }
            if written <= 0 { break }
            done += written
        }
        bytes.removeAll(keepingCapacity: true)
    }
}
