import Foundation
import Testing

@testable import Sheets

struct SheetReaderTests {
    @Test func `an xlsx of openpyxl is read as it is shown`() throws {
        let read = try ReadSheet(fixture("openpyxl.xlsx"))
        #expect(read.description == SheetDescription(kind: .xlsx))
        #expect(read.sheet == "十一月")
        #expect(read.remainder.hiddenRows == 1)
        #expect(read.remainder.hiddenSheets == 1)
        #expect(read.remainder.otherSheets == ["十月"])
        let numbers = read.column(1)
        #expect(numbers[3] == "13800138000")
        #expect(numbers[4] == " 138-0013-8001 ")
        #expect(numbers[6] == nil)
        #expect(numbers[14] == "13800138007")
        #expect(read.rows.first { $0.number == 8 }?[1] == SheetCell(.error, "#N/A"))
        #expect(read.column(2)[3] == "2024年7月9日")
        #expect(read.column(3)[3] == "23.50")
        #expect(read.column(3)[4] == "0.30")
        #expect(read.column(3)[7] == "1,234.50")
        #expect(read.rows.last?.number == 16)
    }

    @Test func `another sheet is read when it is asked for`() throws {
        let read = try ReadSheet(fixture("openpyxl.xlsx"), sheet: "十月")
        #expect(read.sheet == "十月")
        #expect(read.rows == [SheetRow(number: 1, cells: [SheetCell(.text, "13900000000")])])
        #expect(read.remainder.otherSheets == ["十一月"])
    }

    @Test func `an xlsx of XlsxWriter has dates, times and truth values`() throws {
        let read = try ReadSheet(fixture("xlsxwriter.xlsx"))
        #expect(read.rows.count == 11)
        #expect(read.rows[1].cells.map(\.text) == ["13900000001", "2024/7/9", "8:05 AM", "FALSE"])
        #expect(read.rows[1].cells.map(\.kind) == [.number, .date, .date, .boolean])
    }

    @Test func `exponents, prefixes, phonetic runs, missing references and a wrong dimension do no harm`() throws {
        let read = try ReadSheet(fixture("hand.xlsx"))
        #expect(
            read.column(0) == [
                1: "电话", 2: "13800138000", 3: "13800138001", 4: "13800138002", 5: "13800138003", 6: "13800138004",
            ])
        #expect(read.rows[0][1] == SheetCell(.text, "名"))
        #expect(read.rows[1][1] == SheetCell(.text, "田中"))
        let last = read.rows[5]
        #expect(last[1] == .empty)
        #expect(last[2] == SheetCell(.text, "x&y"))
        #expect(last[3] == SheetCell(.date, "2024-07-09"))
        #expect(last[4] == SheetCell(.text, "a\rb"))
        #expect(read.remainder.emptyFormulas == 1)
    }

    @Test func `reading ends after a thousand empty rows`() throws {
        let read = try ReadSheet(fixture("empty-rows.xlsx"))
        #expect(read.rows.count == 6)
    }

    @Test func `an xls of xlwt is read, its hidden sheets and rows are not`() throws {
        let read = try ReadSheet(fixture("xlwt.xls"))
        #expect(read.description == SheetDescription(kind: .xls))
        #expect(read.sheet == "名单")
        #expect(read.remainder.hiddenSheets == 1)
        #expect(read.remainder.hiddenRows == 1)
        #expect(read.rows.count == 20)
        #expect(read.rows[1].cells.map(\.text) == ["客户1", "13700000001", "2024-07-09", "1.5"])
        #expect(read.rows[1].cells.map(\.kind) == [.text, .number, .date, .number])
        #expect(read.rows[2][1] == SheetCell(.text, "13700000002"))
        #expect(!read.rows.contains { $0.number == 6 })
    }

    @Test(arguments: [
        ("password.xlsx", SheetFailure.passwordProtected), ("doctype.xlsx", .doctype), ("bomb.xlsx", .tooLarge),
        ("ods.ods", .openDocument),
    ])
    func `a file that is not read says why`(_ name: String, _ failure: SheetFailure) {
        #expect(throws: failure) { try ReadSheet(fixture(name)) }
    }

    @Test(arguments: [
        ("<html><table><tr><td>13800138000</td></tr></table></html>", SheetFailure.htmlTable),
        ("\u{FEFF}\r\n<TABLE>", .htmlTable),
        ("<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\">", .htmlTable),
        ("<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.Sheet\"?><Workbook>", .xmlSpreadsheet),
        ("<svg>", .notSpreadsheet), ("", .empty), ("\n\n  \n", .empty), ("%PDF-1.7\n\0\0", .notSpreadsheet),
        ("PK\u{05}\u{06}", .notSpreadsheet),
    ])
    func `what only has the name of a spreadsheet is recognised`(_ text: String, _ failure: SheetFailure) throws {
        let folder = try TemporaryDirectory()
        let path = try folder.file("list.xls", text.utf8)
        #expect(throws: failure) { try ReadSheet(path) }
    }

    @Test(arguments: ["openpyxl.xlsx", "xlwt.xls"])
    func `a file that is cut off or damaged anywhere gives a sentence or its rows, and never a crash`(
        _ name: String
    ) throws {
        let folder = try TemporaryDirectory()
        let whole = try Data(contentsOf: URL(fileURLWithPath: fixture(name)))
        for step in 0..<60 {
            var bytes = Array(whole)
            if step < 30 {
                bytes = Array(bytes.prefix(bytes.count * step / 30))
            } else {
                // libfreexl is trusted with damaged files in the other process only.
                if name.hasSuffix(".xls") { break }
                for place in stride(from: step, to: bytes.count, by: 97) {
                    bytes[place] ^= UInt8(truncatingIfNeeded: step)
                }
            }
            let path = try folder.file("cut", bytes)
            if name.hasSuffix(".xls"), step > 0 { continue }
            do { _ = try ReadSheet(path) } catch is SheetFailure {}
        }
    }
}

