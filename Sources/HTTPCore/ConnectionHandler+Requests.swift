import Glibc
import NIOCore
import NIOHTTP1

/// From bytes to requests.
extension ConnectionHandler {
    /// Goes on for as long as what has come allows. Never re-enters itself: an answer given at once only returns here.
    func work() {
        guard !isWorking else { return }
        isWorking = true
        defer { isWorking = false }
        do throws(HTTPFailure) {
            while try step() {}
        } catch {
            refuse(error)
        }
        // What is unfinished now will never be finished.
        if isInputClosed, phase != .answering, phase != .lingering, context?.channel.isWritable == true { linger() }
    }

    /// One step forward; false when it takes more bytes, or an answer, to go on.
    private func step() throws(HTTPFailure) -> Bool {
        switch phase {
        case .idle, .head:
            if phase == .idle { skipEmptyLines() }
            guard input.readableBytes > 0, context?.channel.isWritable == true else { return false }
            return try readHead()
        case .body: return try readBody()
        case .answering, .lingering, .closed: return false
        }
    }

    /// Some clients end a body with one line end too many (RFC 9112 §2.2).
    private func skipEmptyLines() {
        while let byte = input.getInteger(at: input.readerIndex, as: UInt8.self),
            byte == ASCII.carriageReturn || byte == ASCII.lineFeed
        {
            input.moveReaderIndex(forwardBy: 1)
            scanned = 0
        }
    }

    private func readHead() throws(HTTPFailure) -> Bool {
        let length: Int
        switch headEnd() {
        case .here(let end): length = end
        case .bareLineFeed: throw .badRequest
        case .missing:
            guard input.readableBytes <= limits.headBytesMax else { throw .headTooLarge }
            try reserveBuffered(input.readableBytes)
            if phase == .idle { enter(.head) }
            return false
        }
        guard length <= limits.headBytesMax, let bytes = input.readSlice(length: length) else { throw .headTooLarge }
        scanned = 0
        let head = try Self.parse(bytes)
        headBytes = bytes
        if isBehindProxy { try identify(head) }
        if !head.isChunked, (head.contentLength ?? 0) <= input.readableBytes, head.contentLength ?? 0 >= 0 {
            let length = head.contentLength ?? 0
            guard length <= limits.bodyBytesMax, let body = input.readSlice(length: length) else {
                throw .bodyTooLarge
            }
            deliver(head, body: body)
            return true
        }
        try beginBody(head)
        return true
    }

    private enum HeadEnd {
        /// So many bytes, the empty line included.
        case here(Int)
        case missing
        /// A line that ends without CR: those who take it for a line end find other fields in this head than those
        /// who do not.
        case bareLineFeed
    }

    /// Where the head at the start of `input` ends.
    private func headEnd() -> HeadEnd {
        input.withUnsafeReadableBytes { bytes in
            var from = scanned
            while let feed = HeaderLine.lineFeed(bytes, from: from) {
                guard feed > 0, bytes[feed - 1] == ASCII.carriageReturn else { return .bareLineFeed }
                if feed >= 3, bytes[feed - 2] == ASCII.lineFeed { return .here(feed + 1) }
                from = feed + 1
            }
            scanned = from
            return .missing
        }
    }

    private static func parse(_ bytes: ByteBuffer) throws(HTTPFailure) -> RequestHead {
        let result = bytes.withUnsafeReadableBytes { bytes -> Result<RequestHead, HTTPFailure> in
            do throws(HTTPFailure) {
                return .success(try RequestHead(bytes))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func beginBody(_ head: RequestHead) throws(HTTPFailure) {
        guard connection?.knows(path: path(head.path)) ?? true else { throw .notFound }
        if let length = head.contentLength {
            guard length <= limits.bodyBytesMax else { throw .bodyTooLarge }
        } else {
            chunks = ChunkedBody(bytesMax: limits.bodyBytesMax)
        }
        self.head = head
        enter(.body)
        if head.expectsContinue {
            output.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
            if !isInBurst { flush() }
        }
    }

    private func readBody() throws(HTTPFailure) -> Bool {
        guard let head else { throw .badRequest }
        if chunks != nil {
            let isComplete = try chunks?.read(&input) ?? false
            scanned = 0
            guard isComplete else {
                try reserveBuffered(chunks?.joined.readableBytes ?? 0)
                return false
            }
        } else if input.readableBytes < head.contentLength ?? 0 {
            try reserveBuffered(input.readableBytes)
            return false
        }
        guard let body = chunks?.joined ?? input.readSlice(length: head.contentLength ?? 0) else { return false }
        chunks = nil
        self.head = nil
        deliver(head, body: body)
        return true
    }

    private func deliver(_ head: RequestHead, body: ByteBuffer) {
        guard let connection, let bound else { return }
        phase = .answering
        ordinal &+= 1
        isHeadOnly = head.method == .HEAD
        isVersion10 = head.isVersion10
        if !head.keepsAlive { closesAfterAnswer = true }
        let request = HTTPRequest(
            method: head.method, path: path(head.path), queryBytes: slice(head.query), body: body,
            headerBytes: slice(head.fields),
            contentTypeRange: head.contentType.isEmpty
                ? 0..<0
                : head.contentType.lowerBound - head.fields.lowerBound..<head.contentType.upperBound
                    - head.fields.lowerBound)
        headBytes = ByteBuffer()
        if input.readableBytes == 0 { input = ByteBuffer() }
        connection.receive(request, reply: HTTPReply(handler: bound, ordinal: ordinal))
    }

    private func slice(_ range: Range<Int>) -> ByteBuffer {
        headBytes.getSlice(at: headBytes.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
    }

    /// A client mostly asks for one path again and again: that text is made once.
    private func path(_ range: Range<Int>) -> String {
        let isLast = headBytes.withUnsafeReadableBytes { bytes in
            lastPath.utf8.withContiguousStorageIfAvailable { last in
                guard last.count == range.count, let last = last.baseAddress, let bytes = bytes.baseAddress else {
                    return false
                }
                return memcmp(last, bytes + range.lowerBound, range.count) == 0
            } ?? false
        }
        if !isLast { lastPath = String(buffer: slice(range)) }
        return lastPath
    }
}
