import NIOCore
import Testing

@testable import HTTPCore

/// The source of requests and connections behind proxies, and what is counted for it, on a whole connection.
@Suite struct TrustedProxyTests {
    private func limits(
        _ change: (inout HTTPServerConfiguration) -> Void = { _ in }
    ) throws -> HTTPServerConfiguration {
        var limits = HTTPServerConfiguration()
        limits.trustedProxies = [try block([192, 0, 2, 0], 24)]
        change(&limits)
        return limits
    }

    private func request(_ forwarded: String? = nil) -> String {
        "GET /who HTTP/1.1\r\nHost: h\r\n" + (forwarded.map { "X-Forwarded-For: \($0)\r\n" } ?? "") + "\r\n"
    }

    @Test func `a trusted proxy says whose each request is`() throws {
        let connection = try EmbeddedConnection(limits())
        for (forwarded, expected) in [
            (nil, "192.0.2.1"), ("203.0.113.7", "203.0.113.7"), ("203.0.113.8", "203.0.113.8"),
            ("1.1.1.1, 203.0.113.8", "203.0.113.8"), (nil, "192.0.2.1"),
        ] {
            connection.say(request(forwarded))
            #expect(connection.heard().hasSuffix("\r\n\r\n\(expected)"))
        }
    }

    @Test func `a field or header from any other peer is not believed`() throws {
        let connection = try EmbeddedConnection(limits(), from: "198.51.100.1")
        connection.say(request("203.0.113.7"))
        #expect(connection.heard().hasSuffix("\r\n\r\n198.51.100.1"))
        connection.say(bytes("PROXY TCP4 203.0.113.7 10.0.0.1 12345 80\r\n") + bytes(request()))
        #expect(connection.heard().hasPrefix("HTTP/1.1 400 "))
        let other = try EmbeddedConnection(limits(), from: "198.51.100.1")
        other.say(proxyHeader() + bytes(request()))
        #expect(other.heard().hasPrefix("HTTP/1.1 400 "))
        // Without the setting no proxy is trusted.
        let plain = try EmbeddedConnection(HTTPServerConfiguration())
        plain.say(request("203.0.113.7"))
        #expect(plain.heard().hasSuffix("\r\n\r\n192.0.2.1"))
    }

    @Test func `a trusted proxy may say whose the connection is, wherever its header is cut`() throws {
        let all = proxyHeader(extra: [4, 0, 1, 0]) + bytes(request("1.1.1.1")) + bytes(request())
        for cut in 0...all.count {
            let connection = try EmbeddedConnection(limits())
            connection.say(Array(all[..<cut]))
            connection.say(Array(all[cut...]))
            let heard = connection.heard()
            // The source that it names is no trusted proxy, so its X-Forwarded-For is ignored.
            #expect(heard.count(of: "\r\n\r\n203.0.113.7") == 2, "\(cut)")
        }
    }

    @Test func `a proxy behind a proxy is believed if it is trusted`() throws {
        let connection = try EmbeddedConnection(limits())
        connection.say(bytes("PROXY TCP4 192.0.2.99 10.0.0.1 12345 80\r\n") + bytes(request("203.0.113.7")))
        #expect(connection.heard().hasSuffix("\r\n\r\n203.0.113.7"))
    }

    @Test func `a malformed header ends the connection without a word`() throws {
        let connection = try EmbeddedConnection(limits())
        connection.say(proxyHeader(command: 0x11) + bytes(request()))
        #expect(!connection.isOpen)
        #expect(connection.heard() == "")
        #expect(connection.service.received == 0)
    }

    @Test func `requests under way through a proxy are counted for the address it names`() throws {
        let connection = try EmbeddedConnection(limits { $0.connectionsPerAddressMax = 1 })
        let key = AddressKey(try address("203.0.113.7"))
        #expect(connection.handler.table.limiter.take(key))
        connection.say(request("203.0.113.8"))
        #expect(connection.heard().hasSuffix("203.0.113.8"))
        // Another address has a limit of its own, which is free again after the answer.
        connection.say(request("203.0.113.8"))
        #expect(connection.heard().hasSuffix("203.0.113.8"))
        connection.say(request("203.0.113.7"))
        #expect(connection.heard().hasPrefix("HTTP/1.1 503 "))
        connection.handler.table.limiter.give(key)
        #expect(connection.handler.table.limiter.addressCount == 0)
    }

    @Test func `connections through a proxy are counted for the address it names`() throws {
        let connection = try EmbeddedConnection(limits { $0.connectionsPerAddressMax = 1 })
        #expect(connection.handler.table.limiter.addressCount == 0)
        connection.say(proxyHeader() + bytes(request()))
        #expect(connection.heard().hasSuffix("203.0.113.7"))
        #expect(!connection.handler.table.limiter.take(AddressKey(try address("203.0.113.7"))))
        try connection.channel.close().wait()
        #expect(connection.handler.table.limiter.addressCount == 0)
    }
}
