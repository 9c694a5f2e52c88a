import Messaging
import Testing

struct ShownTextTests {
    @Test(arguments: [
        ("", ""), ("plain 文字", "plain 文字"), ("a\nb\tc", "a\\u{a}b\\u{9}c"), ("\u{1B}[2J", "\\u{1b}[2J"),
        ("x\u{7F}\u{85}\u{9F}y", "x\\u{7f}\\u{85}\\u{9f}y"), ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"),
        ("\u{A0}é", "\u{A0}é"), ("\u{0}", "\\u{0}"),
    ])
    func `what would break a line of a log is written as an escape`(text: String, shown: String) {
        #expect(text.shown() == shown)
    }

    @Test func `a long text is cut at the bound, one as long as the bound is not`() {
        let text = String(repeating: "长", count: 200)
        #expect(text.shown() == text)
        #expect((text + "!").shown() == text + "…")
        #expect("abcdef".shown(limit: 3) == "abc…")
    }

    @Test func `an address that is refused is neither echoed whole nor with its control characters`() throws {
        let error = #expect(throws: WebAddress.Flaw.self) {
            try WebAddress("ftp://\n" + String(repeating: "x", count: 5_000))
        }
        let words = try #require(error).description
        #expect(words.contains("ftp:") && !words.contains("\n") && words.unicodeScalars.count < 400)
    }
}
