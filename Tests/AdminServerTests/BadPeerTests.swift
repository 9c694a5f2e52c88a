import AdminProtocol
import AdminServer
import Administration
import Glibc
import Synchronization
import Testing

@Suite("Peers that are slow, wrong or malicious")
struct BadPeerTests {
    private static let status = AdminRequest.OneOf_Call.statusShow(AdminStatusShow())

    /// The server serves others as if nothing had happened.
    private static func expectAlive(_ test: TestServer) async throws {
        #expect(try await test.client { $0.welcome.protocol } == AdminFrame.protocolVersion)
    }

    @Test(arguments: [
        ("a length over the limit", [0x00, 0x10, 0x00, 0x01]),
        ("the largest length", [0xFF, 0xFF, 0xFF, 0xFF]),
        ("an HTTP request", Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)),
        ("an empty frame", [0, 0, 0, 0]),
        ("a body that is no envelope", [0, 0, 0, 2, 0xFF, 0xFF]),
        ("an envelope without content", [0, 0, 0, 2, 0x08, 0x01]),
        ("a welcome from a client", [0, 0, 0, 4, 0x08, 0x01, 0x1A, 0x00]),
    ])
    func `a bad first frame ends its connection with an error and nothing else`(
        _ name: String, _ bytes: [UInt8]
    ) async throws {
        try await TestServer.run { test in
            let first = try await test.raw { raw in
                raw.send(bytes)
                return try raw.lastError()
            }
            #expect(first.code == .malformed, "\(name)")
            let second = try await test.raw { raw in
                try raw.hello()
                raw.send(bytes)
                return try raw.lastError()
            }
            #expect(second.code == .malformed, "\(name) after hello")
            try await Self.expectAlive(test)
            #expect(test.handler.state.withLock { $0.begun } == 0)
        }
    }

    @Test func `a request before hello, with id 0, and a second hello are out of place`() async throws {
        try await TestServer.run { test in
            try await test.raw { raw in
                try raw.send(.request(Self.status, id: 1))
                #expect(try raw.lastError().message == "the first message is not a hello")
            }
            try await test.raw { raw in
                try raw.hello()
                try raw.send(.request(Self.status, id: 0))
                #expect(try raw.lastError().message == "request_id is 0")
            }
            try await test.raw { raw in
                try raw.hello()
                try raw.send(.hello(software: "again", id: 2))
                #expect(try raw.lastError().code == .malformed)
            }
            #expect(test.handler.state.withLock { $0.begun } == 0)
        }
    }

    @Test func `a frame cut short by the end of the stream is an error, wherever it is cut`() async throws {
        try await TestServer.run { test in
            let frame = try AdminFrame.encode(.request(Self.status, id: 2))
            for length in 1..<frame.count {
                try await test.raw { raw in
                    try raw.hello()
                    raw.send(Array(frame[..<length]))
                    raw.endSending()
                    #expect(try raw.lastError().message == "the connection ended inside a frame")
                }
            }
            #expect(test.handler.state.withLock { $0.begun } == 0)
        }
    }

    @Test func `requests before a bad frame are answered, those behind it are not looked at`() async throws {
        try await TestServer.run { test in
            try await test.raw { raw in
                let good = try AdminFrame.encode(.request(Self.status, id: 2))
                raw.send(try AdminFrame.encode(.hello(software: "raw", id: 1)) + good + [0, 0, 0, 1, 0xFF] + good)
                #expect(try raw.next()?.requestID == 1)
                #expect(try raw.next()?.response.status.pid == 42)
                #expect(try raw.lastError().code == .malformed)
            }
            #expect(test.handler.state.withLock { $0.begun } == 1)
        }
    }

    @Test func `random bytes do nothing`() async throws {
        try await TestServer.run { test in
            var random = SeededGenerator(seed: 2026)
            for round in 0..<300 {
                var bytes = (0..<Int.random(in: 1...300, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                // Half of them with a header that fits, so that the body is looked at.
                if round.isMultiple(of: 2) {
                    bytes = [0, 0, UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] + bytes
                }
                let sent = bytes
                let afterHello = Bool.random(using: &random)
                try await test.raw { raw in
                    if afterHello { try raw.hello() }
                    raw.send(sent)
                    raw.endSending()
                    while let answer = try raw.next() { #expect(answer.error.code != .unspecified) }
                }
            }
            try await Self.expectAlive(test)
        }
    }

    @Test func `bits flipped in good requests do no harm`() async throws {
        try await TestServer.run { test in
            var random = SeededGenerator(seed: 7)
            var show = AdminAccountShow()
            show.id = "J10003"
            let good = try AdminFrame.encode(.request(.accountShow(show), id: 2))
            for _ in 0..<300 {
                var bytes = good
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                let sent = bytes
                try await test.raw { raw in
                    try raw.hello()
                    raw.send(sent)
                    raw.endSending()
                    while let answer = try raw.next() { #expect(answer.body != nil) }
                }
            }
            try await Self.expectAlive(test)
        }
    }

    @Test func `a peer that the policy does not admit is told so`() async throws {
        let nobody = PeerPolicy { _, _ in false }
        try await TestServer.run(policy: nobody) { test in
            let error = try await test.raw { try $0.lastError() }
            #expect(error.code == .permissionDenied)
            await #expect(throws: AdminClientError.self) { try await test.client { _ in } }
        }
    }

    @Test func `the policy is asked about the real peer and the socket's group`() async throws {
        let seen = AsyncStream.makeStream(of: (PeerCredentials, UInt32?).self)
        let policy = PeerPolicy { peer, group in
            seen.continuation.yield((peer, group))
            return true
        }
        try await TestServer.run(policy: policy) { test in
            try await Self.expectAlive(test)
            var iterator = seen.stream.makeAsyncIterator()
            let (peer, group) = try #require(await iterator.next())
            #expect(peer.processID == getpid())
            #expect(peer.userID == geteuid())
            #expect(peer.groupIDs.contains(getegid()))
            #expect(group == getegid())
        }
    }

    @Test func `root, the server's user and the socket's group are admitted, others are not`() {
        let policy = PeerPolicy.standard(processUser: 990)
        func admits(_ user: UInt32, _ groups: Set<UInt32>, _ socketGroup: UInt32?) -> Bool {
            policy.admits(PeerCredentials(processID: 1, userID: user, groupIDs: groups), socketGroup)
        }
        #expect(admits(0, [0], nil))
        #expect(admits(990, [990], 5))
        #expect(admits(1000, [1000, 5], 5))
        #expect(!admits(1000, [1000, 6], 5))
        #expect(!admits(1000, [1000], nil))
    }

    @Test func `a connection without hello is closed with a reason`() async throws {
        var limits = AdminLimits()
        limits.helloTimeout = .milliseconds(30)
        try await TestServer.run(limits: limits) { test in
            let error = try await test.raw { raw in
                raw.send([0, 0])
                return try raw.lastError()
            }
            #expect(error == .unavailable("no hello came in time"))
        }
    }

    @Test func `an idle connection is closed with a reason`() async throws {
        var limits = AdminLimits()
        limits.idleTimeout = .milliseconds(30)
        try await TestServer.run(limits: limits) { test in
            let error = try await test.raw { raw in
                try raw.hello()
                return try raw.lastError()
            }
            #expect(error == .unavailable("the connection was idle for too long"))
        }
    }
}
