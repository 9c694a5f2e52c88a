/// Reads the list of sheets, and since when days are counted.
final class WorkbookHandler: XMLEventHandler {
    struct Sheet {
        var name: String
        /// Of the relation that says where it is.
        var relation: String
        var isHidden: Bool
    }

    private(set) var sheets: [Sheet] = []
    private(set) var is1904 = false

    func start(_ name: UnsafePointer<CChar>, _ attributes: XMLAttributes) {
        if name.isNamed("workbookPr") {
            let value = attributes.text("date1904")
            is1904 = value == "1" || value == "true"
        } else if name.isNamed("sheet"), sheets.count < SheetBounds.entriesMax {
            let state = attributes.text("state") ?? "visible"
            sheets.append(
                Sheet(
                    name: (attributes.text("name") ?? "").cut(toBytes: 128), relation: relation(attributes),
                    isHidden: state != "visible"))
        }
    }

    /// `r:id`; a sheet has an attribute `sheetId` too, but no other that ends in `:id`.
    private func relation(_ attributes: XMLAttributes) -> String { attributes.text("id") ?? "" }

    func end(_ name: UnsafePointer<CChar>) {}
    func characters(_ bytes: UnsafeRawBufferPointer) {}
}

/// Reads how each style shows numbers.
final class StylesHandler: XMLEventHandler {
    /// By the number that cells name a style with.
    private(set) var formats: [CellFormat] = []
    private var codes: [Int: CellFormat] = [:]
    private var isInCellFormats = false

    private static let stylesMax = 65_536

    func start(_ name: UnsafePointer<CChar>, _ attributes: XMLAttributes) {
        if name.isNamed("numFmt") {
            guard let id = attributes.text("numFmtId").flatMap({ Int($0) }), let code = attributes.text("formatCode"),
                codes.count < Self.stylesMax
            else { return }
            codes[id] = CellFormat(code: code.cut(toBytes: 255))
        } else if name.isNamed("cellXfs") {
            isInCellFormats = true
        } else if isInCellFormats, name.isNamed("xf"), formats.count < Self.stylesMax {
            let id = attributes.text("numFmtId").flatMap { Int($0) } ?? 0
            formats.append(codes[id] ?? CellFormat(builtIn: id))
        }
    }

    func end(_ name: UnsafePointer<CChar>) { if name.isNamed("cellXfs") { isInCellFormats = false } }
    func characters(_ bytes: UnsafeRawBufferPointer) {}
}

/// Reads the strings that cells name by number: the runs of rich text joined, phonetic ones left out. All in one array
/// of bytes.
final class SharedStringsHandler: XMLEventHandler {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var isInText = false
    private var phoneticDepth = 0

    /// Nil when there is no such string.
    subscript(_ index: Int) -> String? {
        guard ends.indices.contains(index) else { return nil }
        return CellText.unescaped(
            String(decoding: bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]], as: UTF8.self))
    }

    func start(_ name: UnsafePointer<CChar>, _ attributes: XMLAttributes) {
        if name.isNamed("rPh") { phoneticDepth += 1 }
        isInText = phoneticDepth == 0 && name.isNamed("t")
    }

    func end(_ name: UnsafePointer<CChar>) throws(SheetFailure) {
        isInText = false
        if name.isNamed("rPh") { phoneticDepth -= 1 }
        guard name.isNamed("si") else { return }
        ends.append(bytes.count)
        if ends.count > SheetBounds.sharedStringsMax || bytes.count > SheetBounds.sharedStringBytesMax {
            throw .tooLarge
        }
    }

    func characters(_ part: UnsafeRawBufferPointer) {
        let start = ends.last ?? 0
        guard isInText, bytes.count - start < 2 * SheetBounds.cellBytesMax else { return }
        bytes.append(contentsOf: part.prefix(2 * SheetBounds.cellBytesMax))
    }
}

enum CellText {
    /// Characters that XML cannot have are written as `_x000D_`.
    static func unescaped(_ text: String) -> String {
        guard text.utf8.contains(0x5F), text.contains("_x") else { return text.cut(toBytes: SheetBounds.cellBytesMax) }
        var result = ""
        var rest = Substring(text)
        while let first = rest.first {
            if first == "_", rest.utf8.count >= 7, rest.hasPrefix("_x") {
                let code = rest.dropFirst(2).prefix(4)
                if rest.dropFirst(6).first == "_", let value = UInt16(code, radix: 16),
                    let scalar = UnicodeScalar(value)
                {
                    result.unicodeScalars.append(scalar)
                    rest = rest.dropFirst(7)
                    continue
                }
            }
            result.append(first)
            rest = rest.dropFirst()
        }
        return result.cut(toBytes: SheetBounds.cellBytesMax)
    }
}
