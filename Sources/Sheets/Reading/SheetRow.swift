/// A cell as it is shown, with what kind of value it has.
public struct SheetCell: Hashable, Sendable {
    /// What the file says the value is.
    public enum Kind: UInt8, Hashable, Sendable {
        /// No content.
        case empty = 0
        /// Characters, as somebody typed them.
        case text = 1
        /// A number, written in exact decimal without an exponent.
        case number = 2
        /// A date or a time, as its format shows it.
        case date = 3
        /// TRUE or FALSE.
        case boolean = 4
        /// An error such as #N/A.
        case error = 5
    }

    /// What the file says the value is.
    public var kind: Kind
    /// As it is shown; at most `SheetBounds.cellBytesMax` bytes.
    public var text: String

    /// - Parameter text: as it is shown.
    public init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }

    /// No content.
    public static let empty = SheetCell(.empty, "")

    /// Whether nothing but blanks is in it.
    public var isBlank: Bool { text.utf8.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) } }
}

/// A row with content.
public struct SheetRow: Hashable, Sendable {
    /// As the program that made the file counts it: from 1, hidden and empty rows included.
    public var number: Int
    /// From the first column on; empty ones at the end are left out.
    public var cells: [SheetCell]

    /// - Parameter number: counted from 1.
    public init(number: Int, cells: [SheetCell]) {
        self.number = number
        self.cells = cells
    }

    /// The cell of a column, counted from 0; empty where there is none.
    public subscript(column: Int) -> SheetCell { cells.indices.contains(column) ? cells[column] : .empty }
}

/// The kinds of files that are read.
public enum SheetKind: String, Hashable, Sendable, CaseIterable {
    /// Office Open XML.
    case xlsx
    /// BIFF in an OLE2 container: .xls of Excel and .et of WPS.
    case xls
    /// Text with separators.
    case csv
}

/// How the text of a .csv is encoded.
public enum SheetCharset: String, Hashable, Sendable, CaseIterable {
    /// Strict UTF-8, with or without a byte order mark.
    case utf8
    /// What Excel calls Unicode text.
    case utf16LittleEndian
    /// The other byte order.
    case utf16BigEndian
    /// GBK and its four-byte extension.
    case gb18030
}

/// What a file is.
public struct SheetDescription: Hashable, Sendable {
    /// By its first bytes, never by its name.
    public var kind: SheetKind
    /// Of a .csv; nil for the others.
    public var charset: SheetCharset?
    /// Of a .csv: the character between its cells.
    public var separator: String

    /// - Parameters: `charset` nil and `separator` empty for a file that is no .csv.
    public init(kind: SheetKind, charset: SheetCharset? = nil, separator: String = "") {
        self.kind = kind
        self.charset = charset
        self.separator = separator
    }
}

/// What a reader passed over.
public struct SheetRemainder: Hashable, Sendable {
    /// Rows with content that are hidden, by hand or by a filter.
    public var hiddenRows = 0
    /// Sheets that are hidden.
    public var hiddenSheets = 0
    /// Names of further visible sheets.
    public var otherSheets: [String] = []
    /// Formula cells whose value the file does not have.
    public var emptyFormulas = 0

    /// Nothing was passed over.
    public init() {}
}

/// What a reader reports, in this order: what the file is, which sheet is read, its rows, what was passed over.
public enum SheetEvent: Hashable, Sendable {
    /// First.
    case opened(SheetDescription)
    /// The sheet whose rows follow; its name is empty in a .csv.
    case sheet(String)
    /// A row with content.
    case row(SheetRow)
    /// Last.
    case ended(SheetRemainder)
}

/// Takes what a reader reports.
/// - Throws: what ends the reading.
public typealias SheetEventHandler = (SheetEvent) throws(SheetFailure) -> Void
