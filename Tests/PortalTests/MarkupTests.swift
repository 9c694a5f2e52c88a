import Messaging
import Testing

@testable import Portal

@Suite struct MarkupTests {
    @Test(
        arguments: [
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("a\"b'c&d", "a&quot;b&#39;c&amp;d"), ("\0<", "\u{FFFD}&lt;"), ("短信", "短信"), ("", ""),
        ])
    func `an interpolated text is escaped`(text: String, expected: String) {
        let html: HTML = "<p title=\"\(text)\">\(text)</p>"
        #expect(html.markup == "<p title=\"\(expected)\">\(expected)</p>")
    }

    @Test func `interpolated markup, numbers and conditions go in as they are`() {
        let bold: HTML = "<b>\("<")</b>"
        let nothing: HTML? = nil
        let list: HTML = "\(bold)\(nothing)\([bold, bold])\(17)\(" checked", if: true)\(" x", if: false)"
        #expect(list.markup == "<b>&lt;</b><b>&lt;</b><b>&lt;</b>17 checked")
    }

    @Test func `a foreign text is isolated and its control characters are shown`() {
        #expect(HTML.foreign("a\u{202E}<b\u{0}\u{7}").markup == "<bdi>aU+202E&lt;bU+0000U+0007</bdi>")
        #expect(HTML.foreign("两\n行").markup == "<bdi>两\n行</bdi>")
    }

    @Test(
        arguments: [
            (0, "0.000"), (43_848_000, "43.848"), (29_500, "0.0295"), (8_612_450_000, "8,612.450"), (1, "0.000001"),
            (-1_500_000, "-1.500"), (Int64.max, "9,223,372,036,854.775807"), (Int64.min, "-9,223,372,036,854.775808"),
        ] as [(Int64, String)])
    func `amounts are written to the last micro-yuan that is not 0`(amount: Int64, expected: String) {
        #expect(Format.yuan(amount) == expected)
    }

    @Test(
        arguments: [
            (0, 0, "–"), (0, 5, "0.0%"), (999, 1000, "99.9%"), (9999, 10_000, "99.9%"), (5, 5, "100.0%"),
            (1, 3, "33.3%"), (Int64.max, Int64.max, "100.0%"),
        ] as [(Int64, Int64, String)])
    func `a share is rounded down, so that no failure hides`(part: Int64, whole: Int64, expected: String) {
        #expect(Format.share(part, of: whole) == expected)
    }

    @Test(
        arguments: [
            ("13800138000", "138****8000"), ("008613800138000", "008****8000"), ("10086", "*****"), ("", ""),
            ("1234567", "123****4567"),
        ])
    func `a number keeps its first three and last four digits`(number: String, expected: String) {
        #expect(Format.masked(number) == expected)
    }

    @Test(
        arguments: [
            (0, "0.0 秒"), (1_149, "1.1 秒"), (59_999, "59.9 秒"), (60_000, "1 分"), (3_600_000, "1 小时"),
            (172_800_000, "2 天"), (-5, "0.0 秒"),
        ] as [(Int64, String)])
    func `a length of time has its largest fitting unit`(milliseconds: Int64, expected: String) {
        #expect(Format.duration(milliseconds: milliseconds, .chinese) == expected)
    }

    @Test(
        arguments: [
            (nil, "zh-CN"), ("en-US,en;q=0.9,zh;q=0.8", "en"), ("zh-CN,en", "zh-CN"), ("fr, en", "en"), ("de", "zh-CN"),
        ] as [(String?, String)])
    func `the language follows Accept-Language`(header: String?, expected: String) {
        #expect(Language(acceptLanguage: header).rawValue == expected)
    }

    @Test func `a refused field says why, at the field and on top, and keeps what was typed`() {
        var values = FormFields()
        values.append("price", "<1")
        let form = FormBuilder(.chinese, values: values, errors: FormErrors([("price", "太低")]))
        let field = form.input("price", "单价", hint: "元").markup
        #expect(field.contains("value=\"&lt;1\""))
        #expect(field.contains("aria-invalid=\"true\" aria-describedby=\"price-hint price-error\""))
        #expect(field.contains("<p class=\"error\" id=\"price-error\">太低</p>"))
        #expect(form.summary?.markup.contains("<a href=\"#price\">太低</a>") == true)
        #expect(FormBuilder(.chinese).summary == nil)
    }

    @Test func `a password that was typed is not sent back`() {
        var values = FormFields()
        values.append("password", "secret")
        #expect(
            !FormBuilder(.english, values: values).input("password", "Password", type: "password").markup.contains(
                "secret"))
    }
}
