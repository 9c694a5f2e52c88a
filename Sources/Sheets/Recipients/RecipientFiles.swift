import Glibc
public import Messaging

/// A file that is written once, from its start, through a buffer.
final class FileOutput {
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private(set) var length: UInt64 = 0
    private static let bufferBytes = 262_144

    /// - Throws: `unavailable`.
    init(path: String) throws(SheetFailure) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .unavailable }
    }

    deinit { close(descriptor) }

    func append(_ bytes: some Collection<UInt8>) throws(SheetFailure) {
        buffer += bytes
        length += UInt64(bytes.count)
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Makes durable what was appended.
    func finish() throws(SheetFailure) {
        try flush()
        guard fsync(descriptor) == 0 else { throw .unavailable }
    }

    private func flush() throws(SheetFailure) {
        var place = 0
        while place < buffer.count {
            let written = buffer[place...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw .unavailable }
            place += written
        }
        buffer.removeAll(keepingCapacity: true)
    }
}

/// A file that is read from any place.
final class FileInput {
    private let descriptor: Int32
    let length: UInt64

    /// - Throws: `unavailable`.
    init(path: String) throws(SheetFailure) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw .unavailable }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            close(descriptor)
            throw .unavailable
        }
        length = UInt64(clamping: status.st_size)
    }

    deinit { close(descriptor) }

    /// Fewer bytes than asked for at the end of the file only.
    func read(at place: UInt64, count: Int) throws(SheetFailure) -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count, let base = buffer.baseAddress {
                let got = pread(descriptor, base + filled, count - filled, off_t(clamping: place) + off_t(filled))
                if got < 0, errno == EINTR { continue }
                if got < 0 { failed = true }
                if got <= 0 { break }
                filled += got
            }
        }
        if failed { throw .unavailable }
        return bytes
    }
}

/// The rows of an import as they were read, in a compact file: each a length in four bytes and its cells.
public struct RowFile: Sendable {
    let path: String

    /// - Parameter path: of the file.
    public init(path: String) {
        self.path = path
    }

    /// Calls `body` with each row and its place.
    /// - Throws: `unavailable`, `damaged`, or what `body` throws.
    public func visit(_ body: (SheetRow, UInt64) throws(SheetFailure) -> Void) throws(SheetFailure) {
        let input = try FileInput(path: path)
        var buffer: [UInt8] = []
        var start: UInt64 = 0
        var place = 0
        while true {
            while buffer.count - place >= 4 {
                var head = ByteReader(buffer[place...])
                guard let length = head.number(), length <= Self.rowBytesMax else { throw .damaged }
                guard buffer.count - place - 4 >= length else { break }
                var content = ByteReader(buffer[(place + 4)..<(place + 4 + length)])
                guard let row = content.row() else { throw .damaged }
                try body(row, start + UInt64(place))
                place += 4 + length
            }
            buffer.removeFirst(place)
            start += UInt64(place)
            place = 0
            let more = try input.read(at: start + UInt64(buffer.count), count: Self.chunkBytes)
            if more.isEmpty { break }
            buffer += more
        }
        if !buffer.isEmpty { throw .damaged }
    }

    /// Reads single rows.
    /// - Throws: `unavailable`.
    func reader() throws(SheetFailure) -> (UInt64) throws(SheetFailure) -> SheetRow {
        let input = try FileInput(path: path)
        // Rows are asked for in the order of the file, nearly.
        var chunk: [UInt8] = []
        var start: UInt64 = 0
        return { place throws(SheetFailure) in
            func row() throws(SheetFailure) -> SheetRow? {
                guard place >= start, place - start <= UInt64(chunk.count) else { return nil }
                let offset = Int(place - start)
                var head = ByteReader(chunk[offset...])
                guard let length = head.number() else { return nil }
                guard length <= Self.rowBytesMax else { throw .damaged }
                guard chunk.count - offset - 4 >= length else { return nil }
                var content = ByteReader(chunk[(offset + 4)..<(offset + 4 + length)])
                guard let row = content.row() else { throw .damaged }
                return row
            }
            if let row = try row() { return row }
            start = place
            chunk = try input.read(at: place, count: Self.chunkBytes)
            if let row = try row() { return row }
            throw .damaged
        }
    }

    private static let chunkBytes = 1 << 20
    /// What a row can have at most: every cell full.
    private static let rowBytesMax = 16 + SheetBounds.columnsMax * (SheetBounds.cellBytesMax + 8)
}

/// One to whom a text is sent, and which row says so.
public struct RecipientEntry: Hashable, Sendable {
    /// Whom.
    public var number: PhoneNumber
    /// The row's number in the file that was read.
    public var row: UInt32
    /// Where the row is in the file of rows.
    public var place: UInt64

    static let byteCount = 20

    /// - Parameters: as the file of rows has them.
    public init(number: PhoneNumber, row: UInt32, place: UInt64) {
        self.number = number
        self.row = row
        self.place = place
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        withUnsafeBytes(of: number.rawValue.littleEndian) { bytes += $0 }
        withUnsafeBytes(of: row.littleEndian) { bytes += $0 }
        withUnsafeBytes(of: place.littleEndian) { bytes += $0 }
        return bytes
    }

