import Foundation
import Messaging
import Testing

@testable import Sheets

struct RecipientImportTests {
    private func numbers(_ recipients: RecipientImport) throws -> [String] {
        try recipients.recipients.entries(from: 0, count: 1_000).map(\.number.text)
    }

    @Test func `an office's file becomes recipients, each row that is left out with its reason`() throws {
        let folder = try TemporaryDirectory()
        let recipients = RecipientImport(path: folder.path + "/a")
        let scan = try recipients.scan(file: fixture("openpyxl.xlsx"), by: DirectSheetReader())
        #expect(scan.column == 1)
        let blocked = PhoneNumber(rawValue: 13_900_138_002)
        let summary = try recipients.select(column: 1, isBlacklisted: { $0 == blocked })
        #expect(summary.headerRow == 2)
        #expect(summary.names == ["姓名", "手机号", "日期", "金额"])
        #expect(
            try numbers(recipients) == [
                "13800138000", "13800138001", "13800138003", "13800138004", "13800138005", "13800138006",
                "13800138007",
            ])
        #expect(summary.read == 12)
        #expect(summary.recipients == 7)
        #expect(summary.split == 1)
        let rejected = try recipients.rejected.rows(from: 0, count: 100)
        #expect(rejected.map(\.row) == [5, 8, 9, 11, 13, 16])
        #expect(
            rejected.map(\.reason) == [.blacklisted, .cellError, .duplicate, .scientific, .wrongLength, .blank])
        #expect(summary.count(.duplicate) == 1)
        #expect(summary.invalid == 4)
    }

    @Test func `the rejected rows can be corrected and uploaded again`() throws {
        let folder = try TemporaryDirectory()
        let recipients = RecipientImport(path: folder.path + "/a")
        _ = try recipients.scan(file: fixture("openpyxl.xlsx"), by: DirectSheetReader())
        let summary = try recipients.select(column: 1)
        for format in SheetFormat.allCases {
            let path = folder.path + "/rejected." + format.rawValue
            try recipients.writeRejected(
                to: path, as: format, names: summary.names, columns: ("原行号", "原因"), title: "未采用",
                folder: folder.path, words: { "\($0)" })
            let read = try ReadSheet(path)
            #expect(read.rows[0].cells.map(\.text) == ["姓名", "手机号", "日期", "金额", "原行号", "原因"])
            #expect(read.rows[1].cells.map(\.text) == ["错误", "#N/A", "2024年7月9日", "1.00", "8", "cellError"])
            let again = RecipientImport(path: folder.path + "/b")
            _ = try again.scan(file: path, by: DirectSheetReader())
            #expect(try again.select(column: 1).headerRow == 1)
        }
    }

    @Test func `the column with the most numbers is taken, and another can be chosen without reading again`() throws {
        let folder = try TemporaryDirectory()
        let path = try folder.file(
            "x.csv", "名,旧号,新号\n甲,13800138000,13900139000\n乙,,13900139001\n丙,13800138002,13900139002\n".utf8)
        let recipients = RecipientImport(path: folder.path + "/a")
        let scan = try recipients.scan(file: path, by: DirectSheetReader())
        #expect(scan.numbersByColumn == [0, 2, 3])
        #expect(scan.column == 2)
        _ = try recipients.select(column: 2)
        #expect(try numbers(recipients) == ["13900139000", "13900139001", "13900139002"])
        let summary = try recipients.select(column: 1)
        #expect(try numbers(recipients) == ["13800138000", "13800138002"])
        #expect(summary.count(.blank) == 1)
    }

    @Test func `a file without a header has letters for its columns`() throws {
        let folder = try TemporaryDirectory()
        let path = try folder.file("x.csv", "13800138000,甲\n13800138001,乙\n".utf8)
        let recipients = RecipientImport(path: folder.path + "/a")
        _ = try recipients.scan(file: path, by: DirectSheetReader())
        let summary = try recipients.select(column: 0)
        #expect(summary.headerRow == nil)
        #expect(summary.names == ["A", "B"])
        #expect(summary.recipients == 2)
    }

    @Test func `a wrong number in the first row of data does not become the header`() throws {
        let folder = try TemporaryDirectory()
        let path = try folder.file("x.csv", "手机\n1380013800\n13800138001\n13800138002\n".utf8)
        let recipients = RecipientImport(path: folder.path + "/a")
        _ = try recipients.scan(file: path, by: DirectSheetReader())
        let summary = try recipients.select(column: 0)
        #expect(summary.headerRow == 1)
        #expect(summary.count(.wrongLength) == 1)
    }

    @Test func `numbers that are typed are read like those of a file`() throws {
        let folder = try TemporaryDirectory()
        let recipients = RecipientImport(path: folder.path + "/a")
        let scan = try recipients.scan(typed: "138-0013-8000, 13800138001；13800138002\n\n13800138000\nabc\n")
        let summary = try recipients.select(column: scan.column ?? 0)
        #expect(try numbers(recipients) == ["13800138000", "13800138001", "13800138002"])
        #expect(summary.count(.duplicate) == 1)
        #expect(summary.count(.notNumber) == 1)
        #expect(summary.headerRow == nil)
        #expect(throws: SheetFailure.empty) { try recipients.scan(typed: " \n , ") }
    }

    @Test func `rows are found again by their number and their place`() throws {
        let folder = try TemporaryDirectory()
        let lines = (0..<30_000).map { "\(13_800_000_000 + $0),名\($0)" }
        let path = try folder.file("x.csv", ("手机,名\n" + lines.joined(separator: "\n")).utf8)
        let recipients = RecipientImport(path: folder.path + "/a")
        _ = try recipients.scan(file: path, by: DirectSheetReader())
        #expect(try recipients.select(column: 0).recipients == 30_000)
        let index = try recipients.recipients.index(ofRow: 20_002)
        let entry = try #require(try recipients.recipients.entries(from: index, count: 1).first)
        #expect(entry.number.text == "13800020000")
        let row = try recipients.rowReader()
        #expect(try row(entry.place)[1].text == "名20000")
        // Backwards, too.
        let first = try #require(try recipients.recipients.entries(from: 0, count: 1).first)
        #expect(try row(first.place)[1].text == "名0")
    }

    @Test func `reading ends when nobody wants it any more`() throws {
        let folder = try TemporaryDirectory()
        let lines = (0..<5_000).map { "\(13_800_000_000 + $0)" }.joined(separator: "\n")
        let path = try folder.file("x.csv", lines.utf8)
        let recipients = RecipientImport(path: folder.path + "/a")
        #expect(throws: SheetFailure.cancelled) {
            try recipients.scan(file: path, by: DirectSheetReader()) { _ throws(SheetFailure) in throw .cancelled }
        }
    }
}
