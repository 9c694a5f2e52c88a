import Secrets
import Testing

struct ConstantTimeTests {
    @Test("bytes are equal when all are")
    func bytes() {
        #expect(constantTimeEqual([1, 2, 3] as [UInt8], [1, 2, 3] as [UInt8]))
        #expect(!constantTimeEqual([1, 2, 3] as [UInt8], [1, 2, 4] as [UInt8]))
        #expect(!constantTimeEqual([1, 2, 3] as [UInt8], [1, 2] as [UInt8]))
        #expect(constantTimeEqual([] as [UInt8], [] as [UInt8]))
    }

    @Test("texts are compared by their bytes")
    func texts() {
        #expect(constantTimeEqual("secret", "secret"))
        #expect(!constantTimeEqual("secret", "Secret"))
    }

    @Test("hexadecimal digits are equal whatever their case, and nothing else is")
    func hexadecimal() {
        for byte in UInt8(0)...127 {
            for other in UInt8(0)...127 {
                let (a, b) = (String(UnicodeScalar(byte)), String(UnicodeScalar(other)))
                #expect(constantTimeEqualHex(a, b) == (a.lowercased() == b.lowercased()), "\(byte) \(other)")
            }
        }
        #expect(constantTimeEqualHex("26DAD7f3", "26dad7F3"))
        #expect(!constantTimeEqualHex("26DAD7f3", "26dad7F"))
    }
}
