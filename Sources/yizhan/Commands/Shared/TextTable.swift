/// Aligned columns for people.
struct TextTable {
    enum Alignment {
        case left, right
    }

    private let columns: [(title: String, alignment: Alignment)]
    private var rows: [[String]] = []

    init(_ columns: [(title: String, alignment: Alignment)]) {
        self.columns = columns
    }

    mutating func add(_ cells: [String]) {
        rows.append(cells.map(Terminal.printable))
    }

    var text: String {
        let lines = [columns.map(\.title)] + rows
        let widths = columns.indices.map { column in lines.map { Terminal.width($0[column]) }.max() ?? 0 }
        return lines.map { cells in
            var line = ""
            for column in columns.indices {
                if column > 0 { line += "  " }
                let space = String(repeating: " ", count: widths[column] - Terminal.width(cells[column]))
                line += columns[column].alignment == .left ? cells[column] + space : space + cells[column]
            }
            return String(line[..<(line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex)])
        }.joined(separator: "\n")
    }

    /// `name  value` lines, the values under one another.
    static func pairs(_ pairs: [(String, String)]) -> String {
        let width = pairs.map { Terminal.width($0.0) }.max() ?? 0
        return pairs.map { name, value in
            let space = String(repeating: " ", count: width - Terminal.width(name) + 2)
            return value.isEmpty ? name : name + space + Terminal.printable(value)
        }.joined(separator: "\n")
    }
}

extension TextTable {
    /// A length of time as `3d 04:05:06`.
    static func duration(_ milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds / 1000)
        let parts = [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60].map { part in
            part < 10 ? "0\(part)" : "\(part)"
        }
        let days = seconds / 86_400
        return (days > 0 ? "\(days)d " : "") + parts.joined(separator: ":")
    }
}
