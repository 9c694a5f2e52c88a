import Dialects
import Messaging
import Testing

/// Every sample of seed 004: ours are the same, and a carrier's are understood as printed.
///
/// Repairs: white space between tokens is left out of ours; `succ` and `failList` are added (WIRE.md §004).
struct YixintongSeedTests {
    private let sendSample = """
        {


        "data": {



        "taskId": "10000300500"


        },


        "code": 0,


        "msg": "OK",


        "ok": true

        }
        """

    private let reportSample = """
        {

            "data": [

                {

                    "serialNumber": "1029394945885855",

                    "userNumber": "15988888888",

                    "result": 0

                },

                {

                    "serialNumber": "1029394945885855",

                    "userNumber": "15988888888",

                    "result": 0

                }

            ],

            "code": 0,

        "msg": "ok",

        "ok": true

        }
        """

    private let replySample = """
        {

            "code": 0,

            "data": {

                "apiSmsReplyBoList": [{

                    "callMdn": "10690549248469",

                    "content": "xxx",

                    "replyTime": "2021-08-04 14:55:01",

                    "userNumber": "130000000000"

                }],

                "maxId": "12345677"

            },

        "msg": "ok",

        "ok": true
        }
        """

    private let confirmSample = """
        {

            "code": 0,

        "msg": "ok",

        "ok": true
        }
        """

    /// 4 August 2021, 14:55:01 in China.
    private let repliedAt = Timestamp(milliseconds: 1_628_060_101_000)

    private func report(_ status: DeliveryStatus = .delivered) -> CustomerReport {
        CustomerReport(
            id: MessageID(rawValue: 7), customID: "1029394945885855", segmentNumber: 1, segmentTotal: 1,
            mobile: "15988888888", accessNumber: "1069", accessExtension: "", submittedAt: repliedAt,
            reportedAt: repliedAt, status: status, customData: "")
    }

    private func reply(_ id: Int64) -> CustomerReply {
        CustomerReply(
            id: MessageID(rawValue: id), mobile: "130000000000", accessNumber: "10690549248469", accessExtension: "",
            receivedAt: repliedAt, content: "xxx")
    }

    private func ours(_ answer: Yixintong.Answer, saysNoData: Bool = false) -> String {
        text(Yixintong.encodeAnswer(answer, saysNoData: saysNoData))
    }

    private func decoded<Value>(
        _ body: String, _ read: (UnsafeRawBufferPointer) throws -> Value
    ) rethrows -> Value {
        try Array(body.utf8).withUnsafeBytes { try read($0) }
    }

    @Test("our answer to a send is the sample, and what older clients read besides")
    func send() throws {
        let answer = ours(.accepted(Acceptance(firstID: MessageID(rawValue: 10_000_300_500), customID: "1")))
        #expect(
            answer
                == #"{"data":{"taskId":"10000300500","succ":true,"failList":""},"code":0,"msg":"OK","ok":true,"#
                + #""succ":true}"#)
        let expected = Yixintong.SendAnswer(code: 0, taskID: "10000300500")
        #expect(try decoded(sendSample, Yixintong.SendAnswer.init(decoding:)) == expected)
        #expect(try decoded(answer, Yixintong.SendAnswer.init(decoding:)) == expected)
    }

    @Test("reports as the sample has them")
    func reports() throws {
        let entry = #"{"serialNumber":"1029394945885855","userNumber":"15988888888","result":0}"#
        #expect(
            ours(.reports([report(), report()]))
                == #"{"data":[\#(entry),\#(entry)],"code":0,"msg":"ok","ok":true,"succ":true}"#)
        #expect(ours(.reports([report(DeliveryStatus("MK:0001"))])).contains(#""result":1}"#))
        let expected = CarrierReport(
            customID: "1029394945885855", carrierID: nil, segmentNumber: nil, mobile: "15988888888",
            status: .delivered)
        let answer = try decoded(reportSample, Yixintong.ReportsAnswer.init(decoding:))
        #expect(answer == Yixintong.ReportsAnswer(code: 0, reports: [expected, expected]))
    }

    @Test("replies as the sample has them")
    func replies() throws {
        #expect(
            ours(.replies([reply(12_345_676), reply(12_345_677)]))
                == #"{"code":0,"data":{"apiSmsReplyBoList":[\#(Self.replyEntry),\#(Self.replyEntry)],"#
                + #""maxId":"12345677"},"msg":"ok","ok":true,"succ":true}"#)
        let answer = try decoded(replySample, Yixintong.RepliesAnswer.init(decoding:))
        let expected = CarrierReply(
            carrierID: nil, mobile: "130000000000", accessNumber: "10690549248469", content: "xxx",
            receivedAt: repliedAt)
        #expect(answer == Yixintong.RepliesAnswer(code: 0, replies: [expected], maxID: "12345677"))
    }

    private static let replyEntry =
        #"{"callMdn":"10690549248469","content":"xxx","replyTime":"2021-08-04 14:55:01","#
        + #""userNumber":"130000000000"}"#

    @Test("a confirmation as the sample has it")
    func confirm() throws {
        #expect(ours(.confirmed) == #"{"code":0,"msg":"ok","ok":true,"succ":true}"#)
        #expect(try decoded(confirmSample, Yixintong.SendAnswer.init(decoding:)).code == 0)
    }

