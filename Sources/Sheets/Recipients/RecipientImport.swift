public import Messaging

/// What the first reading of a file found; stored with its task.
public struct SheetScan: Codable, Hashable, Sendable {
    /// `SheetKind`, or `typed`.
    public var kind = "typed"
    /// `SheetCharset` of a .csv; else empty.
    public var charset = ""
    /// Between the cells of a .csv; else empty.
    public var separator = ""
    /// The sheet that was read.
    public var sheet = ""
    /// Further visible sheets.
    public var otherSheets: [String] = []
    /// Rows with content that are hidden, and were passed over.
    public var hiddenRows = 0
    /// Sheets that are hidden, and were passed over.
    public var hiddenSheets = 0
    /// Formula cells without a value.
    public var emptyFormulas = 0
    /// Rows with content.
    public var rows = 0
    /// By column: in how many rows there is a number.
    public var numbersByColumn: [Int] = []

    /// Nothing was read yet.
    public init() {}

    /// The column with the most numbers, the leftmost of several; nil where no column has one.
    public var column: Int? {
        guard let most = numbersByColumn.max(), most > 0 else { return nil }
        return numbersByColumn.firstIndex(of: most)
    }
}

/// What came of the rows with one column as the one of numbers; stored with its task.
public struct RecipientSummary: Codable, Hashable, Sendable {
    /// Counted from 0.
    public var column = 0
    /// The row with the names of the columns, as the file counts; nil where there is none.
    public var headerRow: Int?
    /// The names of the columns, or their letters.
    public var names: [String] = []
    /// Rows under the header.
    public var read = 0
    /// Recipients.
    public var recipients = 0
    /// Numbers that were written otherwise.
    public var tidied = 0
    /// Cells with several numbers.
    public var split = 0
    /// Rows by reason, by the raw value of `RecipientRejection`.
    public var rejected: [UInt8: Int] = [:]

    /// Nothing was read yet.
    public init() {}

    /// Rows that were rejected for this reason.
    public func count(_ reason: RecipientRejection) -> Int { rejected[reason.rawValue] ?? 0 }

    /// Rows that were rejected because what is in the column is no number.
    public var invalid: Int {
        [.blank, .scientific, .notNumber, .wrongLength, .cellError, .partly].reduce(0) { $0 + count($1) }
    }
}

/// Turns a spreadsheet into recipients, in two steps: `scan` reads it once into a compact file, `select` takes one
/// column of that as the numbers and can be done again with another. Memory does not grow with the rows but for the set
/// of numbers that were seen.
public struct RecipientImport: Sendable {
    /// The rows as they were read.
    public let rows: RowFile
    /// Who gets the text.
    public let recipients: RecipientFile
    /// Rows that are left out.
    public let rejected: RejectedFile

    /// Rows at the top among which the header is looked for.
    public static let headRows = 100
    /// Rows between two calls of `progress`.
    private static let progressRows = 1_000

    /// - Parameter path: that the names of the three files begin with.
    public init(path: String) {
        rows = RowFile(path: path + ".rows")
        recipients = RecipientFile(path: path + ".recipients")
        rejected = RejectedFile(path: path + ".rejected")
    }

    // MARK: Reading

    private final class Scan {
        var scan = SheetScan()
        let output: FileOutput
        var buffer = ByteWriter()

        init(_ output: FileOutput) {
            self.output = output
        }

        func add(_ row: SheetRow) throws(SheetFailure) {
            scan.rows += 1
            for (column, cell) in row.cells.enumerated() where NumberTidying.mayBeNumber(cell.text) {
                if case .rejected = NumberTidying.read(cell.text, isNumber: cell.kind == .number) { continue }
                while scan.numbersByColumn.count <= column { scan.numbersByColumn.append(0) }
                scan.numbersByColumn[column] += 1
            }
            buffer.bytes.removeAll(keepingCapacity: true)
            buffer.append(row)
            var length = ByteWriter()
            length.append(UInt32(clamping: buffer.bytes.count))
            try output.append(length.bytes)
            try output.append(buffer.bytes)
        }
    }

