import Glibc
import HTTPCore
import NIOCore
import NIOPosix
import Synchronization
import Testing

@Suite struct HTTPServerTests {
    @Test func `an answer has exactly the documented bytes`() async throws {
        try await withServer { _, address, _ in
            let client = try await RawClient(address)
            try await client.send("GET /a?b=c HTTP/1.1\r\nHost: h\r\n\r\n")
            let expected =
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nGET /a [b=c] "
            #expect(try await client.hear { $0.utf8.count >= expected.utf8.count } == expected)
            await client.close()
        }
    }

    @Test func `a connection carries one request after another`() async throws {
        try await withServer { service, address, _ in
            let client = try await RawClient(address)
            for number in 1...20 {
                let path = number % 2 == 0 ? "/later" : "/now"
                try await client.send("POST \(path) HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n\(1000 + number)")
                try await client.hear { $0.hasSuffix("\(1000 + number)") }
            }
            #expect(service.tally.withLock { $0.connected } == 1)
            await client.close()
        }
    }

    @Test func `ten thousand pipelined requests are answered in order`() async throws {
        try await withServer { service, address, _ in
            let client = try await RawClient(address)
            let requests = (0..<10_000).map { number in
                "POST /\(number % 3 == 0 ? "later" : "now") HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n"
                    + "\(10_000 + number)"
            }
            try await client.send(requests.joined())
            let heard = try await client.hear { $0.hasSuffix("[] 19999") }
            let numbers = heard.split(separator: "[] ").dropFirst().compactMap { Int($0.prefix(5)) }
            #expect(numbers.elementsEqual(10_000..<20_000))
            #expect(service.received == 10_000)
            await client.close()
        }
    }

    @Test func `a peer that sends and never listens is not served without end`() async throws {
        try await withServer(limits { $0.idleTimeout = .seconds(1) }) { service, address, _ in
            // On a busy machine a peer may be found idle before its first byte has come: then another one tries.
            for attempt in 1...10 where service.received == 0 {
                let client = try await RawClient(address, autoRead: false)
                for _ in 0..<100 {
                    client.push(String(repeating: "GET /large HTTP/1.1\r\nHost: h\r\n\r\n", count: 100))
                }
                #expect(try await poll { service.tally.withLock { $0.connected == attempt && $0.closed == attempt } })
                await client.close()
            }
            #expect(service.received > 0)
            #expect(service.received < 1000)
        }
    }

    @Test func `answers to a slow listener are all delivered`() async throws {
        try await withServer { _, address, _ in
            let client = try await RawClient(address, autoRead: false)
            client.push(String(repeating: "GET /large HTTP/1.1\r\nHost: h\r\n\r\n", count: 20))
            client.push("GET /end HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            try await client.startReading()
            let heard = try await client.hearToEnd()
            #expect(heard.utf8.count > 20 << 20)
            #expect(heard.hasSuffix("GET /end [] "))
        }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nConnection: foo, Close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n",
    ]) func `the connection is closed when the request says so`(request: String) async throws {
        try await withServer { _, address, _ in
            let client = try await RawClient(address)
            try await client.send(request)
            let heard = try await client.hearToEnd()
            #expect(heard.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(heard.contains("\r\nConnection: close\r\n"))
            await client.close()
        }
    }

