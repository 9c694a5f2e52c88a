import CLibcrypto

/// Random bytes fit for keys and tokens.
public enum SecureRandom {
    /// - Throws: `SecretsError.randomUnavailable` when libcrypto cannot seed itself.
    public static func bytes(_ count: Int) throws(SecretsError) -> [UInt8] {
        guard count > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: count)
        guard let length = Int32(exactly: count), RAND_bytes(&bytes, length) == 1 else { throw .randomUnavailable }
        return bytes
    }
}

/// What can go wrong with secrets. None of the cases carries one.
public enum SecretsError: Error, Hashable, Sendable {
    /// libcrypto could not seed its generator, or cannot give so many bytes at once.
    case randomUnavailable
    /// A sealing key is 32 bytes.
    case keyLengthWrong
    /// The sealed bytes are cut short, of another version, changed, of another context, or of another key.
    case cannotOpen
    /// libcrypto refused, for want of memory.
    case cannotSeal
    /// libcrypto could not derive a key or a code: for want of memory, or the cost is beyond what is allowed.
    case cannotDerive
}
