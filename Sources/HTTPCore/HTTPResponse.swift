public import NIOCore
public import NIOHTTP1

/// An answer. Content-Length and, where it is needed, Connection are added when it is sent.
public struct HTTPResponse: Sendable {
    public var status: HTTPResponseStatus
    /// The value of Content-Type; a constant text. Empty for none.
    public var contentType: String
    /// The methods that a 405 names in Allow; a constant text. Empty for no such field.
    public var allow = ""
    public var body: ByteBuffer

    public init(status: HTTPResponseStatus = .ok, contentType: String, body: ByteBuffer) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    public init(status: HTTPResponseStatus = .ok, contentType: String, bytes: [UInt8]) {
        self.init(status: status, contentType: contentType, body: ByteBuffer(bytes: bytes))
    }

    /// The answer to a method that a path does not have.
    /// - Parameter allow: those that it has: `GET, POST`.
    public static func methodNotAllowed(allow: String) -> HTTPResponse {
        var response = HTTPResponse(status: .methodNotAllowed)
        response.allow = allow
        return response
    }

    /// An answer without a body.
    public init(status: HTTPResponseStatus) {
        self.init(status: status, contentType: "", body: ByteBuffer())
    }
}
