import Messaging
import Testing

struct IPNetworkTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.9.8.7/8", "10.1.1.1", true),
        ("192.168.1.1", "192.168.1.1", true), ("192.168.1.1", "192.168.1.2", false), ("0.0.0.0/0", "8.8.8.8", true),
        ("192.168.1.128/25", "192.168.1.129", true), ("192.168.1.128/25", "192.168.1.127", false),
        ("10.0.0.1/32", "10.0.0.1", true), ("10.0.0.0/31", "10.0.0.1", true), ("10.0.0.0/31", "10.0.0.2", false),
        ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::1", false),
        ("::1", "::1", true), ("::/0", "2001:db8::1", true), ("::/0", "10.0.0.1", false),
        ("0.0.0.0/0", "::1", false), ("fe80::/10", "febf::1", true), ("fe80::/10", "fec0::1", false),
        // IPv4 inside IPv6 is IPv4, on either side.
        ("10.0.0.0/8", "::ffff:10.1.2.3", true), ("10.0.0.0/8", "::ffff:0a01:0203", true),
        ("::ffff:10.0.0.0/104", "10.1.2.3", true), ("::ffff:10.0.0.0/104", "11.1.2.3", false),
        ("::ffff:0.0.0.0/96", "8.8.8.8", true), ("::ffff:10.0.0.1", "10.0.0.1", true),
    ])
    func `a network contains what its prefix says`(_ network: String, _ address: String, _ isInside: Bool) throws {
        let network = try #require(IPNetwork(network))
        let address = try #require(IPAddress(address))
        #expect(network.contains(address) == isInside)
    }

    @Test(arguments: [
        "", " ", "10", "10.0.0", "10.0.0.0.0", "256.0.0.1", "1.2.3.4x", "+1.2.3.4", "1.2.3.-4", "01.2.3.4", "1..2.3",
        " 1.2.3.4", "1.2.3.4 ", "1.2.3.4\0", "１.2.3.4", "localhost", ":", ":::", "1::2::3", "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9", "12345::", "g::", "+1::", "-1::", "::1.2.3", "1.2.3.4::", "::1.2.3.256", "fe80::1%eth0",
        "[::1]",
    ])
    func `garbage is no address`(_ text: String) {
        #expect(IPAddress(text) == nil)
        #expect(IPNetwork(text) == nil)
    }

    @Test(arguments: [
        "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0.0/8 ", "10.0.0.0/x", "/8",
        "::/129", "::ffff:10.0.0.0/95", "::ffff:10.0.0.0/129", "10.0.0.0/99999999999999999999",
    ])
    func `a wrong prefix length is no network`(_ text: String) {
        #expect(IPNetwork(text) == nil)
    }

    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1"), ("::1", "::1"), ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("::", "::"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
    ])
    func `an address is printed short and reads back`(_ text: String, _ printed: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == printed)
        #expect(IPAddress(printed) == address)
    }

    @Test(arguments: ["10.0.0.0/8", "2001:db8::/32", "10.0.0.1/32", "0.0.0.0/0"])
    func `a network reads back from what it prints`(_ text: String) {
        #expect(IPNetwork(text)?.description == text)
        #expect(IPNetwork(text).flatMap { IPNetwork($0.description) } == IPNetwork(text))
    }

    @Test func `an address has 4 or 16 bytes`() {
        for count in 0...17 {
            let address = IPAddress(bytes: [UInt8](repeating: 1, count: count))
            #expect((address != nil) == (count == 4 || count == 16))
        }
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 1, 2, 3, 4]
        #expect(IPAddress(bytes: mapped)?.bytes == [1, 2, 3, 4])
    }
}
