import CarrierLinks
import Engine
import Messaging
import Testing

/// A driver to a carrier of dialect 001.
struct ApiV1LinkTests {
    /// What a call came to, and the request that it made.
    private func submit(_ call: CarrierCall, answering body: String) async throws -> (SubmitOutcome, String) {
        var outcome = SubmitOutcome.notSent(reason: "not called")
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        let heard = try await withCarrier({ _ in .say(ScriptedServer.ok(body)) }, dialect: "api-v1") { link in
            outcome = await link.submit(call)
        }
        return (outcome, try #require(heard.first))
    }

    private func outcome(_ body: String) async throws -> SubmitOutcome {
        try await submit(call(), answering: body).0
    }

    @Test func `a call is one form with every number, under a taskId of its attempt`() async throws {
        let (outcome, request) = try await submit(
            call(3, isUniform: true, accessExtension: "0006"),
            answering: #"{"code":"00","data":{"taskId":"m100a9"},"message":"成功"}"#)
        #expect(outcome == .accepted(nil))
        #expect(request.hasPrefix("POST /api/v1/send HTTP/1.1\r\n"))
        #expect(request.lowercased().contains("content-type: application/x-www-form-urlencoded"))
        #expect(
            request.hasSuffix(
                "\r\n\r\naccount=J10003&pwd=96e79218965eb72c92a549dd5a330112&taskId=m100a9"
                    + "&mobiles=13800138000,13800138001,13800138002&content=%e6%b5%8b%e8%af%95%e7%9f%ad%e4%bf%a1"
                    + "&extNo=0006"))
    }

    @Test func `one message names its attempt too: a taskId counts once at the carrier`() async throws {
        let (_, request) = try await submit(call(), answering: "")
        #expect(request.contains("&taskId=m100a9&"))
        #expect(!request.contains("extNo"))
    }

    @Test(arguments: ["02", "03", "04", "08", "09"])
    func `codes that speak of us refuse the channel`(code: String) async throws {
        #expect(try await outcome(#"{"code":"\#(code)","data":null,"message":"x"}"#) == .channelRefused(code: code))
    }

    @Test(arguments: ["01", "05", "06", "10", "77"])
    func `other codes refuse the message`(code: String) async throws {
        #expect(try await outcome(#"{"code":"\#(code)","data":"","message":"x"}"#) == .messageRefused(code: code))
    }

    @Test(arguments: [
        #"{"code":"99","data":null,"message":"x"}"#, #"{"code":"07"}"#, "", "OK", "{}", #"{"code":"00""#, "<html>",
    ])
    func `the carrier's own trouble, a known taskId and what cannot be read are uncertain`(body: String) async throws {
        guard case .uncertain = try await outcome(body) else {
            Issue.record("not uncertain: \(body)")
            return
        }
    }

    @Test func `a client error refuses the channel, a server error is uncertain`() async throws {
        for (status, isUncertain) in [("404 Not Found", false), ("502 Bad Gateway", true)] {
            // swift-format-ignore: OnlyOneTrailingClosureArgument
            try await withCarrier({ _ in .say(ScriptedServer.ok("no", status: status)) }, dialect: "api-v1") { link in
                switch await link.submit(call()) {
                case .channelRefused(let code): #expect(code == "HTTP 404" && !isUncertain)
                case .uncertain: #expect(isUncertain)
                case let other: Issue.record("\(other)")
                }
            }
        }
    }

    private func fetch(_ kind: InboundKind, answering body: String) async throws -> [UInt8]? {
        var fetched: [UInt8]?
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        let heard = try await withCarrier({ _ in .say(ScriptedServer.ok(body)) }, dialect: "api-v1") { link in
            fetched = try await link.fetch(kind)
        }
        let path = kind == .polledReports ? "report" : "mo"
        #expect(heard.first?.hasPrefix("POST /api/v1/\(path) ") == true)
        #expect(heard.first?.hasSuffix("\r\naccount=J10003&pwd=96e79218965eb72c92a549dd5a330112") == true)
        return fetched
    }

    @Test func `an empty list is nothing, a refusal a failure, and everything else is kept`() async throws {
        for kind in [InboundKind.polledReports, .polledReplies] {
            #expect(try await fetch(kind, answering: #"{"code":"00","data":[],"message":"成功"}"#) == nil)
            #expect(try await fetch(kind, answering: "garbage") == Array("garbage".utf8))
            await #expect(throws: CarrierFailure("refused with code 02")) {
                try await fetch(kind, answering: #"{"code":"02","data":null,"message":"x"}"#)
            }
        }
        let list = #"{"code":"00","data":[{"sendId":"m7","status":"DELIVER","mobile":"139"}],"message":""}"#
        #expect(try await fetch(.polledReports, answering: list) == Array(list.utf8))
    }

    @Test func `a refusal is a failure however long its message, and records are kept whatever the code`() async throws
    {
        let words = String(repeating: "账号或密码错误", count: 40)
        for kind in [InboundKind.polledReports, .polledReplies] {
            for body in [
                #"{"code":"02","data":null,"message":"\#(words)"}"#, #"{"message":"\#(words)","data":[],"code":2}"#,
            ] {
                let failure = await #expect(throws: CarrierFailure.self) { try await fetch(kind, answering: body) }
                #expect(failure?.reason.contains("refused with code") == true)
            }
            let list = #"{"code":"02","data":[{"sendId":"m7","status":"DELIVER","mobile":"139"}],"message":""}"#
            #expect(try await fetch(kind, answering: list) == Array(list.utf8))
            // A shape that we do not know.
            let other = #"{"code":"00","data":{"list":[{"mobile":"139"}]},"message":"\#(words)"}"#
            #expect(try await fetch(kind, answering: other) == Array(other.utf8))
        }
    }

    @Test func `reports and replies are read, polled and pushed`() async throws {
        try await withLink("http://127.0.0.1:1", dialect: "api-v1") { link in
            func decode(_ kind: InboundKind, _ body: String) throws -> InboundItems {
                try link.decode(kind, Array(body.utf8))
            }
            let polled = try decode(
                .polledReports, #"{"code":"00","data":[{"sendId":"m7","status":"DELIVER","mobile":"139"}]}"#)
            let pushed = try decode(.pushed, #"{"sendId":"m7","status":"DELIVRD","mobile":"139"}"#)
            #expect(polled == pushed)
            #expect(polled.reports.map(\.customID) == ["m7"])
            #expect(polled.reports.map(\.status) == [.delivered])
            let fetched = try decode(
                .polledReplies, #"{"code":"00","data":[{"mobile":"139","content":"T","extNo":12}]}"#)
            let heard = try decode(.pushed, #"{"mobile":"139","content":"T","extNo":"12"}"#)
            #expect(fetched == heard)
            #expect(fetched.replies.map(\.accessExtension) == ["12"])
            #expect(throws: CarrierFailure.self) { try decode(.pushed, "[{}]") }
            #expect(throws: CarrierFailure.self) { try decode(.polledReplies, "x") }
        }
    }

    @Test func `the limits are the dialect's`() async throws {
        try await withLink("http://127.0.0.1:1", dialect: "api-v1") { link in
            let room = ExtensionRoom(digitsMax: 20, isInteger: true)
            #expect(
                link.limits
                    == CallLimits(sameContentMax: 3000, distinctMax: 1, durationMax: 120_000, extensions: room))
            #expect(Set(link.polls) == [.polledReports, .polledReplies])
        }
    }
}
