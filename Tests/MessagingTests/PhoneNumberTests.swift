import Messaging
import Testing

/// Seed 002 §3.2 and WIRE.md "General": how a number is written and what it becomes.
struct PhoneNumberTests {
    private static let good: [(text: String, wire: String, isMainland: Bool)] = [
        ("13800138000", "13800138000", true),
        ("10000000000", "10000000000", true),
        ("19999999999", "19999999999", true),
        ("008613800138000", "13800138000", true),
        ("+8613800138000", "13800138000", true),
        ("8613800138000", "13800138000", true),
        (" 13800138000 ", "13800138000", true),
        ("\t13800138000\r\n", "13800138000", true),
        ("0085256412345", "0085256412345", false),
        ("+85256412345", "0085256412345", false),
        ("0013800138000", "0013800138000", false),
        ("001234567", "001234567", false),
        ("00123456789012345", "00123456789012345", false),
    ]

    private static let bad: [String] = [
        "", " ", "+", "00", "0086", "86", "138", "1380013800", "138001380000", "23800138000", "03800138000",
        "013800138000", "138xxxxxxxx", "1380013800a", "138 0013 8000", "138-0013-8000", "１３８００１３８０００",
        "13800138000,13800138001", "85256412345", "00123456", "001234567890123456", "0000852564123", "++8613800138000",
        "+008613800138000", "00+8613800138000", "008623800138000", "00861380013800", "0086138001380000",
        "+86138001380", "8623800138000", "99999999999999999999999", "-13800138000", "13800138000\0", "测试",
    ]

    @Test func `a good number is normalised`() {
        for row in Self.good {
            let number = PhoneNumber(row.text)
            #expect(number?.text == row.wire, "\(row.text)")
            #expect(number?.isMainland == row.isMainland, "\(row.text)")
        }
    }

    @Test func `what is on the wire reads back as the same number`() {
        for row in Self.good {
            let number = PhoneNumber(row.wire)
            #expect(number == PhoneNumber(row.text))
            #expect(number.map { PhoneNumber(rawValue: $0.rawValue) } == number)
        }
    }

    @Test func `a bad number is none`() {
        for text in Self.bad { #expect(PhoneNumber(text) == nil, "\(text)") }
    }

    @Test func `a piece of a longer text is read like a text of its own`() {
        let pieces = "13800138000,008613900139000,xyz".split(separator: ",")
        #expect(pieces.map { PhoneNumber($0)?.text } == ["13800138000", "13900139000", nil])
    }

    @Test func `a masked number hides its middle`() {
        #expect(PhoneNumber("13800138000")?.masked == "138****8000")
        #expect(PhoneNumber.masked("1234567") == "*******")
        #expect(PhoneNumber.masked("") == "")
        #expect(PhoneNumber.masked("12345678") == "123****5678")
    }

    @Test func `random digits never crash, and only 11 that begin with 1 are mainland`() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<5000 {
            let length = Int.random(in: 1...20, using: &random)
            let text = String((0..<length).map { _ in "0123456789".randomElement(using: &random) ?? "0" })
            guard let number = PhoneNumber(text), number.isMainland else { continue }
            #expect(number.text.count == 11 && number.text.hasPrefix("1") && text.hasSuffix(number.text))
        }
    }
}

struct RecipientTests {
    @Test func `a valid number becomes a number`() {
        #expect(Recipient("+8613800138000") == .number(PhoneNumber(rawValue: 13_800_138_000), .plus))
        #expect(Recipient("+8613800138000").text == "+8613800138000")
    }

    @Test(arguments: [
        ("138xxxxxxxx", "138xxxxxxxx"), ("", ""), (" 12 ", " 12 "), ("12\u{0}3\n4\u{7F}\u{9F}\u{FFFF}5", "12345"),
        (String(repeating: "7", count: 32), String(repeating: "7", count: 32)),
        (String(repeating: "7", count: 33), String(repeating: "7", count: 32)),
        (String(repeating: "测", count: 11), String(repeating: "测", count: 10)),
        (String(repeating: "😀", count: 9), String(repeating: "😀", count: 8)),
    ])
    func `an invalid number is kept as written, within 32 bytes and without control characters`(
        _ text: String, _ kept: String
    ) {
        #expect(Recipient(text) == .invalid(kept))
        #expect(Recipient(text).text.utf8.count <= Recipient.invalidTextBytesMax)
    }
}
