import Messaging
import Sheets
import Testing

@testable import Engine

struct RowTextTests {
    private static let names = ["姓名", "手机", "应付 金额"]
    private static let row = SheetRow(
        number: 2, cells: [SheetCell(.text, " 张三 "), SheetCell(.number, "13800138000"), SheetCell(.number, "23.50")])

    @Test(arguments: [
        ("{姓名}您好，应付{应付 金额}元。", "张三您好，应付23.50元。"), ("{姓名}{姓名}", "张三张三"), ("没有变量", "没有变量"),
        ("{应付  金额}", "23.50"), ("{", "{"), ("{}", "{}"), ("a{\n姓名}", "a{\n姓名}"), ("{{姓名}}", "{张三}"), ("}{姓名", "}{姓名"),
    ])
    func `variables stand for what the row has in their column`(_ content: String, _ text: String) throws {
        let row = try RowText(content, names: Self.names, hasColumns: true)
        #expect(row.text(Self.row) == text)
        #expect(row.isPersonal == (content != text))
    }

    @Test func `a name that is no column is said`() {
        #expect(throws: RowText.UnknownColumn(name: "车牌")) {
            try RowText("{姓名}{车牌}", names: Self.names, hasColumns: true)
        }
    }

    @Test func `without columns braces are characters`() throws {
        let text = try RowText("{姓名}", names: ["A"], hasColumns: false)
        #expect(text.text(nil) == "{姓名}")
        #expect(!text.isPersonal)
    }

    @Test func `a row without the value has no text`() throws {
        let text = try RowText("{应付 金额}", names: Self.names, hasColumns: true)
        #expect(text.text(SheetRow(number: 3, cells: [SheetCell(.text, "李四")])) == nil)
        #expect(text.text(SheetRow(number: 3, cells: [.empty, .empty, SheetCell(.error, "#N/A")])) == nil)
        #expect(text.text(SheetRow(number: 3, cells: [.empty, .empty, SheetCell(.text, "  ")])) == nil)
    }
}
