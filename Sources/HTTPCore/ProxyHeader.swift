import Glibc

/// The header that a proxy sends before the first byte of a connection. Source: "The PROXY protocol, versions 1 & 2"
/// (haproxy's proxy-protocol.txt), §2.1 and §2.2.
enum ProxyHeader: Equatable {
    /// The bytes begin with something else.
    case absent
    /// More bytes are needed to tell, or to read it.
    case incomplete
    /// It begins like a header and breaks its rules.
    case malformed
    /// `length`: where what follows it begins. `source`: the client; nil for a connection of the proxy's own, or of a
    /// kind that has no IP address.
    case present(length: Int, source: PeerAddress?)

    init(_ bytes: UnsafeRawBufferPointer) {
        if bytes.isEmpty {
            self = .incomplete
        } else if Self.begins(bytes, with: Self.signature) {
            self = Self.version2(bytes)
        } else if Self.begins(bytes, with: Self.word) {
            self = Self.version1(bytes)
        } else {
            self = .absent
        }
    }

    private static let signature: [UInt8] = [
        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
    ]
    private static let word = Array("PROXY ".utf8)

    /// Whether the bytes are the beginning, or begin with the whole, of `mark`.
    private static func begins(_ bytes: UnsafeRawBufferPointer, with mark: [UInt8]) -> Bool {
        zip(bytes, mark).allSatisfy { $0 == $1 }
    }

    // MARK: Version 2

    private static let fixedBytes = 16
    /// Addresses and type-length-value fields. More is malformed, which bounds the memory that a header holds.
    private static let variableBytesMax = 4096

    private static func version2(_ bytes: UnsafeRawBufferPointer) -> ProxyHeader {
        guard bytes.count >= fixedBytes else { return .incomplete }
        let command = bytes[12]
        let family = bytes[13]
        let length = Int(bytes[14]) << 8 | Int(bytes[15])
        // Version 2, LOCAL or PROXY.
        guard command == 0x20 || command == 0x21, length <= variableBytesMax else { return .malformed }
        guard bytes.count >= fixedBytes + length else { return .incomplete }
        let whole = fixedBytes + length
        let addresses = UnsafeRawBufferPointer(rebasing: bytes[fixedBytes..<whole])
        if command == 0x20 { return .present(length: whole, source: nil) }
        switch family {
        case 0x11: return source(addresses, bytes: 4, of: 12, whole)
        case 0x21: return source(addresses, bytes: 16, of: 36, whole)
        // Unspecified, and a Unix socket.
        case 0x00, 0x31: return .present(length: whole, source: nil)
        default: return .malformed
        }
    }

    private static func source(
        _ addresses: UnsafeRawBufferPointer, bytes: Int, of required: Int, _ whole: Int
    ) -> ProxyHeader {
        guard addresses.count >= required, let source = PeerAddress(addresses.prefix(bytes)) else { return .malformed }
        return .present(length: whole, source: source)
    }

    // MARK: Version 1

    private static let lineBytesMax = 107

    private static func version1(_ bytes: UnsafeRawBufferPointer) -> ProxyHeader {
        let line = UnsafeRawBufferPointer(rebasing: bytes.prefix(lineBytesMax))
        guard let feed = HeaderLine.lineFeed(line, from: 0) else {
            return bytes.count < lineBytesMax ? .incomplete : .malformed
        }
        guard line[feed - 1] == ASCII.carriageReturn else { return .malformed }
        let text = UnsafeRawBufferPointer(rebasing: line[..<(feed - 1)])
        let words = text.split(separator: ASCII.space, omittingEmptySubsequences: false)
        guard words.count >= 2 else { return .malformed }
        if words[1].elementsEqual("UNKNOWN".utf8) { return .present(length: feed + 1, source: nil) }
        let isV4 = words[1].elementsEqual("TCP4".utf8)
        guard isV4 || words[1].elementsEqual("TCP6".utf8), words.count == 6, isPort(words[4]), isPort(words[5]),
            let source = PeerAddress(text: UnsafeRawBufferPointer(rebasing: words[2])),
            PeerAddress(text: UnsafeRawBufferPointer(rebasing: words[3])) != nil,
            // TCP6 with `::ffff:a.b.c.d` is valid.
            !isV4 || source.isV4
        else { return .malformed }
        return .present(length: feed + 1, source: source)
    }

    private static func isPort(_ digits: Slice<UnsafeRawBufferPointer>) -> Bool {
        guard (1...5).contains(digits.count), digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return false }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) } <= 65_535
    }
}
