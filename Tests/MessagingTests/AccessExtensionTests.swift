import Messaging
import Testing

struct AccessExtensionTests {
    private static let operatorV2 = ExtensionRoom(digitsMax: 6)
    private static let integer = ExtensionRoom(digitsMax: 20, isInteger: true)

    @Test(
        arguments: [
            ("10690012122", "1234", "", operatorV2, "1234"), ("10690012122", "", "123456", operatorV2, "123456"),
            ("10690012122", "1234", "12", operatorV2, "123412"),
            // The customer's part alone is void.
            ("10690012122", "1234", "123", operatorV2, "1234"), ("10690012122", "", "1234567", operatorV2, ""),
            ("10690012122", "88", "1234567", .widest, "881234567"), ("10690012122", "88", "12345678", .widest, "88"),
            // The account's part does not fit: none of it can go out.
            ("10690012122", "1234567", "", operatorV2, nil), ("10690012122", "1234567", "1", operatorV2, nil),
            ("10690012122", "1234567890", "", .widest, nil), ("12345678901234567890", "1", "", .widest, nil),
            ("12345678901234567890", "", "1", .widest, ""), ("12345678901234567890", "", "", .widest, ""),
            // An integer has no zeros in front.
            ("1069", "", "0006", integer, ""), ("1069", "7", "0006", integer, "70006"),
            ("1069", "07", "", integer, nil),
            ("1069", "", "60", integer, "60"), ("1069", "", "1", ExtensionRoom(digitsMax: 0), ""),
        ] as [(String, String, String, ExtensionRoom, String?)])
    func `what of an extension goes out`(
        number: String, account: String, customer: String, room: ExtensionRoom, expected: String?
    ) {
        let asked = AccessExtension(account: account, customer: customer)
        let carried = asked.carried(behind: number, room)
        #expect(carried?.text == expected)
        if let carried {
            #expect(carried.account == account)
            #expect(carried.customer == customer || carried.customer.isEmpty)
            #expect(number.utf8.count + carried.text.utf8.count <= 20)
        }
        #expect(room.takes(account, behind: number) == (expected != nil))
    }

    @Test func `room is stored as one number, and any number is understood`() {
        for digits in 0...20 {
            for isInteger in [false, true] {
                let room = ExtensionRoom(digitsMax: digits, isInteger: isInteger)
                #expect(ExtensionRoom(code: Int64(room.code)) == room)
            }
        }
        for code in [Int64.min, -22, 21, 1000, .max] {
            #expect((0...20).contains(ExtensionRoom(code: code).digitsMax))
            #expect(ExtensionRoom(code: code).isInteger == (code < 0))
        }
    }
}

struct WrittenNumberTests {
    @Test(
        arguments: [
            ("13800138000", 13_800_138_000, .plain), ("8613800138000", 13_800_138_000, .code),
            ("+8613800138000", 13_800_138_000, .plus), ("008613800138000", 13_800_138_000, .zeros),
            ("0085256412345", -85_256_412_345, .plain), ("+85256412345", -85_256_412_345, .plus),
        ] as [(String, Int64, PhoneNumber.Writing)])
    func `a number is known as it was written`(text: String, value: Int64, writing: PhoneNumber.Writing) {
        let number = PhoneNumber(rawValue: value)
        #expect(Recipient(text) == .number(number, writing))
        #expect(Recipient(" \(text)\r\n") == .number(number, writing))
        #expect(Recipient(text).text == text)
        #expect(number.text(writing) == text)
        #expect(PhoneNumber(text) == number)
    }

    @Test func `any writing of any number names the number`() {
        for value: Int64 in [13_800_138_000, -85_256_412_345, -12_025_550_123] {
            for writing in PhoneNumber.Writing.allCases {
                #expect(PhoneNumber(PhoneNumber(rawValue: value).text(writing))?.rawValue == value)
            }
        }
    }
}
