import Glibc

/// A connection to a door, used by one thread that waits for its answers.
final class HandlerSocket {
    struct Answer {
        var status: Int
        var body: [UInt8]
    }

    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    private let descriptor: Int32
    private var input: [UInt8] = []

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        // A test that hangs says nothing.
        var limit = timeval(tv_sec: 300, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        guard result == 0 else { throw Broken(description: "connect: \(errno)") }
    }

    deinit { close(descriptor) }

    func send(_ request: HandlerRequest) throws {
        var bytes = Array(
            "POST \(request.path) HTTP/1.1\r\nHost: test\r\nContent-Type: \(request.contentType)\r\n".utf8)
        for (name, value) in request.headers { bytes += Array("\(name): \(value)\r\n".utf8) }
        bytes += Array("Content-Length: \(request.body.count)\r\n\r\n".utf8)
        bytes += request.body
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { raw in
                Glibc.send(
                    descriptor, raw.baseAddress.map { $0 + sent }, raw.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Broken(description: "send: \(errno)") }
            sent += count
        }
    }

    func answer() throws -> Answer {
        while true {
            if let answer = try takeAnswer() { return answer }
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { throw Broken(description: "recv: \(count) \(errno)") }
            input += chunk[..<count]
        }
    }

    /// Nil while it is not whole.
    private func takeAnswer() throws -> Answer? {
        guard let end = Self.headEnd(input) else { return nil }
        let lines = String(decoding: input[..<end], as: UTF8.self).lowercased().split(separator: "\r\n")
        let fields = lines.first?.split(separator: " ") ?? []
        let length = lines.first { $0.hasPrefix("content-length:") }.flatMap {
            Int($0.dropFirst(15).filter(\.isNumber))
        }
        guard fields.count > 1, let status = Int(fields[1]), let length else {
            throw Broken(description: "no answer: \(lines)")
        }
        guard input.count >= end + 4 + length else { return nil }
        let body = Array(input[(end + 4)..<(end + 4 + length)])
        input.removeFirst(end + 4 + length)
        return Answer(status: status, body: body)
    }

    private static func headEnd(_ bytes: [UInt8]) -> Int? {
        bytes.withUnsafeBytes { raw in
            var at = 0
            while at + 4 <= raw.count {
                if raw[at] == 0x0D, raw[at + 1] == 0x0A, raw[at + 2] == 0x0D, raw[at + 3] == 0x0A { return at }
                at += 1
            }
            return nil
        }
    }
}
