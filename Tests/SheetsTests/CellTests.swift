import Testing

@testable import Sheets

struct CellTests {
    @Test(arguments: [
        ("13800138000", "13800138000"), ("1.3800138E10", "13800138000"), ("1.3800138000E+10", "13800138000"),
        ("13800138000.0", "13800138000"), ("0.30000000000000004", "0.3"), ("-0.5", "-0.5"), ("0", "0"), ("-0.0", "0"),
        ("1E-3", "0.001"), ("99999999999999999", "100000000000000000"), ("0.1E1", "1"), ("12300", "12300"),
    ])
    func `numbers are written in exact decimal`(_ text: String, _ plain: String) {
        #expect(ExactDecimal(text.utf8)?.plain == plain)
    }

    @Test(arguments: ["", "-", ".", "1e", "1e9999", "0x10", "1 2", "NaN", "1.2.3"])
    func `what is no number is none`(_ text: String) {
        #expect(ExactDecimal(text.utf8) == nil)
    }

    @Test(arguments: [
        ("0", "13800138000.4", "13800138000"), ("0_ ", "13800138000", "13800138000"),
        ("#,##0.00", "1234.5", "1,234.50"),
        ("0.00", "23.5", "23.50"), ("0.00", "0.005", "0.01"), ("0%", "0.256", "26%"),
        ("#,##0", "999999.5", "1,000,000"),
        ("General", "1.5", "1.5"), ("0.00", "-0.001", "0.00"), ("@", "7", "7"),
    ])
    func `numbers are shown as their format says`(_ code: String, _ value: String, _ shown: String) {
        #expect(CellFormat(code: code).cell(value.utf8, is1904: false) == SheetCell(.number, shown))
    }

    /// 45482.33688… is 2024-07-09 08:05:07.
    private static let serial = "45482.336886574074"

    @Test(arguments: [
        (14, "2024/7/9"), (15, "9-Jul-24"), (16, "9-Jul"), (17, "Jul-24"), (18, "8:05 AM"), (19, "8:05:07 AM"),
        (20, "8:05"), (21, "8:05:07"), (22, "2024/7/9 8:05"), (27, "2024年7月"), (28, "7月9日"), (31, "2024年7月9日"),
        (32, "8时05分"), (33, "8时05分07秒"), (34, "上午8时05分"), (45, "05:07"), (46, "1091576:05:07"), (47, "05:07.0"),
        (57, "2024年7月"), (58, "7月9日"),
    ])
    func `built-in formats show dates as Chinese spreadsheet programs do`(_ id: Int, _ shown: String) {
        #expect(CellFormat(builtIn: id).cell(Self.serial.utf8, is1904: false) == SheetCell(.date, shown))
    }

    @Test(arguments: [
        ("yyyy\"年\"m\"月\"d\"日\"", "2024年7月9日"), ("yyyy-mm-dd", "2024-07-09"), ("yy.m.d", "24.7.9"),
        ("[$-804]yyyy\"年\"m\"月\"d\"日\" dddd", "2024年7月9日 周二"), ("yyyy/m/d;@", "2024/7/9"), ("hh:mm:ss", "08:05:07"),
        ("aaaa", "星期二"), ("m/d h:mm", "7/9 8:05"), ("上午/下午h\"时\"mm\"分\"", "上午8时05分"), ("[Red]yyyy\\-m", "2024-7"),
    ])
    func `a file's own formats are followed`(_ code: String, _ shown: String) {
        #expect(CellFormat(code: code).cell(Self.serial.utf8, is1904: false) == SheetCell(.date, shown))
    }

    @Test func `days are counted as the file says`() {
        let format = CellFormat(builtIn: 14)
        #expect(format.cell("1".utf8, is1904: false).text == "1900/1/1")
        #expect(format.cell("61".utf8, is1904: false).text == "1900/3/1")
        #expect(format.cell("0".utf8, is1904: true).text == "1904/1/1")
        #expect(format.cell("2958465".utf8, is1904: false).text == "9999/12/31")
        // Neither is a date.
        #expect(format.cell("-1".utf8, is1904: false) == SheetCell(.number, "-1"))
        #expect(format.cell("13800138000".utf8, is1904: false) == SheetCell(.number, "13800138000"))
    }

    @Test func `the last half second of a day belongs to the next`() {
        #expect(CellFormat(builtIn: 22).cell("45482.999999".utf8, is1904: false).text == "2024/7/10 0:00")
    }
}
