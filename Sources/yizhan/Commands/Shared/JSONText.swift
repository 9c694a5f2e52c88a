/// JSON as the command line prints it: keys in the order given, one line.
indirect enum JSONText: CustomStringConvertible {
    case string(String)
    case negative(Int64)
    case natural(UInt64)
    case bool(Bool)
    case array([JSONText])
    case object([(String, JSONText)])
    case null

    static func integer(_ value: some BinaryInteger) -> JSONText {
        value < 0 ? .negative(Int64(value)) : .natural(UInt64(value))
    }

    static func strings(_ values: [String]) -> JSONText { .array(values.map(JSONText.string)) }

    /// A string, or null for an empty one.
    static func optional(_ text: String) -> JSONText { text.isEmpty ? .null : .string(text) }

    /// A time in milliseconds, or null for 0.
    static func moment(_ milliseconds: Int64) -> JSONText { milliseconds == 0 ? .null : .integer(milliseconds) }

    var description: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .string(let string): Self.quote(string, to: &text)
        case .negative(let value): text += String(value)
        case .natural(let value): text += String(value)
        case .bool(let value): text += value ? "true" : "false"
        case .null: text += "null"
        case .array(let items):
            text += "["
            for (place, item) in items.enumerated() {
                if place > 0 { text += "," }
                item.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (place, member) in members.enumerated() {
                if place > 0 { text += "," }
                Self.quote(member.0, to: &text)
                text += ":"
                member.1.write(to: &text)
            }
            text += "}"
        }
    }

    private static func quote(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
                let hex = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
