import CLibcrypto

/// A message digest of OpenSSL's. A call costs about half a microsecond for short inputs.
public protocol Digest {
    /// The digest's length in bytes.
    static var byteCount: Int { get }
    /// Writes the digest of `input` to `output`, which has room for `byteCount` bytes.
    static func compute(_ input: UnsafeRawBufferPointer, into output: UnsafeMutablePointer<UInt8>)
}

/// MD5 (RFC 1321), which several interfaces sign requests with. Not for anything that has to be collision-free.
public enum MD5Digest: Digest {
    /// 128 bits.
    public static let byteCount = 16
    private static let algorithm = DigestAlgorithm("MD5")

    /// From any thread; ends the process when libcrypto fails, for want of memory.
    public static func compute(_ input: UnsafeRawBufferPointer, into output: UnsafeMutablePointer<UInt8>) {
        algorithm.compute(input, into: output)
    }
}

/// SM3 (GB/T 32905-2016), which one interface signs requests with.
public enum SM3Digest: Digest {
    /// 256 bits.
    public static let byteCount = 32
    private static let algorithm = DigestAlgorithm("SM3")

    /// From any thread; ends the process when libcrypto fails, for want of memory.
    public static func compute(_ input: UnsafeRawBufferPointer, into output: UnsafeMutablePointer<UInt8>) {
        algorithm.compute(input, into: output)
    }
}

/// SHA-256 (FIPS 180-4).
public enum SHA256Digest: Digest {
    /// 256 bits.
    public static let byteCount = 32
    private static let algorithm = DigestAlgorithm("SHA256")

    /// From any thread; ends the process when libcrypto fails, for want of memory.
    public static func compute(_ input: UnsafeRawBufferPointer, into output: UnsafeMutablePointer<UInt8>) {
        algorithm.compute(input, into: output)
    }
}

extension Digest {
    /// The digest of the bytes.
    public static func bytes(_ input: [UInt8]) -> [UInt8] {
        input.withUnsafeBytes { raw in
            [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
                guard let start = buffer.baseAddress else { return }
                compute(raw, into: start)
                count = byteCount
            }
        }
    }

    /// The digest of the pieces' UTF-8, one after the other, in lower-case hexadecimal.
    public static func hex(_ pieces: String...) -> String {
        let count = pieces.reduce(0) { $0 + $1.utf8.count }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(1, count)) { input in
            var at = 0
            for var piece in pieces {
                piece.withUTF8 { at = input[at...].update(fromContentsOf: $0) }
            }
            return hex(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(input)[..<count]))
        }
    }

    /// The digest of the bytes in lower-case hexadecimal.
    public static func hex(_ input: [UInt8]) -> String {
        input.withUnsafeBytes { hex($0) }
    }

    private static func hex(_ input: UnsafeRawBufferPointer) -> String {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: byteCount) { digest in
            guard let start = digest.baseAddress else { return "" }
            compute(input, into: start)
            return Hexadecimal.text(UnsafeBufferPointer(digest))
        }
    }
}

/// An algorithm fetched once: fetching costs more than a short digest does.
///
/// Invariant: an EVP_MD is immutable, counted atomically, and never freed here; so it may be shared.
struct DigestAlgorithm: @unchecked Sendable {
    private let pointer: OpaquePointer

    init(_ name: String) {
        guard let fetched = EVP_MD_fetch(nil, name, nil) else {
            fatalError("libcrypto offers no \(name); is it restricted to FIPS algorithms?")
        }
        pointer = fetched
    }

    func compute(_ input: UnsafeRawBufferPointer, into output: UnsafeMutablePointer<UInt8>) {
        guard EVP_Digest(input.baseAddress, input.count, output, nil, pointer, nil) == 1 else {
            fatalError("libcrypto failed to compute a digest: out of memory")
        }
    }
}