    @Test("empty lists, with code 0 or, where the account wants it, 38")
    func empty() {
        #expect(ours(.reports([])) == #"{"data":[],"code":0,"msg":"ok","ok":true,"succ":true}"#)
        #expect(
            ours(.reports([]), saysNoData: true) == #"{"data":[],"code":38,"msg":"无数据","ok":false,"succ":false}"#)
        #expect(
            ours(.replies([]), saysNoData: true)
                == #"{"code":38,"data":{"apiSmsReplyBoList":[],"maxId":"0"},"msg":"无数据","ok":false,"succ":false}"#)
        #expect(ours(.reports([report()]), saysNoData: true).contains(#""code":0"#))
        #expect(ours(.confirmed, saysNoData: true).contains(#""code":0"#))
    }

    @Test("failures keep each operation's shape and name what they are about")
    func failures() {
        func body(_ rejection: Rejection, _ operation: Yixintong.Operation) -> String {
            text(Yixintong.encodeFailure(rejection, of: operation))
        }
        #expect(
            body(.parameterMissing("userNumber"), .send)
                == #"{"data":null,"code":505,"msg":"缺少参数：userNumber","ok":false,"succ":false}"#)
        #expect(
            body(.credentialsWrong, .fetchReports)
                == #"{"data":[],"code":35,"msg":"签名认证失败","ok":false,"succ":false}"#)
        #expect(
            body(.storageFailed, .fetchReplies)
                == #"{"code":20,"data":{"apiSmsReplyBoList":[],"maxId":"0"},"msg":"发送失败，请联系管理员","#
                + #""ok":false,"succ":false}"#)
        #expect(
            text(Yixintong.encodeFailure(code: .requestTooOld, of: .confirmReplies))
                == #"{"code":507,"msg":"超过五分钟的请求不处理","ok":false,"succ":false}"#)
        #expect(body(.contentRejected(rule: "word \"x\""), .send).contains(#"提交参数校验错误：word \"x\"""#))
    }

    @Test("every rejection has its code")
    func codes() {
        let table: [(Rejection, Int)] = [
            (.credentialsWrong, 35), (.lockedOut, 11), (.accountDisabled, 2), (.addressNotAllowed, 5),
            (.tooManyConnections, 11), (.unsupportedContentType, 1), (.malformedJSON, 1), (.malformedXML, 1),
            (.malformedForm, 1), (.parameterMissing("x"), 505), (.parameterInvalid("x"), 1),
            (.parameterInvalid("type"), 39), (.numberInvalid, 1), (.tooManyNumbers, 9), (.contentEmpty, 1),
            (.contentTooLong, 1), (.contentUndecodable, 1), (.contentRejected(rule: "x"), 1),
            (.contentRejected(rule: Yixintong.templateRule), 28), (.customIDInvalid, 14), (.submissionRepeated, 15),
            (.customDataTooLong, 1),
            (.serviceTypeInvalid, 1), (.extensionInvalid, 1), (.scheduleInvalid, 1), (.insufficientBalance, 13),
            (.tooFrequent, 11), (.overloaded, 11), (.storageFailed, 20),
        ]
        for (rejection, code) in table { #expect(Yixintong.resultCode(for: rejection).rawValue == code) }
    }

    @Test("the codes are the document's")
    func documentedCodes() {
        let documented = [0, 1, 2, 3, 5, 9, 11, 13, 14, 15, 20, 28, 35, 38, 39, 505, 507]
        #expect(Yixintong.ResultCode.allCases.map(\.rawValue).sorted() == documented)
    }

    @Test("paths")
    func paths() {
        for operation in Yixintong.Operation.allCases {
            #expect(Yixintong.Operation(path: operation.path) == operation)
        }
        for path in ["", "/", "/api/sms", "/api/sms/send/", "/info/sms/Report", "/info/sms/reply"] {
            #expect(Yixintong.Operation(path: path) == nil)
        }
    }

    @Test("a carrier's answers that are none", arguments: ["", "{}", "[]", "OK", #"{"data":{}}"#, #"{"code":"x"}"#])
    func noAnswer(body: String) {
        #expect(throws: Rejection.self) { try decoded(body, Yixintong.SendAnswer.init(decoding:)) }
        #expect(throws: Rejection.self) { try decoded(body, Yixintong.ReportsAnswer.init(decoding:)) }
    }

    @Test("a carrier's answers are read liberally")
    func liberal() throws {
        let refused = try decoded(
            #"{"code":"13","data":null,"msg":"x","x":[{}]}"#, Yixintong.SendAnswer.init(decoding:))
        #expect(refused == Yixintong.SendAnswer(code: 13, taskID: ""))
        let empty = try decoded(#"{"data":"","code":38}"#, Yixintong.ReportsAnswer.init(decoding:))
        #expect(empty == Yixintong.ReportsAnswer(code: 38, reports: []))
        let replies = try decoded(#"{"data":[],"code":38}"#, Yixintong.RepliesAnswer.init(decoding:))
        #expect(replies == Yixintong.RepliesAnswer(code: 38, replies: [], maxID: ""))
        let reports = try decoded(
            #"{"code":0,"data":[{"result":"MK:0001","serialNumber":7,"userNumber":13800138000,"x":{}},"#
                + #"{"result":"5"}]}"#,
            Yixintong.ReportsAnswer.init(decoding:)
        ).reports
        #expect(reports.map(\.status) == [DeliveryStatus("MK:0001"), .undeliverable])
        #expect(reports.map(\.detail) == ["MK:0001", "5"])
        #expect(reports[0].customID == "7")
        #expect(reports[0].mobile == "13800138000")
        let numbered = try decoded(#"{"code":0,"data":{"maxId":17}}"#, Yixintong.RepliesAnswer.init(decoding:))
        #expect(numbered.maxID == "17")
    }
}
