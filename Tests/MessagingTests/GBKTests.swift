import Messaging
import Testing

struct GBKTests {
    /// The seed's contents (002 §2.1.5 and §2.1.7), undone from their percent signs.
    private static let samples: [(text: String, bytes: [UInt8])] = [
        (
            "验证码：6666，打死都不要告诉别人哦！",
            [
                0xD1, 0xE9, 0xD6, 0xA4, 0xC2, 0xEB, 0xA3, 0xBA, 0x36, 0x36, 0x36, 0x36, 0xA3, 0xAC, 0xB4, 0xF2,
                0xCB, 0xC0, 0xB6, 0xBC, 0xB2, 0xBB, 0xD2, 0xAA, 0xB8, 0xE6, 0xCB, 0xDF, 0xB1, 0xF0, 0xC8, 0xCB,
                0xC5, 0xB6, 0xA3, 0xA1,
            ]
        ),
        ("测试短信", [0xB2, 0xE2, 0xCA, 0xD4, 0xB6, 0xCC, 0xD0, 0xC5]),
        ("", []),
        ("plain ASCII 123\r\n", Array("plain ASCII 123\r\n".utf8)),
        ("【é—～·】", [0xA1, 0xBE, 0xA8, 0xA6, 0xA1, 0xAA, 0xA1, 0xAB, 0xA1, 0xA4, 0xA1, 0xBF]),
    ]

    @Test func `the seed's samples go both ways`() {
        for sample in Self.samples {
            #expect(GBK.decode(sample.bytes) == sample.text)
            #expect(GBK.encode(sample.text) == sample.bytes)
        }
    }

    @Test func `bytes that do not lie in one piece are read too`() {
        let sample = Self.samples[0]
        #expect(GBK.decode(sample.bytes[...]) == sample.text)
        #expect(GBK.decode(sample.bytes.reversed().reversed()) == sample.text)
        #expect(GBK.decode(sample.bytes.lazy.map { $0 }) == sample.text)
    }

    @Test func `every two-byte code that has a character comes back from it`() {
        var count = 0
        for lead in UInt8(0x81)...0xFE {
            for trail in UInt8(0x00)...0xFF where !(0x30...0x39).contains(trail) {
                guard let text = GBK.decode([lead, trail]) else { continue }
                count += 1
                if GBK.encode(text) != [lead, trail] { Issue.record("\(lead) \(trail) \(text)") }
                if text.unicodeScalars.count != 1 { Issue.record("\(lead) \(trail) is several characters") }
            }
        }
        // GBK 1.0 as Windows has it, and at least the ideographic description characters that GB18030 added.
        #expect(count >= 21_791)
    }

    /// The number was computed with another implementation of the charset (CPython's `gbk` codec).
    @Test func `the table is the one that others have`() {
        var fingerprint = Fingerprint()
        var count = 0
        for code in UInt16(0x8140)...0xFEFE where !Self.isBeyondGBK(code) {
            let pair = [UInt8(code >> 8), UInt8(code & 0xFF)]
            guard pair[1] >= 0x40, let text = GBK.decode(pair) else { continue }
            count += 1
            fingerprint.add(pair)
            fingerprint.add(text.utf8)
        }
        #expect(count == 21_791)
        #expect(fingerprint.value == 0x79B1_1572_DF1F_B77C)
    }

    /// Two-byte codes that only GB18030 gives a character to.
    private static func isBeyondGBK(_ code: UInt16) -> Bool {
        let ranges: [ClosedRange<UInt16>] = [
            0xA2E3...0xA2E3, 0xA6D9...0xA6DF, 0xA6EC...0xA6ED, 0xA6F3...0xA6F3, 0xA8BC...0xA8BC, 0xA8BF...0xA8BF,
            0xA989...0xA995, 0xFE50...0xFEA0,
        ]
        return ranges.contains { $0.contains(code) }
    }