    @Test func `an old client may ask to keep the connection`() async throws {
        try await withServer { _, address, _ in
            let client = try await RawClient(address)
            for count in 1...2 {
                try await client.send("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
                try await client.hear { $0.count(of: "\r\nConnection: keep-alive\r\n") == count }
            }
            await client.close()
        }
    }

    @Test func `who asks whether to go on is told to`() async throws {
        try await withServer { _, address, _ in
            let client = try await RawClient(address)
            try await client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            try await client.hear { $0 == "HTTP/1.1 100 Continue\r\n\r\n" }
            try await client.send("ok")
            try await client.hear { $0.hasSuffix("POST / [] ok") }
            await client.close()
        }
    }

    @Test func `a request may come byte by byte`() async throws {
        try await withServer { service, address, _ in
            let client = try await RawClient(address)
            for byte in "POST /x?y HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc".utf8 {
                try await client.send([byte])
            }
            try await client.hear { $0.hasSuffix("POST /x [y] abc") }
            #expect(service.received == 1)
            await client.close()
        }
    }

    @Test func `only the first answer to a request counts`() async throws {
        try await withServer { _, address, _ in
            let client = try await RawClient(address)
            try await client.send("GET /twice HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n")
            let heard = try await client.hear { $0.contains("GET /b") }
            #expect(heard.count(of: "HTTP/1.1 200") == 2)
            #expect(!heard.contains("again"))
            await client.close()
        }
    }

    @Test func `an aborted request ends the connection without a word`() async throws {
        try await withServer { _, address, _ in
            let client = try await RawClient(address)
            try await client.send("GET /abort HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try await client.hearToEnd() == "")
        }
    }

    @Test func `a peer that has closed its side still gets its answers`() async throws {
        try await withServer { service, address, _ in
            let client = try await RawClient(address)
            try await client.send("GET /later HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\nGET /half")
            try await client.closeOutput()
            let heard = try await client.hearToEnd()
            #expect(heard.count(of: "HTTP/1.1 200") == 2)
            #expect(heard.hasSuffix("GET /b [] "))
            #expect(try await poll { service.open == 0 })
        }
    }

    @Test func `HEAD gets no body and other statuses their own line`() async throws {
        try await withServer { _, address, _ in
            let client = try await RawClient(address)
            try await client.send("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\nGET /missing HTTP/1.1\r\nHost: h\r\n\r\n")
            let heard = try await client.hear { $0.hasSuffix("no") }
            #expect(
                heard == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\n"
                    + "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nno")
            await client.close()
        }
    }

    @Test func `header fields are found in whatever case`() async throws {
        try await withServer { _, address, _ in
            let client = try await RawClient(address)
            try await client.send(
                "GET /type HTTP/1.1\r\ncontent-TYPE:  application/json \r\nX-Mine: 1\r\n\r\n"
                    + "GET /header HTTP/1.1\r\nHost: h\r\nX-Mine: me\r\n\r\n"
                    + "GET http://host:80/headers?q HTTP/1.1\r\nHost: h\r\nA: \r\n\r\n"
                    + "GET /type HTTP/1.1\r\nHost: h\r\n\r\n")
            let heard = try await client.hear { $0.hasSuffix("none") }
            #expect(heard.contains("\r\n\r\napplication/jsonHTTP"))
            #expect(heard.contains("\r\n\r\nmeHTTP"))
            #expect(heard.contains("\r\n\r\nHost=h;A=HTTP"))
            await client.close()
        }
    }

    @Test func `a socket from elsewhere is adopted`() async throws {
        let descriptor = try listeningSocket(backlog: 16)
        try await withServer(source: .adopt(descriptor: descriptor)) { service, address, _ in
            let client = try await RawClient(address)
            try await client.send("GET /x HTTP/1.1\r\nHost: h\r\n\r\n")
            try await client.hear { $0.hasSuffix("GET /x [] ") }
            #expect(service.tally.withLock { $0.addresses } == [[127, 0, 0, 1]])
            await client.close()
        }
    }

    @Test func `listeners of one process differ in limits, TLS and trusted proxies`() async throws {
        let proxy = try #require(NetworkBlock(address: [127, 0, 0, 1], prefixBits: 32))
        let certificate = try TestCertificate.serverConfiguration()
        let request =
            "GET /who HTTP/1.1\r\nX-Forwarded-For: 203.0.113.7\r\nA: \(String(repeating: "a", count: 5000))\r\n\r\n"
        try await withServer(limits { $0.headBytesMax = 1000 }) { _, plain, _ in
            try await withServer(
                limits {
                    $0.tls = certificate
                    $0.trustedProxies = [proxy]
                }
            ) { _, secure, _ in
                let first = try await RawClient(plain)
                first.push(request)
                #expect(try await first.hearToEnd().hasPrefix("HTTP/1.1 431 "))
                let second = try await RawClient(secure, tls: TestCertificate.clientContext())
                second.push(request)
                try await second.hear { $0.hasPrefix("HTTP/1.1 200 ") && $0.hasSuffix("203.0.113.7") }
                let third = try await RawClient(plain)
                third.push("GET /who HTTP/1.1\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n")
                try await third.hear { $0.hasSuffix("\r\n\r\n127.0.0.1") }
                for client in [first, second, third] { await client.close() }
            }
        }
    }

    @Test func `IPv6 peers are served and named`() async throws {
        try await withServer(source: .bind(host: "::1", port: 0)) { service, address, _ in
            let client = try await RawClient(address)
            try await client.send("GET /x HTTP/1.1\r\nHost: h\r\n\r\n")
            try await client.hear { $0.hasSuffix("GET /x [] ") }
            #expect(service.tally.withLock { $0.addresses } == [[UInt8](repeating: 0, count: 15) + [1]])
            await client.close()
        }
    }
}

/// A socket on a free port of the loopback, as systemd would hand it over.
func listeningSocket(backlog: Int32) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    let name = try SocketAddress(ipAddress: "127.0.0.1", port: 0)
    let bound = name.withSockAddr { bind(descriptor, $0, socklen_t($1)) }
    try #require(bound == 0)
    try #require(listen(descriptor, backlog) == 0)
    return descriptor
}
