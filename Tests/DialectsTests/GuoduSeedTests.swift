import Dialects
import Messaging
import Testing

/// The samples of seed 003, and of WIRE.md where it settles them: the same bytes from us, understood by us.
///
/// Repairs: masked numbers (`133********`) are full ones; typographic quotation marks are plain ones, comments and
/// white space between tokens are not there.
struct GuoduSeedTests {
    static let time = Timestamp(milliseconds: 1_670_817_600_000)

    static let request =
        #"{"OperID":"","OperPass":"","SendTime":"","AppendID":"","DesMobile":"13300001111","#
        + #""Content":"%E6%B5%8B%E8%AF%95%E6%B6%88%E6%81%AF1"}"#

    static let reports =
        #"[{"msg":"发送成功","mobile":"13300001111","msgId":"12345678","reportTime":"2022-12-12 12:00:00","status":0}]"#

    static func report(_ status: DeliveryStatus = .delivered) -> CustomerReport {
        CustomerReport(
            id: MessageID(sequence: 12_345_679), customID: "c", segmentNumber: 1, segmentTotal: 1,
            mobile: "13300001111", accessNumber: "106900113", accessExtension: "", submittedAt: time, reportedAt: time,
            status: status, customData: "", requestID: MessageID(sequence: 12_345_678))
    }

    @Test("the sample of §3.1.3 is what we write, and is understood")
    func sampleRequest() throws {
        let part = Submission.Part(recipients: [Recipient("13300001111")], content: "测试消息1")
        #expect(text(Guodu.encodeCall(.shared(part), operatorID: "", password: "")) == Self.request)
        let content = try Guodu.decodeRequest(body: Array(Self.request.utf8)).content.get()
        #expect(content == Guodu.Content(Submission(parts: [part]), variant: .single))
    }

