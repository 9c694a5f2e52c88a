/// Why a file of numbers could not be read; nothing of it is kept. The raw value is its code in frames and stored
/// tasks.
public enum SheetFailure: String, Error, Hashable, Sendable, CaseIterable {
    /// It is none of the kinds that are read.
    case notSpreadsheet
    /// Its bytes are a web page with a table, whatever its name: a program saved HTML as .xls.
    case htmlTable
    /// Its bytes are a spreadsheet in the XML of Excel 2003.
    case xmlSpreadsheet
    /// An OpenDocument spreadsheet (.ods).
    case openDocument
    /// It can be opened with a password only.
    case passwordProtected
    /// It begins as a spreadsheet does and cannot be read to its end.
    case damaged
    /// Its XML has a document type, which spreadsheets have not and attacks have.
    case doctype
    /// The file, or what it inflates to, is larger than `SheetBounds` allows.
    case tooLarge
    /// It has more rows than `SheetBounds.rowsMax`.
    case tooManyRows
    /// Its text is neither UTF-8, UTF-16 nor GB18030.
    case undecodable
    /// No visible sheet has a cell with content.
    case empty
    /// The reading process ended without a word.
    case readerCrashed
    /// The reading process needed more memory or time than it is given.
    case readerExhausted
    /// The reading process could not be started, or disk or memory failed.
    case unavailable
    /// Whoever asked for it wants it no more.
    case cancelled
}

/// How much of a file is read. Bytes are bounded before anything is made of them.
public enum SheetBounds {
    /// Of the file as it was uploaded.
    public static let fileBytesMax = 64 << 20
    /// Of everything that an .xlsx inflates to.
    public static let inflatedBytesMax = 200 << 20
    /// What a part of an .xlsx may inflate to, times its size; parts below `ratioFreeBytes` are not judged.
    public static let inflationRatioMax = 200
    /// What inflates to no more is not judged by its ratio.
    public static let ratioFreeBytes = 1 << 20
    /// Files inside an .xlsx.
    public static let entriesMax = 2_000
    /// Shared strings of an .xlsx: how many, and their bytes.
    public static let sharedStringsMax = 2_000_000
    /// Bytes of all shared strings of an .xlsx.
    public static let sharedStringBytesMax = 100 << 20
    /// Rows with content, the header's among them.
    public static let rowsMax = 500_001
    /// Columns that are read; those to the right of them are passed over.
    public static let columnsMax = 200
    /// UTF-8 bytes of a cell; the rest is cut off.
    public static let cellBytesMax = 4_096
    /// Empty rows in sequence after which the rest is taken for empty too.
    public static let emptyRowsMax = 1_000
    /// Names of further sheets that are reported, and sheets that are looked at.
    public static let sheetsMax = 64
    /// Depth of elements in XML.
    public static let depthMax = 64
}