struct CSVReaderTests {
    private func read(_ bytes: [UInt8]) throws -> ReadSheet {
        let folder = try TemporaryDirectory()
        return try ReadSheet(try folder.file("list.csv", bytes))
    }

    /// 姓名,手机 / 张三,13800138000 in GBK.
    private static let gbk: [UInt8] =
        [0xD0, 0xD5, 0xC3, 0xFB, 0x2C, 0xCA, 0xD6, 0xBB, 0xFA, 0x0D, 0x0A, 0xD5, 0xC5, 0xC8, 0xFD, 0x2C]
        + Array("13800138000\r\n".utf8)

    private static let text = "姓名,手机\r\n张三,13800138000\r\n"

    @Test func `UTF-8 is known with and without its mark, GB18030 by not being UTF-8`() throws {
        for (bytes, charset) in [
            (Array(Self.text.utf8), SheetCharset.utf8), ([0xEF, 0xBB, 0xBF] + Array(Self.text.utf8), .utf8),
            (Self.gbk, .gb18030),
        ] {
            let read = try read(bytes)
            #expect(read.description == SheetDescription(kind: .csv, charset: charset, separator: ","))
            #expect(read.rows.map { $0.cells.map(\.text) } == [["姓名", "手机"], ["张三", "13800138000"]])
        }
    }

    @Test(arguments: [true, false], [true, false])
    func `UTF-16 is known in both byte orders, with and without a mark`(_ isLittle: Bool, _ isMarked: Bool) throws {
        let units = Array(((isMarked ? "\u{FEFF}" : "") + Self.text.replacing(",", with: "\t")).utf16)
        let bytes = units.flatMap { unit in
            let (high, low) = (UInt8(unit >> 8), UInt8(unit & 0xFF))
            return isLittle ? [low, high] : [high, low]
        }
        let read = try read(bytes)
        #expect(read.description.charset == (isLittle ? .utf16LittleEndian : .utf16BigEndian))
        #expect(read.description.separator == "tab")
        #expect(read.rows[1].cells.map(\.text) == ["张三", "13800138000"])
    }

    @Test(arguments: [
        ("a;b;c\n1;2;3\n", [["a", "b", "c"], ["1", "2", "3"]]),
        ("a\tb\r1\t2\r", [["a", "b"], ["1", "2"]]),
        ("sep=;\r\na,b;c\r\n", [["a,b", "c"]]),
        ("\"a,b\",\"c\"\"d\"\n\"e\nf\",g\n", [["a,b", "c\"d"], ["e\nf", "g"]]),
        ("=\"13800138000\",x\n", [["13800138000", "x"]]),
        ("\"open,1\nb,2\n", [["\"open", "1"], ["b", "2"]]),
        ("a,b", [["a", "b"]]), ("a\n\n\nb\n", [["a"], ["b"]]), ("\"x\"y,z\n", [["xy", "z"]]),
    ])
    func `rows are taken apart as programs write them`(_ text: String, _ rows: [[String]]) throws {
        #expect(try read(Array(text.utf8)).rows.map { $0.cells.map(\.text) } == rows)
    }

    @Test func `empty rows are counted and left out`() throws {
        #expect(try read(Array("a\n\n ,\nb\n".utf8)).rows.map(\.number) == [1, 4])
    }

    @Test func `bytes that are no text are refused`() {
        #expect(throws: SheetFailure.undecodable) { try read([0xEF, 0xBB, 0xBF, 0xFF, 0x0A]) }
        #expect(throws: SheetFailure.undecodable) { try read([0x61, 0x2C, 0xFF, 0xFF, 0x0A]) }
        #expect(throws: SheetFailure.undecodable) { try read([0xFF, 0xFE, 0x00, 0xD8]) }
    }

    @Test func `long cells and many columns are cut at the bounds`() throws {
        let long = String(repeating: "长", count: 3_000)
        let row = Array(repeating: "x", count: 300).joined(separator: ",")
        let read = try read(Array("\(long)\n\(row)\n".utf8))
        #expect(read.rows[0][0].text.utf8.count <= SheetBounds.cellBytesMax)
        #expect(read.rows[0][0].text.allSatisfy { $0 == "长" })
        #expect(read.rows[1].cells.count == SheetBounds.columnsMax)
    }

    @Test func `one row too many is refused`() throws {
        let line = Array("1\n".utf8)
        var bytes: [UInt8] = []
        for _ in 0..<SheetBounds.rowsMax { bytes += line }
        #expect(try read(bytes).rows.count == SheetBounds.rowsMax)
        #expect(throws: SheetFailure.tooManyRows) { try read(bytes + line) }
    }
}
