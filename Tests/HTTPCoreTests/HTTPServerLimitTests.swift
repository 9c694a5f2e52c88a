import HTTPCore
import NIOCore
import NIOPosix
import Synchronization
import Testing

@Suite struct HTTPServerLimitTests {
    @Test(arguments: [
        "GARBAGE\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n", "GET / HTTP/1.1\r\n: empty\r\n\r\n",
        "GET / HTTP/1.1\r\nA : blank\r\n\r\n", "GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\nA: \u{1}\r\n\r\n", "GET / HTTP/1.1\r\nA: \0\r\n\r\n", "GET / HTTP/1.1\r\nA: b\n\r\n\r\n",
        "GET  / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1 \r\n\r\n", "G(T / HTTP/1.1\r\n\r\n", "GET /\u{7F} HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: 1x\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length:\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n123456789\r\n",
        "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\r\n\r\n", "GET a HTTP/1.1\r\n\r\n", "GET ?a HTTP/1.1\r\n\r\n",
        "GET ftp://a/b HTTP/1.1\r\n\r\n", "GET / http/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 3\r\n\r\nabc",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    ]) func `what is no HTTP is answered 400 and closed`(request: String) async throws {
        try await withServer { service, address, _ in
            let client = try await RawClient(address)
            client.push(request)
            let heard = try await client.hearToEnd()
            #expect(heard == "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            #expect(service.received == 0)
            await client.close()
        }
    }

