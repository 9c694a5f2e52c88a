import NIOCore

/// Joins the chunks of a chunked body. Source: RFC 9112 §7.1. Extensions and trailers are read over.
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

    /// The hexadecimal number before the extensions.
    private static func size(_ line: ByteBuffer) throws(HTTPFailure) -> Int {
        var size = 0
        var digits = 0
        for byte in line.readableBytesView {
            if byte == ASCII.semicolon || ASCII.isBlank(byte) { break }
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, digits < 8 else { throw .badRequest }
            size = size << 4 | digit
            digits += 1
        }
        guard digits > 0 else { throw .badRequest }
        return size
    }
}
