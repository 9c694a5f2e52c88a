public import NIOCore
public import NIOHTTP1

/// One request, whole. A value of the connection's event loop.
///
/// Texts are made only when they are asked for; the bytes are slices of what was read.
public struct HTTPRequest {
    /// Never `RAW`: a method that NIO has no case for is answered 501 and does not come here.
    public let method: HTTPMethod
    /// The target without its query. Percent-encoding is left as it came.
    public private(set) var path: String
    /// What follows `?`, as it came; may hold bytes that are not UTF-8.
    public let queryBytes: ByteBuffer
    /// Empty when the request has none. Chunks are joined.
    public let body: ByteBuffer
    /// The header lines, each ended by CRLF, known to be well-formed.
    let headerBytes: ByteBuffer
    /// Where in `headerBytes` the value of Content-Type is; empty when there is none.
    let contentTypeRange: Range<Int>

    /// - Parameter path: the text of `head.path`.
    init(_ head: RequestHead, path: String, body: ByteBuffer) {
        self.method = head.method
        self.path = path
        self.queryBytes = head.slice(head.query)
        self.body = body
        self.headerBytes = head.slice(head.fields)
        let start = head.fields.lowerBound
        self.contentTypeRange =
            head.contentType.isEmpty ? 0..<0 : head.contentType.lowerBound - start..<head.contentType.upperBound - start
    }

    /// The same request for another spelling of its path.
    public func asked(at path: String) -> HTTPRequest {
        var request = self
        request.path = path
        return request
    }

    /// The query as text, bytes that are not UTF-8 replaced; empty when there is none.
    public var query: String { queryBytes.readableBytes == 0 ? "" : String(buffer: queryBytes) }

    /// The value of Content-Type, verbatim; nil when the request has none.
    public var contentType: String? {
        contentTypeRange.isEmpty ? nil : headerText(contentTypeRange)
    }

    /// All header fields in their order. They are parsed at each call: prefer `header(_:)` for one of them.
    public var headers: HTTPHeaders {
        var fields: [(String, String)] = []
        forEachField { name, value in
            fields.append((headerText(name), headerText(value)))
            return true
        }
        return HTTPHeaders(fields)
    }

    /// The value of the first field of that name, in whatever case; nil when there is none.
    public func header(_ name: String) -> String? {
        var found: String?
        forEachField { field, value in
            guard matches(name, field) else { return true }
            found = headerText(value)
            return false
        }
        return found
    }

    private func headerText(_ range: Range<Int>) -> String {
        headerBytes.getString(at: headerBytes.readerIndex + range.lowerBound, length: range.count) ?? ""
    }

    private func matches(_ name: String, _ field: Range<Int>) -> Bool {
        headerBytes.withUnsafeReadableBytes { ASCII.isSame(name.utf8, $0[field]) }
    }

    /// Calls `body` with the ranges of each field's name and value until it returns false.
    private func forEachField(_ body: (Range<Int>, Range<Int>) -> Bool) {
        var places: [(Range<Int>, Range<Int>)] = []
        headerBytes.withUnsafeReadableBytes { bytes in
            var start = 0
            while start < bytes.count, let line = HeaderLine(bytes, from: start) {
                places.append((line.name, line.value))
                start = line.next
            }
        }
        for (name, value) in places where !body(name, value) { return }
    }
}
