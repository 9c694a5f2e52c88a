import Messaging
import Testing

struct TemplateTests {
    private func template(_ text: String) throws -> Template { try #require(Template(id: "1", text: text)) }

    @Test(
        "a content matches with something in the place of each variable",
        arguments: [
            ("您的验证码是{1}", "您的验证码是6666"), ("您的验证码是{1}，{2}分钟内有效", "您的验证码是6666，5分钟内有效"),
            ("{1}您好", "张先生您好"), ("a{1}b{2}b", "a1b2b"), ("a{1}b{2}b", "abbbb"), ("{1}a{2}", "xax"),
            ("{1}{2}a", "xya"), ("a{12}", "a😀"), ("plain", "plain"), ("{x}{}{123}", "{x}{}{123}"), ("a{", "a{"),
            ("a{1", "a{1"), ("a{1}aa", "aaaaaa"), ("您{1}好", "您\n好"),
        ])
    func matching(text: String, content: String) throws {
        #expect(try template(text).matches(content))
    }

    @Test(
        "any other content does not",
        arguments: [
            ("您的验证码是{1}", "您的验证码是"), ("您的验证码是{1}", "验证码是6666"), ("您的验证码是{1}，", "您的验证码是6666"),
            ("a{1}b{2}b", "a1b"), ("a{1}b{2}b", "ab2b"), ("plain", "plain "), ("plain", ""), ("{1}a", "a"),
            ("a{1}{2}", "ax"), ("a{1}a", "aa"), ("a{1}b", "a1c"), ("a{1}b", "a1b "), ("a{1}bc{2}d", "a1b2d"),
        ])
    func other(text: String, content: String) throws {
        #expect(try !template(text).matches(content))
    }

    @Test("a text of variables alone, an empty and a long one are none, and so are odd ids")
    func invalid() {
        for text in ["", "{1}", "{1}{2}", String(repeating: "x", count: 1001)] {
            #expect(Template(id: "1", text: text) == nil)
        }
        for id in ["", "0", "a b", "验", String(repeating: "1", count: 21)] {
            #expect(Template(id: id, text: "x") == nil)
        }
        #expect(Template(id: "00A9z", text: "x{1}y{2}")?.variableCount == 2)
    }

    @Test("a text of many variables takes no longer than it should")
    func effort() throws {
        let text = (1...99).map { "a{\($0)}" }.joined() + "b"
        #expect(try !template(text).matches(String(repeating: "a", count: 1000)))
        #expect(try template(text).matches(String(repeating: "a", count: 1000) + "b"))
    }
}

struct WordFilterTests {
    @Test("words are found wherever they stand, in either case")
    func found() {
        let filter = WordFilter(["赌博", "Casino", "she", "hers", "博彩票"])
        for text in ["赌博", "来赌博吧", "赌赌博", "CASINO", "x casino", "ushers", "这博彩票"] {
            #expect(filter.finds(in: text))
        }
        for text in ["", "赌", "博", "赌 博", "casin", "sh", "her", "博彩"] { #expect(!filter.finds(in: text)) }
    }

    @Test("a word inside of the beginning of another is found")
    func inner() {
        let filter = WordFilter(["abcde", "bc", ""])
        #expect(filter.finds(in: "xabcx"))
        #expect(!filter.finds(in: "xabx"))
        #expect(WordFilter([]).isEmpty)
        #expect(!WordFilter([""]).finds(in: "x"))
    }

    @Test("it finds what a plain search finds, over 2,000 random texts")
    func random() {
        var random = SeededGenerator(seed: 9)
        func word(_ lengths: ClosedRange<Int>) -> String {
            String(
                (0..<Int.random(in: lengths, using: &random)).map { _ in "ab博".randomElement(using: &random) ?? "a" })
        }
        for _ in 0..<2000 {
            let words = (0..<4).map { _ in word(1...5) }
            let text = word(0...12)
            let expected = words.contains { Self.contains(Array(text.utf8), Array($0.utf8)) }
            #expect(WordFilter(words).finds(in: text) == expected)
        }
    }

    private static func contains(_ text: [UInt8], _ word: [UInt8]) -> Bool {
        text.indices.contains { text[$0...].starts(with: word) }
    }
}
