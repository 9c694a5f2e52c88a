import NIOCore

/// Finds the replies in a connection's bytes and in each only what a load generator must know.
struct ReplyScanner {
    enum Reply: Equatable {
        /// HTTP 200 with this `"result"`.
        case result(Int)
        /// Another status, or a body without a result.
        case http(Int)
    }

    /// Bytes that are not a reply with a Content-Length.
    struct Unintelligible: Error {}

    private static let headLimit = 16_384

    private var buffer = ByteBuffer()

    mutating func append(_ bytes: inout ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = bytes
        } else {
            buffer.writeBuffer(&bytes)
            buffer.discardReadBytes()
        }
    }

    /// The next complete reply; nil when more bytes are needed.
    mutating func next() throws -> Reply? {
        let found: (reply: Reply, length: Int)? = try buffer.withUnsafeReadableBytes { bytes in
            guard let headLength = Self.headLength(bytes) else {
                if bytes.count > Self.headLimit { throw Unintelligible() }
                return nil
            }
            let head = UnsafeRawBufferPointer(rebasing: bytes[..<headLength])
            guard head.count > 12, let status = Self.integer(head, at: 9),
                let field = Self.position(of: "ontent-length:", in: head, ignoringCase: true),
                let length = Self.integer(head, at: field), length >= 0
            else { throw Unintelligible() }
            guard bytes.count >= headLength + length else { return nil }
            let body = UnsafeRawBufferPointer(rebasing: bytes[headLength..<headLength + length])
            guard status == 200, let value = Self.position(of: #""result":"#, in: body),
                let result = Self.integer(body, at: value)
            else { return (.http(status), headLength + length) }
            return (.result(result), headLength + length)
        }
        guard let found else { return nil }
        buffer.moveReaderIndex(forwardBy: found.length)
        return found.reply
    }

    /// Bytes up to and with the empty line.
    private static func headLength(_ bytes: UnsafeRawBufferPointer) -> Int? {
        position(of: "\r\n\r\n", in: bytes)
    }

    /// The offset after the first `needle`.
    private static func position(
        of needle: StaticString, in bytes: UnsafeRawBufferPointer, ignoringCase: Bool = false
    ) -> Int? {
        let length = needle.utf8CodeUnitCount
        let fold: UInt8 = ignoringCase ? 0x20 : 0
        guard bytes.count >= length else { return nil }
        for start in 0...bytes.count - length {
            var index = 0
            while index < length, bytes[start + index] | fold == needle.utf8Start[index] | fold { index += 1 }
            if index == length { return start + length }
        }
        return nil
    }

    /// The decimal number at `offset`, blanks before it skipped.
    private static func integer(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int? {
        var index = offset
        while index < bytes.count, bytes[index] == UInt8(ascii: " ") { index += 1 }
        let negative = index < bytes.count && bytes[index] == UInt8(ascii: "-")
        if negative { index += 1 }
        let start = index
        var value = 0
        while index < bytes.count, index - start < 15, (0x30...0x39).contains(bytes[index]) {
            value = value * 10 + Int(bytes[index] - 0x30)
            index += 1
        }
        guard index > start else { return nil }
        return negative ? -value : value
    }
}