    /// Reads the file into the file of rows.
    /// - Parameters:
    ///   - sheet: its name; nil for the first visible one that has content.
    ///   - progress: gets the rows read so far; what it throws ends the reading.
    /// - Throws: why the file cannot be read.
    public func scan(
        file: String, sheet: String? = nil, by reading: any SheetReading,
        progress: @escaping (Int) throws(SheetFailure) -> Void = { _ throws(SheetFailure) in }
    ) throws(SheetFailure) -> SheetScan {
        let scan = Scan(try FileOutput(path: rows.path))
        try reading.read(path: file, sheet: sheet) { event throws(SheetFailure) in
            switch event {
            case .opened(let description):
                scan.scan.kind = description.kind.rawValue
                scan.scan.charset = description.charset?.rawValue ?? ""
                scan.scan.separator = description.separator
            case .sheet(let name): scan.scan.sheet = name
            case .row(let row):
                try scan.add(row)
                if scan.scan.rows > SheetBounds.rowsMax { throw .tooManyRows }
                if scan.scan.rows.isMultiple(of: Self.progressRows) { try progress(scan.scan.rows) }
            case .ended(let remainder):
                scan.scan.hiddenRows = remainder.hiddenRows
                scan.scan.hiddenSheets = remainder.hiddenSheets
                scan.scan.emptyFormulas = remainder.emptyFormulas
                scan.scan.otherSheets = remainder.otherSheets
            }
        }
        try scan.output.finish()
        return scan.scan
    }

