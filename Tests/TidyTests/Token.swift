/// A word, string or mark of the manifest.
enum Token: Equatable {
    case word(String)
    case text(String)
    case mark(Character)

    var depthChange: Int {
        switch self {
        case .mark("("), .mark("["), .mark("{"): 1
        case .mark(")"), .mark("]"), .mark("}"): -1
        default: 0
        }
    }

    /// Line comments are left out; strings are taken to be plain, on one line.
    static func list(of text: String) -> [Token] {
        var tokens: [Token] = []
        var rest = text[...]
        while let first = rest.first {
            if rest.hasPrefix("//") {
                rest = rest.drop { !$0.isNewline }
            } else if first == "\"" {
                let value = rest.dropFirst().prefix { $0 != "\"" }
                tokens.append(.text(String(value)))
                rest = rest[value.endIndex...].dropFirst()
            } else if first.isLetter || first.isNumber || first == "_" {
                let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                tokens.append(.word(String(word)))
                rest = rest[word.endIndex...]
            } else {
                if !first.isWhitespace { tokens.append(.mark(first)) }
                rest = rest.dropFirst()
            }
        }
        return tokens
    }
}
