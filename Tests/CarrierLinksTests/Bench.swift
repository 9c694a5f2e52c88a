import CarrierLinks
import Engine
import Messaging
import NIOCore
import NIOPosix

/// 2016-08-03 19:20:20 in China: the time stamp of the seed's samples, 0803192020.
let seedTime = Timestamp(milliseconds: 1_470_223_220_000)

/// Runs `body` with a driver to `url`.
func withLink<R>(
    _ url: String, dialect: String = "operator-v2", callTimeout: TimeAmount = .seconds(120),
    _ body: (any CarrierLink) async throws -> R
) async throws -> R {
    let clock = Clock { seedTime }
    let links = CarrierLinks(group: MultiThreadedEventLoopGroup.singleton, clock: clock, callTimeout: callTimeout)
    let result: Result<R, any Error>
    do {
        var endpoint = ChannelEndpoint(dialect: dialect, url: url, user: "J10003", password: "111111")
        (endpoint.clientID, endpoint.clientSecret) = ("client", "secret")
        (endpoint.spCode, endpoint.enterpriseID) = ("100001", "1001")
        result = .success(try await body(try links.makeLink(endpoint, connectionLimit: 8)))
    } catch {
        result = .failure(error)
    }
    await links.shutdown()
    return try result.get()
}

/// Runs `body` with a driver to a scripted server, and gives what the server heard.
@discardableResult
func withCarrier(
    _ script: @escaping @Sendable (String) -> ScriptedServer.Act, dialect: String = "operator-v2",
    callTimeout: TimeAmount = .seconds(120), _ body: (any CarrierLink) async throws -> Void
) async throws -> [String] {
    let server = try await ScriptedServer(script)
    do {
        try await withLink(server.url, dialect: dialect, callTimeout: callTimeout, body)
    } catch {
        await server.stop()
        throw error
    }
    await server.stop()
    return server.heard
}

func call(_ count: Int = 1, isUniform: Bool = false, accessExtension: String = "") -> CarrierCall {
    let messages = (0..<Int64(count)).map {
        OutgoingMessage(
            sequence: 100 + $0, mobile: PhoneNumber(rawValue: 13_800_138_000 + $0), content: "测试短信",
            accessExtension: accessExtension, segments: 1, acceptedAt: seedTime)
    }
    return CarrierCall(attempt: 9, isUniform: isUniform, messages: messages)
}
