import Engine
import Glibc
import NIOCore
import Testing

@testable import CarrierLinks

/// Errors that say that nothing has left yet.
struct ConnectingTests {
    @Test(
        arguments: [
            (ECONNREFUSED, "connect(descriptor:addr:size:)", true),
            (EHOSTUNREACH, "connect(descriptor:addr:size:)", true),
            (ENETUNREACH, "finishing a non-blocking connect failed", true),
            (ETIMEDOUT, "finishing a non-blocking connect failed", true),
            (EHOSTUNREACH, "read(descriptor:pointer:size:)", false),
            (ETIMEDOUT, "writev(descriptor:iovecs:)", false),
            (ECONNRESET, "connection reset (error set)", false),
        ] as [(Int32, String, Bool)])
    func `only what came while connecting says that nothing left`(number: Int32, call: String, isConnecting: Bool) {
        #expect(CarrierPost.isOfConnecting(IOError(errnoCode: number, reason: call)) == isConnecting)
    }

    @Test func `a server that does not speak TLS: not sent`() async throws {
        let server = try await ScriptedServer { _ in .sayAndClose("HTTP/1.1 400 Bad Request\r\n\r\n") }
        try await withLink("https://127.0.0.1:\(server.port)") { link in
            let told = await link.submit(call())
            guard case .notSent(let reason) = told else {
                Issue.record("\(told)")
                return
            }
            #expect(reason.contains("TLS"))
        }
        await server.stop()
    }
}
