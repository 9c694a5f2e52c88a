import Glibc
import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import HTTPCore

/// Limits of connections and of memory by address, eviction, and the listening socket.
@Suite struct ConnectionLimitTests {
    private static let login = "GET /login HTTP/1.1\r\nHost: h\r\n\r\n"

    @Test func `one address has a share of the connections`() async throws {
        try await withServer(
            limits {
                $0.connectionsMax = 100
                $0.connectionsPerAddressMax = 2
            }
        ) { service, address, _ in
            let held = [try await RawClient(address), try await RawClient(address)]
            #expect(try await poll { service.open == 2 })
            let third = try await RawClient(address)
            #expect(try await third.hearToEnd().hasPrefix("HTTP/1.1 503 "))
            await third.close()
            let stranger = try await RawClient(address, from: "127.0.0.2")
            try await stranger.send(Self.login)
            try await stranger.hear { $0.hasPrefix("HTTP/1.1 200 ") }
            await held[0].close()
            #expect(try await poll { service.open == 2 })
            let fourth = try await RawClient(address)
            try await fourth.send(Self.login)
            try await fourth.hear { $0.hasPrefix("HTTP/1.1 200 ") }
            for client in [held[1], stranger, fourth] { await client.close() }
        }
    }

    @Test func `one address has a share of the memory for bodies`() async throws {
        try await withServer(limits { $0.bufferedBytesPerAddressMax = 300_000 }) { service, address, _ in
            let head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 250000\r\n\r\n"
            let part = String(repeating: "x", count: 249_999)
            let first = try await RawClient(address)
            try await first.send(head + part)
            let second = try await RawClient(address)
            second.push(head + part)
            // Whichever comes later is refused.
            #expect(
                try await poll {
                    first.heard.hasPrefix("HTTP/1.1 503 ") || second.heard.hasPrefix("HTTP/1.1 503 ")
                })
            let stranger = try await RawClient(address, from: "127.0.0.2")
            stranger.push(head + part + "x")
            try await stranger.hear { $0.hasPrefix("HTTP/1.1 200 ") }
            for client in [first, second, stranger] { await client.close() }
            #expect(try await poll { service.open == 0 })
        }
    }

    @Test func `bodies that are announced and do not come take nothing`() async throws {
        try await withServer(limits { $0.bufferedBytesMax = 1_000_000 }) { service, address, _ in
            var idlers: [RawClient] = []
            for _ in 0..<12 {
                let client = try await RawClient(address)
                try await client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 700000\r\n\r\nab")
                idlers.append(client)
            }
            #expect(try await poll { service.open == 12 })
            let client = try await RawClient(address)
            client.push("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 700000\r\n\r\n")
            client.push(String(repeating: "x", count: 700_000))
            try await client.hear { $0.hasPrefix("HTTP/1.1 200 ") }
            for client in idlers + [client] { await client.close() }
        }
    }

    @Test func `at the limit an idle connection that never authenticated is closed for a new one`() async throws {
        try await withServer(limits { $0.connectionsMax = 3 }) { service, address, _ in
            let known = try await RawClient(address)
            try await known.send(Self.login)
            try await known.hear { $0.hasPrefix("HTTP/1.1 200 ") }
            let busy = try await RawClient(address)
            try await busy.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try await poll { service.heldCount == 1 })
            let idle = try await RawClient(address)
            #expect(try await poll { service.open == 3 })
            // On the other event loop it is refused, and a place is freed for the next one.
            var newcomer: RawClient?
            for _ in 0..<50 where newcomer == nil {
                let client = try await RawClient(address)
                client.push(Self.login)
                _ = try await poll { client.isClosed || client.heard.hasPrefix("HTTP/1.1 200 ") }
                if client.heard.hasPrefix("HTTP/1.1 200 ") { newcomer = client } else { await client.close() }
            }
            #expect(newcomer != nil)
            #expect(try await idle.hearToEnd() == "")
            // Every connection left is authenticated or has a request under way.
            let refused = try await RawClient(address)
            #expect(try await refused.hearToEnd().hasPrefix("HTTP/1.1 503 "))
            service.releaseHeld()
            try await busy.hear { $0.hasSuffix("held") }
            try await known.send(Self.login)
            try await known.hear { $0.count(of: "HTTP/1.1 200 ") == 2 }
            for client in [known, busy, idle, refused, newcomer].compactMap({ $0 }) { await client.close() }
        }
    }

    @Test func `nothing is kept of an address that has nothing`() {
        let limiter = ConnectionLimiter(max: 10, addressMax: 2)
        let buffers = BufferLimiter(max: 100, addressMax: 60)
        let keys = (0..<4).compactMap { PeerAddress([10, 0, 0, $0]).map(AddressKey.init) }
        for key in keys {
            #expect(limiter.enter(key) == .accepted)
            #expect(limiter.enter(key) == .accepted)
            #expect(limiter.enter(key) == .addressFull)
        }
        #expect(limiter.enter(nil) == .accepted)
        #expect(limiter.enter(nil) == .accepted)
        #expect(limiter.enter(nil) == .full)
        for key in keys + keys { limiter.leave(key) }
        #expect(limiter.addressCount == 0)
        #expect(limiter.count == 2)
        #expect(buffers.reserve(60, for: keys[0]))
        #expect(!buffers.reserve(1, for: keys[0]))
        #expect(buffers.reserve(40, for: nil))
        #expect(!buffers.reserve(1, for: keys[1]))
        buffers.release(60, for: keys[0])
        buffers.release(40, for: nil)
        #expect(buffers.usage == (0, 0))
    }

    // MARK: The listening socket

    @Test(arguments: [EMFILE, ENFILE, ENOBUFS, ENOMEM])
    func `accepting pauses after a shortage of descriptors or memory`(code: Int32) throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(AcceptBackoff(log: RateLimitedLog(name: "test", logger: logger)))
        func reads() -> Bool? {
            channel.options.last { $0.option is ChannelOptions.Types.AutoReadOption }.flatMap { $0.value as? Bool }
        }
        var pause = TimeAmount.milliseconds(100)
        for _ in 0..<6 {
            channel.pipeline.fireErrorCaught(IOError(errnoCode: code, reason: "accept"))
            channel.pipeline.fireErrorCaught(IOError(errnoCode: code, reason: "accept"))
            #expect(reads() == false)
            channel.embeddedEventLoop.advanceTime(by: pause - .milliseconds(1))
            #expect(reads() == false)
            channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
            #expect(reads() == true)
            pause = min(.seconds(1), pause + pause)
        }
        try channel.throwIfErrorCaught()
    }

    @Test func `an adopted socket keeps its backlog, or gets a larger one`() async throws {
        for (before, asked, after) in [(16, 300, 300), (500, 300, 500)] as [(Int32, Int32, Int32)] {
            let descriptor = try listeningSocket(backlog: before)
            #expect(ListenBacklog(of: descriptor).size == before)
            try await withServer(limits { $0.backlog = asked }, source: .adopt(descriptor: descriptor)) { _, _, _ in
                #expect(ListenBacklog(of: descriptor).size == after)
            }
        }
    }
}
