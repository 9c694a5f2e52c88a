/// Reads the rows of one sheet. What the file says about its own size is not asked: WPS writes wrong ones.
final class WorksheetHandler: XMLEventHandler {
    /// Thrown to the parser when the rest of the sheet is empty; nobody else sees it.
    private(set) var isDone = false
    private(set) var hiddenRows = 0
    private(set) var emptyFormulas = 0
    private(set) var hasContent = false

    private let strings: SharedStringsHandler
    private let formats: [CellFormat]
    private let is1904: Bool
    private let sheet: String
    private(set) var gate: RowGate

    private var isInData = false
    private var row = 0
    private var isRowHidden = false
    private var cells: [SheetCell] = []

    private var column = -1
    private var style = 0
    private var type = CellType.number
    private var hasFormula = false
    private var isInCell = false
    private var isCapturing = false
    private var phoneticDepth = 0
    private var value: [UInt8] = []

    private enum CellType {
        case number, shared, inline, formulaText, boolean, error, date

        init(_ name: UnsafePointer<CChar>?) {
            guard let name else {
                self = .number
                return
            }
            if name.isNamed("s") {
                self = .shared
            } else if name.isNamed("inlineStr") {
                self = .inline
            } else if name.isNamed("str") {
                self = .formulaText
            } else if name.isNamed("b") {
                self = .boolean
            } else if name.isNamed("e") {
                self = .error
            } else if name.isNamed("d") {
                self = .date
            } else {
                self = .number
            }
        }
    }

    init(sheet: String, strings: SharedStringsHandler, formats: [CellFormat], is1904: Bool, gate: RowGate) {
        self.sheet = sheet
        self.strings = strings
        self.formats = formats
        self.is1904 = is1904
        self.gate = gate
    }

    func start(_ name: UnsafePointer<CChar>, _ attributes: XMLAttributes) throws(SheetFailure) {
        if name.isNamed("sheetData") {
            isInData = true
        } else if !isInData {
            return
        } else if name.isNamed("row") {
            try startRow(attributes)
        } else if name.isNamed("c") {
            startCell(attributes)
        } else if isInCell {
            if name.isNamed("rPh") { phoneticDepth += 1 }
            if name.isNamed("f") { hasFormula = true }
            isCapturing = name.isNamed("v") || (type == .inline && phoneticDepth == 0 && name.isNamed("t"))
        }
    }

    func end(_ name: UnsafePointer<CChar>) throws(SheetFailure) {
        isCapturing = false
        if !isInData { return }
        if name.isNamed("rPh") {
            phoneticDepth -= 1
        } else if name.isNamed("c") {
            endCell()
        } else if name.isNamed("row") {
            try endRow()
        } else if name.isNamed("sheetData") {
            isInData = false
        }
    }

    func characters(_ bytes: UnsafeRawBufferPointer) {
        guard isCapturing, value.count < 2 * SheetBounds.cellBytesMax else { return }
        value.append(contentsOf: bytes)
    }

    // MARK: Rows

    private func startRow(_ attributes: XMLAttributes) throws(SheetFailure) {
        let number = attributes["r"].flatMap { Self.number($0) }
        row = max(number ?? row + 1, row + 1)
        column = -1
        cells.removeAll(keepingCapacity: true)
        let hidden = attributes["hidden"]
        isRowHidden = hidden.map { $0.isNamed("1") || $0.isNamed("true") } ?? false
        // What was read so far is all that there is: the parser is ended by a failure that the reader expects.
        if gate.isPastEnd(row) {
            isDone = true
            throw .empty
        }
    }

    private func endRow() throws(SheetFailure) {
        if cells.allSatisfy(\.isBlank) { return }
        if isRowHidden {
            hiddenRows += 1
            return gate.pass(hidden: row)
        }
        if !hasContent {
            hasContent = true
            try gate.begin(sheet: sheet)
        }
        try gate.pass(row, cells)
    }

    /// A row number of at most seven digits.
    private static func number(_ text: UnsafePointer<CChar>) -> Int? {
        var value = 0
        var index = 0
        while text[index] != 0 {
            let digit = Int(text[index]) - 0x30
            guard (0...9).contains(digit), index < 7 else { return nil }
            value = value * 10 + digit
            index += 1
        }
        return index > 0 ? value : nil
    }

    // MARK: Cells

    private func startCell(_ attributes: XMLAttributes) {
        column = attributes["r"].flatMap { Self.column($0) } ?? column + 1
        type = CellType(attributes["t"])
        style = attributes["s"].flatMap { Self.number($0) } ?? 0
        hasFormula = false
        isInCell = true
        phoneticDepth = 0
        value.removeAll(keepingCapacity: true)
    }

    /// `AB12` → 27; nil when there are no letters, or too many.
    private static func column(_ reference: UnsafePointer<CChar>) -> Int? {
        var value = 0
        var index = 0
        while (0x41...0x5A).contains(reference[index]) {
            guard index < 3 else { return nil }
            value = value * 26 + Int(reference[index]) - 0x40
            index += 1
        }
        return value > 0 ? value - 1 : nil
    }

    private func endCell() {
        isInCell = false
        guard column < SheetBounds.columnsMax, column >= cells.count else { return }
        let cell = cell()
        if cell.kind == .empty { return }
        while cells.count < column { cells.append(.empty) }
        cells.append(cell)
    }

    private func cell() -> SheetCell {
        if value.isEmpty {
            if hasFormula { emptyFormulas += 1 }
            return .empty
        }
        switch type {
        case .number:
            let format = formats.indices.contains(style) ? formats[style] : .general
            return format.cell(value, is1904: is1904)
        case .shared:
            guard let index = Int(text), let string = strings[index] else { return .empty }
            return string.isEmpty ? .empty : SheetCell(.text, string)
        case .inline, .formulaText: return SheetCell(.text, CellText.unescaped(text))
        case .boolean: return SheetCell(.boolean, text == "1" ? "TRUE" : "FALSE")
        case .error: return SheetCell(.error, text.cut(toBytes: 32))
        case .date: return SheetCell(.date, Self.shown(text))
        }
    }

    private var text: String { String(decoding: value, as: UTF8.self) }

    /// `2024-07-09T00:00:00.000` → `2024-07-09`; a time that is not midnight stays.
    private static func shown(_ text: String) -> String {
        var pieces = text.split(separator: "T", maxSplits: 1).map(String.init)
        guard pieces.count == 2 else { return text.cut(toBytes: 64) }
        if let point = pieces[1].firstIndex(where: { $0 == "." || $0 == "Z" }) {
            pieces[1] = String(pieces[1][..<point])
        }
        return (pieces[1] == "00:00:00" ? pieces[0] : pieces.joined(separator: " ")).cut(toBytes: 64)
    }
}