    @Test("the sample of §3.1.3 with its line breaks is understood")
    func printedRequest() throws {
        let printed = """
            {
                "OperID": "",
                "OperPass": "",
                "SendTime": "",
                "AppendID": "",
                "DesMobile": "13300001111",
                "Content": "%E6%B5%8B%E8%AF%95%E6%B6%88%E6%81%AF1"
            }

            """
        let part = Submission.Part(recipients: [Recipient("13300001111")], content: "测试消息1")
        #expect(
            try Guodu.decodeRequest(body: Array(printed.utf8)).content
                == .success(Guodu.Content(Submission(parts: [part]), variant: .single)))
    }

    @Test("the sample of note 3: 中文短信abc as Java encodes it")
    func javaEncoding() {
        let part = Submission.Part(recipients: [Recipient("13300001111")], content: "中文短信abc *-._~(1+1)")
        let body = text(Guodu.encodeCall(.shared(part), operatorID: "A", password: "b"))
        #expect(
            body.hasSuffix(#""Content":"%E4%B8%AD%E6%96%87%E7%9F%AD%E4%BF%A1abc+*-._%7E%281%2B1%29"}"#))
    }

    @Test(
        "answers, §3.1.4",
        arguments: [(Guodu.Variant.single, "03"), (.batch, "00"), (.personalised, "01")])
    func answers(variant: Guodu.Variant, code: String) throws {
        let acceptance = Acceptance(firstID: MessageID(sequence: 12_345_678), customID: "x")
        let body = Guodu.encodeAnswer(acceptance, variant: variant)
        #expect(text(body) == #"{"ResultCode":"\#(code)","MsgId":"12345678"}"#)
        let answer = try body.withUnsafeBytes { try Guodu.SendAnswer(decoding: $0) }
        #expect(answer == Guodu.SendAnswer(code: code, messageID: "12345678"))
        #expect(answer.isAccepted)
    }

    @Test("a failure has its code only")
    func failure() throws {
        let body = Guodu.encodeFailure(.credentialsWrong)
        #expect(text(body) == #"{"ResultCode":"05"}"#)
        let answer = try body.withUnsafeBytes { try Guodu.SendAnswer(decoding: $0) }
        #expect(answer == Guodu.SendAnswer(code: "05", messageID: ""))
        #expect(!answer.isAccepted)
        #expect(text(Guodu.encodeFailure(code: Guodu.unknownOperator)) == #"{"ResultCode":"04"}"#)
        for number in ["3", "\"3\"", "03"] {
            let answer = try Array(#"{"ResultCode":\#(number),"MsgId":7}"#.utf8)
                .withUnsafeBytes { try Guodu.SendAnswer(decoding: $0) }
            #expect(answer == Guodu.SendAnswer(code: "03", messageID: "7"))
        }
    }

    @Test("the push of §3.2.2 is what we write, and is understood with the semicolon behind it")
    func pushedReports() throws {
        #expect(text(Guodu.encodePush(reports: [Self.report()])) == Self.reports)
        let printed = Self.reports.replacing(",\"reportTime\"", with: ",\n\"reportTime\"") + ";\n"
        let push = try Array(printed.utf8).withUnsafeBytes { try Guodu.decodePush($0) }
        #expect(push.replies.isEmpty)
        #expect(push.reports.map(\.carrierKey) == ["12345678"])
        #expect(push.reports.map(\.mobile) == ["13300001111"])
        #expect(push.reports.map(\.status) == [.delivered])
        #expect(push.reports.map(\.detail) == ["发送成功"])
        #expect(push.reports.map(\.reportedAt) == [Self.time])
    }

    @Test("a failure's code is in its words", arguments: ["MK:0001", "UNDELIV", "ID:0076"])
    func failedReport(code: String) throws {
        let body = Guodu.encodePush(reports: [Self.report(DeliveryStatus(code))])
        #expect(text(body).hasPrefix(#"[{"msg":"\#(code)","#))
        #expect(text(body).hasSuffix(#""status":1}]"#))
        let push = try body.withUnsafeBytes { try Guodu.decodePush($0) }
        #expect(push.reports.map(\.status.code) == [code])
    }

    @Test(
        "failures of other carriers",
        arguments: [
            ("发送失败", "2"), ("DELIVRD", "1"), ("ACCEPTD", "9"), ("", "-1"), ("not reached", "\"x\""),
        ])
    func otherFailures(words: String, status: String) throws {
        let body = #"{"msg":"\#(words)","mobile":"13300001111","msgId":"8","status":\#(status)}"#
        let push = try Array(body.utf8).withUnsafeBytes { try Guodu.decodePush($0) }
        #expect(push.reports.map(\.status) == [.undeliverable])
    }

    @Test("the push of replies, WIRE.md §003")
    func pushedReplies() throws {
        let reply = CustomerReply(
            id: MessageID(sequence: 1), mobile: "13300001111", accessNumber: "1069001130006", accessExtension: "0006",
            receivedAt: Self.time, content: "收到 T")
        let body = Guodu.encodePush(replies: [reply])
        #expect(
            text(body)
                == #"[{"mobile":"13300001111","content":"收到 T","moTime":"2022-12-12 12:00:00","#
                + #""spNumber":"1069001130006"}]"#)
        let push = try body.withUnsafeBytes { try Guodu.decodePush($0) }
        #expect(
            push.replies == [
                CarrierReply(
                    carrierID: nil, mobile: "13300001111", accessNumber: "1069001130006", content: "收到 T",
                    receivedAt: Self.time)
            ])
        let encoded = #"[{"mobile":"1","content":"%E6%94%B6%E5%88%B0+T"},{"mobile":"2","content":"50%25"}]"#
        let read = try Array(encoded.utf8).withUnsafeBytes { try Guodu.decodePush($0) }
        #expect(read.replies.map(\.content) == ["收到 T", "50%25"])
    }

    @Test("a push that holds neither report nor reply", arguments: ["[{}]", #"[{"mobile":"1"}]"#, "{}"])
    func unclearPush(body: String) {
        #expect(throws: Rejection.parameterMissing("status")) {
            try Array(body.utf8).withUnsafeBytes { try Guodu.decodePush($0) }
        }
    }

    @Test("an empty push, and answers to pushes")
    func pushAnswers() throws {
        let push = try Array("[]".utf8).withUnsafeBytes { try Guodu.decodePush($0) }
        #expect(push == Guodu.InboundPush())
        #expect(text(Guodu.encodePushAnswer()) == #"{"ResultCode":"00"}"#)
        #expect(text(Guodu.encodePushAnswer(.malformedJSON)) == #"{"ResultCode":"06"}"#)
    }
}
