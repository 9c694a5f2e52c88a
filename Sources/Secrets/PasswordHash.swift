import CLibcrypto

/// A password as it is kept: scrypt (RFC 7914) with the salt and the cost that it was made with.
///
/// Making or checking one of the standard cost takes 32 MiB and some 150 ms of a processor: not on an event loop.
public struct PasswordHash: Hashable, Sendable {
    /// What a guess costs.
    public struct Cost: Hashable, Sendable {
        /// The logarithm of N, which memory and time grow with.
        public var logN: Int
        /// The size of a block in 128 bytes.
        public var blockSize: Int
        /// How often the whole is done.
        public var parallelism: Int

        /// Of new hashes: 32 MiB, three times.
        public static let standard = Cost(logN: 15, blockSize: 8, parallelism: 3)

        /// Checked where it is used: see `isAllowed`.
        public init(logN: Int, blockSize: Int, parallelism: Int) {
            (self.logN, self.blockSize, self.parallelism) = (logN, blockSize, parallelism)
        }

        /// Whether a check takes no more than 128 MiB and a few seconds: a stored text may say anything.
        public var isAllowed: Bool {
            (1...17).contains(logN) && (1...16).contains(blockSize) && (1...16).contains(parallelism)
                && bytes <= 128 << 20
        }

        fileprivate var bytes: Int { 128 * blockSize << logN }
    }

    /// What checking it costs.
    public let cost: Cost
    private let salt: [UInt8]
    private let digest: [UInt8]

    private static let saltBytes = 16
    private static let digestBytes = 32
    private static let fieldBytesMax = 64

    private init(cost: Cost, salt: [UInt8], digest: [UInt8]) {
        (self.cost, self.salt, self.digest) = (cost, salt, digest)
    }

    /// Hashes a password under a new salt.
    /// - Throws: `SecretsError.randomUnavailable` without a salt, `cannotDerive` when libcrypto fails.
    public static func make(
        _ password: String, cost: Cost = .standard
    ) throws(SecretsError) -> PasswordHash {
        let salt = try SecureRandom.bytes(saltBytes)
        return PasswordHash(
            cost: cost, salt: salt, digest: try derive(password, salt: salt, cost: cost, count: digestBytes))
    }

    /// A hash of no password, for names that nobody has: checking against it takes as long as against any other of the
    /// cost.
    public static func decoy(cost: Cost = .standard) -> PasswordHash {
        PasswordHash(
            cost: cost, salt: [UInt8](repeating: 0, count: saltBytes),
            digest: [UInt8](repeating: 0, count: digestBytes))
    }

    /// Whether this is the password; takes the same time for each that is not.
    /// - Throws: `SecretsError.cannotDerive` when libcrypto fails, for want of memory.
    public func matches(_ password: String) throws(SecretsError) -> Bool {
        constantTimeEqual(digest, try Self.derive(password, salt: salt, cost: cost, count: digest.count))
    }

    static func derive(
        _ password: String, salt: [UInt8], cost: Cost, count: Int
    ) throws(SecretsError) -> [UInt8] {
        guard cost.isAllowed else { throw .cannotDerive }
        var password = password
        var output = [UInt8](repeating: 0, count: count)
        // By default libcrypto refuses what takes 32 MiB.
        let memoryMax = UInt64(cost.bytes + 128 * cost.blockSize * (cost.parallelism + 4) + 1 << 16)
        let code = password.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text in
                EVP_PBE_scrypt(
                    text.baseAddress, text.count, salt, salt.count, UInt64(1) << UInt64(cost.logN),
                    UInt64(cost.blockSize), UInt64(cost.parallelism), memoryMax, &output, count)
            }
        }
        guard code == 1 else { throw .cannotDerive }
        return output
    }
}

/// As it is stored: `$scrypt$ln=15,r=8,p=3$SALT$DIGEST`, the last two in base64 without padding.
extension PasswordHash {
    /// As it is stored; not a secret that lets anybody in, but what guesses can be checked with.
    public var text: String {
        let encoding = BaseEncoding.base64
        return "$scrypt$ln=\(cost.logN),r=\(cost.blockSize),p=\(cost.parallelism)$\(encoding.text(salt))"
            + "$\(encoding.text(digest))"
    }

    /// Nil for a text that `text` does not write, or whose cost is beyond what is allowed.
    public init?(_ text: String) {
        let fields = text.split(separator: "$", omittingEmptySubsequences: false)
        guard fields.count == 5, fields[0].isEmpty, fields[1] == "scrypt" else { return nil }
        let numbers = fields[2].split(separator: ",", omittingEmptySubsequences: false)
        guard numbers.count == 3, let logN = Self.value(of: "ln", in: numbers[0]),
            let blockSize = Self.value(of: "r", in: numbers[1]), let parallelism = Self.value(of: "p", in: numbers[2]),
            fields[3].utf8.count <= Self.fieldBytesMax, fields[4].utf8.count <= Self.fieldBytesMax,
            let salt = BaseEncoding.base64.bytes(fields[3]), let digest = BaseEncoding.base64.bytes(fields[4])
        else { return nil }
        let cost = Cost(logN: logN, blockSize: blockSize, parallelism: parallelism)
        guard cost.isAllowed, salt.count >= 8, digest.count >= 16 else { return nil }
        self.init(cost: cost, salt: salt, digest: digest)
    }

    private static func value(of name: String, in field: Substring) -> Int? {
        guard field.hasPrefix(name + "=") else { return nil }
        let digits = field.dropFirst(name.count + 1)
        guard (1...3).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(digits)
    }
}

extension PasswordHash: CustomStringConvertible, CustomReflectable {
    /// The type's name and cost, not what guesses can be checked with.
    public var description: String { "PasswordHash(ln=\(cost.logN))" }
    /// Without children, so that dumps do not show salt and digest.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
