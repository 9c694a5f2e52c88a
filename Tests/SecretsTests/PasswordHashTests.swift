import Testing

@testable import Secrets

struct PasswordHashTests {
    private static let cheap = PasswordHash.Cost(logN: 4, blockSize: 8, parallelism: 1)

    @Test(
        "scrypt gives the vectors of RFC 7914",
        arguments: [
            (
                "", "", PasswordHash.Cost(logN: 4, blockSize: 1, parallelism: 1),
                "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
                    + "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
            ),
            (
                "password", "NaCl", PasswordHash.Cost(logN: 10, blockSize: 8, parallelism: 16),
                "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                    + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
            ),
        ])
    func vectors(password: String, salt: String, cost: PasswordHash.Cost, expected: String) throws {
        let derived = try PasswordHash.derive(password, salt: Array(salt.utf8), cost: cost, count: 64)
        #expect(Hexadecimal.text(derived) == expected)
    }

    @Test func `a password matches its own hash and no other, also after the hash was written down`() throws {
        let hash = try PasswordHash.make("口令 with spaces", cost: Self.cheap)
        let read = try #require(PasswordHash(hash.text))
        #expect(read == hash && read.cost == Self.cheap)
        #expect(try read.matches("口令 with spaces"))
        for wrong in ["口令 with space", "", "口令 with spaces ", "口令 With spaces"] {
            #expect(try !read.matches(wrong), "\(wrong)")
        }
        // Under another salt the text is another.
        #expect(try PasswordHash.make("口令 with spaces", cost: Self.cheap).text != hash.text)
    }

    @Test func `the standard cost is 32 MiB three times, and libcrypto takes it`() throws {
        let hash = try PasswordHash.make("vk3TqzRm9w")
        #expect(hash.text.hasPrefix("$scrypt$ln=15,r=8,p=3$"))
        #expect(try hash.matches("vk3TqzRm9w"))
        #expect(try !PasswordHash.decoy().matches("vk3TqzRm9w"))
    }

    @Test func `a stored text that would cost too much, or is none, is not read`() throws {
        let good = try PasswordHash.make("a", cost: Self.cheap).text
        let tail = good.dropFirst("$scrypt$ln=4,r=8,p=1".count)
        #expect(PasswordHash("$scrypt$ln=4,r=8,p=1" + tail) != nil)
        for head in [
            "$scrypt$ln=18,r=8,p=1", "$scrypt$ln=17,r=16,p=1", "$scrypt$ln=0,r=8,p=1", "$scrypt$ln=4,r=17,p=1",
            "$scrypt$ln=4,r=8,p=17", "$scrypt$ln=4,r=8", "$scrypt$ln=-4,r=8,p=1", "$scrypt$r=8,ln=4,p=1",
            "$argon2id$ln=4,r=8,p=1", "scrypt$ln=4,r=8,p=1", "$scrypt$ln=9999999999999999999,r=8,p=1",
        ] {
            #expect(PasswordHash(head + tail) == nil, "\(head)")
        }
        for text in ["", "$", String(good.dropLast(30)), good + "$x", good + "!", good + "AAAAAAAAAAAAAAAAAAAAAAAA"] {
            #expect(PasswordHash(text) == nil, "\(text)")
        }
        #expect(throws: SecretsError.cannotDerive) {
            try PasswordHash.make("a", cost: PasswordHash.Cost(logN: 20, blockSize: 8, parallelism: 1))
        }
    }

    @Test func `neither salt nor digest is in a dump`() throws {
        let hash = try PasswordHash.make("a", cost: Self.cheap)
        var text = ""
        dump(hash, to: &text)
        #expect(!text.contains("salt") && "\(hash)" == "PasswordHash(ln=4)")
    }
}

struct BaseEncodingTests {
    @Test(arguments: [
        ("", "", ""), ("f", "MY", "Zg"), ("fo", "MZXQ", "Zm8"), ("foo", "MZXW6", "Zm9v"),
        ("foob", "MZXW6YQ", "Zm9vYg"), ("fooba", "MZXW6YTB", "Zm9vYmE"), ("foobar", "MZXW6YTBOI", "Zm9vYmFy"),
    ])
    func `the vectors of RFC 4648, without padding`(plain: String, base32: String, base64: String) {
        let bytes = Array(plain.utf8)
        #expect(BaseEncoding.base32.text(bytes) == base32 && BaseEncoding.base64.text(bytes) == base64)
        #expect(BaseEncoding.base32.bytes(base32) == bytes && BaseEncoding.base64.bytes(base64) == bytes)
        #expect(BaseEncoding.base32.bytes(base32.lowercased()) == bytes)
    }

    @Test func `every byte comes back`() {
        let bytes = (0...255).map { UInt8($0) }
        #expect(BaseEncoding.base32.bytes(BaseEncoding.base32.text(bytes)) == bytes)
        #expect(BaseEncoding.base64.bytes(BaseEncoding.base64.text(bytes)) == bytes)
    }

    @Test(arguments: ["MZ", "M", "MZXW6=", "MZXW61", "MZXW 6", "MZXW6é"])
    func `what base32 does not write is not read`(text: String) {
        #expect(BaseEncoding.base32.bytes(text) == nil)
    }

    @Test(arguments: ["Zh", "Z", "Zm9v=", "Zm9v_w"])
    func `what base64 does not write is not read`(text: String) {
        #expect(BaseEncoding.base64.bytes(text) == nil)
    }
}
