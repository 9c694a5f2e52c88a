import NIOCore

/// A file that a form brought.
struct UploadedFile: Sendable {
    /// The name of the form's field.
    var field: String
    /// As the browser gave it, cut to 200 characters; never used as a path.
    var name: String
    var bytes: ByteBuffer
}

/// The body of a form with files (multipart/form-data, RFC 7578).
struct MultipartForm: Sendable {
    private(set) var fields = FormFields()
    private(set) var files: [UploadedFile] = []

    private static let partsMax = 200
    private static let headBytesMax = 4096
    private static let nameMax = 200

    /// Nil when the body is not one, or has more parts than any page sends.
    init?(contentType: String, body: ByteBuffer) {
        guard let boundary = Self.boundary(of: contentType) else { return nil }
        let bytes = body.readableBytesView
        let delimiter = Array("--\(boundary)".utf8)
        let inner = Array("\r\n--\(boundary)".utf8)
        guard bytes.starts(with: delimiter) else { return nil }
        var at = bytes.startIndex + delimiter.count
        var parts = 0
        while true {
            let rest = bytes[at...]
            if rest.starts(with: Array("--".utf8)) { return }
            guard rest.starts(with: Array("\r\n".utf8)), parts < Self.partsMax else { return nil }
            let start = at + 2
            guard let headEnd = Self.find(Self.blankLine, in: bytes, from: start, within: Self.headBytesMax),
                let end = Self.find(inner, in: bytes, from: headEnd + Self.blankLine.count - 2, within: .max)
            else { return nil }
            // A part without content has its delimiter right after the blank line.
            let contentStart = headEnd + Self.blankLine.count
            let content = contentStart <= end ? contentStart..<end : end..<end
            take(String(decoding: bytes[start..<headEnd], as: UTF8.self), content, of: body)
            parts += 1
            at = end + inner.count
        }
    }

    private static let blankLine = Array("\r\n\r\n".utf8)

    private mutating func take(_ head: String, _ content: Range<Int>, of body: ByteBuffer) {
        let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-disposition:") }
        guard let line, let name = Self.parameter("name", in: line) else { return }
        guard let bytes = body.getSlice(at: content.lowerBound, length: content.count) else { return }
        if let file = Self.parameter("filename", in: line) {
            // A form whose file was not chosen sends an empty one.
            if file.isEmpty, bytes.readableBytes == 0 { return }
            files.append(UploadedFile(field: name, name: String(file.prefix(Self.nameMax)), bytes: bytes))
        } else {
            fields.append(name, String(buffer: bytes))
        }
    }

    private static func boundary(of contentType: String) -> String? {
        let parts = contentType.split(separator: ";", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "multipart/form-data",
            let boundary = parameter("boundary", in: parts[1]), (1...70).contains(boundary.utf8.count)
        else { return nil }
        return boundary
    }

    /// The value of `name=value` or `name="value"`, where browsers write a quote as `%22`.
    private static func parameter(_ name: String, in line: Substring) -> String? {
        for piece in line.split(separator: ";") {
            let parts = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].drop(while: { $0 == " " }).lowercased() == name else { continue }
            var value = parts[1]
            if value.hasPrefix("\""), value.hasSuffix("\""), value.count >= 2 { value = value.dropFirst().dropLast() }
            return String(value).replacing("%22", with: "\"")
        }
        return nil
    }

    /// Where `pattern` begins at or after `start`; memchr finds the candidates.
    private static func find(
        _ pattern: [UInt8], in bytes: ByteBufferView, from start: Int, within limit: Int
    ) -> Int? {
        guard start >= bytes.startIndex, start < bytes.endIndex, let first = pattern.first else { return nil }
        let end = limit < bytes.endIndex - start ? start + limit : bytes.endIndex
        var at = start
        while let candidate = bytes[at..<end].firstIndex(of: first) {
            if bytes[candidate...].starts(with: pattern) { return candidate }
            at = candidate + 1
        }
        return nil
    }
}