    @Test func `all 20902 ideographs of Unicode 1 have a code`() throws {
        var fingerprint = Fingerprint()
        for value in UInt32(0x4E00)...0x9FA5 {
            let text = String(try #require(Unicode.Scalar(value)))
            let bytes = try #require(GBK.encode(text))
            fingerprint.add(bytes)
            if GBK.decode(bytes) != text { Issue.record("\(text)") }
        }
        #expect(fingerprint.value == 0x274C_0B3F_B49B_9D29)
    }

    @Test(arguments: [
        ([0x94, 0x39, 0xFC, 0x36], "😀"), ([0x81, 0x30, 0x8B, 0x37], "ÿ"), ([0x81, 0x39, 0xEE, 0x39], "㐀"),
        ([0x83, 0x36, 0x84, 0x33], "한"), ([0xE3, 0x32, 0x9A, 0x35], "\u{10FFFF}"),
        ([0x81, 0x30, 0x81, 0x30], "\u{80}"),
        ([0xB2, 0xE2, 0x94, 0x39, 0xFC, 0x36, 0xCA, 0xD4, 0x94, 0x39, 0xFC, 0x37, 0x21], "测😀试😁!"),
    ])
    func `four-byte codes of GB18030 are read`(_ bytes: [UInt8], _ text: String) {
        #expect(GBK.decode(bytes) == text)
    }

    @Test(arguments: ["😀", "测试😀", "ÿ", "한", "\u{E000}", "\u{10FFFF}", "e\u{301}"])
    func `a character without a code makes the text unencodable`(_ text: String) {
        #expect(GBK.encode(text) == nil)
    }

    @Test(arguments: [
        [0xFF], [0x81], [0xB2], [0xB2, 0xE2, 0xCA], [0xB2, 0x20], [0xB2, 0x7F], [0xB2, 0xFF], [0xFF, 0x40],
        [0x81, 0x30], [0x81, 0x30, 0x81], [0x81, 0x30, 0x80, 0x30], [0x81, 0x30, 0x81, 0x40], [0xFE, 0x39, 0xFE, 0x39],
        // Left to its users by GBK: no text.
        [0xAA, 0xA1], [0xA1, 0x40], [0xFE, 0xFE],
        // One good character does not excuse the next.
        [0x81, 0x30, 0x8B, 0x37, 0xFF],
    ])
    func `bytes that are not GBK are no text`(_ bytes: [UInt8]) {
        #expect(GBK.decode(bytes) == nil)
    }

    @Test func `the euro sign is read in both of its codes`() {
        #expect(GBK.decode([0x80]) == "€")
        #expect(GBK.decode([0xA2, 0xE3]) == "€")
        #expect(GBK.decode([UInt8](repeating: 0x80, count: 100)) == String(repeating: "€", count: 100))
        #expect(GBK.encode("€") == [0xA2, 0xE3])
    }

    @Test func `random bytes never crash, and what can be read can be measured`() {
        var random = SeededGenerator(seed: 4)
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            guard let text = GBK.decode(bytes) else { continue }
            #expect(text.unicodeScalars.count <= bytes.count)
        }
    }
}

/// WIRE.md §002: "valid in the endpoint's documented charset → that; else the other of GBK/UTF-8".
struct TextCharsetTests {
    @Test(arguments: ["验证码", "测试短信", "中", "plain"])
    func `text in the wrong charset is understood where it cannot be the right one`(_ text: String) throws {
        let gbk = try #require(GBK.encode(text))
        #expect(TextCharset.gbk.decodeLeniently(gbk) == text)
        #expect(TextCharset.gbk.decodeLeniently(Array(text.utf8)) == text)
        #expect(TextCharset.utf8.decodeLeniently(gbk) == text)
        #expect(TextCharset.utf8.decodeLeniently(Array(text.utf8)) == text)
    }

    @Test func `bytes valid in both are taken in the documented one`() {
        // "测试" in UTF-8 is three other characters in GBK.
        let bytes: [UInt8] = [0xE6, 0xB5, 0x8B, 0xE8, 0xAF, 0x95]
        #expect(TextCharset.gbk.decodeLeniently(bytes) == "娴嬭瘯")
        #expect(TextCharset.utf8.decodeLeniently(bytes) == "测试")
    }

    @Test(arguments: [[0xFF], [0xC3], [0xE6, 0xB5, 0x8B, 0xFF]])
    func `bytes valid in neither are no text`(_ bytes: [UInt8]) {
        #expect(TextCharset.gbk.decodeLeniently(bytes) == nil)
        #expect(TextCharset.utf8.decodeLeniently(bytes) == nil)
    }

    @Test func `UTF-8 is strict: no overlong forms, no surrogates`() {
        #expect(TextCharset.utf8.decodeLeniently([0xC0, 0xAF, 0x21, 0xFF]) == nil)
        #expect(TextCharset.utf8.decodeLeniently([0xED, 0xA0, 0x80, 0xFF]) == nil)
    }
}
