import Glibc

/// One header field in a request's bytes. Source: RFC 9112 §5.
struct HeaderLine {
    let name: Range<Int>
    /// Without the white space around it.
    let value: Range<Int>
    /// The index after the line's CRLF.
    let next: Int

    /// Nil unless a complete field begins at `start`. Not a field: no CRLF, no colon, a name that is not a token (an
    /// empty one, a folded line, a blank before the colon), or a control character in the value.
    init?(_ bytes: UnsafeRawBufferPointer, from start: Int) {
        guard let end = Self.lineEnd(bytes, from: start) else { return nil }
        self.init(bytes, from: start, to: end)
    }

    /// A field whose CRLF has been cut off.
    init?(ending bytes: UnsafeRawBufferPointer) {
        self.init(bytes, from: 0, to: bytes.count)
    }

    private init?(_ bytes: UnsafeRawBufferPointer, from start: Int, to end: Int) {
        var colon = start
        while colon < end, ASCII.isToken(bytes[colon]) { colon += 1 }
        guard colon > start, colon < end, bytes[colon] == ASCII.colon else { return nil }
        var first = colon + 1
        var last = end
        while first < last, ASCII.isBlank(bytes[first]) { first += 1 }
        while last > first, ASCII.isBlank(bytes[last - 1]) { last -= 1 }
        for at in first..<last where !ASCII.isFieldValue(bytes[at]) { return nil }
        self.name = start..<colon
        self.value = first..<last
        self.next = end + 2
    }

    /// The index of the CR of the next CRLF; nil when there is none, or when a line feed comes without a CR.
    static func lineEnd(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let feed = lineFeed(bytes, from: start), feed > start, bytes[feed - 1] == ASCII.carriageReturn else {
            return nil
        }
        return feed - 1
    }

    /// The index of the next line feed.
    static func lineFeed(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard start < bytes.count, let base = bytes.baseAddress,
            let found = memchr(base + start, Int32(ASCII.lineFeed), bytes.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }
}
