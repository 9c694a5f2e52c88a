import NIOCore

/// Joins the chunks of a chunked body. Source: RFC 9112 §7.1. Extensions and trailers are skipped, but must be
/// well-formed: two readers that disagree about the end of a line disagree about the end of the body.
struct ChunkedBody {
    private(set) var joined = ByteBuffer()
    private let bytesMax: Int
    private var state = State.size
    private var trailerBytes = 0

    private enum State {
        case size
        case data(left: Int)
        case dataEnd
        case trailers
    }

    private static let lineBytesMax = 4096
    private static let trailerBytesMax = 16384

    init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    /// Takes what it can from `input`; true when the body is complete.
    mutating func read(_ input: inout ByteBuffer) throws(HTTPFailure) -> Bool {
        while true {
            switch state {
            case .size:
                guard let line = try Self.readLine(&input) else { return false }
                let size = try Self.size(line)
                guard joined.readableBytes + size <= bytesMax else { throw .bodyTooLarge }
                state = size == 0 ? .trailers : .data(left: size)
            case .data(let left):
                guard var part = input.readSlice(length: min(left, input.readableBytes)), part.readableBytes > 0 else {
                    return false
                }
                let taken = joined.writeBuffer(&part)
                state = taken == left ? .dataEnd : .data(left: left - taken)
            case .dataEnd:
                guard let end = input.readBytes(length: 2) else { return false }
                guard end == [ASCII.carriageReturn, ASCII.lineFeed] else { throw .badRequest }
                state = .size
            case .trailers:
                guard let line = try Self.readLine(&input) else { return false }
                if line.readableBytes == 0 { return true }
                guard line.withUnsafeReadableBytes(Self.isTrailer) else { throw .badRequest }
                trailerBytes += line.readableBytes + 2
                guard trailerBytes <= Self.trailerBytesMax else { throw .headTooLarge }
            }
        }
    }

    /// Whether a line is a header field that may follow a body: one that frames it comes too late (RFC 9110 §6.5.1).
    private static func isTrailer(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let line = HeaderLine(ending: bytes) else { return false }
        return !["content-length", "transfer-encoding"].contains { ASCII.isSame($0.utf8, bytes[line.name]) }
    }

    /// The next line without its CRLF; nil when it has not arrived in full.
    private static func readLine(_ input: inout ByteBuffer) throws(HTTPFailure) -> ByteBuffer? {
        let feed = input.withUnsafeReadableBytes { bytes in
            HeaderLine.lineFeed(UnsafeRawBufferPointer(rebasing: bytes.prefix(lineBytesMax)), from: 0)
        }
        guard let feed else {
            guard input.readableBytes < lineBytesMax else { throw .badRequest }
            return nil
        }
        guard var line = input.readSlice(length: feed + 1), feed > 0,
            line.getInteger(at: line.readerIndex + feed - 1) == ASCII.carriageReturn
        else { throw .badRequest }
        line.moveWriterIndex(to: line.writerIndex - 2)
        return line
    }

    /// The hexadecimal number at the start. Blanks may follow it (RFC 9112 §7.1.1), and then extensions.
    private static func size(_ line: ByteBuffer) throws(HTTPFailure) -> Int {
        let size = line.withUnsafeReadableBytes { bytes -> Int? in
            var size = 0
            var at = 0
            while at < bytes.count, let digit = hexDigit(bytes[at]) {
                guard at < sizeDigitsMax else { return nil }
                size = size << 4 | digit
                at += 1
            }
            guard at > 0 else { return nil }
            while at < bytes.count, ASCII.isBlank(bytes[at]) { at += 1 }
            return areExtensions(bytes, from: at) ? size : nil
        }
        guard let size else { throw .badRequest }
        return size
    }

    /// Whether only `;name`, `;name=token` and `;name="text"` follow, any number of them.
    private static func areExtensions(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Bool {
        var at = start
        func skipToken() -> Bool {
            let first = at
            while at < bytes.count, ASCII.isToken(bytes[at]) { at += 1 }
            return at > first
        }
        while at < bytes.count {
            guard bytes[at] == ASCII.semicolon else { return false }
            at += 1
            guard skipToken() else { return false }
            guard at < bytes.count, bytes[at] == ASCII.equals else { continue }
            at += 1
            guard at < bytes.count, bytes[at] == ASCII.quote else {
                if skipToken() { continue }
                return false
            }
            at += 1
            while at < bytes.count, bytes[at] != ASCII.quote {
                guard ASCII.isFieldValue(bytes[at]), bytes[at] != ASCII.backslash else { return false }
                at += 1
            }
            guard at < bytes.count else { return false }
            at += 1
        }
        return true
    }

    private static let sizeDigitsMax = 8

    private static func hexDigit(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte) - 0x30
        case 0x41...0x46: Int(byte) - 0x41 + 10
        case 0x61...0x66: Int(byte) - 0x61 + 10
        default: nil
        }
    }
}
