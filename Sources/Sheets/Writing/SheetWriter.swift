public import Messaging

/// A value of a table that is written to a file.
public enum SheetValue: Hashable, Sendable {
    /// Characters; `13800138000` stays what it is.
    case text(String)
    /// A count.
    case integer(Int64)
    /// Yuan, exact to the micro-yuan.
    case money(Money)
    /// No content.
    case empty
}

/// The kinds of files that tables are written to.
public enum SheetFormat: String, Hashable, Sendable, CaseIterable {
    /// Office Open XML.
    case xlsx
    /// UTF-8 with a byte order mark, CRLF.
    case csv

    /// For the answer's Content-Type.
    public var contentType: String {
        switch self {
        case .xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        case .csv: "text/csv; charset=utf-8"
        }
    }
}

/// Writes a table to a file, row by row, in memory that does not grow with the table. Used by one thread at a time.
public protocol SheetWriter: AnyObject {
    /// Adds a row.
    /// - Throws: `unavailable` when the disk does not take it.
    func write(_ row: [SheetValue]) throws(SheetFailure)
    /// Completes the file, which is none before.
    /// - Throws: `unavailable` when the disk does not take it.
    func finish() throws(SheetFailure)
}

extension SheetFormat {
    /// Begins a file, with the names of its columns as the first row.
    /// - Parameters:
    ///   - path: of the file; one that is there is replaced.
    ///   - title: the name of the sheet, where there are sheets.
    ///   - folder: for temporary files; they have no names and end with the process.
    /// - Throws: `unavailable`.
    public func writer(
        path: String, header: [String], title: String, folder: String
    ) throws(SheetFailure) -> any SheetWriter {
        switch self {
        case .csv: try CSVWriter(path: path, header: header)
        case .xlsx: try XLSXWriter(path: path, header: header, title: title, folder: folder)
        }
    }
}
