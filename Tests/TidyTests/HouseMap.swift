/// The map of the house in Sources/README.md: a table whose first line is `| Target | Job | May import |`, then one
/// line a target:
///
///     | `Engine` | what it is for | `Messaging`, `Store`, Logging, DequeModule |
///
/// The third column has the targets of this package that it may import, in backticks, then the products of other
/// packages, bare; `–` for none. Products are compared only in lines that name any. The table ends at the first line
/// that does not begin with a bar.
struct HouseMap {
    private(set) var rooms: [String: Manifest.Room] = [:]
    /// Lines that are not of this form.
    private(set) var malformed: [String] = []

    init(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.filter { $0 != "\r" } }
        let table = lines.drop { Self.cells($0).map { $0.lowercased() } != ["target", "job", "may import"] }
        for line in table.dropFirst().prefix(while: { $0.hasPrefix("|") }) {
            let cells = Self.cells(line)
            if cells.allSatisfy({ $0.allSatisfy { "-: ".contains($0) } }) { continue }
            guard cells.count == 3, let name = Self.quoted(cells[0]), !cells[1].isEmpty, rooms[name] == nil else {
                malformed.append(line)
                continue
            }
            var room = Manifest.Room()
            for item in cells[2].split(whereSeparator: { $0 == "," || $0 == ";" }).map(Self.stripped) where item != "–"
            {
                if let target = Self.quoted(item) { room.targets.insert(target) } else { room.products.insert(item) }
            }
            rooms[name] = room
        }
    }

    private static func cells(_ line: String) -> [String] {
        guard line.hasPrefix("|") else { return [] }
        var cells = line.dropFirst().split(separator: "|", omittingEmptySubsequences: false).map(stripped)
        if cells.last == "" { cells.removeLast() }
        return cells
    }

    private static func stripped(_ text: Substring) -> String {
        let head = text.drop { $0 == " " }
        return String(head.reversed().drop { $0 == " " }.reversed())
    }

    private static func quoted(_ text: String) -> String? {
        guard text.hasPrefix("`"), text.hasSuffix("`"), text.count > 2 else { return nil }
        return String(text.dropFirst().dropLast())
    }

    /// How this map and the manifest differ, a sentence each.
    func differences(from manifest: Manifest) -> [String] {
        var found = malformed.map { "not a line of the map: \($0)" }
        found += Set(manifest.rooms.keys).subtracting(rooms.keys).map { "\($0) is not on the map" }
        found += Set(rooms.keys).subtracting(manifest.rooms.keys).map { "\($0) is on the map but no target" }
        for (name, drawn) in rooms {
            guard let real = manifest.rooms[name] else { continue }
            found += Self.compare(name, drawn.targets, real.targets)
            if !drawn.products.isEmpty { found += Self.compare(name, drawn.products, real.products) }
        }
        return found.sorted()
    }

    private static func compare(_ name: String, _ drawn: Set<String>, _ real: Set<String>) -> [String] {
        real.subtracting(drawn).map { "\(name) depends on \($0), the map does not say so" }
            + drawn.subtracting(real).map { "\(name) does not depend on \($0), the map says so" }
    }
}
