/// A Swift file, and the same with everything that is not code blanked out, byte for byte at the same places.
///
/// The approach: one pass that knows line and nested block comments, one-line, multi-line and raw strings with their
/// interpolations (whose inside is code), and names in backticks. It does not know regex literals; a quote in one
/// would confuse it, so write `Regex` with a string there.
struct SwiftSource {
    let text: String
    /// As long as the text's UTF-8; comments, strings and quoted names are spaces, line breaks stay.
    let code: [UInt8]

    init(_ text: String) {
        self.text = text
        var blanker = Blanker(source: Array(text.utf8))
        blanker.scanCode(inInterpolation: false)
        self.code = blanker.code
    }

    var lines: [Substring] { Self.withoutEnd(text.split(separator: "\n", omittingEmptySubsequences: false)) }

    /// The lines of `code`.
    var codeLines: [String] {
        Self.withoutEnd(code.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false))
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// A file ends with a line break, behind which there is no line.
    private static func withoutEnd<Line: Collection>(_ lines: [Line]) -> [Line] {
        lines.last?.isEmpty == true ? lines.dropLast() : lines
    }
}

private struct Blanker {
    let source: [UInt8]
    var code: [UInt8]
    var index = 0

    init(source: [UInt8]) {
        self.source = source
        self.code = source
    }

    /// Up to the end, or up to and with the parenthesis that closes an interpolation.
    mutating func scanCode(inInterpolation: Bool) {
        var depth = 0
        while index < source.count {
            switch source[index] {
            case UInt8(ascii: "/") where stands("//"): blank(to: lineEnd())
            case UInt8(ascii: "/") where stands("/*"): scanBlockComment()
            case UInt8(ascii: "\""): scanString(hashes: 0)
            case UInt8(ascii: "#"):
                let hashes = source[index...].prefix { $0 == UInt8(ascii: "#") }.count
                if stands("\"", at: index + hashes) {
                    blank(to: index + hashes)
                    scanString(hashes: hashes)
                } else {
                    index += hashes
                }
            case UInt8(ascii: "`"):
                let end = source[(index + 1)...].firstIndex(of: UInt8(ascii: "`")) ?? source.count - 1
                blank(to: end + 1)
            case UInt8(ascii: "("):
                depth += 1
                index += 1
            case UInt8(ascii: ")"):
                index += 1
                if inInterpolation, depth == 0 { return }
                depth -= 1
            default: index += 1
            }
        }
    }

    private mutating func scanBlockComment() {
        var depth = 0
        while index < source.count {
            if stands("/*") {
                depth += 1
                blank(to: index + 2)
            } else if stands("*/") {
                depth -= 1
                blank(to: index + 2)
                if depth == 0 { return }
            } else {
                blank(to: index + 1)
            }
        }
    }

    /// From the opening quote to behind the closing one and its hashes.
    private mutating func scanString(hashes: Int) {
        let fence = String(repeating: "#", count: hashes)
        let quote = stands("\"\"\"") ? "\"\"\"" : "\""
        blank(to: index + quote.utf8.count)
        while index < source.count {
            if stands(quote + fence) {
                blank(to: index + quote.utf8.count + hashes)
                return
            }
            if stands("\\" + fence + "(") {
                blank(to: index + hashes + 2)
                scanCode(inInterpolation: true)
            } else if stands("\\" + fence) {
                blank(to: index + hashes + 2)
            } else if quote == "\"", source[index] == UInt8(ascii: "\n") {
                return
            } else {
                blank(to: index + 1)
            }
        }
    }

    private func stands(_ pattern: String, at place: Int? = nil) -> Bool {
        source[min(place ?? index, source.count)...].starts(with: pattern.utf8)
    }

    private func lineEnd() -> Int { source[index...].firstIndex(of: UInt8(ascii: "\n")) ?? source.count }

    private mutating func blank(to end: Int) {
        for place in index..<min(end, source.count) where source[place] != UInt8(ascii: "\n") {
            code[place] = UInt8(ascii: " ")
        }
        index = min(end, source.count)
    }
}
