import Testing

@testable import HTTPCore

@Suite struct ForwardedForTests {
    private func source(_ fields: String, from peer: String = "10.0.0.1") throws -> PeerAddress {
        let trusted = [try block([10, 0, 0, 0], 8), try block([UInt8](repeating: 0, count: 15) + [1], 128)]
        return try bytes(fields).withUnsafeBytes {
            ForwardedFor.source(in: $0, from: try address(peer), trusting: trusted)
        }
    }

    @Test(arguments: [
        ("X-Forwarded-For: 203.0.113.7\r\n", "203.0.113.7"),
        // The client may have written the entries in front.
        ("X-Forwarded-For: 1.1.1.1, 203.0.113.7\r\n", "203.0.113.7"),
        ("X-Forwarded-For: 1.1.1.1, 203.0.113.7 , 10.9.9.9,10.1.1.1\r\n", "203.0.113.7"),
        ("X-Forwarded-For: 1.1.1.1\r\nHost: h\r\nx-FORWARDED-for: 203.0.113.7\r\n", "203.0.113.7"),
        ("X-Forwarded-For: 203.0.113.7:5000\r\n", "203.0.113.7"),
        ("X-Forwarded-For: 2001:db8::7\r\n", "2001:db8::7"), ("X-Forwarded-For: [2001:db8::7]\r\n", "2001:db8::7"),
        ("X-Forwarded-For: [2001:db8::7]:5000, ::1\r\n", "2001:db8::7"),
        ("X-Forwarded-For: ::ffff:203.0.113.7\r\n", "203.0.113.7"),
        // Only proxies are named.
        ("X-Forwarded-For: 10.2.2.2, 10.3.3.3\r\n", "10.2.2.2"),
        // The list ends at an entry that is no address.
        ("X-Forwarded-For: 203.0.113.7, unknown\r\n", "10.0.0.1"),
        ("X-Forwarded-For: 203.0.113.7, unknown, 10.2.2.2\r\n", "10.2.2.2"), ("X-Forwarded-For:\r\n", "10.0.0.1"),
        ("X-Forwarded-For: 203.0.113.7,\r\n", "203.0.113.7"), ("X-Forwarded-For: 203.0.113.7:x\r\n", "10.0.0.1"),
        ("X-Forwarded-For: [203.0.113.7\r\n", "10.0.0.1"), ("X-Forwarded-For: 203.0.113.777\r\n", "10.0.0.1"),
        ("", "10.0.0.1"), ("Forwarded-For: 203.0.113.7\r\n", "10.0.0.1"),
    ]) func `the right-most address that is no trusted proxy's counts`(fields: String, expected: String) throws {
        #expect(try source(fields) == address(expected))
    }

    @Test func `a long list is not read without end`() throws {
        let list = String(repeating: "10.2.2.2, ", count: 3000)
        #expect(try source("X-Forwarded-For: 203.0.113.7, \(list)10.2.2.2\r\n") == address("10.2.2.2"))
    }
}
