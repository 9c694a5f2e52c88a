import NIOCore

/// Joins the chunks of a chunked body. Source: RFC 9112 §7.1. Extensions and trailers are read over, but must be
/// well-formed: where two readers of one stream disagree about a line's end, they disagree about the body's.
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
                let isField = line.withUnsafeReadableBytes { HeaderLine(ending: $0) != nil }
                guard isField else { throw .badRequest }
                trailerBytes += line.readableBytes + 2
                guard trailerBytes <= Self.trailerBytesMax else { throw .headTooLarge }
            }
        }
    }

    /// The next line without its CRLF; nil when it is not all here.
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

    /// The hexadecimal number at the start. Blanks may stand behind it, then nothing, or a semicolon and extensions
    /// of printable characters: no bare CR above all.
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
            guard at == bytes.count || bytes[at] == ASCII.semicolon, bytes[at...].allSatisfy(ASCII.isFieldValue) else {
                return nil
            }
            return size
        }
        guard let size else { throw .badRequest }
        return size
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
