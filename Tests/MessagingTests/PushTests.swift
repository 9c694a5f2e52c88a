import Messaging
import Testing

struct PushTests {
    @Test(arguments: [
        ("8.8.8.8", true), ("1.1.1.1", true), ("172.32.0.1", true), ("172.15.255.255", true), ("100.63.255.255", true),
        ("100.128.0.1", true), ("11.0.0.1", true), ("223.255.255.255", true), ("169.253.0.1", true),
        ("192.167.1.1", true), ("198.17.255.255", true), ("2606:4700::1111", true), ("2400:3200::1", true),
        // Loopback and this host.
        ("127.0.0.1", false), ("127.255.255.254", false), ("0.0.0.0", false), ("0.1.2.3", false), ("::", false),
        ("::1", false),
        // Private, shared, link-local.
        ("10.0.0.1", false), ("10.255.255.255", false), ("172.16.0.1", false), ("172.31.255.255", false),
        ("192.168.0.1", false), ("100.64.0.1", false), ("100.127.255.255", false), ("169.254.169.254", false),
        ("fc00::1", false), ("fd12:3456::1", false), ("fe80::1", false), ("fec0::1", false),
        // Multicast, broadcast, reserved.
        ("224.0.0.1", false), ("239.255.255.255", false), ("240.0.0.1", false), ("255.255.255.255", false),
        ("ff02::1", false), ("192.0.0.8", false), ("192.0.2.1", false), ("198.18.0.1", false), ("198.51.100.7", false),
        ("203.0.113.1", false), ("2001:db8::1", false), ("100::1", false), ("4000::1", false),
        // IPv4 inside IPv6.
        ("::ffff:127.0.0.1", false), ("::ffff:10.0.0.1", false), ("::ffff:169.254.169.254", false),
        ("::ffff:8.8.8.8", true), ("::127.0.0.1", false), ("::8.8.8.8", false), ("64:ff9b::7f00:1", false),
        ("64:ff9b:1::a00:1", false), ("2002:7f00:1::", false), ("2002:808:808::1", false), ("2001:0:7f00:1::", false),
    ])
    func `only addresses of the public Internet are public`(_ text: String, _ isPublic: Bool) throws {
        let address = try #require(IPAddress(text))
        #expect(address.isPublic == isPublic)
    }

    @Test func `a pause doubles up to its bound, and is between half and all of it`() {
        let rule = PushRule(pauseMin: 1000, pauseMax: 10_000)
        let longest = (1...7).map { rule.pause(afterFailures: $0, jitter: 1) }
        #expect(longest == [1000, 2000, 4000, 8000, 10_000, 10_000, 10_000])
        #expect((1...5).map { rule.pause(afterFailures: $0, jitter: 0) } == [500, 1000, 2000, 4000, 5000])
        #expect(rule.pause(afterFailures: 1_000_000, jitter: 1) == 10_000)
        let endless = PushRule(pauseMin: .max / 2, pauseMax: .max)
        #expect(endless.pause(afterFailures: 30, jitter: 0) == .max / 2)
    }

    @Test func `each dialect has its own measure`() {
        #expect(PushDialect.operatorV2.limit(of: .reports) == 500)
        #expect(PushDialect.operatorV2.limit(of: .replies) == 100)
        #expect(PushDialect.guodu.limit(of: .reports) == 250)
        #expect(PushDialect.guodu.limit(of: .replies) == 250)
        #expect(OutboxKind.allCases.allSatisfy { PushDialect.apiV1.limit(of: $0) == 1 })
        #expect(PushDialect.allCases.filter(\.triesOnce) == [.apiV1])
    }

    @Test func `a kind without an address is polled`() {
        let push = PushSettings(reportURL: "http://a")
        #expect(push.url(of: .reports) == "http://a")
        #expect(push.url(of: .replies) == nil)
    }
}
