import Messaging
import Testing

struct PasswordRuleTests {
    @Test(arguments: [
        "111111", "", "123456789", "abcdefghi", "1234567890", "0987654321", "7890123456", "abcdefghijkl", "zyxwvutsrq",
        "aaaaaaaaaa", "1212121212", "abcabcabcabc", "1234123412341234", "qwertyuiop", "QWERTYUIOP", "1qaz2wsx3edc",
        "Password123!", "2026welcome!!", "iloveyou1314", "admin@12345", "shop.main1", "shop.main-2026",
        "SHOP.MAIN.SHOP.MAIN",
    ])
    func `what people would try first is weak, and it is said why`(_ password: String) throws {
        let weakness = try #require(PasswordRule.weakness(of: password, account: "shop.main"), "\(password)")
        #expect(weakness.hasPrefix("is ") || weakness.hasPrefix("has "))
        #expect(password.isEmpty || !weakness.contains(password))
    }

    @Test(arguments: ["vk3TqzRm9", "x7Q", "测试用的口令不在表"])
    func `what nobody would try is weak too when it is short`(_ password: String) {
        let words = "has \(password.count) characters, and 10 are the least"
        #expect(PasswordRule.weakness(of: password, account: "shop.main") == words)
    }

    @Test(arguments: [
        "vk3TqzRm9w", "correct horse battery", "abade5589e2798f82f006bbc36d269ce", "demo-app-secret", "secret word",
        "1357924680", "shop.main-Tq7zRm9w", "测试用的口令不在表里面",
    ])
    func `what nobody would try first is not`(_ password: String) {
        #expect(PasswordRule.weakness(of: password, account: "shop.main") == nil)
    }

    @Test func `a made password is as long as it says, of its alphabet, and not weak`() throws {
        var generator = SystemRandomNumberGenerator()
        var seen: Set<String> = []
        for _ in 0..<200 {
            let random = (0..<80).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let password = try #require(PasswordRule.make(from: random))
            #expect(password.count == PasswordRule.madeLength)
            #expect(password.allSatisfy { PasswordRule.alphabet.contains($0) })
            #expect(PasswordRule.weakness(of: password, account: "J10003") == nil)
            seen.insert(password)
        }
        #expect(seen.count == 200)
        #expect(PasswordRule.make(from: [UInt8](repeating: 255, count: 80)) == nil)
        // Each character is as likely as another: the alphabet goes a whole number of times into what is taken.
        let counts = (0...255).reduce(into: [Character: Int]()) { counts, byte in
            let piece = [UInt8](repeating: UInt8(byte), count: PasswordRule.madeLength)
            if let first = PasswordRule.make(from: piece)?.first { counts[first, default: 0] += 1 }
        }
        #expect(counts.count == PasswordRule.alphabet.count && Set(counts.values).count == 1)
    }
}

struct AddressBlockTests {
    @Test(
        arguments: [
            ([10, 0, 0, 1], "10.0.0.1"),
            ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 1], "10.0.0.1"),
            ([0x20, 1, 0x0D, 0xB8, 0, 0, 0, 7, 1, 2, 3, 4, 5, 6, 7, 8], "2001:db8:0:7::/64"),
            ([], "-"), ([1, 2, 3], "-"),
        ] as [([UInt8], String)])
    func `an address is written as it counts, and read back`(_ bytes: [UInt8], _ text: String) {
        let block = AddressBlock(bytes)
        #expect(block.description == text)
        #expect(AddressBlock(text) == block)
    }

    @Test func `a /64 is one, and what is no address is none`() {
        let one = AddressBlock([0x20, 1, 0x0D, 0xB8, 0, 0, 0, 7, 1, 2, 3, 4, 5, 6, 7, 8])
        #expect(one == AddressBlock([0x20, 1, 0x0D, 0xB8, 0, 0, 0, 7, 9, 9, 9, 9, 9, 9, 9, 9]))
        #expect(one != AddressBlock([0x20, 1, 0x0D, 0xB8, 0, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]))
        #expect(AddressBlock([0, 0, 0, 7]) != AddressBlock([0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0]))
        #expect(AddressBlock("nowhere") == nil && AddressBlock("") == nil)
    }
}
