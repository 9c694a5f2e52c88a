import Testing

@testable import HTTPCore

@Suite struct AddressTests {
    @Test func `a block has the addresses that begin with its bits`() throws {
        #expect(try block([10, 0, 0, 0], 8).contains(address("10.255.0.1")))
        #expect(try !block([10, 0, 0, 0], 8).contains(address("11.0.0.1")))
        #expect(try block([10, 0, 0, 1], 32).contains(address("::ffff:10.0.0.1")))
        #expect(try !block([10, 0, 0, 1], 32).contains(address("10.0.0.2")))
        #expect(try block([1, 2, 3, 4], 0).contains(address("9.9.9.9")))
        #expect(try !block([1, 2, 3, 4], 0).contains(address("::1")))
        let network = try address("2001:db8:1:2::").bytes
        #expect(try block(network, 64).contains(address("2001:db8:1:2:3:4:5:6")))
        #expect(try !block(network, 64).contains(address("2001:db8:1:3::")))
        #expect(try block(network, 65).contains(address("2001:db8:1:2:7fff::")))
        #expect(try !block(network, 65).contains(address("2001:db8:1:2:8000::")))
        #expect(NetworkBlock(address: [10, 0, 0, 0], prefixBits: 33) == nil)
        #expect(NetworkBlock(address: [10, 0, 0], prefixBits: 8) == nil)
    }

    @Test func `a key is an IPv4 address or a network of IPv6`() throws {
        func key(_ text: String) throws -> AddressKey { AddressKey(try address(text)) }
        #expect(try key("203.0.113.7") == key("::ffff:203.0.113.7"))
        #expect(try key("203.0.113.7") != key("203.0.113.8"))
        #expect(try key("2001:db8:1:2::1") == key("2001:db8:1:2:ffff::2"))
        #expect(try key("2001:db8:1:2::1") != key("2001:db8:1:3::1"))
        #expect(try key("0.0.0.1") != key("0:0:0:1::"))
    }
}
