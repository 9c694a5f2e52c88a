/// What the reading process writes: frames of a length in four bytes (little-endian), a kind in one, and a content.
/// Rows are put together up to 64 KiB a frame.
enum SheetFrame {
    static let bytesMax = 1 << 20

    enum Kind: UInt8 {
        case opened = 1
        case sheet = 2
        case rows = 3
        case ended = 4
        case failed = 5
    }
}

/// Writes events as frames.
public final class SheetFrameWriter {
    private let put: (UnsafeRawBufferPointer) throws(SheetFailure) -> Void
    private var rows = ByteWriter()

    private static let rowBytes = 65_536

    /// - Parameter put: takes whole frames.
    public init(_ put: @escaping (UnsafeRawBufferPointer) throws(SheetFailure) -> Void) {
        self.put = put
    }

    /// Writes an event; rows wait for others.
    /// - Throws: what `put` throws.
    public func write(_ event: SheetEvent) throws(SheetFailure) {
        if case .row(let row) = event {
            rows.append(row)
            if rows.bytes.count >= Self.rowBytes { try flush() }
            return
        }
        try flush()
        var content = ByteWriter()
        switch event {
        case .opened(let description):
            content.append(description.kind.rawValue)
            content.append(description.charset?.rawValue ?? "")
            content.append(description.separator)
            try send(.opened, content)
        case .sheet(let name):
            content.append(name)
            try send(.sheet, content)
        case .ended(let remainder):
            content.append(UInt32(clamping: remainder.hiddenRows))
            content.append(UInt32(clamping: remainder.hiddenSheets))
            content.append(UInt32(clamping: remainder.emptyFormulas))
            content.append(UInt32(clamping: remainder.otherSheets.count))
            for name in remainder.otherSheets { content.append(name) }
            try send(.ended, content)
        case .row: break
        }
    }

    /// Writes why there are no more events.
    /// - Throws: what `put` throws.
    public func write(_ failure: SheetFailure) throws(SheetFailure) {
        rows = ByteWriter()
        var content = ByteWriter()
        content.append(failure.rawValue)
        try send(.failed, content)
    }

    private func flush() throws(SheetFailure) {
        if rows.bytes.isEmpty { return }
        try send(.rows, rows)
        rows = ByteWriter()
    }

    private func send(_ kind: SheetFrame.Kind, _ content: ByteWriter) throws(SheetFailure) {
        var frame = ByteWriter()
        frame.append(UInt32(clamping: content.bytes.count + 1))
        frame.bytes.append(kind.rawValue)
        frame.bytes += content.bytes
        let bytes = frame.bytes
        let result: Result<Void, SheetFailure> = bytes.withUnsafeBytes { raw in
            do throws(SheetFailure) {
                try put(raw)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }
}

/// Reads frames of a process that nobody vouches for.
struct SheetFrameReader {
    private var waiting: [UInt8] = []

    /// Takes bytes as they come, and reports the events in them.
    /// - Returns: whether the last event was among them.
    /// - Throws: `readerCrashed` for what is no frame, the failure that a frame says, or what `body` throws.
    mutating func take(_ bytes: some Sequence<UInt8>, _ body: SheetEventHandler) throws(SheetFailure) -> Bool {
        waiting += bytes
        var place = 0
        defer { waiting.removeFirst(place) }
        while waiting.count - place >= 5 {
            var head = ByteReader(waiting[place...])
            guard let length = head.number(), (1...SheetFrame.bytesMax).contains(length) else { throw .readerCrashed }
            guard waiting.count - place - 4 >= length else { return false }
            let content = waiting[(place + 5)..<(place + 4 + length)]
            let kind = SheetFrame.Kind(rawValue: waiting[place + 4])
            place += 4 + length
            if try Self.report(kind, ByteReader(content), body) { return true }
        }
        return false
    }

    private static func report(
        _ kind: SheetFrame.Kind?, _ content: ByteReader, _ body: SheetEventHandler
    ) throws(SheetFailure) -> Bool {
        var content = content
        switch kind {
        case .opened:
            guard let name = content.text(), let kind = SheetKind(rawValue: name), let charset = content.text(),
                let separator = content.text()
            else { throw .readerCrashed }
            try body(
                .opened(
                    SheetDescription(
                        kind: kind, charset: SheetCharset(rawValue: charset), separator: separator.cut(toBytes: 8))))
        case .sheet:
            guard let name = content.text() else { throw .readerCrashed }
            try body(.sheet(name.cut(toBytes: 128)))
        case .rows:
            while !content.isAtEnd {
                guard let row = content.row() else { throw .readerCrashed }
                try body(.row(row))
            }
        case .ended:
            try body(.ended(try remainder(&content)))
            return true
        case .failed: throw content.text().flatMap { SheetFailure(rawValue: $0) } ?? .readerCrashed
        case nil: throw .readerCrashed
        }
        return false
    }

    private static func remainder(_ content: inout ByteReader) throws(SheetFailure) -> SheetRemainder {
        var remainder = SheetRemainder()
        guard let rows = content.number(), let sheets = content.number(), let formulas = content.number(),
            let count = content.number(), count <= SheetBounds.sheetsMax
        else { throw .readerCrashed }
        remainder.hiddenRows = rows
        remainder.hiddenSheets = sheets
        remainder.emptyFormulas = formulas
        for _ in 0..<count {
            guard let name = content.text() else { throw .readerCrashed }
            remainder.otherSheets.append(name.cut(toBytes: 128))
        }
        return remainder
    }
}

/// Puts values into bytes: numbers in four (little-endian), texts with their length in front.
struct ByteWriter {
    var bytes: [UInt8] = []

    mutating func append(_ number: UInt32) {
        for shift in stride(from: UInt32(0), to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    mutating func append(_ text: String) {
        append(UInt32(clamping: text.utf8.count))
        bytes += text.utf8
    }

    mutating func append(_ row: SheetRow) {
        append(UInt32(clamping: row.number))
        append(UInt32(clamping: row.cells.count))
        for cell in row.cells {
            bytes.append(cell.kind.rawValue)
            if cell.kind != .empty { append(cell.text) }
        }
    }
}

/// Takes them out again; nil for whatever is not there whole.
struct ByteReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func number() -> Int? {
        guard rest.count >= 4 else { return nil }
        let value = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        rest = rest.dropFirst(4)
        return value
    }

    mutating func text() -> String? {
        guard let count = number(), count <= rest.count else { return nil }
        let bytes = rest.prefix(count)
        rest = rest.dropFirst(count)
        return String(decoding: bytes, as: UTF8.self)
    }

    mutating func row() -> SheetRow? {
        guard let number = self.number(), let count = self.number(), count <= SheetBounds.columnsMax else { return nil }
        var cells: [SheetCell] = []
        cells.reserveCapacity(count)
        for _ in 0..<count {
            guard let byte = rest.popFirst(), let kind = SheetCell.Kind(rawValue: byte) else { return nil }
            if kind == .empty {
                cells.append(.empty)
                continue
            }
            guard let text = text() else { return nil }
            cells.append(SheetCell(kind, text.cut(toBytes: SheetBounds.cellBytesMax)))
        }
        return SheetRow(number: number, cells: cells)
    }
}
