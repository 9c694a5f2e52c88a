import CSheets

/// Reads .xls and .et through libfreexl, which keeps a whole sheet in memory.
struct XLSReader {
    private let path: String
    private let hidden: XLSHiddenParts
    private let gate: RowGate

    init(path: String, hidden: XLSHiddenParts, gate: RowGate) {
        self.path = path
        self.hidden = hidden
        self.gate = gate
    }

    /// - Parameter sheet: the name of the sheet; nil for the first visible one that has content.
    func read(sheet wanted: String?) throws(SheetFailure) {
        var handle: UnsafeRawPointer?
        let code = freexl_open(path, &handle)
        defer { if let handle { freexl_close(handle) } }
        guard code == FREEXL_OK, let handle else { throw Self.failure(code) }
        var value: UInt32 = 0
        if freexl_get_info(handle, UInt16(FREEXL_BIFF_PASSWORD), &value) == FREEXL_OK,
            value == UInt32(FREEXL_BIFF_OBFUSCATED)
        {
            throw .passwordProtected
        }
        guard freexl_get_info(handle, UInt16(FREEXL_BIFF_SHEET_COUNT), &value) == FREEXL_OK else { throw .damaged }
        try read(handle, count: min(Int(value), SheetBounds.sheetsMax), wanted)
    }

    private func read(_ handle: UnsafeRawPointer, count: Int, _ wanted: String?) throws(SheetFailure) {
        var gate = gate
        try gate.begin(SheetDescription(kind: .xls))
        var remainder = SheetRemainder()
        var isRead = false
        for index in 0..<count {
            var text: UnsafePointer<CChar>?
            guard freexl_get_worksheet_name(handle, UInt16(index), &text) == FREEXL_OK else { throw .damaged }
            let name = text.map { String(cString: $0).cut(toBytes: 128) } ?? ""
            let isHidden = hidden.sheets.contains(index)
            if isHidden { remainder.hiddenSheets += 1 }
            guard !isRead, wanted.map({ $0 == name }) ?? !isHidden else {
                if !isHidden { remainder.otherSheets.append(name) }
                continue
            }
            let before = gate.rows
            try read(handle, sheet: index, name, &gate, &remainder)
            isRead = gate.rows > before
        }
        try gate.end(remainder)
    }

    private func read(
        _ handle: UnsafeRawPointer, sheet index: Int, _ name: String, _ gate: inout RowGate,
        _ remainder: inout SheetRemainder
    ) throws(SheetFailure) {
        guard freexl_select_active_worksheet(handle, UInt16(index)) == FREEXL_OK else { throw .damaged }
        var (rows, columns): (UInt32, UInt16) = (0, 0)
        guard freexl_worksheet_dimensions(handle, &rows, &columns) == FREEXL_OK else { throw .damaged }
        let hiddenRows = hidden.rows[index] ?? []
        var hasBegun = false
        for row in 0..<rows {
            let number = Int(row) + 1
            if gate.isPastEnd(number) { break }
            var cells: [SheetCell] = []
            for column in 0..<UInt16(min(Int(columns), SheetBounds.columnsMax)) {
                var value = FreeXL_CellValue()
                guard freexl_get_cell_value(handle, row, column, &value) == FREEXL_OK else { throw .damaged }
                let cell = Self.cell(value)
                if cell.kind == .empty { continue }
                while cells.count < Int(column) { cells.append(.empty) }
                cells.append(cell)
            }
            if cells.allSatisfy(\.isBlank) { continue }
            if hiddenRows.contains(Int(row)) {
                remainder.hiddenRows += 1
                gate.pass(hidden: number)
                continue
            }
            if !hasBegun {
                hasBegun = true
                try gate.begin(sheet: name)
            }
            try gate.pass(number, cells)
        }
    }

    private static func cell(_ value: FreeXL_CellValue) -> SheetCell {
        switch Int32(value.type) {
        case FREEXL_CELL_INT: return SheetCell(.number, String(value.value.int_value))
        case FREEXL_CELL_DOUBLE:
            // The shortest text that is this number; the file has nothing but the binary one.
            let text = ExactDecimal(String(value.value.double_value).utf8)?.plain
            return text.map { SheetCell(.number, $0) } ?? SheetCell(.error, "#NUM!")
        case FREEXL_CELL_TEXT, FREEXL_CELL_SST_TEXT: return text(value.value.text_value, .text)
        case FREEXL_CELL_DATE, FREEXL_CELL_DATETIME, FREEXL_CELL_TIME: return text(value.value.text_value, .date)
        default: return .empty
        }
    }

    private static func text(_ pointer: UnsafePointer<CChar>?, _ kind: SheetCell.Kind) -> SheetCell {
        guard let pointer, pointer.pointee != 0 else { return .empty }
        var shown = String(cString: pointer).cut(toBytes: SheetBounds.cellBytesMax)
        if kind == .date, shown.hasSuffix(" 00:00:00") { shown.removeLast(9) }
        return SheetCell(kind, shown)
    }

    private static func failure(_ code: Int32) -> SheetFailure {
        switch code {
        case FREEXL_INSUFFICIENT_MEMORY: .readerExhausted
        case FREEXL_BIFF_WORKBOOK_NOT_FOUND, FREEXL_CFBF_INVALID_SIGNATURE, FREEXL_INVALID_CFBF_HEADER: .notSpreadsheet
        default: .damaged
        }
    }
}