    /// Takes numbers that somebody typed or pasted: each line is a row of one cell.
    /// - Throws: `tooManyRows`, `empty`, `unavailable`.
    public func scan(typed text: String) throws(SheetFailure) -> SheetScan {
        let scan = Scan(try FileOutput(path: rows.path))
        var number = 0
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            // A long line of numbers becomes rows of a few each, within what a cell may have.
            for piece in Self.pieces(of: line) {
                number += 1
                let cell = SheetCell(.text, String(piece))
                if cell.isBlank { continue }
                try scan.add(SheetRow(number: number, cells: [cell]))
                if scan.scan.rows > SheetBounds.rowsMax { throw .tooManyRows }
            }
        }
        if scan.scan.rows == 0 { throw .empty }
        try scan.output.finish()
        return scan.scan
    }

    private static func pieces(of line: Substring) -> [Substring] {
        let pieces = line.split { ",，;；、/／|".contains($0) }
        return pieces.isEmpty ? [""] : pieces.map { $0.prefix(SheetBounds.cellBytesMax / 4) }
    }

    // MARK: Selecting

    /// Takes the numbers of one column.
    /// - Parameters:
    ///   - column: counted from 0.
    ///   - isBlacklisted: whether nothing goes to a number.
    ///   - progress: gets the rows read so far; what it throws ends the reading.
    /// - Throws: `unavailable`, `damaged`, or what `progress` throws.
    public func select(
        column: Int, isBlacklisted: (PhoneNumber) -> Bool = { _ in false },
        progress: (Int) throws(SheetFailure) -> Void = { _ throws(SheetFailure) in }
    ) throws(SheetFailure) -> RecipientSummary {
        let head = try self.head()
        var summary = RecipientSummary()
        summary.column = column
        let header = Self.header(head, column: column)
        summary.headerRow = header?.number
        summary.names = Self.names(header, columns: head.map(\.cells.count).max() ?? 1)
        var selection = Selection(
            recipients: try recipients.writer(), rejected: try rejected.writer(), summary: summary)
        var seen = 0
        try rows.visit { row, place throws(SheetFailure) in
            seen += 1
            if seen.isMultiple(of: Self.progressRows) { try progress(seen) }
            if let header, row.number <= header.number { return }
            try selection.take(row, place, isBlacklisted)
        }
        try selection.recipients.finish()
        try selection.rejected.finish()
        selection.summary.recipients = selection.recipients.count
        return selection.summary
    }

    private struct Selection {
        var recipients: RecipientFile.Writer
        let rejected: RejectedFile.Writer
        var summary: RecipientSummary
        private var seen: Set<Int64> = []

        init(recipients: RecipientFile.Writer, rejected: RejectedFile.Writer, summary: RecipientSummary) {
            self.recipients = recipients
            self.rejected = rejected
            self.summary = summary
        }

        mutating func take(_ row: SheetRow, _ place: UInt64, _ isBlacklisted: (PhoneNumber) -> Bool)
            throws(SheetFailure)
        {
            summary.read += 1
            let cell = row[summary.column]
            if cell.kind == .error { return try reject(row, place, .cellError) }
            switch NumberTidying.read(cell.text, isNumber: cell.kind == .number) {
            case .rejected(let reason): try reject(row, place, cell.isBlank ? .blank : reason)
            case .number(let number, let isTidied):
                if isTidied { summary.tidied += 1 }
                try add(number, row, place, isBlacklisted)
            case .several(let numbers, let count):
                summary.split += 1
                summary.tidied += numbers.count
                for number in numbers { try add(number, row, place, isBlacklisted) }
                if count > 0 { try reject(row, place, .partly) }
            }
        }

        private mutating func add(
            _ number: PhoneNumber, _ row: SheetRow, _ place: UInt64, _ isBlacklisted: (PhoneNumber) -> Bool
        ) throws(SheetFailure) {
            guard seen.insert(number.rawValue).inserted else { return try reject(row, place, .duplicate) }
            if isBlacklisted(number) { return try reject(row, place, .blacklisted) }
            try recipients.append(RecipientEntry(number: number, row: UInt32(clamping: row.number), place: place))
        }

        private mutating func reject(_ row: SheetRow, _ place: UInt64, _ reason: RecipientRejection)
            throws(SheetFailure)
        {
            summary.rejected[reason.rawValue, default: 0] += 1
            try rejected.append(RejectedRow(row: UInt32(clamping: row.number), reason: reason, place: place))
        }
    }

    /// The rows at the top.
    /// - Throws: `unavailable`, `damaged`.
    public func head(_ count: Int = headRows) throws(SheetFailure) -> [SheetRow] {
        var head: [SheetRow] = []
        do throws(SheetFailure) {
            try rows.visit { row, _ throws(SheetFailure) in
                head.append(row)
                // Ends the reading; nobody else throws it with as many rows.
                if head.count == count { throw .tooManyRows }
            }
        } catch {
            guard error == .tooManyRows, head.count == count else { throw error }
        }
        return head
    }

    /// The row above the first two numbers in sequence; rows above it that have many digits in the column are data
    /// whose number is wrong.
    private static func header(_ head: [SheetRow], column: Int) -> SheetRow? {
        let isNumber = head.map { row in
            if case .rejected = NumberTidying.read(row[column].text, isNumber: row[column].kind == .number) {
                return false
            }
            return true
        }
        // A blank cell does not end a run.
        let first = isNumber.indices.first { index in
            guard isNumber[index] else { return false }
            let next = head.indices.first { $0 > index && !head[$0][column].isBlank }
            return next.map { isNumber[$0] } ?? true
        }
        guard var index = first ?? isNumber.firstIndex(of: true) else { return nil }
        while index > 0 {
            index -= 1
            let cell = head[index][column]
            let digits = cell.text.unicodeScalars.count { $0.properties.numericType == .decimal }
            if digits < 5, cell.kind != .error, !cell.text.hasPrefix("#"), !isNumber[index] {
                // A title that spans columns has one cell; a header's cell is in the column itself.
                return cell.isBlank && head[index].cells.count <= 1 ? nil : head[index]
            }
        }
        return nil
    }

    private static func names(_ header: SheetRow?, columns: Int) -> [String] {
        let count = min(max(columns, header?.cells.count ?? 0), SheetBounds.columnsMax)
        var names: [String] = []
        for column in 0..<count {
            let text = header?[column].text.split(whereSeparator: \.isWhitespace).joined(separator: " ") ?? ""
            let name = String(text.prefix(40))
            names.append(name.isEmpty || names.contains(name) ? letters(column) : name)
        }
        return names
    }

    /// A, B … Z, AA.
    static func letters(_ column: Int) -> String {
        var rest = column + 1
        var text = ""
        while rest > 0 {
            let letter = UnicodeScalar(UInt8(0x41 + (rest - 1) % 26))
            text = String(letter) + text
            rest = (rest - 1) / 26
        }
        return text
    }

    // MARK: Showing

    /// Reads the rows of entries.
    /// - Throws: `unavailable`; what is returned throws `damaged` too.
    public func rowReader() throws(SheetFailure) -> (UInt64) throws(SheetFailure) -> SheetRow { try rows.reader() }

    /// Writes the rejected rows with their columns, so that they can be corrected and uploaded again.
    /// - Parameters:
    ///   - columns: the names for the row's number and the reason, which come behind the file's own columns.
    ///   - words: the reason in the reader's language.
    /// - Throws: `unavailable`, `damaged`.
    public func writeRejected(
        to path: String, as format: SheetFormat, names: [String], columns: (row: String, reason: String), title: String,
        folder: String, words: (RecipientRejection) -> String
    ) throws(SheetFailure) {
        let writer = try format.writer(
            path: path, header: names + [columns.row, columns.reason], title: title, folder: folder)
        let row = try rows.reader()
        var index = 0
        while true {
            let some = try rejected.rows(from: index, count: Self.progressRows)
            for one in some {
                let cells = try row(one.place).cells
                var values = names.indices.map { column -> SheetValue in
                    cells.indices.contains(column) ? .text(cells[column].text) : .empty
                }
                values += [.integer(Int64(one.row)), .text(words(one.reason))]
                try writer.write(values)
            }
            index += some.count
            if some.count < Self.progressRows { break }
        }
        try writer.finish()
    }
}
