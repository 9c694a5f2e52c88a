import HTTPCore
import NIOCore
import Testing

/// The last answer of a connection, after which what comes is thrown away until the peer has closed.
@Suite struct LingerTests {
    /// More than the kernel holds for a peer that does not read.
    private static let last = "GET /huge HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"

    @Test func `a peer that does not take its last answer is closed like any other that does not read`()
        async throws
    {
        try await withServer(
            limits {
                $0.lingerTimeout = .milliseconds(20)
                $0.idleTimeout = .seconds(2)
            }
        ) { service, address, server in
            let client = try await RawClient(address, autoRead: false)
            try await client.send(Self.last)
            #expect(try await poll { service.received == 1 })
            #expect(try await poll { service.open == 0 && server.connectionCount == 0 })
            await client.close()
        }
    }

    @Test func `a peer that takes its last answer late gets all of it`() async throws {
        try await withServer(limits { $0.lingerTimeout = .milliseconds(20) }) { service, address, server in
            let slow = try await RawClient(address, autoRead: false)
            try await slow.send(Self.last)
            #expect(try await poll { service.received == 1 })
            // It came later, has its answer, and its time to linger is over.
            let other = try await RawClient(address)
            other.push("GARBAGE\r\n\r\n")
            #expect(try await poll { other.heard.hasPrefix("HTTP/1.1 400 ") && server.connectionCount == 1 })
            try await slow.startReading()
            let heard = try await slow.hearToEnd()
            #expect(heard.hasPrefix("HTTP/1.1 200 "))
            #expect(heard.utf8.count > EchoService.hugeBytes)
            await slow.close()
            await other.close()
        }
    }
}
