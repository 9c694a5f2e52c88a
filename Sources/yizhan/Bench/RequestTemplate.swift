import Messaging
import NIOCore

/// One request of OperatorV2 in JSON (Sources/Dialects/OperatorV2/INTERFACE.md, A request), ready to be written; only
/// what differs from one to the next is patched in place, and all of it has a fixed width.
struct RequestTemplate {
    static let numberWidth = 11
    private static let digestWidth = 32
    private static let stampWidth = 10
    private static let counterWidth = 12

    private(set) var bytes: ByteBuffer
    let recipients: Int
    /// Where the body begins.
    let headBytes: Int
    private let digestOffset: Int
    private let numbersOffset: Int
    private let stampOffset: Int
    private let counterOffset: Int

    /// `tag`: what this run's custids begin with; letters and digits.
    init(plan: LoadPlan, account: String, tag: String) {
        var body = #"{"userid":"\#(account)","pwd":""#
        let digest = body.utf8.count
        body += String(repeating: "0", count: Self.digestWidth) + #"","mobile":""#
        let numbers = body.utf8.count
        let number = String(repeating: "0", count: Self.numberWidth)
        body += Array(repeating: number, count: plan.batchSize).joined(separator: ",")
        body += #"","content":"\#(Self.percentEncoded(plan.content))","timestamp":""#
        let stamp = body.utf8.count
        body += String(repeating: "0", count: Self.stampWidth) + #"","custid":"\#(tag)-"#
        let counter = body.utf8.count
        body += String(repeating: "0", count: Self.counterWidth) + #""}"#
        let host = plan.host.utf8.contains(UInt8(ascii: ":")) ? "[\(plan.host)]" : plan.host
        let head =
            "POST \(plan.mode.path) HTTP/1.1\r\nHost: \(host):\(plan.port)\r\n"
            + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        let start = head.utf8.count
        bytes = ByteBuffer(string: head + body)
        recipients = plan.batchSize
        headBytes = start
        digestOffset = start + digest
        numbersOffset = start + numbers
        stampOffset = start + stamp
        counterOffset = start + counter
    }

    mutating func setCredentials(_ credentials: StampedCredentials) {
        bytes.setBytes(credentials.digest, at: digestOffset)
        bytes.setBytes(credentials.stamp, at: stampOffset)
    }

    /// Gives the request its recipients and its custid.
    mutating func setRecipients(from numbers: inout NumberSequence, counter: Int) {
        bytes.withUnsafeMutableReadableBytes { target in
            for index in 0..<recipients {
                let offset = numbersOffset + index * (Self.numberWidth + 1)
                numbers.write(to: UnsafeMutableRawBufferPointer(rebasing: target[offset..<offset + Self.numberWidth]))
            }
            NumberSequence.put(counter, digits: Self.counterWidth, at: counterOffset, in: target)
        }
    }

    /// The content as this dialect wants it: percent-encoded GBK; UTF-8 where GBK lacks a character.
    private static func percentEncoded(_ content: String) -> String {
        let hex = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in GBK.encode(content) ?? Array(content.utf8) {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"):
                text.append(byte)
            default:
                text += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
