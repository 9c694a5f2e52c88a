/// Whether both hold the same bytes, in a time that depends on their lengths only.
public func constantTimeEqual(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for (a, b) in zip(left, right) { difference |= a ^ b }
    return difference == 0
}

/// Whether both texts have the same UTF-8 bytes, in a time that depends on their lengths only.
public func constantTimeEqual(_ left: String, _ right: String) -> Bool {
    constantTimeEqual(left.utf8, right.utf8)
}

/// Whether both texts are the same hexadecimal digits, whatever their case, in a time that depends on their lengths
/// only.
public func constantTimeEqualHex(_ left: String, _ right: String) -> Bool {
    var (left, right) = (left, right)
    return left.withUTF8 { a in
        right.withUTF8 { b in
            guard a.count == b.count else { return false }
            var difference: UInt8 = 0
            for index in a.indices { difference |= lowercased(a[index]) ^ lowercased(b[index]) }
            return difference == 0
        }
    }
}

/// ASCII letters in lower case, without a branch: bit 5 is set where the byte is between `A` and `Z`.
private func lowercased(_ byte: UInt8) -> UInt8 {
    let fromA = (UInt16(byte) &+ (0x80 - 0x41)) & 0x80
    let behindZ = (UInt16(byte) &+ (0x80 - 0x5B)) & 0x80
    let ascii = (~UInt16(byte)) & 0x80
    return byte | UInt8((fromA & ~behindZ & ascii) >> 2)
}
