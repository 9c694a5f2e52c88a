import Testing

@testable import HTTPCore

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// A header of version 2.
func proxyHeader(
    command: UInt8 = 0x21, family: UInt8 = 0x11, addresses: [UInt8] = [203, 0, 113, 7, 10, 0, 0, 1, 0x30, 0x39, 0, 80],
    extra: [UInt8] = []
) -> [UInt8] {
    let length = addresses.count + extra.count
    return [0x0D, 0x0A, 0x0D, 0x0A, 0, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, command, family]
        + [UInt8(length >> 8), UInt8(length & 0xFF)] + addresses + extra
}

func address(_ text: String) throws -> PeerAddress {
    try #require(Array(text.utf8).withUnsafeBytes { PeerAddress(text: $0) })
}

func block(_ bytes: [UInt8], _ bits: Int) throws -> NetworkBlock {
    try #require(NetworkBlock(address: bytes, prefixBits: bits))
}
