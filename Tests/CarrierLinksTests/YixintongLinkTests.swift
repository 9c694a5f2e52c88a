import CarrierLinks
import Engine
import Messaging
import NIOPosix
import Synchronization
import Testing

/// The driver for carriers of dialect 004, against a scripted server.
struct YixintongLinkTests {
    private static let accepted = #"{"data":{"taskId":"10000300500"},"code":0,"msg":"OK","ok":true}"#
    private static let reply =
        #"{"callMdn":"10690549248469","content":"xxx","replyTime":"2021-08-04 14:55:01","userNumber":"13000000000"}"#
    private static let replies =
        #"{"code":0,"data":{"apiSmsReplyBoList":[\#(reply)],"maxId":"12345677"},"msg":"ok","ok":true}"#
    private static let noReplies = #"{"code":0,"data":{"apiSmsReplyBoList":[],"maxId":"0"},"msg":"ok","ok":true}"#
    private static let confirmed = #"{"code":0,"msg":"ok","ok":true}"#

    private static let endpoint = ChannelEndpoint(
        dialect: "yixintong", url: "", user: "admin", password: "secret", spCode: "100001")

    @discardableResult
    private func with(
        _ script: @escaping @Sendable (String) -> ScriptedServer.Act, _ body: (any CarrierLink) async throws -> Void
    ) async throws -> [String] {
        let server = try await ScriptedServer(script)
        let links = CarrierLinks(group: MultiThreadedEventLoopGroup.singleton, clock: Clock { seedTime })
        var endpoint = Self.endpoint
        endpoint.url = server.url
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(try links.makeLink(endpoint, connectionLimit: 8)))
        } catch {
            result = .failure(error)
        }
        await links.shutdown()
        await server.stop()
        try result.get()
        return server.heard
    }

    private func outcome(_ body: String) async throws -> SubmitOutcome {
        var outcome = SubmitOutcome.notSent(reason: "not called")
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        let heard = try await with({ _ in .say(ScriptedServer.ok(body)) }) { (link: any CarrierLink) async throws in
            outcome = await link.submit(call())
        }
        #expect(heard.count == 1)
        return outcome
    }

    @Test func `a call is signed, and its serialNumber names message and attempt`() async throws {
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        let heard = try await with({ _ in .say(ScriptedServer.ok(Self.accepted)) }) {
            (link: any CarrierLink) async throws in
            #expect(link.limits.sameContentMax == 1000)
            #expect(link.limits.distinctMax == 1)
            #expect(Set(link.polls) == [.polledReports, .polledReplies])
            #expect(await link.submit(call(3, isUniform: true, accessExtension: "66")) == .accepted(nil))
            #expect(await link.submit(call()) == .accepted(nil))
            var again = call()
            again.attempt = 10
            #expect(await link.submit(again) == .accepted(nil))
        }
        let text = try #require(heard.first)
        #expect(text.hasPrefix("POST /api/sms/send HTTP/1.1\r\n"))
        let serial = CarrierTag(sequence: 100, attempt: 9).digits
        for piece in [
            #""type":"1""#, #""userNumber":"13800138000,13800138001,13800138002""#, #""templateId":"0""#,
            #""messageContent":"测试短信""#, #""serialNumber":"\#(serial)""#, #""extendAccessNum":"66""#,
            "x-sp-code: 100001\r\n", "x-app-key: admin\r\n", "x-sign: ",
            "x-request-id: \(seedTime.milliseconds)",
        ] { #expect(text.contains(piece), "\(piece) is missing in \(text)") }
        #expect(!text.contains("secret"))
        #expect(serial.utf8.count == 20)
        #expect(!heard[1].contains("extendAccessNum"))
        let serials = Set(heard.map { $0.split(separator: "serialNumber\":\"").last?.prefix(20) })
        #expect(serials.count == 2, "the same attempt has the same number, another one another")
        let ids = Set(heard.map { $0.split(separator: "x-request-id: ").last?.prefix(19) })
        #expect(ids.count == 3)
    }

    @Test func `different contents in one call are not sent`() async throws {
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        let heard = try await with({ _ in .say(ScriptedServer.ok(Self.accepted)) }) {
            (link: any CarrierLink) async throws in
            guard case .notSent = await link.submit(call(2)) else {
                Issue.record("sent")
                return
            }
        }
        #expect(heard.isEmpty)
    }

    @Test(arguments: [2, 3, 5, 11, 13, 35, 507])
    func `codes that speak of us refuse the channel`(code: Int) async throws {
        #expect(try await outcome(#"{"data":null,"code":\#(code),"msg":"x"}"#) == .channelRefused(code: "\(code)"))
    }

    @Test(arguments: [1, 9, 14, 28, 39, 505, 777])
    func `codes that speak of a message refuse the message`(code: Int) async throws {
        #expect(try await outcome(#"{"data":null,"code":"\#(code)"}"#) == .messageRefused(code: "\(code)"))
    }

    @Test(arguments: [#"{"code":15}"#, #"{"code":20}"#, "", "{}", "OK", #"{"code":"x"}"#])
    func `what says nothing of the message is uncertain`(body: String) async throws {
        guard case .uncertain = try await outcome(body) else {
            Issue.record("not uncertain")
            return
        }
    }

    @Test func `reports are fetched and read`() async throws {
        let body =
            #"{"data":[{"serialNumber":"00000000154618822756","userNumber":"13800138000","result":0}],"code":0}"#
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        try await with({ _ in .say(ScriptedServer.ok(body)) }) { (link: any CarrierLink) async throws in
            let fetched = try #require(try await link.fetch(.polledReports))
            let reports = try link.decode(.polledReports, fetched).reports
            #expect(reports.map(\.customID) == ["00000000154618822756"])
            #expect(reports.map(\.status) == [.delivered])
        }
    }

    @Test(arguments: [
        #"{"data":[],"code":0,"msg":"ok","ok":true}"#, #"{"data":[],"code":38,"msg":"无数据","ok":false}"#,
        #"{"code":38}"#, #"{"code":"038"}"#, #"{"data":null,"code":0}"#,
    ])
    func `nothing to report is nothing`(body: String) async throws {
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        try await with({ _ in .say(ScriptedServer.ok(body)) }) { (link: any CarrierLink) async throws in
            #expect(try await link.fetch(.polledReports) == nil)
            #expect(try await link.fetch(.polledReplies) == nil)
        }
    }

    @Test(arguments: [#""code":35"#, #""code":"35""#])
    func `a refusal is a failure however long its words`(code: String) async throws {
        let words = String(repeating: "签名认证失败", count: 50)
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        try await with({ _ in .say(ScriptedServer.ok(#"{"data":[],\#(code),"msg":"\#(words)"}"#)) }) {
            (link: any CarrierLink) async throws in
            await #expect(throws: CarrierFailure("refused with code 35")) { try await link.fetch(.polledReports) }
            await #expect(throws: CarrierFailure.self) { try await link.fetch(.polledReplies) }
        }
    }

    @Test func `a refused fetch fails, and replies that cannot be read stay with the carrier`() async throws {
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        try await with({ request in
            .say(ScriptedServer.ok(request.contains("/reply/") ? "nonsense" : #"{"data":[],"code":35}"#))
        }) { (link: any CarrierLink) async throws in
            await #expect(throws: CarrierFailure.self) { try await link.fetch(.polledReports) }
            await #expect(throws: CarrierFailure.self) { try await link.fetch(.polledReplies) }
        }
    }

    @Test func `replies are confirmed when they are durable`() async throws {
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        let heard = try await with({ request in
            let body = request.hasPrefix("POST /info/sms/reply/confirm") ? Self.confirmed : Self.replies
            return .say(ScriptedServer.ok(body))
        }) { (link: any CarrierLink) async throws in
            let body = try #require(try await link.fetch(.polledReplies))
            let replies = try link.decode(.polledReplies, body).replies
            #expect(replies.map(\.content) == ["xxx"])
            #expect(replies.map(\.accessNumber) == ["10690549248469"])
            await link.confirm(.polledReports, body)
            await link.confirm(.polledReplies, body)
        }
        #expect(heard.count == 2)
        #expect(heard[1].hasPrefix("POST /info/sms/reply/confirm "))
        #expect(heard[1].hasSuffix(#"{"maxId":"12345677"}"#))
    }

    @Test func `a confirmation that failed is made good before more is fetched`() async throws {
        let failures = Mutex(2)
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        let heard = try await with({ request in
            guard request.hasPrefix("POST /info/sms/reply/confirm") else {
                return .say(ScriptedServer.ok(Self.replies))
            }
            let fails = failures.withLock { left in
                left -= 1
                return left >= 0
            }
            return fails ? .close : .say(ScriptedServer.ok(Self.confirmed))
        }) { (link: any CarrierLink) async throws in
            let body = try #require(try await link.fetch(.polledReplies))
            await link.confirm(.polledReplies, body)
            await #expect(throws: CarrierFailure.self) { try await link.fetch(.polledReplies) }
            #expect(try await link.fetch(.polledReplies) != nil)
        }
        let paths = heard.map { $0.contains("/confirm ") ? "confirm" : "query" }
        #expect(paths == ["query", "confirm", "confirm", "confirm", "query"])
    }

    @Test func `an endpoint without an enterprise number is refused in words`() async {
        let links = CarrierLinks(group: MultiThreadedEventLoopGroup.singleton, clock: Clock { seedTime })
        var endpoint = Self.endpoint
        endpoint.url = "http://127.0.0.1:1"
        endpoint.spCode = ""
        let failure = #expect(throws: CarrierFailure.self) { try links.makeLink(endpoint, connectionLimit: 1) }
        #expect(failure?.reason == "yixintong needs our x-sp-code there: give it with --sp-code")
        await links.shutdown()
    }
}
