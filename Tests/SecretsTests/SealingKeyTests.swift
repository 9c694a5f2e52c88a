import Secrets
import Testing

struct SealingKeyTests {
    @Test("what is sealed opens again, under the same key and context only")
    func roundTrip() throws {
        let key = try SealingKey.generate()
        let secret = Array("111111".utf8)
        let sealed = try key.seal(secret, context: "account/J10003")
        #expect(sealed.count == secret.count + SealingKey.overheadBytes)
        #expect(try key.open(sealed, context: "account/J10003") == secret)
        #expect(throws: SecretsError.cannotOpen) { try key.open(sealed, context: "account/J10004") }
        let other = try SealingKey.generate()
        #expect(throws: SecretsError.cannotOpen) { try other.open(sealed, context: "account/J10003") }
        #expect(try SealingKey(bytes: key.bytes).open(sealed, context: "account/J10003") == secret)
    }

    @Test("every changed bit and every missing byte is noticed")
    func tampering() throws {
        let key = try SealingKey.generate()
        let sealed = try key.seal([1, 2, 3], context: "c")
        for at in sealed.indices {
            for bit in 0..<8 {
                var changed = sealed
                changed[at] ^= 1 << UInt8(bit)
                #expect(throws: SecretsError.cannotOpen) { try key.open(changed, context: "c") }
            }
            #expect(throws: SecretsError.cannotOpen) { try key.open(Array(sealed[..<at]), context: "c") }
        }
        #expect(throws: SecretsError.cannotOpen) { try key.open(sealed + [0], context: "c") }
    }

    @Test("the same secret is never sealed to the same bytes")
    func nonces() throws {
        let key = try SealingKey.generate()
        let sealed = try (0..<100).map { _ in try key.seal([7], context: "") }
        #expect(Set(sealed).count == 100)
        #expect(try key.open(key.seal([], context: ""), context: "") == [])
    }

    @Test("test case 14 of the GCM specification opens")
    func publishedVector() throws {
        let key = try SealingKey(bytes: [UInt8](repeating: 0, count: 32))
        let text = "cea7403d4d606b6e074ec5d3baf39d18" + "d0d1c8a799996bf0265b98b5d48ab919"
        let sealed = [1] + [UInt8](repeating: 0, count: 12) + (try #require(Hexadecimal.bytes(text)))
        #expect(try key.open(sealed, context: "") == [UInt8](repeating: 0, count: 16))
    }

    @Test("a key is 32 bytes", arguments: [0, 31, 33])
    func length(count: Int) {
        #expect(throws: SecretsError.keyLengthWrong) { try SealingKey(bytes: [UInt8](repeating: 0, count: count)) }
    }

    @Test("a key does not print itself")
    func silence() throws {
        let key = try SealingKey(bytes: [UInt8](repeating: 77, count: 32))
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!("\(key)" + String(reflecting: key) + dumped).contains("77"))
    }

    @Test("random bytes come in any number and differ")
    func random() throws {
        #expect(try SecureRandom.bytes(0) == [])
        #expect(try SecureRandom.bytes(33).count == 33)
        #expect(try SecureRandom.bytes(16) != SecureRandom.bytes(16))
    }
}
