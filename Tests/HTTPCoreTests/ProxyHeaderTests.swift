import Testing

@testable import HTTPCore

@Suite struct ProxyHeaderTests {
    private static let v6: [UInt8] =
        [0x20, 1, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [9] + [UInt8](repeating: 1, count: 16) + [
            1, 2, 3, 4,
        ]

    private static func read(_ bytes: [UInt8]) -> ProxyHeader { bytes.withUnsafeBytes { ProxyHeader($0) } }

    @Test func `headers of both versions name the source`() throws {
        let cases: [([UInt8], String?)] = [
            (proxyHeader(), "203.0.113.7"), (proxyHeader(extra: [4, 0, 3, 1, 2, 3]), "203.0.113.7"),
            (proxyHeader(family: 0x21, addresses: Self.v6), "2001:db8::9"),
            (proxyHeader(command: 0x20, family: 0, addresses: []), nil), (proxyHeader(command: 0x20), nil),
            (proxyHeader(family: 0, addresses: []), nil),
            (proxyHeader(family: 0x31, addresses: [UInt8](repeating: 1, count: 216)), nil),
            (bytes("PROXY TCP4 203.0.113.7 10.0.0.1 12345 80\r\n"), "203.0.113.7"),
            (bytes("PROXY TCP6 2001:db8::9 ::1 1 65535\r\n"), "2001:db8::9"),
            (bytes("PROXY UNKNOWN\r\n"), nil), (bytes("PROXY UNKNOWN ffff:f...f:ffff 1\r\n"), nil),
        ]
        for (header, source) in cases {
            let expected = ProxyHeader.present(length: header.count, source: try source.map(address))
            #expect(Self.read(header) == expected)
            #expect(Self.read(header + bytes("GET / HTTP/1.1\r\n")) == expected)
            for cut in 1..<header.count { #expect(Self.read(Array(header[..<cut])) == .incomplete, "\(cut)") }
        }
    }

    @Test(arguments: [
        proxyHeader(command: 0x11), proxyHeader(command: 0x22), proxyHeader(command: 0x31),
        proxyHeader(family: 0x12), proxyHeader(family: 0x41), proxyHeader(addresses: [1, 2, 3, 4]),
        proxyHeader(family: 0x21), proxyHeader(extra: [UInt8](repeating: 0, count: 4090)),
        bytes("PROXY \r\n"), bytes("PROXY /x HTTP/1.1\r\n"), bytes("PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n"),
        bytes("PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n"), bytes("PROXY TCP4 1.2.3.4 5.6.7.8 -1 2\r\n"),
        bytes("PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n"), bytes("PROXY TCP4 ::1 ::1 1 2\r\n"),
        bytes("PROXY TCP4  1.2.3.4 5.6.7.8 1 2\r\n"), bytes("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n"),
        bytes("PROXY TCP5 1.2.3.4 5.6.7.8 1 2\r\n"), bytes("PROXY UNKNOWN " + String(repeating: "x", count: 200)),
    ]) func `what begins like a header and is none is refused`(header: [UInt8]) {
        #expect(Self.read(header) == .malformed)
    }

    @Test func `anything else is no header`() {
        for text in ["GET / HTTP/1.1\r\n", "\r\n\r\nGET", "POST /", "PROXYX", "\u{16}\u{3}\u{1}", "proxy TCP4"] {
            #expect(Self.read(bytes(text)) == .absent, "\(text)")
        }
    }

    @Test func `mutated headers are read within their bytes`() throws {
        var random = SeededGenerator(seed: 13)
        for _ in 0..<2000 {
            var header = proxyHeader(family: 0x21, addresses: Self.v6)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                header[Int.random(in: 0..<header.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard case .present(let length, _) = Self.read(header) else { continue }
            #expect((16...header.count).contains(length))
        }
    }
}
