/// An IP address as bytes: 4 of IPv4 or 16 of IPv6. IPv4 inside IPv6 (`::ffff:a.b.c.d`) is IPv4.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    public let bytes: [UInt8]

    /// Nil unless there are 4 or 16 bytes.
    public init?(bytes: [UInt8]) {
        if bytes.count == 16, bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF {
            self.bytes = Array(bytes[12...])
        } else if bytes.count == 4 || bytes.count == 16 {
            self.bytes = bytes
        } else {
            return nil
        }
    }

    public init?(_ text: some StringProtocol) {
        if text.contains(":") {
            guard let groups = Self.groups(String(text)) else { return nil }
            self.init(bytes: groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] })
        } else {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            let bytes = parts.compactMap { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt8($0) : nil }
            guard parts.count == 4, bytes.count == 4 else { return nil }
            self.init(bytes: bytes)
        }
    }

    private static func groups(_ text: String) -> [UInt16]? {
        func words(_ part: some StringProtocol) -> [UInt16]? {
            if part.isEmpty { return [] }
            var result: [UInt16] = []
            for piece in part.split(separator: ":", omittingEmptySubsequences: false) {
                if piece.contains(".") {
                    guard let v4 = IPAddress(piece), v4.bytes.count == 4 else { return nil }
                    result.append(UInt16(v4.bytes[0]) << 8 | UInt16(v4.bytes[1]))
                    result.append(UInt16(v4.bytes[2]) << 8 | UInt16(v4.bytes[3]))
                } else {
                    guard piece.count <= 4, let word = UInt16(piece, radix: 16) else { return nil }
                    result.append(word)
                }
            }
            return result
        }
        guard let gap = text.firstRange(ofText: "::") else {
            guard let all = words(text), all.count == 8 else { return nil }
            return all
        }
        guard let head = words(text[..<gap.lowerBound]), let tail = words(text[gap.upperBound...]),
            head.count + tail.count < 8
        else { return nil }
        return head + [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    public var description: String {
        if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
        return stride(from: 0, to: 16, by: 2)
            .map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
            .joined(separator: ":")
    }
}

/// A block of addresses in CIDR notation: `10.0.0.0/8`, `2001:db8::/32`, or a single address.
public struct IPNetwork: Hashable, Sendable, CustomStringConvertible {
    public let address: IPAddress
    public let prefixBits: Int

    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(parts[0]) else { return nil }
        let widest = address.bytes.count * 8
        var bits = widest
        if parts.count == 2 {
            guard let given = Int(parts[1]), (0...widest).contains(given) else { return nil }
            bits = given
        }
        self.address = address
        self.prefixBits = bits
    }

    public func contains(_ other: IPAddress) -> Bool {
        guard other.bytes.count == address.bytes.count else { return false }
        let whole = prefixBits / 8
        guard other.bytes[..<whole] == address.bytes[..<whole] else { return false }
        let rest = prefixBits % 8
        return rest == 0 || other.bytes[whole] >> (8 - rest) == address.bytes[whole] >> (8 - rest)
    }

    public var description: String { "\(address)/\(prefixBits)" }
}

extension String {
    /// The first place where `pattern` stands.
    fileprivate func firstRange(ofText pattern: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(pattern) { return start..<index(start, offsetBy: pattern.count) }
            start = index(after: start)
        }
        return nil
    }
}
