import Foundation
import Synchronization

/// A customer's own HTTP server, for pushes: keeps what it was sent, and answers as the test says.
final class PushReceiver: Sendable {
    struct Push: Sendable {
        var path: String
        var contentType: String
        var body: String

        /// The value of a form field, decoded once.
        func field(_ name: String) -> String? {
            for pair in body.split(separator: "&") where pair.hasPrefix(name + "=") {
                return pair.dropFirst(name.count + 1).replacing("+", with: " ").removingPercentEncoding
            }
            return nil
        }

        var sequence: Int? { field("seqid").flatMap { Int($0) } }

        /// Telephone numbers in order, wherever they stand.
        var mobiles: [String] {
            let text = (contentType.contains("json") ? body : field("rpts") ?? field("mos")) ?? ""
            return text.components(separatedBy: "\"mobile\":\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
        }
    }

    struct Answer: Sendable {
        var status = 200
        var body = ""

        /// What dialect 002 takes for accepted.
        static let accepted = Answer(body: #"{"cmd":"RPT_RESP","seqid":1,"result":0}"#)
        static let refused = Answer(status: 503)
    }

    typealias Script = @Sendable (Push) -> Answer

    let port: UInt16
    private let listener: Socket
    private let script: Mutex<Box>
    private let kept = Mutex<[Push]>([])
    private let open = Atomic<Int>(0)

    /// A closure in a mutex by itself is wrapped at each look at it.
    private struct Box: Sendable {
        let script: Script
    }

    init(_ script: @escaping Script = { _ in .accepted }) throws {
        (listener, port) = try Socket.listening()
        self.script = Mutex(Box(script: script))
        let listener = listener
        Thread.detachNewThread { [weak self] in
            while let client = listener.accepted() {
                guard let self else { return }
                self.open.add(1, ordering: .relaxed)
                Thread.detachNewThread { [weak self] in
                    while self?.serve(client) == true {}
                    self?.open.subtract(1, ordering: .relaxed)
                }
            }
        }
    }

    deinit { listener.shutdownBoth() }

    /// Connections whose end was not read yet.
    var openConnections: Int { open.load(ordering: .relaxed) }

    /// In the order in which they came.
    var pushes: [Push] { kept.withLock { $0 } }
    /// All telephone numbers that were pushed, in order.
    var mobiles: [String] { pushes.flatMap(\.mobiles) }

    func url(_ path: String = "/reports") -> String { "http://127.0.0.1:\(port)\(path)" }

    func answer(_ script: @escaping Script) { self.script.withLock { $0 = Box(script: script) } }

    /// One request of a connection.
    /// - Returns: false at its end.
    private func serve(_ client: Socket) -> Bool {
        var bytes: [UInt8] = []
        var head: String?
        var start = 0
        while true {
            if head == nil, let end = Self.headEnd(of: bytes) {
                head = String(decoding: bytes[..<end], as: UTF8.self)
                start = end
            }
            let length = head.flatMap { Self.header("content-length", of: $0) }.flatMap { Int($0) } ?? 0
            if head != nil, bytes.count >= start + length { break }
            guard let more = try? client.receive(), !more.isEmpty else { return false }
            bytes += more
        }
        guard let head, let line = head.split(separator: " ").dropFirst().first else { return false }
        let push = Push(
            path: String(line), contentType: Self.header("content-type", of: head) ?? "",
            body: String(decoding: bytes[start...], as: UTF8.self))
        kept.withLock { $0.append(push) }
        let answer = script.withLock { $0 }.script(push)
        let text = "HTTP/1.1 \(answer.status) X\r\nContent-Length: \(answer.body.utf8.count)\r\n\r\n\(answer.body)"
        return (try? client.send(Array(text.utf8))) != nil
    }

    private static func headEnd(of bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        return (0...bytes.count - 4).first { bytes[$0..<$0 + 4].elementsEqual([13, 10, 13, 10]) }.map { $0 + 4 }
    }

    private static func header(_ name: String, of head: String) -> String? {
        head.components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix(name + ":") }
            .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
    }
}
