import Foundation

/// An answer over HTTP/1.1.
struct HTTPAnswer: Sendable {
    var status: Int
    /// Names in lower case.
    var headers: [String: String]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
}

/// One keep-alive connection of a customer; can send bytes that no library would.
final class HTTPClient {
    /// The connection ended where an answer should have been.
    struct Closed: Error {}

    let socket: Socket
    private var buffer: [UInt8] = []

    init(port: UInt16) throws {
        socket = try Socket.connected(to: port)
    }

    static func request(
        _ method: String, _ target: String, headers: [(String, String)] = [], body: [UInt8]? = nil
    ) -> [UInt8] {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        return Array((head + "\r\n").utf8) + (body ?? [])
    }

    func perform(
        _ method: String, _ target: String, headers: [(String, String)] = [], body: [UInt8]? = nil
    ) throws -> HTTPAnswer {
        try socket.send(Self.request(method, target, headers: headers, body: body))
        return try nextAnswer()
    }

    /// Reads one answer with a Content-Length, or one that the end of the connection ends.
    func nextAnswer() throws -> HTTPAnswer {
        var end = headEnd()
        while end == nil {
            try fill()
            end = headEnd()
        }
        let head = String(decoding: buffer[..<(end! - 4)], as: UTF8.self).components(separatedBy: "\r\n")
        buffer.removeFirst(end!)
        let words = head[0].split(separator: " ")
        guard words.count >= 2, let status = Int(words[1]) else { throw Closed() }
        var headers: [String: String] = [:]
        for line in head.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...]
                .trimmingCharacters(in: .whitespaces)
        }
        if status == 100 { return try nextAnswer() }
        guard let length = headers["content-length"].flatMap({ Int($0) }) else {
            while (try? fill()) != nil {}
            defer { buffer = [] }
            return HTTPAnswer(status: status, headers: headers, body: buffer)
        }
        while buffer.count < length { try fill() }
        defer { buffer.removeFirst(length) }
        return HTTPAnswer(status: status, headers: headers, body: Array(buffer[..<length]))
    }

    /// Whether the other side has closed, everything read.
    func isClosed() throws -> Bool {
        while true {
            let bytes = try socket.receive()
            if bytes.isEmpty { return true }
            buffer += bytes
        }
    }

    private func fill() throws {
        let bytes = try socket.receive()
        guard !bytes.isEmpty else { throw Closed() }
        buffer += bytes
    }

    /// The offset behind the empty line.
    private func headEnd() -> Int? {
        guard buffer.count >= 4 else { return nil }
        return (0...buffer.count - 4).first { buffer[$0..<$0 + 4].elementsEqual([13, 10, 13, 10]) }.map { $0 + 4 }
    }
}
