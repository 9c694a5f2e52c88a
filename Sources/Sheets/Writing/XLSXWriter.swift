import CSheets
import Glibc
import Messaging

/// Writes an .xlsx through libxlsxwriter: each row leaves memory for a temporary file when the next begins.
final class XLSXWriter: SheetWriter {
    private var workbook: UnsafeMutablePointer<lxw_workbook>?
    private var worksheet: UnsafeMutablePointer<lxw_worksheet>?
    private let path: String
    private let header: [String]
    private let title: String
    private let moneyFormat: UnsafeMutablePointer<lxw_format>?
    private var row: UInt32 = 0
    private var sheets = 0

    /// A sheet has at most 1,048,576.
    static let rowsPerSheet: UInt32 = 1_000_000
    /// UTF-16 units of a cell, at most.
    private static let cellUnitsMax = 32_767
    /// Amounts that a double holds with all six decimals; larger ones are written as texts.
    private static let exactMoneyMax: Int64 = 1_000_000_000_000_000

    init(path: String, header: [String], title: String, folder: String) throws(SheetFailure) {
        self.path = path
        self.header = header
        self.title = String(title.filter { !"[]:*?/\\'".contains($0) }.prefix(24))
        unlink(path)
        let workbook = folder.withCString { folder in
            var options = lxw_workbook_options(
                constant_memory: 1, tmpdir: UnsafeMutablePointer(mutating: folder), use_zip64: 1)
            return workbook_new_opt(path, &options)
        }
        guard let workbook else { throw .unavailable }
        self.workbook = workbook
        moneyFormat = workbook_add_format(workbook)
        if let moneyFormat { format_set_num_format(moneyFormat, "0.00####") }
        try beginSheet()
    }

    deinit {
        // Not completed: nobody is to find half a file.
        if let workbook {
            workbook_close(workbook)
            unlink(path)
        }
    }

    private func beginSheet() throws(SheetFailure) {
        sheets += 1
        let name = sheets == 1 ? title : "\(title) \(sheets)"
        worksheet = name.isEmpty ? workbook_add_worksheet(workbook, nil) : workbook_add_worksheet(workbook, name)
        guard let worksheet else { throw .unavailable }
        worksheet_set_column(worksheet, 0, UInt16(clamping: max(0, header.count - 1)), 16, nil)
        worksheet_freeze_panes(worksheet, 1, 0)
        row = 0
        try put(header.map { .text($0) })
    }

    func write(_ values: [SheetValue]) throws(SheetFailure) {
        if row > Self.rowsPerSheet { try beginSheet() }
        try put(values)
    }

    private func put(_ values: [SheetValue]) throws(SheetFailure) {
        for (index, value) in values.enumerated() {
            let column = UInt16(clamping: index)
            let code: lxw_error
            switch value {
            case .empty: continue
            case .text(let text): code = worksheet_write_string(worksheet, row, column, Self.clean(text), nil)
            case .integer(let number):
                code =
                    number.magnitude < 1 << 53
                    ? worksheet_write_number(worksheet, row, column, Double(number), nil)
                    : worksheet_write_string(worksheet, row, column, String(number), nil)
            case .money(let money):
                code =
                    abs(money.microYuan.clamped) < Self.exactMoneyMax
                    ? worksheet_write_number(
                        worksheet, row, column, Double(money.microYuan) / 1_000_000, moneyFormat)
                    : worksheet_write_string(worksheet, row, column, money.description, nil)
            }
            guard code == LXW_NO_ERROR else { throw .unavailable }
        }
        row += 1
    }

    /// Without characters that XML cannot have, cut at what a cell may have.
    private static func clean(_ text: String) -> String {
        let isClean = text.utf8.count <= cellUnitsMax && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0xEF }
        if isClean { return text }
        var result = ""
        var units = 0
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 && ![0x09, 0x0A, 0x0D].contains(scalar.value)
            if isControl || scalar.value == 0xFFFE || scalar.value == 0xFFFF { continue }
            units += UTF16.width(scalar)
            if units > cellUnitsMax { break }
            result.unicodeScalars.append(scalar)
        }
        return result
    }

    func finish() throws(SheetFailure) {
        guard let workbook else { return }
        self.workbook = nil
        guard workbook_close(workbook) == LXW_NO_ERROR else {
            unlink(path)
            throw .unavailable
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unavailable }
        defer { close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0, fsync(descriptor) == 0 else { throw .unavailable }
    }
}

extension Int64 {
    /// So that its magnitude is a number of the same type.
    fileprivate var clamped: Int64 { Swift.max(self, -.max) }
}
