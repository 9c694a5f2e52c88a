import Testing

@testable import Sheets

struct SheetFrameTests {
    private static let events: [SheetEvent] = [
        .opened(SheetDescription(kind: .csv, charset: .gb18030, separator: ";")), .sheet("十月"),
        .row(SheetRow(number: 3, cells: [SheetCell(.text, "张三"), .empty, SheetCell(.number, "7")])),
        .row(SheetRow(number: 900, cells: [SheetCell(.error, "#N/A")])),
        .ended(
            {
                var remainder = SheetRemainder()
                (remainder.hiddenRows, remainder.hiddenSheets, remainder.emptyFormulas) = (1, 2, 3)
                remainder.otherSheets = ["a", "b"]
                return remainder
            }()),
    ]

    private func frames(_ events: [SheetEvent] = events, failure: SheetFailure? = nil) throws -> [UInt8] {
        final class Box { var bytes: [UInt8] = [] }
        let box = Box()
        let writer = SheetFrameWriter { bytes throws(SheetFailure) in box.bytes += bytes }
        for event in events { try writer.write(event) }
        if let failure { try writer.write(failure) }
        return box.bytes
    }

    /// - Returns: the events, and whether the last one came.
    private func read(_ bytes: [UInt8], pieces: Int) throws -> ([SheetEvent], Bool) {
        var (events, isEnd): ([SheetEvent], Bool) = ([], false)
        var reader = SheetFrameReader()
        for start in stride(from: 0, to: bytes.count, by: pieces) where !isEnd {
            isEnd = try reader.take(bytes[start..<min(start + pieces, bytes.count)]) { event throws(SheetFailure) in
                events.append(event)
            }
        }
        return (events, isEnd)
    }

    @Test(arguments: [1, 3, 7, 1_000])
    func `events come back as they were, however the bytes are cut`(_ pieces: Int) throws {
        let (events, isEnd) = try read(try frames(), pieces: pieces)
        #expect(events == Self.events)
        #expect(isEnd)
    }

    @Test func `a failure comes back as one`() throws {
        let bytes = try frames(Array(Self.events.prefix(3)), failure: .doctype)
        #expect(throws: SheetFailure.doctype) { try read(bytes, pieces: 1_000) }
    }

    @Test func `bytes of a process that was taken over are refused, and never more than a crash of it`() throws {
        let whole = try frames()
        for place in whole.indices {
            for change: UInt8 in [1, 0x80, 0xFF] {
                var bytes = whole
                bytes[place] ^= change
                do { _ = try read(bytes, pieces: 16) } catch is SheetFailure {}
            }
        }
        #expect(throws: SheetFailure.readerCrashed) { try read([0xFF, 0xFF, 0xFF, 0xFF, 3], pieces: 5) }
        #expect(throws: SheetFailure.readerCrashed) { try read([1, 0, 0, 0, 99], pieces: 5) }
    }
}
