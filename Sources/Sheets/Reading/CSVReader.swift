import Messaging

/// Finds out how a text is encoded.
enum CSVCharset {
    /// The byte order of a UTF-16 text, by its mark, or by the zeros that digits and separators have in it.
    static func utf16Order(of head: [UInt8]) -> SheetCharset? {
        if head.starts(with: [0xFF, 0xFE]) { return .utf16LittleEndian }
        if head.starts(with: [0xFE, 0xFF]) { return .utf16BigEndian }
        let sample = head.prefix(512)
        guard sample.count >= 4 else { return nil }
        var zeros = (even: 0, odd: 0)
        for (index, byte) in sample.enumerated() where byte == 0 {
            if index % 2 == 0 { zeros.even += 1 } else { zeros.odd += 1 }
        }
        let half = sample.count / 2
        if zeros.even == 0, zeros.odd * 4 >= half { return .utf16LittleEndian }
        if zeros.odd == 0, zeros.even * 4 >= half { return .utf16BigEndian }
        return nil
    }

    /// The text in UTF-8; nil when a surrogate is alone or the last unit is cut off.
    static func utf8(of bytes: [UInt8], _ order: SheetCharset) -> [UInt8]? {
        guard bytes.count.isMultiple(of: 2) else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var decoder = UTF16()
        var place = 0
        var units = AnyIterator<UInt16> {
            guard place + 1 < bytes.count else { return nil }
            defer { place += 2 }
            let (first, second) = (UInt16(bytes[place]), UInt16(bytes[place + 1]))
            return order == .utf16LittleEndian ? second << 8 | first : first << 8 | second
        }
        while true {
            switch decoder.decode(&units) {
            case .scalarValue(let scalar):
                if scalar == "\u{FEFF}", result.isEmpty { continue }
                UTF8.encode(scalar) { result.append($0) }
            case .emptyInput: return result
            case .error: return nil
            }
        }
    }
}

/// Text with separators, as RFC 4180 has it and as programs write it: any line ending, quotes that are not closed,
/// Excel's line `sep=;`.
struct CSVReader {
    private let bytes: [UInt8]
    private let start: Int
    private let charset: SheetCharset

    /// - Parameter bytes: the whole file.
    /// - Throws: `undecodable`.
    init(_ bytes: [UInt8]) throws(SheetFailure) {
        if let order = CSVCharset.utf16Order(of: Array(bytes.prefix(SheetSignature.byteCount))) {
            guard let text = CSVCharset.utf8(of: bytes, order) else { throw .undecodable }
            (self.bytes, start, charset) = (text, 0, order)
            return
        }
        let isMarked = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        let isUTF8 = (try? UTF8Span(validating: bytes.span)) != nil
        if isMarked, !isUTF8 { throw .undecodable }
        (self.bytes, start, charset) = (bytes, isMarked ? 3 : 0, isUTF8 ? .utf8 : .gb18030)
    }

    func read(_ gate: inout RowGate) throws(SheetFailure) {
        var place = start
        let separator = separator(&place)
        let name = separator == 0x09 ? "tab" : String(UnicodeScalar(separator))
        try gate.begin(SheetDescription(kind: .csv, charset: charset, separator: name))
        try gate.begin(sheet: "")
        var number = 0
        var cells: [SheetCell] = []
        while place < bytes.count {
            number += 1
            if gate.isPastEnd(number) { break }
            cells.removeAll(keepingCapacity: true)
            try readRow(&place, separator, &cells)
            try gate.pass(number, cells)
        }
        try gate.end(SheetRemainder())
    }

    // MARK: The separator

    private static let candidates: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09]
    private static let sampleBytes = 65_536
    private static let sampleLines = 50

    /// The candidate that is there most often outside of quotes, in the first lines; Excel's own line decides alone and
    /// is passed over.
    private func separator(_ place: inout Int) -> UInt8 {
        let head = bytes[place...].prefix(6)
        if head.count >= 5, String(decoding: head.prefix(4), as: UTF8.self).lowercased() == "sep=" {
            let named = head[place + 4]
            if Self.candidates.contains(named), head.count < 6 || head[place + 5] == 0x0D || head[place + 5] == 0x0A {
                place += 5
                if place < bytes.count, bytes[place] == 0x0D { place += 1 }
                if place < bytes.count, bytes[place] == 0x0A { place += 1 }
                return named
            }
        }
        var counts = [0, 0, 0]
        var isQuoted = false
        var lines = 0
        for byte in bytes[place...].prefix(Self.sampleBytes) {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if isQuoted { continue }
            if let index = Self.candidates.firstIndex(of: byte) { counts[index] += 1 }
            if byte == 0x0A { lines += 1 }
            if lines == Self.sampleLines { break }
        }
        var best = 0
        for index in counts.indices where counts[index] > counts[best] { best = index }
        return Self.candidates[best]
    }

    // MARK: Rows

    private func readRow(_ place: inout Int, _ separator: UInt8, _ cells: inout [SheetCell]) throws(SheetFailure) {
        while true {
            let cell = try readCell(&place, separator)
            if cells.count < SheetBounds.columnsMax { cells.append(cell) }
            guard place < bytes.count else { return }
            let byte = bytes[place]
            place += 1
            if byte == separator { continue }
            if byte == 0x0D, place < bytes.count, bytes[place] == 0x0A { place += 1 }
            return
        }
    }

    /// Reads up to the separator or the end of the line, which is left.
    private func readCell(_ place: inout Int, _ separator: UInt8) throws(SheetFailure) -> SheetCell {
        if place < bytes.count, bytes[place] == UInt8(ascii: "\""), let quoted = quoted(place, separator) {
            place = quoted.end
            return try cell(quoted.bytes[...])
        }
        let begin = place
        while place < bytes.count, bytes[place] != separator, bytes[place] != 0x0A, bytes[place] != 0x0D { place += 1 }
        return try cell(bytes[begin..<place])
    }

    /// The content between quotes; nil when the quote is not closed within what a cell may have, so that it is a
    /// character like others.
    private func quoted(_ begin: Int, _ separator: UInt8) -> (bytes: [UInt8], end: Int)? {
        var content: [UInt8] = []
        var place = begin + 1
        let limit = min(bytes.count, begin + 8 * SheetBounds.cellBytesMax)
        while place < limit {
            let byte = bytes[place]
            guard byte == UInt8(ascii: "\"") else {
                content.append(byte)
                place += 1
                continue
            }
            if place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "\"") {
                content.append(byte)
                place += 2
                continue
            }
            place += 1
            // What some programs write behind the closing quote.
            while place < limit, bytes[place] != separator, bytes[place] != 0x0A, bytes[place] != 0x0D {
                content.append(bytes[place])
                place += 1
            }
            return (content, place)
        }
        return nil
    }

    private func cell(_ content: ArraySlice<UInt8>) throws(SheetFailure) -> SheetCell {
        if content.isEmpty { return .empty }
        // Excel's way to keep a text from becoming a number: ="13800138000".
        if content.count > 3, content.starts(with: [0x3D, 0x22]), content.last == 0x22 {
            return try cell(content.dropFirst(2).dropLast())
        }
        let text: String
        if charset == .gb18030 {
            guard let decoded = GBK.decode(content) else { throw .undecodable }
            text = decoded
        } else {
            text = String(decoding: content, as: UTF8.self)
        }
        return SheetCell(.text, text.cut(toBytes: SheetBounds.cellBytesMax))
    }
}

extension String {
    /// The text, or as many whole scalars of it as fit.
    func cut(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: limit)
        while end > startIndex, utf8[end] & 0xC0 == 0x80 { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}
