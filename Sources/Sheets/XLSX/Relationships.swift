/// A part's relations to others (ECMA-376 part 2, 6.5): where the workbook, its sheets, strings and styles are.
final class Relationships: XMLEventHandler {
    struct Relation {
        var id: String
        /// The last piece of its type: `worksheet`, `sharedStrings`, in either edition of the standard.
        var kind: String
        /// Path from the archive's root.
        var path: String
    }

    private(set) var relations: [Relation] = []
    private let folder: String

    /// - Parameter part: whose relations they are; empty for those of the archive.
    init(of part: String) {
        folder = part.split(separator: "/").dropLast().joined(separator: "/")
    }

    /// The file that has a part's relations.
    static func path(of part: String) -> String {
        var pieces = part.split(separator: "/").map(String.init)
        let name = pieces.popLast() ?? ""
        return (pieces + ["_rels", name + ".rels"]).joined(separator: "/")
    }

    func first(_ kind: String) -> String? { relations.first { $0.kind == kind }?.path }

    func start(_ name: UnsafePointer<CChar>, _ attributes: XMLAttributes) throws(SheetFailure) {
        guard name.isNamed("Relationship") else { return }
        if relations.count > SheetBounds.entriesMax { throw .tooLarge }
        guard let id = attributes.text("Id"), let type = attributes.text("Type"),
            let target = attributes.text("Target")
        else { return }
        let kind = type.split(separator: "/").last.map(String.init) ?? ""
        relations.append(Relation(id: id, kind: kind, path: resolved(target)))
    }

    private func resolved(_ target: String) -> String {
        var pieces = target.hasPrefix("/") ? [] : folder.split(separator: "/").map(String.init)
        for piece in target.split(separator: "/") {
            if piece == ".." { _ = pieces.popLast() } else if piece != "." { pieces.append(String(piece)) }
        }
        return pieces.joined(separator: "/")
    }

    func end(_ name: UnsafePointer<CChar>) {}
    func characters(_ bytes: UnsafeRawBufferPointer) {}
}
