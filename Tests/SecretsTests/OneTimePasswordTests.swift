import Secrets
import Testing

struct OneTimePasswordTests {
    private let vector = OneTimePassword(secret: Array("12345678901234567890".utf8))

    @Test(
        "SHA-1 gives the vectors of RFC 6238, appendix B",
        arguments: [
            (59, "94287082"), (1_111_111_109, "07081804"), (1_111_111_111, "14050471"), (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"), (20_000_000_000, "65353130"),
        ] as [(Int64, String)])
    func vectors(seconds: Int64, code: String) throws {
        let step = OneTimePassword.step(at: seconds * 1000)
        #expect(try vector.code(step: step, digits: 8) == code)
        #expect(try vector.code(step: step) == code.suffix(6))
    }

    @Test func `a code is taken in its step and in both neighbours, and in no other`() throws {
        let now: Int64 = 1_111_111_109_000
        let step = OneTimePassword.step(at: now)
        for offset in Int64(-3)...3 {
            let code = try vector.code(step: step + offset)
            let expected = abs(offset) <= 1 ? step + offset : nil
            #expect(try vector.step(of: code, at: now, after: -1) == expected, "\(offset)")
        }
    }

    @Test func `a code is taken once, and none before it any more`() throws {
        let now: Int64 = 1_111_111_109_000
        let step = OneTimePassword.step(at: now)
        for used in [step, step + 1] {
            #expect(try vector.step(of: vector.code(step: step), at: now, after: used) == nil)
        }
        #expect(try vector.step(of: vector.code(step: step - 1), at: now, after: step) == nil)
        #expect(try vector.step(of: vector.code(step: step + 1), at: now, after: step) == step + 1)
    }

    @Test(arguments: ["", "12345", "1234567", "08180４", "abcdef", "94287082"])
    func `what is no code of six digits is not taken`(code: String) throws {
        #expect(try vector.step(of: code, at: 59_000, after: -1) == nil)
    }

    @Test func `times before 1970 are step 0`() { #expect(OneTimePassword.step(at: -1) == 0) }

    @Test func `an app is given the secret in base32, and names with escapes`() throws {
        let password = OneTimePassword(secret: Array("Hello!\u{1}\u{2}\u{3}\u{4}".utf8))
        #expect(password.secretText == "JBSWY3DPEEAQEAYE")
        #expect(
            password.uri(issuer: "yi zhan", name: "a@b/c")
                == "otpauth://totp/yi%20zhan:a%40b%2Fc?secret=JBSWY3DPEEAQEAYE&issuer=yi%20zhan")
        #expect(try OneTimePassword.generate().secret.count == 20)
        var text = ""
        dump(password, to: &text)
        #expect(!text.contains("72") && !text.contains("secret"))
    }
}
