import Glibc

/// Reads a spreadsheet whose bytes nobody vouches for. To be called in the reading process only (`SheetSandbox`): the
/// libraries below were attacked by files before.
public enum SheetReader {
    /// Reads one sheet.
    /// - Parameters:
    ///   - descriptor: of a regular file, which is read from its start; it stays open.
    ///   - path: of the same file, for the library that takes names only.
    ///   - sheet: the name of the sheet; nil for the first visible one that has content.
    /// - Throws: why the file cannot be read, or what `body` throws.
    public static func read(
        descriptor: Int32, path: String, sheet: String? = nil, _ body: @escaping SheetEventHandler
    ) throws(SheetFailure) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unavailable }
        guard status.st_size <= SheetBounds.fileBytesMax else { throw .tooLarge }
        let size = Int(status.st_size)
        var gate = RowGate(body)
        switch try SheetSignature.of(try bytes(of: descriptor, count: min(size, SheetSignature.byteCount))) {
        case .zip: try XLSXReader(descriptor: descriptor, gate: gate).read(sheet: sheet)
        case .ole:
            let file = CompoundFile(try bytes(of: descriptor, count: size))
            // An .xlsx with a password is such a container, with a stream of this name.
            if file?.hasStream(named: "EncryptedPackage") == true { throw .passwordProtected }
            try XLSReader(path: path, hidden: XLSHiddenParts(file), gate: gate).read(sheet: sheet)
        case .text: try CSVReader(try bytes(of: descriptor, count: size)).read(&gate)
        }
    }

    /// The first bytes of a file.
    static func bytes(of descriptor: Int32, count: Int) throws(SheetFailure) -> [UInt8] {
        var got = 0
        var isFailed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while got < count, let base = buffer.baseAddress {
                let result = pread(descriptor, base + got, count - got, off_t(got))
                if result < 0, errno == EINTR { continue }
                if result < 0 { isFailed = true }
                if result <= 0 { break }
                got += result
            }
            filled = got
        }
        if isFailed { throw .unavailable }
        return bytes
    }
}

/// What a file is, by its first bytes: names are what people make of them.
enum SheetSignature {
    case zip
    case ole
    case text

    static let byteCount = 4_096

    private static let oleMagic: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]

    /// - Throws: `empty`, `notSpreadsheet`, or what kind it is that is not read.
    static func of(_ head: [UInt8]) throws(SheetFailure) -> SheetSignature {
        if head.isEmpty { throw .empty }
        if head.starts(with: oleMagic) { return .ole }
        if head.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return .zip }
        // An archive without files.
        if head.starts(with: [0x50, 0x4B, 0x05, 0x06]) { throw .notSpreadsheet }
        if CSVCharset.utf16Order(of: head) != nil { return .text }
        if head.contains(0) { throw .notSpreadsheet }
        if let failure = markup(head) { throw failure }
        return .text
    }

    private static func markup(_ head: [UInt8]) -> SheetFailure? {
        let start = head.drop { $0 <= 0x20 || [0xEF, 0xBB, 0xBF].contains($0) }
        guard start.first == UInt8(ascii: "<") else { return nil }
        let text = String(decoding: start, as: UTF8.self).lowercased()
        if text.contains("mso-application") || text.contains("urn:schemas-microsoft-com:office:spreadsheet") {
            return text.hasPrefix("<?xml") || text.hasPrefix("<?mso") ? .xmlSpreadsheet : .htmlTable
        }
        let isPage = ["<html", "<table", "<!doctype", "<meta", "<head", "<body", "<div", "<style", "<!--"].contains {
            text.hasPrefix($0)
        }
        if isPage || text.contains("<table") || text.contains("<html") { return .htmlTable }
        return .notSpreadsheet
    }
}

/// What lies between a reader and whoever takes its rows: empty rows are left out, and the bounds hold for all kinds.
struct RowGate {
    private let body: SheetEventHandler
    private(set) var rows = 0
    /// The number of the last row with content.
    private var last = 0

    init(_ body: @escaping SheetEventHandler) {
        self.body = body
    }

    mutating func begin(_ description: SheetDescription) throws(SheetFailure) { try body(.opened(description)) }

    mutating func begin(sheet: String) throws(SheetFailure) {
        last = 0
        try body(.sheet(sheet))
    }

    /// Whether a row of this number is after so many empty ones that the rest of the sheet counts as empty.
    func isPastEnd(_ number: Int) -> Bool { number - last > SheetBounds.emptyRowsMax + 1 }

    /// - Parameter cells: of one row; a row of blank cells is left out.
    mutating func pass(_ number: Int, _ cells: [SheetCell]) throws(SheetFailure) {
        let count = (cells.lastIndex { !$0.isBlank } ?? -1) + 1
        if count == 0 { return }
        last = number
        rows += 1
        if rows > SheetBounds.rowsMax { throw .tooManyRows }
        try body(.row(SheetRow(number: number, cells: Array(cells.prefix(count)))))
    }

    /// Takes note of a row that is hidden: behind it the sheet goes on.
    mutating func pass(hidden number: Int) { last = number }

    mutating func end(_ remainder: SheetRemainder) throws(SheetFailure) {
        if rows == 0 { throw .empty }
        try body(.ended(remainder))
    }
}
