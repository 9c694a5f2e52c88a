import Foundation
import Messaging
import Testing

@testable import Sheets

struct WriterTests {
    private static let rows: [[SheetValue]] = [
        [.text("13800138000"), .integer(42), .money(Money(microYuan: 29_500)), .empty, .text("中文")],
        [
            .text("=cmd()"), .integer(-7), .money(Money(microYuan: -3_500_000)), .text("a\"b,c\r\nd"),
            .text("\u{0}\u{7}x"),
        ],
        [.text("+1"), .text("-1"), .text("@x"), .text("\tx"), .text("plain")],
    ]

    private func write(_ format: SheetFormat, _ path: String, _ folder: String) throws {
        let writer = try format.writer(
            path: path, header: ["a", "b", "c", "d", "e"], title: "记录[1]", folder: folder)
        for row in Self.rows { try writer.write(row) }
        try writer.finish()
    }

    @Test func `a csv has a mark, CRLF, quotes where they are needed, and apostrophes before formulas`() throws {
        let folder = try TemporaryDirectory()
        let path = folder.path + "/x.csv"
        try write(.csv, path, folder.path)
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        #expect(bytes.starts(with: [0xEF, 0xBB, 0xBF]))
        #expect(
            String(decoding: bytes.dropFirst(3), as: UTF8.self) == """
                a,b,c,d,e\r
                13800138000,42,0.029500,,中文\r
                '=cmd(),-7,-3.500000,"a""b,c\r
                d",\u{7}x\r
                '+1,'-1,'@x,'\tx,plain\r

                """)
    }

    @Test func `an xlsx keeps texts as texts and numbers as numbers`() throws {
        let folder = try TemporaryDirectory()
        let path = folder.path + "/x.xlsx"
        try write(.xlsx, path, folder.path)
        let read = try ReadSheet(path)
        #expect(read.sheet == "记录1")
        #expect(read.rows[1].cells.map(\.text) == ["13800138000", "42", "0.0295", "", "中文"])
        #expect(read.rows[1].cells.map(\.kind) == [.text, .number, .number, .empty, .text])
        #expect(read.rows[2].cells.map(\.text) == ["=cmd()", "-7", "-3.5", "a\"b,c\r\nd", "x"])
        #expect(read.rows[2][0].kind == .text)
        // Nothing but the file is left in the folder.
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["x.xlsx"])
    }

    @Test func `amounts that a double does not hold exactly are written as texts`() throws {
        let folder = try TemporaryDirectory()
        let path = folder.path + "/x.xlsx"
        let writer = try SheetFormat.xlsx.writer(path: path, header: ["a"], title: "x", folder: folder.path)
        for amount: Int64 in [999_999_999_999_999, -999_999_999_999_999, 1_000_000_000_000_001, .max, .min + 1] {
            try writer.write([.money(Money(microYuan: amount))])
        }
        try writer.finish()
        #expect(
            try ReadSheet(path).rows.dropFirst().map { $0[0].text } == [
                "999999999.999999", "-999999999.999999", "1000000000.000001", "9223372036854.775807",
                "-9223372036854.775807",
            ])
    }

    @Test func `a file that is not finished is none`() throws {
        let folder = try TemporaryDirectory()
        let path = folder.path + "/x.xlsx"
        do {
            let writer = try SheetFormat.xlsx.writer(path: path, header: ["a"], title: "x", folder: folder.path)
            try writer.write([.text("b")])
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `a folder that is not there is a failure and no crash`() {
        #expect(throws: SheetFailure.unavailable) {
            try SheetFormat.csv.writer(path: "/nowhere/x.csv", header: [], title: "", folder: "/nowhere")
        }
    }
}
