import NIOCore
import NIOHTTP1

/// The parts of a request's head that the listener acts on. Ranges count from the head's first byte.
///
/// Strict where leniency lets two readers of one stream disagree about where a request ends (RFC 9112 §6.3, §11.2).
struct RequestHead {
    /// From the request line to the empty line, both included.
    let bytes: ByteBuffer
    var method = HTTPMethod.GET
    var path = 0..<0
    var query = 0..<0
    /// All header lines, the empty one not included.
    var fields = 0..<0
    var contentType = 0..<0
    var contentLength: Int?
    var isChunked = false
    var expectsContinue = false
    /// By default true in HTTP/1.1 and false in HTTP/1.0; Connection changes it.
    var keepsAlive = true
    var isVersion10 = false
    private var hasHost = false

    /// - Parameter bytes: from the request line to the empty line, both included.
    init(_ bytes: ByteBuffer) throws(HTTPFailure) {
        self.bytes = bytes
        try bytes.withUnsafeReadableBytes { bytes throws(HTTPFailure) in try read(bytes) }
    }

    /// The bytes of one of the ranges.
    func slice(_ range: Range<Int>) -> ByteBuffer {
        bytes.getSlice(at: bytes.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
    }

    private mutating func read(_ bytes: UnsafeRawBufferPointer) throws(HTTPFailure) {
        guard let lineEnd = HeaderLine.lineEnd(bytes, from: 0) else { throw .badRequest }
        try readRequestLine(bytes, end: lineEnd)
        var seesClose = false
        var seesKeepAlive = false
        var next = lineEnd + 2
        let end = bytes.count - 2
        fields = next..<end
        while next < end {
            guard let line = HeaderLine(bytes, from: next) else { throw .badRequest }
            next = line.next
            let value = UnsafeRawBufferPointer(rebasing: bytes[line.value])
            switch line.name.count {
            case 4 where Self.matches(bytes, line.name, "host"):
                guard !hasHost else { throw .badRequest }
                hasHost = true
            // Some clients send it empty, which expects nothing.
            case 6 where !line.value.isEmpty && Self.matches(bytes, line.name, "expect"):
                guard Self.matches(bytes, line.value, "100-continue") else { throw .expectationFailed }
                expectsContinue = true
            case 10 where Self.matches(bytes, line.name, "connection"):
                Self.forEachToken(value) { token in
                    if Self.matches(token, 0..<token.count, "close") { seesClose = true }
                    if Self.matches(token, 0..<token.count, "keep-alive") { seesKeepAlive = true }
                }
            case 12 where Self.matches(bytes, line.name, "content-type"):
                if contentType.isEmpty { contentType = line.value }
            case 14 where Self.matches(bytes, line.name, "content-length"):
                try readContentLength(value)
            case 17 where Self.matches(bytes, line.name, "transfer-encoding"):
                try readTransferEncoding(value)
            default: break
            }
        }
        if isChunked && (contentLength != nil || isVersion10) { throw .badRequest }
        keepsAlive = !seesClose && (!isVersion10 || seesKeepAlive)
        expectsContinue = expectsContinue && !isVersion10
    }

    private mutating func readRequestLine(_ bytes: UnsafeRawBufferPointer, end: Int) throws(HTTPFailure) {
        var space = 0
        while space < end, ASCII.isToken(bytes[space]) { space += 1 }
        guard space > 0, space <= Self.methodBytesMax, space < end, bytes[space] == ASCII.space else {
            throw .badRequest
        }
        method = Self.method(UnsafeRawBufferPointer(rebasing: bytes[..<space]))
        let targetStart = space + 1
        var at = targetStart
        var question: Int?
        while at < end, bytes[at] > ASCII.space, bytes[at] != 0x7F {
            if bytes[at] == ASCII.questionMark, question == nil { question = at }
            at += 1
        }
        guard at > targetStart, end - at == " HTTP/1.1".utf8.count, Self.isExactly(bytes, at..<at + 6, " HTTP/")
        else {
            throw .badRequest
        }
        guard Self.matches(bytes, at + 6..<end - 1, "1.") else { throw .badVersion }
        switch bytes[end - 1] {
        case UInt8(ascii: "0"): isVersion10 = true
        case UInt8(ascii: "1"): break
        default: throw .badVersion
        }
        // Where two readers cut a stream differently, the rest of a body looks like a method.
        if case .RAW = method { throw .notImplemented }
        path = try Self.path(bytes, targetStart..<(question ?? at))
        query = question.map { $0 + 1..<at } ?? at..<at
    }

    private static let methodBytesMax = 24

    /// The path of a target in origin form (`/path`), asterisk form, or absolute form (`http://host/path`).
    private static func path(
        _ bytes: UnsafeRawBufferPointer, _ target: Range<Int>
    ) throws(HTTPFailure) -> Range<Int> {
        guard !target.isEmpty else { throw .badRequest }
        let first = bytes[target.lowerBound]
        if first == ASCII.slash || first == ASCII.asterisk && target.count == 1 { return target }
        for scheme: StaticString in ["http://", "https://"] where target.count > scheme.utf8CodeUnitCount {
            let authority = target.lowerBound + scheme.utf8CodeUnitCount
            guard matches(bytes, target.lowerBound..<authority, scheme) else { continue }
            var at = authority
            while at < target.upperBound, bytes[at] != ASCII.slash { at += 1 }
            return at..<target.upperBound
        }
        throw .badRequest
    }

    private static func method(_ name: UnsafeRawBufferPointer) -> HTTPMethod {
        if isExactly(name, 0..<name.count, "POST") { return .POST }
        if isExactly(name, 0..<name.count, "GET") { return .GET }
        return HTTPMethod(rawValue: String(decoding: name, as: UTF8.self))
    }

    /// A second field is refused, whatever its value.
    private mutating func readContentLength(_ value: UnsafeRawBufferPointer) throws(HTTPFailure) {
        guard contentLength == nil, !value.isEmpty, value.count <= 15 else { throw .badRequest }
        var length = 0
        for byte in value {
            guard byte >= 0x30, byte <= 0x39 else { throw .badRequest }
            length = length * 10 + Int(byte - 0x30)
        }
        contentLength = length
    }

    private mutating func readTransferEncoding(_ value: UnsafeRawBufferPointer) throws(HTTPFailure) {
        guard !isChunked else { throw .badRequest }
        guard Self.matches(value, 0..<value.count, "chunked") else { throw .notImplemented }
        isChunked = true
    }

    /// Whether the bytes are `text`, in the same case.
    private static func isExactly(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { text in
            for at in 0..<text.count where bytes[range.lowerBound + at] != text[at] { return false }
            return true
        }
    }

    /// Whether the bytes are `text`, which is in lower case, in whatever case.
    private static func matches(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { text in
            for at in 0..<text.count where ASCII.lowercased(bytes[range.lowerBound + at]) != text[at] { return false }
            return true
        }
    }

    /// Calls `body` with each element of a comma-separated list, white space trimmed.
    private static func forEachToken(_ value: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        for part in value.split(separator: ASCII.comma) {
            var part = part
            while let first = part.first, ASCII.isBlank(first) { part = part.dropFirst() }
            while let last = part.last, ASCII.isBlank(last) { part = part.dropLast() }
            body(UnsafeRawBufferPointer(rebasing: part))
        }
    }
}
