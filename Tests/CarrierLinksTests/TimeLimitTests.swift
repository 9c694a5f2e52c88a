import Engine
import Messaging
import NIOCore
import NIOPosix
import Testing

@testable import CarrierLinks

/// Answers that begin and do not end. Each test would hang for its call's two minutes, or for ever, without a limit for
/// the whole exchange.
struct TimeLimitTests {
    private static let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"

    static let unfinished: [ScriptedServer.Act] = [
        .nothing, .say(head), .say(head + #"{"result":0,"#), .drip(head), .sayAndClose(head + #"{"result":0,"#),
        .say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12"),
        .drip("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n"),
    ]

    private static func withLink(
        _ act: @escaping @Sendable (String) -> ScriptedServer.Act, dialect: String = "operator-v2",
        callTimeout: TimeAmount = .milliseconds(300), idleMax: TimeAmount = .seconds(120),
        _ body: (any CarrierLink) async throws -> Void
    ) async throws {
        let server = try await ScriptedServer(act)
        let links = CarrierLinks(
            group: MultiThreadedEventLoopGroup.singleton, clock: Clock { seedTime }, callTimeout: callTimeout,
            pushTimeout: callTimeout, resolver: HostResolver(), idleMax: idleMax)
        var endpoint = ChannelEndpoint(dialect: dialect, url: server.url, user: "J10003", password: "111111")
        (endpoint.clientID, endpoint.clientSecret) = ("client", "secret")
        (endpoint.spCode, endpoint.enterpriseID) = ("100001", "1001")
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(try links.makeLink(endpoint, connectionLimit: 8)))
        } catch {
            result = .failure(error)
        }
        await links.shutdown()
        await server.stop()
        try result.get()
    }

    @Test(arguments: unfinished)
    func `a submission whose answer does not end is uncertain`(act: ScriptedServer.Act) async throws {
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        try await Self.withLink({ _ in act }) { link in
            let told = await link.submit(call())
            guard case .uncertain = told else {
                Issue.record("\(told)")
                return
            }
        }
    }

    @Test(arguments: unfinished)
    func `a fetch whose answer does not end has failed`(act: ScriptedServer.Act) async throws {
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        try await Self.withLink({ _ in act }) { link in
            for kind in link.polls {
                await #expect(throws: CarrierFailure.self) { _ = try await link.fetch(kind) }
            }
        }
    }

    @Test(arguments: ["enterprise-oauth2", "enterprise-json", "api-v1", "guodu", "yixintong"], [1, 3])
    func `so in every dialect, tokens included`(dialect: String, act: Int) async throws {
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        try await Self.withLink({ _ in Self.unfinished[act] }, dialect: dialect) { link in
            switch await link.submit(call()) {
            case .uncertain: #expect(dialect != "enterprise-oauth2")
            // Without a token nothing has left.
            case .notSent: #expect(dialect == "enterprise-oauth2")
            case let told: Issue.record("\(told)")
            }
            await link.confirm(.polledReplies, Array(#"{"code":0,"data":{"maxId":"7","replies":[]}}"#.utf8))
            for kind in link.polls {
                await #expect(throws: CarrierFailure.self) { _ = try await link.fetch(kind) }
            }
        }
    }

    @Test func `an answer that stands still is given up before the whole time is over`() async throws {
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        try await Self.withLink(
            { _ in .say(Self.head + "{") }, callTimeout: .seconds(3600), idleMax: .milliseconds(100)
        ) { link in
            guard case .uncertain(let reason) = await link.submit(call()) else {
                Issue.record("not uncertain")
                return
            }
            #expect(reason.contains("nothing more of it came"))
        }
    }

    @Test func `an answer that keeps coming is not`() async throws {
        let answer = ScriptedServer.ok(#"{"result":0,"msgid":5,"custid":"m100"}"#)
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        try await Self.withLink({ _ in .say(answer) }, idleMax: .nanoseconds(1)) { link in
            // The limit may be over before the first look, but not when all of it is there.
            switch await link.submit(call()) {
            case .accepted, .uncertain: break
            case let told: Issue.record("\(told)")
            }
        }
    }

    @Test func `the calls that were cut off leave room for others`() async throws {
        let isWell = Flag()
        let answer = ScriptedServer.ok(#"{"result":0,"msgid":5,"custid":"m100"}"#)
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        try await Self.withLink({ _ in isWell.isSet ? .say(answer) : .say(Self.head) }, callTimeout: .seconds(2)) {
            link in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<16 { group.addTask { _ = await link.submit(call()) } }
            }
            isWell.set()
            // On a busy machine an answer may take longer than the limit; without room none would ever come.
            var outcome = await link.submit(call())
            for _ in 0..<20 where outcome != .accepted(.consecutive(from: 5)) { outcome = await link.submit(call()) }
            #expect(outcome == .accepted(.consecutive(from: 5)))
        }
    }

    @Test func `a call that is cancelled ends at once`() async throws {
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        try await Self.withLink({ _ in .say(Self.head) }, callTimeout: .seconds(3600)) { link in
            let running = Task { await link.submit(call()) }
            running.cancel()
            guard case .uncertain = await running.value else {
                Issue.record("not uncertain")
                return
            }
        }
    }

    @Test(arguments: [
        "http://127.0.0.1:99999", "http://localhost:65536/", "http://user@127.0.0.1", "http://127.0.0.1/#x",
        "http://127.0.0.1:0",
    ])
    func `an address that cannot be called is refused before anything is made of it`(url: String) async throws {
        let links = CarrierLinks(group: MultiThreadedEventLoopGroup.singleton, clock: Clock { seedTime })
        let endpoint = ChannelEndpoint(dialect: "operator-v2", url: url, user: "J10003", password: "111111")
        let failure = #expect(throws: CarrierFailure.self) { try links.makeLink(endpoint, connectionLimit: 1) }
        #expect(failure?.reason.contains(url) == true)
        let settings = PushSettings(reportURL: url, allowsPrivateTargets: true)
        let target = PushTarget(url: url, settings: settings, userID: "J10003", password: "111111")
        #expect(throws: CarrierFailure.self) { _ = try links.makePushLink(target) }
        await links.shutdown()
    }
}
