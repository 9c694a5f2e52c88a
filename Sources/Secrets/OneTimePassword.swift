import CLibcrypto

/// Passwords that are good for 30 seconds (TOTP, RFC 6238) with HMAC-SHA-1 and six digits, which is what authenticator
/// apps take without being asked.
public struct OneTimePassword: Sendable {
    /// Bytes of a new secret: 160 bits, as RFC 4226 §4 recommends.
    public static let secretBytes = 20
    /// Seconds of a step.
    public static let period: Int64 = 30
    /// Digits of a code.
    public static let digits = 6
    /// Steps before and after the present one whose code is taken: a clock may be wrong by so many.
    public static let window: Int64 = 1

    /// What both sides have.
    public let secret: [UInt8]

    /// Any secret is taken.
    public init(secret: [UInt8]) {
        self.secret = secret
    }

    /// With a new secret.
    /// - Throws: `SecretsError.randomUnavailable`.
    public static func generate() throws(SecretsError) -> OneTimePassword {
        OneTimePassword(secret: try SecureRandom.bytes(secretBytes))
    }

    /// The number of the step that a moment is in; never below 0.
    /// - Parameter milliseconds: since 1970-01-01 UTC.
    public static func step(at milliseconds: Int64) -> Int64 { max(0, milliseconds / 1000 / period) }

    /// The code of a step.
    /// - Throws: `SecretsError.cannotDerive` when libcrypto fails.
    public func code(step: Int64, digits: Int = Self.digits) throws(SecretsError) -> String {
        let counter = withUnsafeBytes(of: UInt64(bitPattern: step).bigEndian) { Array($0) }
        let mac = try Self.hmac(secret, counter)
        // RFC 4226 §5.3: the last four bits say where 31 bits are taken from.
        let offset = Int(mac[19] & 0xF)
        let number = mac[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let modulus = (0..<min(9, digits)).reduce(UInt32(1)) { value, _ in value * 10 }
        let text = String(number % modulus)
        return String(repeating: "0", count: max(0, min(9, digits) - text.utf8.count)) + text
    }

    /// The step whose code this is: the present one or a neighbour, and later than the last one that was used, so that
    /// each code is taken once.
    /// - Parameters:
    ///   - milliseconds: since 1970-01-01 UTC.
    ///   - used: the last step whose code was taken; below 0: none.
    /// - Throws: `SecretsError.cannotDerive` when libcrypto fails.
    public func step(
        of code: String, at milliseconds: Int64, after used: Int64
    ) throws(SecretsError) -> Int64? {
        guard code.utf8.count == Self.digits else { return nil }
        let present = Self.step(at: milliseconds)
        var found: Int64?
        for step in max(0, present - Self.window)...present + Self.window {
            if constantTimeEqual(try self.code(step: step), code), step > used { found = step }
        }
        return found
    }

    private static func hmac(_ key: [UInt8], _ message: [UInt8]) throws(SecretsError) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: 20)
        var written = 0
        let result = EVP_Q_mac(
            nil, "HMAC", nil, "SHA1", nil, key, key.count, message, message.count, &output, output.count, &written)
        guard result != nil, written == 20 else { throw .cannotDerive }
        return output
    }
}

extension OneTimePassword: CustomStringConvertible, CustomReflectable {
    /// The secret as people type it into an app: base32.
    public var secretText: String { BaseEncoding.base32.text(secret) }

    /// What an app reads from a QR code: `otpauth://totp/ISSUER:NAME?secret=…&issuer=…`.
    public func uri(issuer: String, name: String) -> String {
        let (issuer, name) = (Self.escaped(issuer), Self.escaped(name))
        return "otpauth://totp/\(issuer):\(name)?secret=\(secretText)&issuer=\(issuer)"
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "-._~".utf8.contains(byte)
            escaped += isPlain ? String(UnicodeScalar(byte)) : "%" + Hexadecimal.text([byte]).uppercased()
        }
        return escaped
    }

    /// The type's name, never the secret.
    public var description: String { "OneTimePassword" }
    /// Without children, so that dumps do not show the secret.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
