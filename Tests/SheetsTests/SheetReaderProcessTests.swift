import Foundation
import Testing

@testable import Sheets

/// The reading process, which is the program itself.
struct SheetReaderProcessTests {
    private static let program: String = {
        // The tests are run from beside the program.
        let own = URL(fileURLWithPath: CommandLine.arguments[0])
        return own.deletingLastPathComponent().appendingPathComponent("yizhan").path
    }()

    private func reader(_ deadline: Duration = .seconds(60)) -> SheetReaderProcess {
        SheetReaderProcess(program: Self.program, deadline: deadline)
    }

    @Test(arguments: ["openpyxl.xlsx", "xlsxwriter.xlsx", "hand.xlsx", "xlwt.xls"])
    func `a file is read by another process as by this one`(_ name: String) throws {
        let (there, here) = (try ReadSheet(fixture(name), by: reader()), try ReadSheet(fixture(name)))
        #expect(there.rows == here.rows)
        #expect(there.sheet == here.sheet)
        #expect(there.remainder == here.remainder)
        #expect(there.description == here.description)
    }

    @Test(arguments: [
        ("password.xlsx", SheetFailure.passwordProtected), ("doctype.xlsx", .doctype), ("bomb.xlsx", .tooLarge),
        ("ods.ods", .openDocument),
    ])
    func `its failures come over`(_ name: String, _ failure: SheetFailure) {
        #expect(throws: failure) { try ReadSheet(fixture(name), by: reader()) }
    }

    @Test func `a sheet is read by its name`() throws {
        #expect(try ReadSheet(fixture("openpyxl.xlsx"), sheet: "十月", by: reader()).sheet == "十月")
    }

    @Test func `one cell at the far end of an xls stays within the memory that the process has`() {
        do {
            let read = try ReadSheet(fixture("iv65536.xls"), by: reader())
            Issue.record("\(read.rows.count) rows of a sheet whose first thousand are empty")
        } catch {
            #expect(error as? SheetFailure == .empty || error as? SheetFailure == .readerExhausted)
        }
    }

    @Test func `damaged files of libfreexl's kind end with a sentence`() throws {
        let folder = try TemporaryDirectory()
        let whole = Array(try Data(contentsOf: URL(fileURLWithPath: fixture("xlwt.xls"))))
        for step in 1..<24 {
            var bytes = whole
            for place in stride(from: 512 + step, to: bytes.count, by: 61) { bytes[place] ^= UInt8(step * 7 & 0xFF) }
            let path = try folder.file("damaged.xls", bytes)
            do { _ = try ReadSheet(path, by: reader()) } catch is SheetFailure {}
        }
    }

    @Test func `a program that says nothing, says nonsense or never ends is a sentence`() throws {
        let file = fixture("hand.xlsx")
        func failure(
            _ program: String, _ arguments: [String], within deadline: Duration = .seconds(60)
        ) -> SheetFailure? {
            let reader = SheetReaderProcess(program: program, arguments: arguments, deadline: deadline)
            do {
                _ = try ReadSheet(file, by: reader)
                return nil
            } catch {
                return error as? SheetFailure
            }
        }
        #expect(failure("/bin/true", []) == .readerCrashed)
        #expect(failure("/bin/cat", []) == .readerCrashed)
        #expect(failure("/bin/sleep", ["300"], within: .milliseconds(500)) == .readerExhausted)
        #expect(failure("/nowhere", []) == .unavailable)
        #expect(failure("/bin/sh", ["-c", "kill -SEGV $$"]) == .readerCrashed)
        #expect(failure("/bin/sh", ["-c", "kill -24 $$"]) == .readerExhausted)
    }
}
