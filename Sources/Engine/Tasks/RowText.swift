import Messaging
import Sheets

/// A text whose `{column}`s stand for what each row has in that column.
struct RowText: Sendable {
    private enum Piece: Sendable {
        case literal(String)
        case column(Int)
    }

    private var pieces: [Piece] = []

    /// Whether the text differs by row.
    private(set) var isPersonal = false

    /// A name in braces that is no column.
    struct UnknownColumn: Error, Equatable {
        let name: String
    }

    /// - Parameters:
    ///   - names: of the columns.
    ///   - hasColumns: false where numbers were typed: then braces are characters.
    /// - Throws: the first name in braces that is none of the columns.
    init(_ content: String, names: [String], hasColumns: Bool) throws(UnknownColumn) {
        guard hasColumns else {
            pieces = [.literal(content)]
            return
        }
        var literal = ""
        var rest = content[...]
        while let open = rest.firstIndex(of: "{") {
            let inside = rest[rest.index(after: open)...].prefix { $0 != "}" && $0 != "{" && !$0.isNewline }
            guard inside.endIndex < rest.endIndex, rest[inside.endIndex] == "}", !inside.isEmpty, inside.count <= 40
            else {
                literal += rest[...open]
                rest = rest[rest.index(after: open)...]
                continue
            }
            let name = inside.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            guard let column = names.firstIndex(of: name) else { throw UnknownColumn(name: name) }
            literal += rest[..<open]
            if !literal.isEmpty { pieces.append(.literal(literal)) }
            literal = ""
            pieces.append(.column(column))
            isPersonal = true
            rest = rest[rest.index(after: inside.endIndex)...]
        }
        literal += rest
        if !literal.isEmpty { pieces.append(.literal(literal)) }
    }

    /// The text of a row; nil where a variable has no content, or an error.
    func text(_ row: SheetRow?) -> String? {
        var text = ""
        for piece in pieces {
            switch piece {
            case .literal(let literal): text += literal
            case .column(let column):
                guard let cell = row?[column], !cell.isBlank, cell.kind != .error else { return nil }
                text += cell.text.trimmed()
            }
        }
        return text
    }
}
