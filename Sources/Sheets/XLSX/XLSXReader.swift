/// Reads an .xlsx: the workbook's parts in the order in which they are needed, each as a stream.
struct XLSXReader {
    private let archive: ZipArchive
    private let gate: RowGate

    init(descriptor: Int32, gate: RowGate) throws(SheetFailure) {
        archive = try ZipArchive(descriptor: descriptor)
        self.gate = gate
    }

    /// - Parameter sheet: the name of the sheet; nil for the first visible one that has content.
    func read(sheet: String?) throws(SheetFailure) {
        let path = try workbookPath()
        let workbook = WorkbookHandler()
        guard try archive.read(path, workbook) else { throw .damaged }
        let relations = Relationships(of: path)
        _ = try archive.read(Relationships.path(of: path), relations)
        let strings = SharedStringsHandler()
        if let strings = relations.first("sharedStrings"), !archive.has(strings) { throw .damaged }
        if let path = relations.first("sharedStrings") { _ = try archive.read(path, strings) }
        let styles = StylesHandler()
        if let path = relations.first("styles") { _ = try archive.read(path, styles) }
        try read(workbook, relations, strings, styles, sheet: sheet)
    }

    private func workbookPath() throws(SheetFailure) -> String {
        let mimetype = archive.head(of: "mimetype", count: 64)
        if mimetype.hasPrefix("application/vnd.oasis.opendocument") { throw .openDocument }
        let relations = Relationships(of: "")
        guard try archive.read("_rels/.rels", relations), let path = relations.first("officeDocument") else {
            throw .notSpreadsheet
        }
        // A text document has its document there.
        guard path.lowercased().hasSuffix(".xml"), path.contains("workbook") || archive.has("xl/workbook.xml") else {
            throw .notSpreadsheet
        }
        return path
    }

    private func read(
        _ workbook: WorkbookHandler, _ relations: Relationships, _ strings: SharedStringsHandler,
        _ styles: StylesHandler, sheet wanted: String?
    ) throws(SheetFailure) {
        var gate = gate
        try gate.begin(SheetDescription(kind: .xlsx))
        var remainder = SheetRemainder()
        remainder.hiddenSheets = workbook.sheets.count(where: \.isHidden)
        var isRead = false
        for sheet in workbook.sheets.prefix(SheetBounds.sheetsMax) {
            let isWanted = wanted.map { $0 == sheet.name } ?? !sheet.isHidden
            guard !isRead, isWanted, let relation = relations.relations.first(where: { $0.id == sheet.relation }),
                relation.kind == "worksheet"
            else {
                if !sheet.isHidden { remainder.otherSheets.append(sheet.name) }
                continue
            }
            let handler = WorksheetHandler(
                sheet: sheet.name, strings: strings, formats: styles.formats, is1904: workbook.is1904, gate: gate)
            do throws(SheetFailure) {
                guard try archive.read(relation.path, handler) else { throw .damaged }
            } catch {
                guard handler.isDone else { throw error }
            }
            gate = handler.gate
            remainder.hiddenRows += handler.hiddenRows
            remainder.emptyFormulas += handler.emptyFormulas
            isRead = handler.hasContent
        }
        try gate.end(remainder)
    }
}
