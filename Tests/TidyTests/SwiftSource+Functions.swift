/// A `func`, `init`, `deinit` or `subscript` with a body.
struct FunctionExtent: Equatable {
    /// 1-based line of the keyword.
    var firstLine: Int
    /// 1-based line of the closing brace.
    var lastLine: Int

    var lineCount: Int { lastLine - firstLine + 1 }
}

extension SwiftSource {
    /// The functions, in order, nested ones too.
    ///
    /// The approach: from each keyword (not behind a dot) on, the first `{` outside parentheses and brackets opens the
    /// body; a `}` or the next declaration before it means that there is none, as in a protocol.
    var functions: [FunctionExtent] {
        var found: [FunctionExtent] = []
        var line = 1
        var index = 0
        var previous: UInt8 = 0
        while index < code.count {
            let byte = code[index]
            guard Self.isWordByte(byte) else {
                if byte == UInt8(ascii: "\n") { line += 1 } else if byte != UInt8(ascii: " ") { previous = byte }
                index += 1
                continue
            }
            let word = self.word(at: index)
            index += word.utf8.count
            if previous != UInt8(ascii: "."), Self.functionWords.contains(word), let end = bodyEnd(from: index) {
                let inside = code[index..<end].count { $0 == UInt8(ascii: "\n") }
                found.append(FunctionExtent(firstLine: line, lastLine: line + inside))
            }
            previous = byte
        }
        return found
    }

    private static let functionWords: Set<String> = ["func", "init", "deinit", "subscript"]
    private static let declarationWords = functionWords.union([
        "var", "let", "case", "struct", "enum", "extension", "protocol", "typealias", "associatedtype",
    ])

    private static func isWordByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
            || (0x61...0x7A).contains(byte) || byte >= 0x80
    }

    private func word(at index: Int) -> String {
        String(decoding: code[index...].prefix(while: Self.isWordByte), as: UTF8.self)
    }

    /// The place of the brace that closes the body; nil when there is no body.
    private func bodyEnd(from start: Int) -> Int? {
        var index = start
        var depth = 0
        while index < code.count {
            switch code[index] {
            case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "{") where depth == 0: return closingBrace(from: index)
            case UInt8(ascii: "}") where depth == 0: return nil
            case let byte where Self.isWordByte(byte):
                let word = self.word(at: index)
                if depth == 0, Self.declarationWords.contains(word) { return nil }
                index += word.utf8.count - 1
            default: break
            }
            index += 1
        }
        return nil
    }

    private func closingBrace(from open: Int) -> Int? {
        var depth = 0
        for index in open..<code.count {
            if code[index] == UInt8(ascii: "{") { depth += 1 }
            if code[index] == UInt8(ascii: "}") {
                depth -= 1
                if depth == 0 { return index }
            }
        }
        return nil
    }
}
