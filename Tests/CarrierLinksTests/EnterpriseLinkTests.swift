import CarrierLinks
import Engine
import Messaging
import NIOPosix
import Synchronization
import Testing

/// A clock that is set forward by hand, from the seed's time on.
private final class HandClock: Sendable {
    private let value = Mutex(seedTime)
    var clock: Clock { Clock { self.value.withLock { $0 } } }
    func advance(seconds: Int64) { value.withLock { $0 = $0.adding(milliseconds: seconds * 1000) } }
}

/// What a carrier of dialect 000 is asked, and what its answers are told to be.
struct EnterpriseLinkTests {
    private static let sent =
        #"{"code":"0","taskID":"77","messages":[{"message":"ok","mobile":"13800138000","#
        + #""returnstatus":"Success","smsid":"m100"}]}"#
    private static let reportBody =
        #"{"error":"0","remark":"ok","returnsms":[{"mobile":"13800138000","taskid":"77","status":"20","#
        + #""receivetime":"2016-08-04 17:38:59","errorcode":"MK:0001","extno":"12","smsid":"m100"}]}"#

    /// Runs `body` with a driver to a scripted carrier; gives what the carrier heard.
    private func withCarrier(
        _ dialect: String, clock: HandClock = HandClock(),
        _ script: @escaping @Sendable (String) -> ScriptedServer.Act, _ body: (any CarrierLink) async throws -> Void
    ) async throws -> [String] {
        let server = try await ScriptedServer(script)
        let links = CarrierLinks(group: MultiThreadedEventLoopGroup.singleton, clock: clock.clock)
        var endpoint = ChannelEndpoint(dialect: dialect, url: server.url, user: "J10003", password: "111111")
        endpoint.enterpriseID = "1001"
        endpoint.clientID = "client"
        endpoint.clientSecret = "s3cret"
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

    /// A carrier that gives out token1, token2 … and answers anything else by its path and whether the newest of them
    /// came with it.
    private static func giving(
        _ answer: @escaping @Sendable (_ path: String, _ isNewest: Bool) -> String
    ) -> @Sendable (String) -> ScriptedServer.Act {
        let count = Shared(0)
        return { request in
            let path = String(request.split(separator: " ")[1])
            if path == "/oauth2/token" {
                let number = count.value.withLock { value in
                    value += 1
                    return value
                }
                return .say(
                    ScriptedServer.ok(#"{"status":"0","access_token":"token\#(number)","expires_in":"100"}"#))
            }
            let newest = "Authorization: token\(count.value.withLock { $0 })\r\n"
            return .say(ScriptedServer.ok(answer(path, request.contains(newest))))
        }
    }

    private final class Shared<Value: Sendable>: Sendable {
        let value: Mutex<Value>
        init(_ value: Value) { self.value = Mutex(value) }
    }

    private func paths(_ heard: [String]) -> [String] { heard.map { String($0.split(separator: " ")[1]) } }

    // MARK: Requests

    @Test func `plain mode says who we are in its headers`() async throws {
        let heard = try await withCarrier("enterprise-json") { _ in
            .say(ScriptedServer.ok(Self.sent))
        } _: { link in
            #expect(link.limits == CallLimits(sameContentMax: 1000, distinctMax: 1))
            #expect(isAccepted(await link.submit(call(2, isUniform: true, accessExtension: "12"))))
        }
        let text = try #require(heard.first)
        #expect(text.hasPrefix("POST /json/sms/send HTTP/1.1\r\n"))
        for piece in [
            "userid: 1001\r\n", "account: J10003\r\n", "password: 96e79218965eb72c92a549dd5a330112\r\n",
            "Content-Type: application/json\r\n",
            #"{"mobile":"13800138000,13800138001","content":"测试短信","extno":"12","smsid":"m100a9"}"#,
        ] { #expect(text.contains(piece), "\(piece) is missing in \(text)") }
        #expect(heard.count == 1)
    }

    @Test func `token mode asks for a token once and signs every call`() async throws {
        let heard = try await withCarrier("enterprise-oauth2", Self.giving { _, _ in Self.sent }) { link in
            for _ in 0..<3 { #expect(isAccepted(await link.submit(call()))) }
        }
        #expect(paths(heard) == ["/oauth2/token"] + Array(repeating: "/oauth2/sms/send", count: 3))
        let asked = #"{"grant_type":"client_credentials","client_id":"client","client_secret":"s3cret"}"#
        #expect(heard[0].hasSuffix(asked))
        for piece in [
            "Authorization: token1\r\n", "signature: d691115354e5c532182f9f4fc977425d\r\n",
            "timeStamp: 1470223220000\r\n", "account: J10003\r\n",
        ] { #expect(heard[1].contains(piece), "\(piece) is missing in \(heard[1])") }
        #expect(!heard[1].contains("111111"))
    }

    // MARK: Tokens

    @Test func `calls at the same time share one token request`() async throws {
        let heard = try await withCarrier("enterprise-oauth2", Self.giving { _, _ in Self.sent }) { link in
            await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 { group.addTask { self.isAccepted(await link.submit(call())) } }
                for await isAccepted in group { #expect(isAccepted) }
            }
        }
        #expect(paths(heard).filter { $0 == "/oauth2/token" }.count == 1)
    }

    @Test func `a token is renewed before it ends`() async throws {
        let clock = HandClock()
        let heard = try await withCarrier("enterprise-oauth2", clock: clock, Self.giving { _, _ in Self.sent }) {
            link in
            for seconds: Int64 in [0, 89, 1, 89, 1] {
                clock.advance(seconds: seconds)
                #expect(isAccepted(await link.submit(call())))
            }
        }
        let (token, send) = ("/oauth2/token", "/oauth2/sms/send")
        #expect(paths(heard) == [token, send, send, token, send, send, token, send])
        #expect(heard[7].contains("Authorization: token3\r\n"))
    }

    @Test func `a token that cannot be renewed is used to its end`() async throws {
        let clock = HandClock()
        let isClosed = Shared(false)
        let open = Self.giving { _, _ in Self.sent }
        let script: @Sendable (String) -> ScriptedServer.Act = { request in
            let refuses = isClosed.value.withLock { $0 } && request.hasPrefix("POST /oauth2/token")
            return refuses ? .say(ScriptedServer.ok("", status: "503 Busy")) : open(request)
        }
        let heard = try await withCarrier("enterprise-oauth2", clock: clock, script) { link in
            #expect(isAccepted(await link.submit(call())))
            isClosed.value.withLock { $0 = true }
            clock.advance(seconds: 95)
            for _ in 0..<3 { #expect(isAccepted(await link.submit(call()))) }
            clock.advance(seconds: 5)
            guard case .notSent = await link.submit(call()) else {
                Issue.record("sent without a token")
                return
            }
        }
        let (token, send) = ("/oauth2/token", "/oauth2/sms/send")
        #expect(paths(heard) == [token, send, token, send, send, send, token])
    }

    @Test(arguments: [#"{"code":"10","taskID":"","messages":[]}"#, #"{"code":"010","messages":[]}"#, "401"])
    func `a refused token is a definite refusal, and the next call has a new one`(refusal: String) async throws {
        let revoked = Shared(true)
        let open = Self.giving { _, _ in Self.sent }
        let script: @Sendable (String) -> ScriptedServer.Act = { request in
            let isOld = request.contains("Authorization: token1\r\n") && revoked.value.withLock { $0 }
            guard isOld else { return open(request) }
            return .say(
                refusal == "401" ? ScriptedServer.ok("", status: "401 Unauthorized") : ScriptedServer.ok(refusal))
        }
        let heard = try await withCarrier("enterprise-oauth2", script) { link in
            let code = refusal == "401" ? "HTTP 401" : "10"
            #expect(await link.submit(call()) == .channelRefused(code: code))
            #expect(isAccepted(await link.submit(call())))
            #expect(isAccepted(await link.submit(call())))
        }
        let (token, send) = ("/oauth2/token", "/oauth2/sms/send")
        #expect(paths(heard) == [token, send, token, send, send])
    }

    @Test func `a poll asks again with a new token, once`() async throws {
        let refusal = #"{"error":"10","remark":"x","returnsms":[]}"#
        let first = try await withCarrier(
            "enterprise-oauth2", Self.giving { _, _ in refusal }
        ) { link in
            let failure = await #expect(throws: CarrierFailure.self) { try await link.fetch(.polledReports) }
            #expect(failure?.reason.contains("10") == true)
        }
        let (token, report) = ("/oauth2/token", "/oauth2/sms/report")
        #expect(paths(first) == [token, report, token, report])
        let open = Self.giving { _, _ in Self.reportBody }
        let second = try await withCarrier("enterprise-oauth2") { request in
            request.contains("Authorization: token1\r\n") ? .say(ScriptedServer.ok(refusal)) : open(request)
        } _: { link in
            let body = try await link.fetch(.polledReports)
            #expect(body == Array(Self.reportBody.utf8))
        }
        #expect(paths(second) == [token, report, token, report])
    }

    @Test(arguments: [
        (#"{"status":"1","error":"invalid_client"}"#, "200 OK", "token: invalid_client"),
        ("", "401 Unauthorized", "token: HTTP 401"), (#"{"status":"0","access_token":"a b"}"#, "200 OK", "token: "),
    ])
    func `without a token nothing is sent: refused`(body: String, status: String, code: String) async throws {
        let heard = try await withCarrier("enterprise-oauth2") { _ in
            .say(ScriptedServer.ok(body, status: status))
        } _: { link in
            #expect(await link.submit(call()) == .channelRefused(code: code))
            await #expect(throws: CarrierFailure.self) { try await link.fetch(.polledReplies) }
        }
        #expect(Set(paths(heard)) == ["/oauth2/token"])
    }

    @Test(arguments: ["", "garbage", "500"])
    func `without an answer about a token nothing is sent: not sent`(body: String) async throws {
        let heard = try await withCarrier("enterprise-oauth2") { _ in
            .say(ScriptedServer.ok(body, status: body == "500" ? "500 No" : "200 OK"))
        } _: { link in
            guard case .notSent = await link.submit(call()) else {
                Issue.record("sent without a token")
                return
            }
        }
        #expect(paths(heard) == ["/oauth2/token"])
    }

    // MARK: Outcomes

    private func isAccepted(_ outcome: SubmitOutcome) -> Bool {
        if case .accepted(.shared, _) = outcome { true } else { false }
    }

    private func outcome(_ body: String, _ count: Int = 1) async throws -> SubmitOutcome {
        var outcome = SubmitOutcome.notSent(reason: "not called")
        let heard = try await withCarrier("enterprise-json") { _ in
            .say(ScriptedServer.ok(body))
        } _: { link in
            outcome = await link.submit(call(count, isUniform: count > 1))
        }
        #expect(heard.count == 1, "a request must never be sent twice")
        return outcome
    }

    @Test func `each code is told to be what it is`() async throws {
        for code in ["1", "2", "3", "5", "9", "10"] {
            #expect(try await outcome(#"{"code":"\#(code)","taskID":""}"#) == .channelRefused(code: code))
        }
        for code in ["4", "6", "7", "8"] {
            #expect(try await outcome(#"{"code":"\#(code)","taskID":""}"#) == .messageRefused(code: code))
        }
        #expect(try await outcome(Self.sent) == .accepted(.shared("77")))
        #expect(try await outcome(#"{"code":"0"}"#) == .accepted(nil))
        for body in [
            #"{"code":"99","taskID":""}"#, "", "{}", "<html></html>", #"{"taskID":"7"}"#,
            #"{"code":"42","taskID":""}"#, #"{"code":"E1","taskID":"7","messages":[]}"#,
        ] {
            guard case .uncertain = try await outcome(body) else {
                Issue.record("\(body) is not uncertain")
                continue
            }
        }
    }

    @Test func `what is said of each number counts more than a code that is the carrier's own`() async throws {
        let refused = #"{"message":"x","mobile":"13800138001","returnstatus":"Faild","smsid":"m100a9"}"#
        let taken = #"{"message":"ok","mobile":"13800138000","returnstatus":"Success","smsid":"m100a9"}"#
        for code in ["1000", "OK", "99", "4"] {
            let body = #"{"code":"\#(code)","taskID":"7","messages":[\#(refused),\#(taken)]}"#
            #expect(try await outcome(body, 2) == .accepted(.shared("7"), refused: [1: "x"]))
        }
        for code in ["1000", "E1", "4"] {
            let body = #"{"code":"\#(code)","taskID":"","messages":[\#(refused),\#(refused)]}"#
            #expect(try await outcome(body, 2) == .messageRefused(code: code))
        }
        // Its own trouble remains its own trouble: we write the same when the disk fails.
        guard case .uncertain = try await outcome(#"{"code":"99","messages":[\#(refused)]}"#) else {
            Issue.record("99 is not uncertain")
            return
        }
    }

    @Test func `numbers that the carrier refused are told with the call that it took`() async throws {
        let refused = #"{"message":"黑名单","mobile":"13800138001","returnstatus":"Faild","smsid":"m100a9"}"#
        let stranger = #"{"message":"x","mobile":"13900139000","returnstatus":"Faild","smsid":"m100a9"}"#
        let taken = #"{"message":"ok","mobile":"13800138000","returnstatus":"Success","smsid":"m100a9"}"#
        #expect(
            try await outcome(#"{"code":"0","taskID":"7","messages":[\#(refused)]}"#) == .messageRefused(code: "黑名单"))
        let sent = #"{"code":"0","taskID":"7","messages":[\#(refused),\#(taken),\#(stranger)]}"#
        #expect(try await outcome(sent, 2) == .accepted(.shared("7"), refused: [1: "黑名单"]))
    }

    // MARK: Reports and replies

    @Test func `what was fetched comes raw, and is read`() async throws {
        let replies =
            #"{"error":"0","callbox":[{"mobile":"13800138000","taskid":"5","content":"退订","#
            + #""receivetime":"2016-08-04 17:38:59","extno":"12"}]}"#
        let heard = try await withCarrier("enterprise-json") { request in
            .say(ScriptedServer.ok(request.hasPrefix("POST /json/sms/mo") ? replies : Self.reportBody))
        } _: { link in
            #expect(link.polls == [.polledReports, .polledReplies])
            let body = try #require(try await link.fetch(.polledReports))
            #expect(body == Array(Self.reportBody.utf8))
            let report = try #require(try link.decode(.polledReports, body).reports.first)
            #expect((report.customID, report.mobile, report.status.code) == ("m100", "13800138000", "MK:0001"))
            #expect(report.carrierKey == "77")
            let other = try #require(try await link.fetch(.polledReplies))
            let reply = try #require(try link.decode(.polledReplies, other).replies.first)
            #expect((reply.mobile, reply.content, reply.accessExtension) == ("13800138000", "退订", "12"))
            #expect(reply.receivedAt == Timestamp(chinaText: "2016-08-04 17:38:59"))
        }
        #expect(heard.allSatisfy { $0.hasSuffix(#"{"statusNum":"1000"}"#) })
    }

    @Test func `nothing, a refusal and garbage are told apart`() async throws {
        func fetch(_ body: String, status: String = "200 OK") async throws -> [UInt8]? {
            var fetched: [UInt8]?
            _ = try await withCarrier("enterprise-json") { _ in
                .say(ScriptedServer.ok(body, status: status))
            } _: { link in
                fetched = try await link.fetch(.polledReports)
            }
            return fetched
        }
        #expect(try await fetch(#"{"error":"0","remark":"","returnsms":[]}"#) == nil)
        #expect(try await fetch(#"{"error":0}"#) == nil)
        for body in ["", "garbage", #"{"error":"0","returnsms":[{"#] {
            #expect(try await fetch(body) == Array(body.utf8))
        }
        let words = String(repeating: "账号或密码错误", count: 200)
        for body in [
            #"{"error":"2","remark":"no"}"#, #"{"error":"10"}"#,
            #"{"remark":"\#(words)","returnsms":[],"error":2}"#,
        ] {
            await #expect(throws: CarrierFailure.self) { try await fetch(body) }
        }
        await #expect(throws: CarrierFailure.self) { try await fetch("", status: "500 No") }
    }

    @Test func `what cannot be a header field is refused when the channel is made`() async throws {
        let links = CarrierLinks(group: MultiThreadedEventLoopGroup.singleton, clock: HandClock().clock)
        #expect(links.dialects.contains("enterprise-oauth2") && links.dialects.contains("enterprise-json"))
        for (user, enterprise) in [("", "1"), ("a b", "1"), ("a", ""), ("a", "1\r\nx: y"), ("账号", "1")] {
            var endpoint = ChannelEndpoint(dialect: "enterprise-json", url: "http://h", user: user, password: "p")
            endpoint.enterpriseID = enterprise
            let failure = #expect(throws: CarrierFailure.self) { _ = try links.makeLink(endpoint, connectionLimit: 1) }
            if enterprise.isEmpty {
                #expect(failure?.reason == "this dialect needs our userid there: give it with --enterprise-id")
            }
        }
        let nameless = ChannelEndpoint(dialect: "enterprise-oauth2", url: "http://h", user: "a", password: "p")
        let failure = #expect(throws: CarrierFailure.self) { _ = try links.makeLink(nameless, connectionLimit: 1) }
        #expect(
            failure?.reason
                == "enterprise-oauth2 needs our client_id and client_secret there: give them with --client-id and "
                + "--client-secret")
        await links.shutdown()
    }
}
