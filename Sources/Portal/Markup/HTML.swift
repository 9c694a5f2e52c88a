/// A piece of a page: HTML that is known to be well-formed. Texts that are interpolated are escaped, so that what comes
/// from outside is shown and never read as markup.
///
/// `"<td>\(text)</td>"` escapes `text`; an interpolated `HTML` goes in as it is.
struct HTML: Sendable, ExpressibleByStringInterpolation {
    /// The markup.
    private(set) var markup: String

    init(stringLiteral value: String) { markup = value }

    init(stringInterpolation: Interpolation) { markup = stringInterpolation.markup }

    /// A text, escaped.
    init(text: some StringProtocol) { markup = Self.escaped(text) }

    private init(markup: String) { self.markup = markup }

    /// Nothing.
    static let empty: HTML = ""

    var isEmpty: Bool { markup.isEmpty }

    /// Builds markup from a literal.
    struct Interpolation: StringInterpolationProtocol {
        fileprivate var markup: String

        init(literalCapacity: Int, interpolationCount: Int) {
            markup = ""
            markup.reserveCapacity(literalCapacity + interpolationCount * 16)
        }

        mutating func appendLiteral(_ literal: String) { markup += literal }

        /// Escaped: for an element's content or a quoted attribute.
        mutating func appendInterpolation(_ text: some StringProtocol) { markup += HTML.escaped(text) }

        mutating func appendInterpolation(_ number: some BinaryInteger) { markup += String(number) }

        mutating func appendInterpolation(_ html: HTML) { markup += html.markup }

        mutating func appendInterpolation(_ html: HTML?) { markup += html?.markup ?? "" }

        mutating func appendInterpolation(_ pieces: some Sequence<HTML>) {
            for piece in pieces { markup += piece.markup }
        }

        /// The literal when the condition holds, for attributes: `<option\(" selected", if: isChosen)>`.
        mutating func appendInterpolation(_ literal: StaticString, if isOn: Bool) {
            if isOn { markup += "\(literal)" }
        }
    }

    static func + (left: HTML, right: HTML) -> HTML { HTML(markup: left.markup + right.markup) }

    static func += (left: inout HTML, right: HTML) { left.markup += right.markup }

    /// A text that somebody outside wrote (a message's content, a carrier's code, a file's name): direction marks in it
    /// affect nothing around it, and control characters are shown as `U+0007`.
    static func foreign(_ text: some StringProtocol) -> HTML {
        var shown = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A: shown.unicodeScalars.append(scalar)
            case 0x00...0x1F, 0x7F...0x9F, 0x200B...0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFFE, 0xFFFF:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                shown += "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return "<bdi>\(shown)</bdi>"
    }

    private static func escaped(_ text: some StringProtocol) -> String {
        let special = text.utf8.contains { byte in
            switch byte {
            case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"), 0: true
            default: false
            }
        }
        guard special else { return String(text) }
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count + 32)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            // The parser of a browser drops it or replaces it, as its place in the page has it.
            case "\0": escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

extension Sequence<HTML> {
    /// All pieces, one after the other.
    func joined(separator: HTML = .empty) -> HTML {
        var all = HTML.empty
        var isFirst = true
        for piece in self {
            if !isFirst { all += separator }
            isFirst = false
            all += piece
        }
        return all
    }
}
