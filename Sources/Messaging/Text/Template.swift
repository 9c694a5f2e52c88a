/// An approved text with variables: `您的验证码是{1}，{2}分钟内有效`.
///
/// A variable stands for one character or more, of any kind; where a number comes twice, the texts need not be equal.
public struct Template: Hashable, Sendable {
    /// As Yixintong's `templateId` names it: 1 to 20 letters and digits, not `0`.
    public let id: String
    /// The text with its variables as `{1}`, `{2}` …
    public let text: String
    /// The texts around the variables; a variable is between each two.
    private let literals: [[UInt8]]

    /// The most bytes of an id.
    public static let idBytesMax = 20
    /// UTF-16 units of a text.
    public static let textUnitsMax = 1000
    /// The most digits of a variable's number.
    public static let variableDigitsMax = 2

    /// Nil when the id is none, or the text is empty, too long, or nothing but variables.
    public init?(id: String, text: String) {
        guard Self.isValidID(id), text.utf16.count <= Self.textUnitsMax else { return nil }
        let literals = Self.literals(of: Array(text.utf8))
        guard literals.contains(where: { !$0.isEmpty }) else { return nil }
        self.id = id
        self.text = text
        self.literals = literals
    }

    /// 1 to 20 letters and digits of ASCII, and not `0`, which customers send for free text.
    public static func isValidID(_ id: String) -> Bool {
        (1...idBytesMax).contains(id.utf8.count) && id != "0"
            && id.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
            }
    }

    /// How many variables the text has.
    public var variableCount: Int { literals.count - 1 }

    /// Whether `content` is this text with something in the place of each variable. Takes a time that is linear in
    /// its length for each variable.
    public func matches(_ content: String) -> Bool {
        let content = Array(content.utf8)
        guard let first = literals.first, let last = literals.last, content.starts(with: first) else { return false }
        if literals.count == 1 { return content.count == first.count }
        var at = first.count
        // The leftmost place of each piece leaves the most room for the rest.
        for literal in literals.dropFirst().dropLast() {
            guard let found = Self.find(literal, in: content, from: at + 1) else { return false }
            at = found + literal.count
        }
        return content.count >= at + 1 + last.count && content.suffix(last.count).elementsEqual(last)
    }

    private static func find(_ literal: [UInt8], in content: [UInt8], from start: Int) -> Int? {
        guard start <= content.count else { return nil }
        guard let head = literal.first else { return start }
        var at = start
        while at + literal.count <= content.count {
            if content[at] == head, content[at..<at + literal.count].elementsEqual(literal) { return at }
            at += 1
        }
        return nil
    }

    /// A variable is one or two digits in braces; any other brace is a character.
    private static func literals(of text: [UInt8]) -> [[UInt8]] {
        var literals: [[UInt8]] = [[]]
        var at = 0
        while at < text.count {
            if text[at] == UInt8(ascii: "{") {
                let digits = text[(at + 1)...].prefix(variableDigitsMax).prefix { (0x30...0x39).contains($0) }
                if !digits.isEmpty, digits.endIndex < text.count, text[digits.endIndex] == UInt8(ascii: "}") {
                    literals.append([])
                    at = digits.endIndex + 1
                    continue
                }
            }
            literals[literals.count - 1].append(text[at])
            at += 1
        }
        return literals
    }
}