    @Test(arguments: [
        ("GET / HTTP/2.0\r\n\r\n", "505"), ("POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "501"),
        ("POST / HTTP/1.1\r\nExpect: miracles\r\n\r\n", "417"), ("xGET / HTTP/1.1\r\n\r\n", "501"),
    ]) func `what we do not speak is said so`(request: String, status: String) async throws {
        try await withServer { _, address, _ in
            let client = try await RawClient(address)
            client.push(request)
            #expect(try await client.hearToEnd().hasPrefix("HTTP/1.1 \(status) "))
            await client.close()
        }
    }

    @Test func `chunks are joined and trailers read over`() async throws {
        try await withServer { _, address, _ in
            let client = try await RawClient(address)
            let head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n"
            let body = "3\r\nabc\r\n00A;x=y\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n"
            try await client.send(head + body)
            try await client.hear { $0.hasSuffix("POST / [] abc0123456789") }
            for byte in (head + body + "GET /next HTTP/1.1\r\nHost: h\r\n\r\n").utf8 { try await client.send([byte]) }
            let heard = try await client.hear { $0.hasSuffix("GET /next [] ") }
            #expect(heard.count(of: "POST / [] abc0123456789") == 2)
            await client.close()
        }
    }

    @Test func `a body over the limit is answered 413 though the peer goes on sending`() async throws {
        try await withServer { service, address, _ in
            for head in ["Content-Length: 10485760", "Transfer-Encoding: chunked"] {
                let client = try await RawClient(address)
                client.push("POST / HTTP/1.1\r\nHost: h\r\n\(head)\r\n\r\n")
                let chunk = head.hasPrefix("T") ? "10000\r\n" + String(repeating: "x", count: 65536) + "\r\n" : ""
                for _ in 0..<160 { client.push(chunk.isEmpty ? String(repeating: "x", count: 65536) : chunk) }
                let heard = try await client.hearToEnd()
                #expect(heard.hasPrefix("HTTP/1.1 413 "))
                #expect(heard.count(of: "HTTP/1.1") == 1)
                await client.close()
            }
            #expect(service.received == 0)
            #expect(try await poll { service.open == 0 })
        }
    }

    @Test func `a body of exactly the limit is taken`() async throws {
        try await withServer(limits { $0.bodyBytesMax = 100_000 }) { service, address, _ in
            let client = try await RawClient(address)
            let body = String(repeating: "y", count: 100_000)
            client.push("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + body)
            try await client.hear { $0.hasSuffix("yyyy") && $0.utf8.count > 100_000 }
            client.push("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100001\r\n\r\n")
            #expect(try await client.hearToEnd().contains("HTTP/1.1 413 "))
            #expect(service.received == 1)
            await client.close()
        }
    }

    @Test func `bodies under way together have a bound`() async throws {
        try await withServer(limits { $0.bufferedBytesMax = 1_000_000 }) { service, address, _ in
            let head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 700000\r\n\r\n"
            let first = try await RawClient(address)
            let second = try await RawClient(address)
            // What one of them has sent when the other's comes is not known; together they are too much.
            for client in [first, second] { client.push(head + String(repeating: "x", count: 699_999)) }
            let isRefused = try await poll { [first, second].contains { $0.heard.hasPrefix("HTTP/1.1 503 ") } }
            #expect(isRefused)
            await second.close()
            await first.close()
            #expect(try await poll { service.open == 0 })
            let third = try await RawClient(address)
            third.push("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 700000\r\n\r\n")
            third.push(String(repeating: "x", count: 700_000))
            try await third.hear { $0.hasPrefix("HTTP/1.1 200 ") }
            await third.close()
        }
    }

    @Test func `heads under way together have a bound`() async throws {
        try await withServer(limits { $0.bufferedBytesMax = 50_000 }) { service, address, _ in
            let part = "GET / HTTP/1.1\r\n" + String(repeating: "A: 1234567890\r\n", count: 2000)
            let first = try await RawClient(address)
            let second = try await RawClient(address)
            first.push(part)
            second.push(part)
            let refused = try await poll {
                first.heard.hasPrefix("HTTP/1.1 503 ") || second.heard.hasPrefix("HTTP/1.1 503 ")
            }
            #expect(refused)
            await first.close()
            await second.close()
            #expect(try await poll { service.open == 0 })
            let third = try await RawClient(address)
            third.push(part + "\r\n")
            try await third.hear { $0.hasPrefix("HTTP/1.1 200 ") }
            await third.close()
        }
    }

    @Test func `a head over the limit is answered 431`() async throws {
        try await withServer(limits { $0.headBytesMax = 4096 }) { _, address, _ in
            let client = try await RawClient(address)
            client.push("GET / HTTP/1.1\r\n" + String(repeating: "A: 1234567890\r\n", count: 1000))
            #expect(try await client.hearToEnd().hasPrefix("HTTP/1.1 431 "))
            await client.close()
        }
    }

    @Test(arguments: ["GET / HTTP/1.1\r\nHo", "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab"])
    func `a peer that does not get on with it is answered 408`(start: String) async throws {
        try await withServer(
            limits {
                $0.headerTimeout = .milliseconds(60)
                $0.bodyTimeout = .milliseconds(60)
            }
        ) { service, address, _ in
            let client = try await RawClient(address)
            try await client.send(start)
            #expect(try await client.hearToEnd().hasPrefix("HTTP/1.1 408 "))
            await client.close()
            #expect(service.received == 0)
        }
    }

    @Test func `a peer that says nothing is closed without a word`() async throws {
        try await withServer(limits { $0.idleTimeout = .milliseconds(60) }) { _, address, _ in
            let client = try await RawClient(address)
            #expect(try await client.hearToEnd() == "")
        }
    }

    @Test func `one connection too many is told so`() async throws {
        try await withServer(limits { $0.connectionsMax = 2 }) { service, address, _ in
            let clients = [try await RawClient(address), try await RawClient(address)]
            for client in clients {
                try await client.send("GET /login HTTP/1.1\r\nHost: h\r\n\r\n")
                try await client.hear { $0.hasSuffix("GET /login [] ") }
            }
            let third = try await RawClient(address)
            #expect(try await third.hearToEnd().hasPrefix("HTTP/1.1 503 "))
            await third.close()
            await clients[0].close()
            #expect(try await poll { service.open == 1 })
            let fourth = try await RawClient(address)
            try await fourth.send("GET /login HTTP/1.1\r\nHost: h\r\n\r\n")
            try await fourth.hear { $0.hasSuffix("GET /login [] ") }
            await clients[1].close()
            await fourth.close()
        }
    }

    @Test func `peers that drop in the middle leave no trace`() async throws {
        try await withServer { service, address, server in
            for start in [
                "GET / HT", "POST / HTTP/1.1\r\nContent-Length: 500000\r\n\r\nab", "GET /hold HTTP/1.1\r\n\r\n",
            ] {
                let client = try await RawClient(address)
                try await client.send(start)
                #expect(try await poll { service.open == 1 })
                await client.close()
                if start.contains("hold") {
                    #expect(try await poll { service.heldCount == 1 })
                    service.releaseHeld()
                }
                #expect(try await poll { service.open == 0 && server.connectionCount == 0 })
            }
            #expect(service.received == 1)
        }
    }

    @Test func `shutting down answers what is under way and takes nothing new`() async throws {
        try await withServer { service, address, server in
            let idle = try await RawClient(address)
            let busy = try await RawClient(address)
            try await busy.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\nGET /next HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try await poll { service.heldCount == 1 && service.open == 2 })
            async let done: Void = server.shutdown(drainTimeout: .seconds(60))
            #expect(try await idle.hearToEnd() == "")
            service.releaseHeld()
            let heard = try await busy.hearToEnd()
            #expect(heard.hasSuffix("held"))
            #expect(heard.contains("\r\nConnection: close\r\n"))
            await busy.close()
            await idle.close()
            await done
            // The port may be another server's by now.
            if let late = try? await RawClient(address) { await late.close() }
            #expect(service.tally.withLock { $0.connected } == 2)
        }
    }

    @Test func `shutting down waits no longer than it is told to`() async throws {
        try await withServer { service, address, server in
            let busy = try await RawClient(address)
            try await busy.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try await poll { service.heldCount == 1 })
            await server.shutdown(drainTimeout: .milliseconds(20))
            #expect(server.connectionCount == 0)
            #expect(try await busy.hearToEnd() == "")
        }
    }
}
