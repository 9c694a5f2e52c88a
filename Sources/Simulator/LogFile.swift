import Glibc
import Messaging
import Synchronization

/// A file of lines for an audit. Every batch of lines is with the kernel when its call returns, so that they survive
/// the end of the process, whatever ends it.
final class LogFile: Sendable {
    private let descriptor: Int32
    /// One batch after the other.
    private let turn = Mutex(())

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Opens for appending; makes the file when there is none.
    init(path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Failure(description: "\(path): \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    /// One line per received message: `custid,mobile,msgid,outcome,answer`; outcome is `accepted` or `refused`, answer
    /// is `answered`, `lost` or `garbage`.
    func append(_ messages: [SubmittedMessage], isRefused: Bool, answer: AnswerFate) {
        let end = (isRefused ? ",refused," : ",accepted,") + answer.name + "\n"
        var bytes: [UInt8] = []
        bytes.reserveCapacity(messages.count * 64)
        for message in messages {
            bytes.append(contentsOf: message.part.customID.utf8)
            bytes.append(UInt8(ascii: ","))
            bytes.append(contentsOf: Self.column(message.mobile))
            bytes.append(UInt8(ascii: ","))
            bytes.append(contentsOf: String(message.id.rawValue).utf8)
            bytes.append(contentsOf: end.utf8)
        }
        write(bytes)
    }

    /// One line per report handed out: `report,msgid,mobile,status,seq,first`. The segment is part of the msgid; seq
    /// counts everything that is handed out up by 1, and first is the seq of the first line of the same answer or push.
    func append(_ reports: [CustomerReport], from sequence: Int) {
        append("report", from: sequence, reports.lazy.map { ($0.id, $0.mobile, $0.status.code) })
    }

    /// One line per reply handed out: `reply,msgid,mobile,,seq,first`.
    func append(_ replies: [CustomerReply], from sequence: Int) {
        append("reply", from: sequence, replies.lazy.map { ($0.id, $0.mobile, "") })
    }

    private func append(
        _ kind: String, from sequence: Int, _ records: some Sequence<(id: MessageID, mobile: String, status: String)>
    ) {
        var bytes: [UInt8] = []
        let first = sequence
        var sequence = sequence
        for record in records {
            bytes.append(contentsOf: "\(kind),\(record.id.rawValue),".utf8)
            bytes.append(contentsOf: Self.column(record.mobile))
            bytes.append(contentsOf: ",\(record.status),\(sequence),\(first)\n".utf8)
            sequence += 1
        }
        write(bytes)
    }

    /// The text in the place of a number may hold anything but control characters.
    private static func column(_ mobile: String) -> some Sequence<UInt8> {
        mobile.utf8.lazy.map { $0 == UInt8(ascii: ",") ? UInt8(ascii: ";") : $0 }
    }

    private func write(_ bytes: [UInt8]) {
        turn.withLock { _ in
            var done = 0
            while done < bytes.count {
                let written = bytes.withUnsafeBytes { raw in
                    Glibc.write(descriptor, raw.baseAddress.map { $0 + done }, raw.count - done)
                }
                if written < 0 && errno == EINTR { continue }
                if written <= 0 { break }
                done += written
            }
        }
    }
}

extension AnswerFate {
    fileprivate var name: String {
        switch self {
        case .sent: "answered"
        case .lost: "lost"
        case .garbage: "garbage"
        }
    }
}
