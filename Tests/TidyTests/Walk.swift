/// The walk of a message through the code, as `Sources/README.md` lists it: a table row a function, in the order in
/// which they run, `` | `path/File.swift` | `function`, `function` | what happens | ``; functions of one row are in one
/// file and follow one another.
struct Walk {
    struct Step: Equatable {
        var path: String
        var function: String
    }

    struct Counts: Equatable, CustomStringConvertible {
        var functions: Int
        var files: Int
        /// From one file to another.
        var jumps: Int
        /// From one folder of Sources to another.
        var crossings: Int

        var description: String { "\(functions) functions, \(files) files, \(jumps) jumps, \(crossings) crossings" }
    }

    private(set) var steps: [Step] = []

    static let begin = "<!-- walk:begin -->"
    static let end = "<!-- walk:end -->"

    /// - Returns: nil when the text has no walk between its marks.
    init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.firstIndex(of: Self.begin[...]), let last = lines.firstIndex(of: Self.end[...]),
            first < last
        else { return nil }
        for line in lines[first..<last] where line.hasPrefix("| `") {
            let cells = line.split(separator: "|")
            guard cells.count >= 2, let path = Self.quoted(cells[0]).first else { continue }
            steps += Self.quoted(cells[1]).map { Step(path: path, function: $0) }
        }
    }

    private static func quoted(_ cell: Substring) -> [String] {
        cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }

    var counts: Counts {
        let pairs = zip(steps, steps.dropFirst())
        return Counts(
            functions: Set(steps.map { "\($0.path) \($0.function)" }).count, files: Set(steps.map(\.path)).count,
            jumps: pairs.count { $0.path != $1.path }, crossings: pairs.count { Self.room($0) != Self.room($1) })
    }

    private static func room(_ step: Step) -> Substring? { step.path.split(separator: "/").first }

    /// Steps whose function is not in their file.
    /// - Parameter source: of a path below Sources; nil when there is no such file.
    func missing(_ source: (String) -> SwiftSource?) -> [String] {
        var known: [String: String?] = [:]
        return steps.compactMap { step in
            if known[step.path] == nil {
                known[step.path] = .some(source(step.path)?.codeLines.joined(separator: "\n"))
            }
            guard let code = known[step.path] ?? nil else { return "\(step.path): no such file" }
            return Self.declares(code, step.function) ? nil : "\(step.path): no \(step.function)"
        }
    }

    /// Whether the code declares a function, an initialiser (`init`, or `Type.init`) or a property of that name.
    private static func declares(_ code: String, _ function: String) -> Bool {
        let name = function.split(separator: ".").last.map(String.init) ?? function
        let starts =
            name == "init" ? ["init(", "init?(", "init<"] : ["func \(name)(", "func \(name)<", "var \(name):"]
        return starts.contains { code.contains($0) }
    }
}
