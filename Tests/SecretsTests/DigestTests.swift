import Secrets
import Testing

struct DigestTests {
    @Test(
        "MD5 gives the vectors of RFC 1321",
        arguments: [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("abc", "900150983cd24fb0d6963f7d28e17f72"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        ])
    func md5(input: String, expected: String) {
        #expect(MD5Digest.hex(input) == expected)
    }

    @Test("MD5 gives the digest that seed 002 prints for J10003 / 111111 / 0803192020")
    func md5OfTheSeed() {
        #expect(MD5Digest.hex("J10003", "00000000", "111111", "0803192020") == "26dad7f364507df18f3841cc9c4ff94d")
    }

    @Test(
        "SM3 gives the vectors of GB/T 32905",
        arguments: [
            ("abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
            (
                String(repeating: "abcd", count: 16),
                "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
            ),
        ])
    func sm3(input: String, expected: String) {
        #expect(SM3Digest.hex(input) == expected)
    }

    @Test("SM3 gives the signature of WIRE's vector for dialect 004")
    func sm3OfTheWirePage() {
        let fields = "messageContent%3D%E6%B5%8B%E8%AF%95+a%26templateId%3D0%26userNumber%3D13800138000"
        let signature = SM3Digest.hex("100001", "admin", "secret", fields, "1700000000000123456")
        #expect(signature == "9220c6a25b1d74fd2a11254354d6bf0ae9b324f60e1d6c8e95d52ed180702496")
    }

    @Test("SHA-256 gives the vector of FIPS 180-4")
    func sha256() {
        #expect(
            SHA256Digest.hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test("bytes and hexadecimal text say the same")
    func bytes() {
        let input = Array("abc".utf8)
        #expect(Hexadecimal.text(MD5Digest.bytes(input)) == MD5Digest.hex(input))
        #expect(Hexadecimal.bytes(SM3Digest.hex("abc").uppercased()) == SM3Digest.bytes(input))
        #expect(SHA256Digest.bytes([]).count == 32)
    }

    @Test("text that is no hexadecimal has no bytes", arguments: ["a", "0g", "测试测"])
    func notHexadecimal(text: String) {
        #expect(Hexadecimal.bytes(text) == nil)
    }
}
