import AdminProtocol
import AdminServer
import Foundation
import Testing

@Suite("The administration socket")
struct AdminListenTests {
    private static func server() -> AdminServer {
        AdminServer(handler: StubHandler(), version: "test", logger: TestServer.logger)
    }

    static func bound(_ path: String) throws -> Int32 {
        let address = try #require(sockaddr_un(path: path))
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        #expect(address.withSocketAddress { bind(descriptor, $0, $1) } == 0)
        return descriptor
    }

    private static func canConnect(_ path: String) async throws -> Bool {
        (try? await blocking { try AdminClient(path: path, software: "test").welcome.protocol })
            == AdminFrame.protocolVersion
    }

    @Test func `its mode is 0660 and it goes with the server`() async throws {
        try await TestServer.run { test in
            var status = stat()
            #expect(lstat(test.path, &status) == 0)
            #expect(status.st_mode == S_IFSOCK | 0o660)
            await test.server.stop()
            #expect(lstat(test.path, &status) == -1)
        }
    }

    @Test func `a file left by a server that died is replaced`() async throws {
        try await TestServer.withFolder { folder in
            let path = folder + "/admin.sock"
            close(try Self.bound(path))
            let server = Self.server()
            try await server.start(on: .path(path))
            #expect(try await Self.canConnect(path))
            await server.stop()
        }
    }

    @Test func `a socket that somebody listens on is left alone`() async throws {
        try await TestServer.run { test in
            let second = Self.server()
            await #expect(throws: AdminListenError.inUse(test.path)) { try await second.start(on: .path(test.path)) }
            await second.stop()
            let isServed = try await Self.canConnect(test.path)
            #expect(isServed)
        }
    }

    @Test func `what is no socket is left alone`() async throws {
        try await TestServer.withFolder { folder in
            let path = folder + "/admin.sock"
            try "text".write(toFile: path, atomically: true, encoding: .utf8)
            await #expect(throws: AdminListenError.notASocket(path)) { try await Self.server().start(on: .path(path)) }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "text")
        }
    }

    @Test func `a path that cannot be is named`() async throws {
        let long = "/" + String(repeating: "x", count: 107)
        await #expect(throws: AdminListenError.pathInvalid(long)) { try await Self.server().start(on: .path(long)) }
        try await TestServer.withFolder { folder in
            let path = folder + "/none/admin.sock"
            await #expect(throws: AdminListenError.system(path, step: "bind", code: ENOENT)) {
                try await Self.server().start(on: .path(path))
            }
        }
    }

    @Test func `a file that another server has put there since is not removed`() async throws {
        try await TestServer.run { test in
            unlink(test.path)
            let other = try Self.bound(test.path)
            defer { close(other) }
            await test.server.stop()
            #expect(FileManager.default.fileExists(atPath: test.path))
        }
    }

    @Test(arguments: [false, true])
    func `a socket handed over is served, and its file stays`(isListening: Bool) async throws {
        try await TestServer.withFolder { folder in
            let path = folder + "/handed.sock"
            let descriptor = try Self.bound(path)
            if isListening { #expect(listen(descriptor, 8) == 0) }
            let server = Self.server()
            try await server.start(on: .descriptor(descriptor))
            #expect(try await Self.canConnect(path))
            await #expect(throws: AdminListenError.alreadyStarted) { try await server.start(on: .path(path)) }
            await server.stop()
            #expect(FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func `it starts again after a stop`() async throws {
        try await TestServer.run { test in
            await test.server.stop()
            try await test.server.start(on: .path(test.path))
            #expect(try await Self.canConnect(test.path))
        }
    }
}
