import AdminProtocol
import AdminServer
import Foundation
import Logging
import Testing

/// A server with a socket in a folder of its own.
struct TestServer {
    let path: String
    let server: AdminServer
    let handler: StubHandler

    /// Starts one, does `body`, stops it.
    static func run<Result>(
        handler: StubHandler = StubHandler(), policy: PeerPolicy? = nil, limits: AdminLimits = AdminLimits(),
        _ body: (TestServer) async throws -> Result
    ) async throws -> Result {
        try await Self.withFolder { folder in
            let server = AdminServer(
                handler: handler, policy: policy, limits: limits, version: "0.1.0-test", logger: Self.logger)
            try await server.start(on: .path(folder + "/admin.sock"))
            let test = TestServer(path: folder + "/admin.sock", server: server, handler: handler)
            do {
                let result = try await body(test)
                await server.stop()
                return result
            } catch {
                await server.stop()
                throw error
            }
        }
    }

    static func withFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "admin-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await body(folder)
    }

    static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// A client, on a thread of its own: it blocks.
    func client<Result: Sendable>(_ body: @escaping @Sendable (AdminClient) throws -> Result) async throws -> Result {
        let path = path
        return try await blocking { try body(try AdminClient(path: path, software: "test")) }
    }

    /// A bare connection, on a thread of its own.
    func raw<Result: Sendable>(_ body: @escaping @Sendable (RawConnection) throws -> Result) async throws -> Result {
        let path = path
        return try await blocking { try body(try RawConnection(path: path)) }
    }
}

/// Does what blocks away from the threads that async code needs.
func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            continuation.resume(with: Swift.Result(catching: body))
        }
    }
}

/// Until `condition` holds or two minutes are over.
func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(120)
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(2))
    }
    return false
}
