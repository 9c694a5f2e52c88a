import Glibc
import Messaging

/// Writes text with commas as Excel opens it by a double click. A text that a spreadsheet program would take for a
/// formula gets an apostrophe in front.
final class CSVWriter: SheetWriter {
    private let descriptor: Int32
    private var buffer: [UInt8] = [0xEF, 0xBB, 0xBF]
    private static let bufferBytes = 65_536

    init(path: String, header: [String]) throws(SheetFailure) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .unavailable }
        try write(header.map { .text($0) })
    }

    deinit { close(descriptor) }

    func write(_ row: [SheetValue]) throws(SheetFailure) {
        for (index, value) in row.enumerated() {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            append(value)
        }
        buffer += [0x0D, 0x0A]
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    func finish() throws(SheetFailure) {
        try flush()
        guard fsync(descriptor) == 0 else { throw .unavailable }
    }

    private func append(_ value: SheetValue) {
        switch value {
        case .empty: break
        case .integer(let number): buffer += String(number).utf8
        case .money(let money): buffer += money.description.utf8
        case .text(let text): append(text)
        }
    }

    private func append(_ text: String) {
        let isFormula = text.utf8.first.map { "=+-@\t\r".utf8.contains($0) } ?? false
        let needsQuotes = text.utf8.contains { "\",\r\n".utf8.contains($0) }
        if needsQuotes { buffer.append(UInt8(ascii: "\"")) }
        if isFormula { buffer.append(UInt8(ascii: "'")) }
        for byte in text.utf8 where byte != 0 {
            if byte == UInt8(ascii: "\"") { buffer.append(byte) }
            buffer.append(byte)
        }
        if needsQuotes { buffer.append(UInt8(ascii: "\"")) }
    }

    private func flush() throws(SheetFailure) {
        var place = 0
        while place < buffer.count {
            let written = buffer[place...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw .unavailable }
            place += written
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
