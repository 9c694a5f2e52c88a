import Messaging
import Testing

@testable import Sheets

struct NumberTidyingTests {
    private static let number = PhoneNumber(rawValue: 13_800_138_000)

    @Test(arguments: [
        " 13800138000 ", "'13800138000", "138-0013-8000", "138 0013 8000", "138.0013.8000", "(138)00138000",
        "（138）00138000", "+8613800138000", "+86 138 0013 8000", "008613800138000", "8613800138000", "13800138000.0",
        "13800138000.00", "１３８００１３８０００", "\u{A0}13800138000\u{3000}", "\u{202A}13800138000\u{202C}",
        "\u{FEFF}13800138000", "13\u{200B}800138000\u{200E}", "13800138000\t", "138–0013—8000", "\"13800138000\"",
    ])
    func `a number is found in whatever is written around it, and counted as tidied`(_ text: String) {
        #expect(NumberTidying.read(text) == .number(Self.number, isTidied: true))
    }

    @Test func `a number that is written plainly is not tidied`() {
        #expect(NumberTidying.read("13800138000") == .number(Self.number, isTidied: false))
        #expect(
            NumberTidying.read("0085256412345")
                == .number(PhoneNumber(rawValue: -85_256_412_345), isTidied: false))
    }

    @Test(arguments: [
        "13800138000、13900139000", "13800138000/13900139000", "13800138000；13900139000", "13800138000\n13900139000",
        "13800138000, 13900139000", "13800138000 13900139000", "13800138000｜13900139000", "13800138000;13900139000;",
    ])
    func `several numbers in a cell are split`(_ text: String) {
        #expect(
            NumberTidying.read(text) == .several([Self.number, PhoneNumber(rawValue: 13_900_139_000)], rejected: 0))
    }

    @Test func `of several numbers the good ones are used`() {
        #expect(NumberTidying.read("010-62345678/13800138000") == .several([Self.number], rejected: 1))
    }

    @Test func `commas group the digits of what the file says is a number`() {
        #expect(NumberTidying.read("13,800,138,000", isNumber: true) == .number(Self.number, isTidied: true))
    }

    @Test(arguments: [
        ("1.38E+10", RecipientRejection.scientific), ("1.38e10", .scientific), (" 1.38001E+10", .scientific),
        ("", .blank), ("  ", .blank), (";;", .blank), ("张三", .notNumber), ("13800138000x", .notNumber),
        ("1380013", .wrongLength), ("010-62345678", .wrongLength), ("23800138000", .notNumber),
    ])
    func `what is no number is refused with its reason`(_ text: String, _ reason: RecipientRejection) {
        #expect(NumberTidying.read(text) == .rejected(reason))
    }

    @Test func `a foreign number keeps its digits when a table has written .0 behind it`() {
        #expect(
            NumberTidying.read("0085256412345.0") == .number(PhoneNumber(rawValue: -85_256_412_345), isTidied: true))
    }
}
