import Messaging
import Testing

struct WebAddressTests {
    @Test(
        arguments: [
            ("http://127.0.0.1:8080", "127.0.0.1", 8080, "", "http://127.0.0.1:8080"),
            ("HTTP://Example.COM/Path?a=b%2F", "example.com", 80, "/Path?a=b%2F", "http://example.com/Path?a=b%2F"),
            ("https://example.com.", "example.com.", 443, "", "https://example.com."),
            ("https://a_b-c.example:443/", "a_b-c.example", 443, "/", "https://a_b-c.example/"),
            ("http://[::1]:65535?x", "::1", 65535, "?x", "http://[::1]:65535?x"),
            ("http://[2001:DB8::1]/x", "2001:db8::1", 80, "/x", "http://[2001:db8::1]/x"),
            ("http://localhost:1/~a/b;c=d,e@f:g!$&'()*+", "localhost", 1, "/~a/b;c=d,e@f:g!$&'()*+", nil),
            ("https://1a.2b", "1a.2b", 443, "", nil), ("http://10.example:00080", "10.example", 80, "", nil),
        ] as [(String, String, Int, String, String?)])
    func `what can be called is taken apart`(
        text: String, host: String, port: Int, target: String, plain: String?
    ) throws {
        let address = try WebAddress(text)
        #expect(address.host == host && address.port == port && address.target == target)
        #expect(address.isSecure == text.lowercased().hasPrefix("https"))
        if let plain { #expect(address.description == plain) }
        // Its own spelling says the same.
        #expect(try WebAddress(address.description) == address)
    }

    @Test(arguments: [
        ("", "neither"), ("127.0.0.1:80", "neither"), ("ftp://a", "neither"), ("http:/a", "neither"),
        ("http://", "no host"), ("https:///x", "no host"), ("http://:80", "no host"),
        ("http://127.0.0.1:99999", "'99999'"), ("http://localhost:99999/", "'99999'"), ("http://a:65536", "port"),
        ("http://a:0", "port"), ("http://a:-1", "port"), ("http://a:+1", "port"), ("http://a:", "port"),
        ("http://a:1:2", "port"), ("http://a:80x", "port"), ("http://a:99999999999999999999", "port"),
        ("http://[::1]x", "port"), ("http://[::1", "bracket"), ("http://[1.2.3.4]", "IPv6"),
        ("http://[fe80::1%25eth0]", "IPv6"), ("http://::1", "no host"),
        ("http://user@a", "user"), ("http://user:pw@a:1", "user"), ("http://a b", "blank"),
        ("http://a/\u{0}", "blank"), ("http://a/\r\nX: y", "blank"), ("http://中国.cn", "blank"),
        ("http://a/#b", "#"), ("http://a#b", "#"), ("http://a/%", "%"), ("http://a/%g0", "%"), ("http://a/%0", "%"),
        ("http://a/{x}", "'{'"), ("http://a\\b", "host"), ("http://-a", "host"), ("http://a-", "host"),
        ("http://a..b", "host"), ("http://.a", "host"), ("http://a,b", "host"), ("http://a%2e", "host"),
        ("http://127.1", "host"), ("http://2130706433", "host"), ("http://0x7f000001", "host"),
        ("http://256.1.1.1", "host"), ("http://1.2.3.4.5", "host"), ("http://01.2.3.4", "host"),
    ])
    func `what cannot be called is refused with its reason`(text: String, word: String) {
        let flaw = #expect(throws: WebAddress.Flaw.self) { try WebAddress(text) }
        #expect(flaw?.description.contains(word) == true, "\(flaw?.description ?? "")")
        #expect(flaw?.description.utf8.allSatisfy { $0 >= 0x20 } == true)
    }

    @Test func `it has a bound`() throws {
        let longest = "http://a/" + String(repeating: "x", count: WebAddress.bytesMax - 9)
        #expect(try WebAddress(longest).path.utf8.count == WebAddress.bytesMax - 8)
        let flaw = #expect(throws: WebAddress.Flaw.self) { try WebAddress(longest + "x") }
        #expect((flaw?.description.utf8.count ?? .max) < 400)
        #expect(throws: WebAddress.Flaw.self) { try WebAddress("http://" + String(repeating: "a", count: 64)) }
    }

    @Test func `random bytes are an address that says itself again, or none`() {
        var random = SeededGenerator(seed: 2)
        let alphabet = Array("htps:/[]@?#%.aZ09-_ \u{0}é".unicodeScalars)
        for _ in 0..<20_000 {
            var text = Bool.random(using: &random) ? "http://" : ""
            for _ in 0..<Int.random(in: 0..<24, using: &random) {
                text.unicodeScalars.append(alphabet.randomElement(using: &random) ?? "a")
            }
            guard let address = try? WebAddress(text) else { continue }
            #expect((1...65535).contains(address.port) && !address.host.isEmpty)
            #expect((try? WebAddress(address.description)) == address, "\(text)")
        }
    }
}
