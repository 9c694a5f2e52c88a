import HTTPCore
import NIOCore
import NIOHTTP1

/// Answers of a carrier that has lost its mind.
enum Garbage: CaseIterable, Hashable, Sendable {
    /// HTTP, and a body of bytes that mean nothing.
    case noise
    /// The beginning of the true answer.
    case truncated
    /// A body shorter than its Content-Length, and the connection closed.
    case wrongLength
    /// Another protocol.
    case notHTTP
    /// The error page of a proxy.
    case errorPage
    /// A page in the place of the answer, with status 200.
    case page

    /// Sends it in the place of `response`. Must be called on the reply's event loop.
    func send(insteadOf response: HTTPResponse, to reply: HTTPReply) {
        switch self {
        case .noise: reply.send(HTTPResponse(contentType: response.contentType, bytes: Self.noiseBytes))
        case .truncated: reply.send(HTTPResponse(contentType: response.contentType, body: Self.half(response.body)))
        case .wrongLength:
            let length = response.body.readableBytes + 1000
            var bytes = ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\n")
            bytes.writeImmutableBuffer(response.body)
            reply.sendRaw(bytes)
        case .notHTTP: reply.sendRaw(ByteBuffer(string: "220 relay ESMTP\r\n500 what?\r\n"))
        case .errorPage:
            reply.send(
                HTTPResponse(status: .badGateway, contentType: "text/html", bytes: Array(Self.html.utf8)))
        case .page: reply.send(HTTPResponse(contentType: "text/html", bytes: Array(Self.html.utf8)))
        }
    }

    private static func half(_ body: ByteBuffer) -> ByteBuffer {
        body.getSlice(at: body.readerIndex, length: body.readableBytes / 2) ?? ByteBuffer()
    }

    private static let noiseBytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 * 37 + 128) }
    private static let html = "<html><head><title>502 Bad Gateway</title></head><body>{\"result\":0}</body></html>"
}
