import CLibcrypto

/// The key under which secrets are kept at rest: AES-256-GCM.
///
/// Sealed bytes are: version (1 byte, 1), nonce (12 random bytes), ciphertext (as long as the plain text), tag (16).
/// The context names what is sealed, so that a sealed value copied to another place does not open there.
public struct SealingKey: Sendable {
    /// Bytes of the key: 256 bits.
    public static let byteCount = 32
    private static let version: UInt8 = 1
    private static let nonceBytes = 12
    private static let tagBytes = 16
    /// How much longer the sealed bytes are than the plain text.
    public static let overheadBytes = 1 + nonceBytes + tagBytes

    private let key: [UInt8]

    /// - Throws: `SecretsError.keyLengthWrong` unless there are 32 bytes.
    public init(bytes: [UInt8]) throws(SecretsError) {
        guard bytes.count == Self.byteCount else { throw .keyLengthWrong }
        key = bytes
    }

    /// A new random key.
    /// - Throws: `SecretsError.randomUnavailable`.
    public static func generate() throws(SecretsError) -> SealingKey {
        try SealingKey(bytes: SecureRandom.bytes(byteCount))
    }

    /// The key itself, to be written to a key file and nowhere else.
    public var bytes: [UInt8] { key }

    /// Seals the bytes under this key with a new nonce; `context` is authenticated, not kept in the result.
    /// - Throws: `SecretsError.randomUnavailable` without a nonce, `cannotSeal` when libcrypto fails.
    public func seal(_ plaintext: [UInt8], context: String) throws(SecretsError) -> [UInt8] {
        let nonce = try SecureRandom.bytes(Self.nonceBytes)
        guard let cipher = CipherContext(key: key, nonce: nonce, encrypts: true), cipher.authenticate(context),
            let ciphertext = cipher.update(plaintext), cipher.finish(), let tag = cipher.tag(Self.tagBytes)
        else { throw .cannotSeal }
        return [Self.version] + nonce + ciphertext + tag
    }

    /// - Throws: `SecretsError.cannotOpen` when anything about the bytes, the context or the key is not as sealed.
    public func open(_ sealed: [UInt8], context: String) throws(SecretsError) -> [UInt8] {
        guard sealed.count >= Self.overheadBytes, sealed[0] == Self.version else { throw .cannotOpen }
        let nonce = Array(sealed[1..<1 + Self.nonceBytes])
        let ciphertext = Array(sealed[(1 + Self.nonceBytes)..<(sealed.count - Self.tagBytes)])
        let tag = Array(sealed.suffix(Self.tagBytes))
        guard let cipher = CipherContext(key: key, nonce: nonce, encrypts: false), cipher.authenticate(context),
            let plaintext = cipher.update(ciphertext), cipher.expect(tag: tag), cipher.finish()
        else { throw .cannotOpen }
        return plaintext
    }
}

extension SealingKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The type's name, never the key.
    public var description: String { "SealingKey" }
    /// The type's name, never the key.
    public var debugDescription: String { description }
    /// Without children, so that dumps do not show the key.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// One AES-256-GCM operation.
private final class CipherContext {
    private let context: OpaquePointer
    private let encrypts: Bool

    init?(key: [UInt8], nonce: [UInt8], encrypts: Bool) {
        guard let context = EVP_CIPHER_CTX_new() else { return nil }
        self.context = context
        self.encrypts = encrypts
        // GCM's default nonce length is the 12 bytes that are used here.
        guard EVP_CipherInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce, encrypts ? 1 : 0) == 1 else { return nil }
    }

    deinit { EVP_CIPHER_CTX_free(context) }

    func authenticate(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        var written: Int32 = 0
        return bytes.isEmpty || EVP_CipherUpdate(context, nil, &written, bytes, Int32(bytes.count)) == 1
    }

    func update(_ input: [UInt8]) -> [UInt8]? {
        guard !input.isEmpty else { return [] }
        guard let length = Int32(exactly: input.count) else { return nil }
        var output = [UInt8](repeating: 0, count: input.count)
        var written: Int32 = 0
        guard EVP_CipherUpdate(context, &output, &written, input, length) == 1, written == length else { return nil }
        return output
    }

    func expect(tag: [UInt8]) -> Bool {
        var tag = tag
        return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag) == 1
    }

    func finish() -> Bool {
        var rest = [UInt8](repeating: 0, count: 16)
        var written: Int32 = 0
        return EVP_CipherFinal_ex(context, &rest, &written) == 1
    }

    func tag(_ count: Int) -> [UInt8]? {
        var tag = [UInt8](repeating: 0, count: count)
        return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(count), &tag) == 1 ? tag : nil
    }
}