    init(_ bytes: UnsafeRawBufferPointer, at place: Int) {
        number = PhoneNumber(rawValue: Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: Int64.self)))
        row = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place + 8, as: UInt32.self))
        self.place = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place + 12, as: UInt64.self))
    }
}

/// The recipients of an import or a batch: entries of 20 bytes, so that any of them can be found by its index.
public struct RecipientFile: Sendable {
    let path: String

    /// - Parameter path: of the file.
    public init(path: String) {
        self.path = path
    }

    /// How many there are.
    /// - Throws: `unavailable`, `damaged`.
    public func count() throws(SheetFailure) -> Int {
        let length = try FileInput(path: path).length
        guard length.isMultiple(of: UInt64(RecipientEntry.byteCount)) else { throw .damaged }
        return Int(length) / RecipientEntry.byteCount
    }

    /// Some entries, from an index on; fewer at the end.
    /// - Throws: `unavailable`, `damaged`.
    public func entries(from index: Int, count: Int) throws(SheetFailure) -> [RecipientEntry] {
        let bytes = try FileInput(path: path).read(
            at: UInt64(index * RecipientEntry.byteCount), count: count * RecipientEntry.byteCount)
        guard bytes.count.isMultiple(of: RecipientEntry.byteCount) else { throw .damaged }
        return bytes.withUnsafeBytes { raw in
            stride(from: 0, to: raw.count, by: RecipientEntry.byteCount).map { RecipientEntry(raw, at: $0) }
        }
    }

    /// The index of the first entry whose row is this one or a later one; entries are in the order of their rows.
    /// - Throws: `unavailable`, `damaged`.
    public func index(ofRow row: UInt32) throws(SheetFailure) -> Int {
        var (low, high) = (0, try count())
        while low < high {
            let middle = low + (high - low) / 2
            guard let entry = try entries(from: middle, count: 1).first else { throw .damaged }
            if entry.row < row { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Begins the file anew.
    /// - Throws: `unavailable`.
    public func writer() throws(SheetFailure) -> Writer { Writer(output: try FileOutput(path: path)) }

    /// Writes entries.
    public struct Writer {
        fileprivate let output: FileOutput
        /// Entries so far.
        public private(set) var count = 0

        fileprivate init(output: FileOutput) {
            self.output = output
        }

        /// Adds an entry.
        /// - Throws: `unavailable`.
        public mutating func append(_ entry: RecipientEntry) throws(SheetFailure) {
            try output.append(entry.bytes)
            count += 1
        }

        /// Makes the entries durable.
        /// - Throws: `unavailable`.
        public func finish() throws(SheetFailure) { try output.finish() }
    }
}

/// A row that nothing is sent for.
public struct RejectedRow: Hashable, Sendable {
    /// The row's number in the file that was read.
    public var row: UInt32
    /// Why.
    public var reason: RecipientRejection
    /// Where the row is in the file of rows.
    public var place: UInt64

    /// - Parameters: as the file of rows has them.
    public init(row: UInt32, reason: RecipientRejection, place: UInt64) {
        self.row = row
        self.reason = reason
        self.place = place
    }
}

/// The rejected rows of an import or a batch.
public struct RejectedFile: Sendable {
    let path: String
    private static let byteCount = 20

    /// - Parameter path: of the file.
    public init(path: String) {
        self.path = path
    }

    /// How many there are; 0 where there is no file.
    public var count: Int { ((try? FileInput(path: path).length).map { Int($0) } ?? 0) / Self.byteCount }

    /// Some rows, from an index on; fewer at the end.
    /// - Throws: `unavailable`, `damaged`.
    public func rows(from index: Int, count: Int) throws(SheetFailure) -> [RejectedRow] {
        let bytes = try FileInput(path: path).read(
            at: UInt64(index * Self.byteCount), count: count * Self.byteCount)
        guard bytes.count.isMultiple(of: Self.byteCount) else { throw .damaged }
        var rows: [RejectedRow] = []
        for start in stride(from: 0, to: bytes.count, by: Self.byteCount) {
            // Entries of recipients, with the reason in the place of the number.
            let entry = bytes.withUnsafeBytes { RecipientEntry($0, at: start) }
            guard let reason = UInt8(exactly: entry.number.rawValue).flatMap({ RecipientRejection(rawValue: $0) })
            else { throw .damaged }
            rows.append(RejectedRow(row: entry.row, reason: reason, place: entry.place))
        }
        return rows
    }

    /// Begins the file anew.
    /// - Throws: `unavailable`.
    public func writer() throws(SheetFailure) -> Writer { Writer(output: try FileOutput(path: path)) }

    /// Writes rejected rows.
    public struct Writer {
        fileprivate let output: FileOutput

        /// Adds a row.
        /// - Throws: `unavailable`.
        public func append(_ row: RejectedRow) throws(SheetFailure) {
            let number = PhoneNumber(rawValue: Int64(row.reason.rawValue))
            try output.append(RecipientEntry(number: number, row: row.row, place: row.place).bytes)
        }

        /// Makes the rows durable.
        /// - Throws: `unavailable`.
        public func finish() throws(SheetFailure) { try output.finish() }
    }
}
