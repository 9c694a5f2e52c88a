public import NIOCore
public import NIOHTTP1

/// An answer. Content-Length and, where it is needed, Connection are added when it is sent.
public struct HTTPResponse: Sendable {
    /// Its code and phrase; 1xx, 204 and 304 are sent without a body.
    public var status: HTTPResponseStatus
    /// The value of Content-Type; a constant text. Empty for none.
    public var contentType: String
    /// Any size; a large one is written from its own buffer without a copy.
    public var body: ByteBuffer {
        get { bytes.isEmpty ? buffer : ByteBuffer(bytes: bytes) }
        set { (buffer, bytes) = (newValue, []) }
    }
    private var buffer: ByteBuffer
    /// A short body that was given as bytes, in the place of `buffer`: it is copied once, into the output.
    private var bytes: [UInt8] = []
    /// What is sent in the place of `body`; nil for `body`.
    public private(set) var file: FileBody?
    /// Further header fields in their order, known to be valid.
    package private(set) var fields: [(name: String, value: String)] = []

    /// - Parameter contentType: a constant text, not checked; empty for none.
    public init(status: HTTPResponseStatus = .ok, contentType: String, body: ByteBuffer) {
        self.status = status
        self.contentType = contentType
        self.buffer = body
    }

    /// The same with a body in an array.
    public init(status: HTTPResponseStatus = .ok, contentType: String, bytes: [UInt8]) {
        let isShort = bytes.count <= Self.copiedBytesMax
        self.init(status: status, contentType: contentType, body: isShort ? ByteBuffer() : ByteBuffer(bytes: bytes))
        if isShort { self.bytes = bytes }
    }

    /// An answer whose body is a file, which is read while it is sent.
    /// - Parameter contentType: a constant text, not checked; empty for none.
    public init(status: HTTPResponseStatus = .ok, contentType: String, file: FileBody) {
        self.init(status: status, contentType: contentType, body: ByteBuffer())
        self.file = file
    }

    /// An answer without a body.
    public init(status: HTTPResponseStatus) {
        self.init(status: status, contentType: "", body: ByteBuffer())
    }

    /// The answer to a method that a path does not have.
    /// - Parameter allow: those that it has, a constant text: `GET, POST`.
    public static func methodNotAllowed(allow: String) -> HTTPResponse {
        var response = HTTPResponse(status: .methodNotAllowed)
        response.fields = [("Allow", allow)]
        return response
    }

    // MARK: Header fields

    /// Why a header field cannot be part of an answer.
    public enum HeaderFieldError: Error, Hashable {
        /// It is not a token (RFC 9110 §5.6.2).
        case invalidName
        /// Its value has a control character.
        case invalidValue
        /// The server writes this field, or `contentType` is its value.
        case reserved
    }

    /// Appends a header field; one of the same name stays (Set-Cookie may come several times).
    /// - Throws: `HeaderFieldError`; nothing is appended then.
    public mutating func addHeader(_ name: String, _ value: String) throws(HeaderFieldError) {
        guard !name.isEmpty, name.utf8.allSatisfy(ASCII.isToken) else { throw .invalidName }
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { throw .invalidValue }
        guard !Self.reservedNames.contains(where: { ASCII.isSame($0.utf8, name.utf8) }) else { throw .reserved }
        fields.append((name, value))
    }

    /// Fields that frame the answer or concern the connection.
    private static let reservedNames = [
        "connection", "content-length", "content-type", "date", "keep-alive", "te", "trailer", "transfer-encoding",
        "upgrade",
    ]

    // MARK: Encoding

    /// Larger bodies are not copied into the output.
    private static let copiedBytesMax = 16 << 10
    private static let headBytesTypical = 128

    /// Appends the answer to `output`.
    /// - Parameter connection: the value of Connection; nil for no such field.
    /// - Returns: the body, when it is large and has to be written after `output`.
    package func encode(into output: inout ByteBuffer, isHeadOnly: Bool, connection: StaticString?) -> ByteBuffer? {
        let hasBody = !isHeadOnly && status.mayHaveResponseBody
        let length = file?.length ?? (bytes.isEmpty ? buffer.readableBytes : bytes.count)
        let isLarge = hasBody && length > Self.copiedBytesMax
        output.reserveCapacity(
            minimumWritableBytes: Self.headBytesTypical + (isLarge || !hasBody || file != nil ? 0 : length))
        if status == .ok {
            output.writeStaticString("HTTP/1.1 200 OK\r\n")
        } else {
            output.writeString("HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n")
        }
        if !contentType.isEmpty { output.writeField("Content-Type: ", contentType) }
        for (name, value) in fields {
            output.writeString(name)
            output.writeField(": ", value)
        }
        if status.mayHaveResponseBody {
            output.writeStaticString("Content-Length: ")
            output.writeDecimal(length)
            output.writeStaticString("\r\n")
        }
        if let connection {
            output.writeStaticString("Connection: ")
            output.writeStaticString(connection)
            output.writeStaticString("\r\n")
        }
        output.writeStaticString("\r\n")
        guard hasBody, file == nil else { return nil }
        if isLarge { return buffer }
        if bytes.isEmpty { output.writeImmutableBuffer(buffer) } else { output.writeBytes(bytes) }
        return nil
    }
}

extension ByteBuffer {
    fileprivate mutating func writeField(_ name: StaticString, _ value: String) {
        writeStaticString(name)
        writeString(value)
        writeStaticString("\r\n")
    }

    fileprivate mutating func writeDecimal(_ number: Int) {
        if number >= 10 { writeDecimal(number / 10) }
        writeInteger(UInt8(ascii: "0") + UInt8(number % 10))
    }
}
