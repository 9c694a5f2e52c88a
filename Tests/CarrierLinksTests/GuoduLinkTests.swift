import CarrierLinks
import Engine
import Messaging
import Testing

/// A driver to a carrier of dialect 003.
struct GuoduLinkTests {
    private static let accepted = #"{"ResultCode":"00","MsgId":"A1b2-77"}"#

    /// What a call came to, and the body that it sent.
    private func submit(_ call: CarrierCall, answering body: String = accepted) async throws -> (SubmitOutcome, String)
    {
        var outcome = SubmitOutcome.notSent(reason: "not called")
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        let heard = try await withCarrier({ _ in .say(ScriptedServer.ok(body)) }, dialect: "guodu") { link in
            outcome = await link.submit(call)
        }
        let request = try #require(heard.first)
        #expect(request.hasPrefix("POST /HttpQuickProcess/submitJson HTTP/1.1\r\n"))
        #expect(request.lowercased().contains("content-type: application/json"))
        let end = try #require(request.firstRange(of: "\r\n\r\n"))
        return (outcome, String(request[end.upperBound...]))
    }

    private static let head = #"{"OperID":"J10003","OperPass":"111111","SendTime":"","AppendID":"#

    @Test func `one content to many is one call, and its answer names the whole of it`() async throws {
        let (outcome, body) = try await submit(call(3, isUniform: true, accessExtension: "0006"))
        #expect(outcome == .accepted(.shared("A1b2-77")))
        #expect(
            body
                == Self.head + #""0006","DesMobile":"13800138000,13800138001,13800138002","#
                + #""Content":"%E6%B5%8B%E8%AF%95%E7%9F%AD%E4%BF%A1"}"#)
    }

    @Test func `one content to several is one content, also where they came apart`() async throws {
        let (_, body) = try await submit(call(2))
        #expect(
            body.hasSuffix(#""DesMobile":"13800138000,13800138001","Content":"%E6%B5%8B%E8%AF%95%E7%9F%AD%E4%BF%A1"}"#))
    }

    @Test func `different contents are encoded one by one and then together, each seen to be encoded`() async throws {
        var different = call(2)
        different.messages[0].content = "测,1"
        different.messages[1].content = "1234"
        let (outcome, body) = try await submit(different, answering: #"{"ResultCode":"01","MsgId":"7"}"#)
        #expect(outcome == .accepted(.shared("7")))
        #expect(body.hasSuffix(#""Content":"%25E6%25B5%258B%252C1%2C%2531234"}"#))
    }

    @Test func `success without a MsgId is success`() async throws {
        #expect(try await submit(call(), answering: #"{"ResultCode":"03"}"#).0 == .accepted(nil))
    }

    @Test(arguments: ["02", "04", "05", "11", "12"])
    func `codes that speak of us refuse the channel`(code: String) async throws {
        #expect(try await submit(call(), answering: #"{"ResultCode":"\#(code)"}"#).0 == .channelRefused(code: code))
    }

    @Test(arguments: ["06", "07", "08", "09", "10", "55"])
    func `other codes refuse the message`(code: String) async throws {
        #expect(try await submit(call(), answering: #"{"ResultCode":"\#(code)"}"#).0 == .messageRefused(code: code))
    }

    @Test(arguments: [#"{"ResultCode":"-1"}"#, "", "{}", "ok", #"{"MsgId":"7"}"#, "[]"])
    func `the carrier's own trouble and what cannot be read are uncertain`(answer: String) async throws {
        guard case .uncertain = try await submit(call(), answering: answer).0 else {
            Issue.record("not uncertain: \(answer)")
            return
        }
    }

    @Test func `nothing is polled; what is pushed is read by its shape`() async throws {
        try await withLink("http://127.0.0.1:1", dialect: "guodu") { link in
            #expect(link.polls.isEmpty)
            #expect(
                link.limits
                    == CallLimits(
                        sameContentMax: 500, distinctMax: 500, repeatsNumbers: false, sharesExtension: true,
                        durationMax: 120_000))
            let reports = try link.decode(
                .pushed, Array(#"[{"msg":"MK:0001","mobile":"139","msgId":"7","status":2}]"#.utf8))
            #expect(reports.reports.map(\.carrierKey) == ["7"])
            #expect(reports.reports.map(\.status.code) == ["MK:0001"])
            let replies = try link.decode(
                .pushed, Array(#"[{"mobile":"139","content":"T","spNumber":"10690012122"}]"#.utf8))
            #expect(replies.replies.map(\.accessNumber) == ["10690012122"])
            #expect(throws: CarrierFailure.self) { try link.decode(.pushed, Array("{".utf8)) }
        }
    }
}
