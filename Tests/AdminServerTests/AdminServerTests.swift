import AdminProtocol
import AdminServer
import Foundation
import Synchronization
import Testing

@Suite("The administration server")
struct AdminServerTests {
    private static let status = AdminRequest.OneOf_Call.statusShow(AdminStatusShow())

    @Test func `a client is welcomed and answered`() async throws {
        try await TestServer.run { test in
            let (welcome, accounts) = try await test.client { client in
                (client.welcome, try client.allAccounts().map(\.id))
            }
            #expect(welcome.protocol == AdminFrame.protocolVersion)
            #expect(welcome.software == "0.1.0-test")
            #expect(welcome.frameLimit == 1 << 20)
            #expect(accounts == ["J10003", "J10004"])
        }
    }

    @Test func `an error of the handler arrives whole and the connection goes on`() async throws {
        try await TestServer.run { test in
            try await test.client { client in
                var show = AdminAccountShow()
                show.id = "NOBODY"
                #expect(throws: AdminClientError.refused(.notFound("there is no account NOBODY"))) {
                    try client.call(.accountShow(show))
                }
                _ = try client.call(Self.status)
            }
        }
    }

    /// Waits to be cancelled, or for two minutes.
    private final class Slow: Sendable {
        let cancelled = Mutex(0)
        let begun = Mutex(0)
        let released = Mutex(false)

        func wait() async {
            begun.withLock { $0 += 1 }
            while !released.withLock({ $0 }), !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
            if Task.isCancelled { cancelled.withLock { $0 += 1 } }
        }
    }

    @Test func `a query ends with its connection, and what changes something does not`() async throws {
        let slow = Slow()
        let handler = StubHandler { _ in await slow.wait() }
        try await TestServer.run(handler: handler) { test in
            try await test.raw { raw in
                try raw.hello()
                try raw.send(.request(.ledgerVerify(AdminLedgerVerify()), id: 2))
                while slow.begun.withLock({ $0 }) < 1 { usleep(1000) }
            }
            #expect(try await eventually { slow.cancelled.withLock { $0 } == 1 })
            try await test.raw { raw in
                try raw.hello()
                try raw.send(.request(.accountRecharge(AdminAccountRecharge()), id: 2))
                while slow.begun.withLock({ $0 }) < 2 { usleep(1000) }
            }
            try await test.client { client in _ = client.welcome }
            slow.released.withLock { $0 = true }
            #expect(try await eventually { handler.state.withLock { $0.ended } == 2 })
            #expect(slow.cancelled.withLock { $0 } == 1)
        }
    }

    @Test(arguments: [3...9, 1...1] as [ClosedRange<UInt32>])
    func `a client of another version is told so`(versions: ClosedRange<UInt32>) async throws {
        try await TestServer.run { test in
            try await test.raw { raw in
                try raw.send(.hello(software: "other", versions: versions, id: 7))
                let answer = try #require(try raw.next())
                #expect(answer.requestID == 7)
                #expect(answer.error.code == .unsupportedVersion)
                #expect(try raw.next() == nil)
            }
        }
    }

    @Test func `a client of a wider range of versions is welcomed`() async throws {
        try await TestServer.run { test in
            try await test.raw { raw in
                try raw.send(.hello(software: "new", versions: 1...9, id: 7))
                #expect(try raw.next()?.welcome.protocol == AdminFrame.protocolVersion)
            }
        }
    }

    @Test func `a request that the server does not know is refused and the connection goes on`() async throws {
        try await TestServer.run { test in
            try await test.raw { raw in
                try raw.hello()
                // Envelope { request_id 2, request { field 999 {} } }
                raw.send([0, 0, 0, 7, 0x08, 0x02, 0x22, 0x03, 0xBA, 0x3E, 0x00])
                let answer = try #require(try raw.next())
                #expect(answer.requestID == 2)
                #expect(answer.error.code == .unknownRequest)
                try raw.send(.request(Self.status, id: 3))
                #expect(try raw.next()?.response.status.pid == 42)
            }
        }
    }

    @Test func `an answer too large for a frame is an error and the connection goes on`() async throws {
        try await TestServer.run(handler: StubHandler()) { test in
            try await test.client { client in
                var add = AdminAccountAdd()
                // The stub answers with the id it was given, next to more: over the limit by a little.
                add.id = String(repeating: "x", count: AdminFrame.bodyBytesMax - 20)
                #expect(throws: AdminClientError.refused(.internal("the answer is too large for one frame"))) {
                    try client.call(.accountAdd(add))
                }
                _ = try client.call(Self.status)
            }
        }
    }

    @Test func `requests sent in one go are answered one by one and in order`() async throws {
        try await TestServer.run { test in
            try await test.raw { raw in
                var stream = try AdminFrame.encode(.hello(software: "raw", id: 1))
                for id in UInt64(2)...3000 { stream += try AdminFrame.encode(.request(Self.status, id: id)) }
                // What comes back has to be read meanwhile: the server does not read on before.
                raw.sendInBackground(stream)
                for id in UInt64(1)...3000 {
                    let answer = try #require(try raw.next())
                    #expect(answer.requestID == id)
                }
            }
            #expect(test.handler.state.withLock { $0.atOnceMax } == 1)
        }
    }

    @Test func `what was sent before the client ended its side is answered`() async throws {
        try await TestServer.run { test in
            try await test.raw { raw in
                try raw.send(.hello(software: "raw", id: 1))
                try raw.send(.request(Self.status, id: 2))
                try raw.send(.request(Self.status, id: 3))
                raw.endSending()
                #expect(try raw.next()?.requestID == 1)
                #expect(try raw.next()?.requestID == 2)
                #expect(try raw.next()?.requestID == 3)
                #expect(try raw.next() == nil)
            }
        }
    }

    @Test func `several clients are served at once`() async throws {
        try await TestServer.run { test in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await test.client { client in
                            for _ in 0..<50 { _ = try client.call(Self.status) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(test.handler.state.withLock { $0.ended } == 400)
        }
    }

    @Test func `one connection more than the limit is told so, and gets its place later`() async throws {
        var limits = AdminLimits()
        limits.connectionsMax = 2
        try await TestServer.run(limits: limits) { test in
            var first: Box? = try await Self.connection(test)
            let second = try await Self.connection(test)
            let error = try await test.raw { try $0.lastError() }
            #expect(error.code == .unavailable)
            #expect(error.message == "2 administration connections are open already")
            _ = first
            first = nil
            #expect(
                try await eventually { (try? await test.client { $0.welcome.protocol }) == AdminFrame.protocolVersion })
            withExtendedLifetime(second) {}
        }
    }

    /// A connection that stays open until the box goes.
    private static func connection(_ test: TestServer) async throws -> Box {
        try await blocking { [path = test.path] in
            let raw = try RawConnection(path: path)
            try raw.hello()
            return Box(raw)
        }
    }

    /// Keeps a connection open. Invariant: nobody touches what is in it but its deinit.
    private final class Box: @unchecked Sendable {
        private let raw: RawConnection
        init(_ raw: RawConnection) { self.raw = raw }
    }

    @Test func `a client that does not read has nothing piling up`() async throws {
        let big = String(repeating: "x", count: 400_000)
        try await TestServer.run { test in
            try await test.raw { raw in
                try raw.hello()
                var add = AdminAccountAdd()
                add.id = big
                let request = AdminRequest.OneOf_Call.accountAdd(add)
                raw.sendInBackground(
                    try (UInt64(2)...21).flatMap { try AdminFrame.encode(.request(request, id: $0)) })
                for read in 1...20 {
                    #expect(try raw.next()?.response.account.id.count == 400_000)
                    // One on its way here, one being sent, one being made.
                    #expect(test.handler.state.withLock { $0.begun } <= read + 2)
                }
            }
        }
    }

    @Test func `stopping lets a request under way finish and tells those behind it`() async throws {
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        let handler = StubHandler { _ in
            begin.yield()
            for await _ in released { break }
        }
        try await TestServer.run(handler: handler) { test in
            async let answers = test.raw { raw in
                try raw.hello()
                try raw.send(.request(Self.status, id: 2))
                try raw.send(.request(Self.status, id: 3))
                return [try raw.next(), try raw.next(), try raw.next()]
            }
            for await _ in begun { break }
            async let stopped: Void = test.server.stop()
            // The socket goes when the connections have been told.
            #expect(try await eventually { !FileManager.default.fileExists(atPath: test.path) })
            release.yield()
            await stopped
            let (first, second, end) = (try await answers[0], try await answers[1], try await answers[2])
            #expect(first?.requestID == 2)
            #expect(first?.response.status.pid == 42)
            // Whether the second had arrived when the server stopped is open; it is not carried out either way.
            #expect(second == nil || second?.error.code == .unavailable)
            #expect(end == nil)
            #expect(handler.state.withLock { $0.begun } == 1)
        }
    }
}
