import Dialects
import Messaging
import Testing

/// The samples of seed 001, and of WIRE.md where it settles them: the same bytes from us, understood by us.
///
/// Repairs: masked numbers (`135****9831`) are full ones; the lists are arrays, the missing comma behind them is
/// there, comments and white space are not.
struct ApiV1SeedTests {
    static let pushed = Timestamp(milliseconds: 1_555_063_028_000)
    private static let firstID = "b681adb3-fc1a-422d-80dd-b95cec7be769"
    private static let secondID = "feebfa40-0680-49a4-8074-2c401432ab25"

    static let send =
        "account=ABC123&pwd=7c4a8d09ca3762af61e59520943dc264&taskId=b681adb3-fc1a-422d-80dd-b95cec7be769"
        + "&mobiles=13500009831,13600000014&content=%E3%80%90%E7%AD%BE%E5%90%8D%E3%80%91%E4%BD%A0%E5%A5%BD&extNo=10"

    static let reports =
        #"{"code":"00","data":[{"sendId":"b681adb3-fc1a-422d-80dd-b95cec7be769","status":"DELIVER","#
        + #""times":"2019-04-12 17:57:08","mobile":"13500009831","extNo":""},"#
        + #"{"sendId":"feebfa40-0680-49a4-8074-2c401432ab25","status":"MBBLACK","times":"2019-04-12 17:57:08","#
        + #""mobile":"13600000014","extNo":""}],"message":"成功"}"#

    static let replies =
        #"{"code":"00","data":[{"mobile":"13800001234","content":"端午节快乐","times":"2019-04-12 17:57:08","#
        + #""extNo":10},{"mobile":"13900001234","content":"端午节快乐","times":"2019-04-12 17:57:08","extNo":10}],"#
        + #""message":"成功"}"#

    static func report(_ id: String, _ mobile: String, _ status: DeliveryStatus) -> CustomerReport {
        CustomerReport(
            id: MessageID(sequence: 7), customID: id, segmentNumber: 1, segmentTotal: 1, mobile: mobile,
            accessNumber: "1069001", accessExtension: "", submittedAt: pushed, reportedAt: pushed, status: status,
            customData: "")
    }

    static func reply(_ mobile: String, _ accessExtension: String) -> CustomerReply {
        CustomerReply(
            id: MessageID(sequence: 9), mobile: mobile, accessNumber: "106900110", accessExtension: accessExtension,
            receivedAt: pushed, content: "端午节快乐")
    }

    @Test("a send is understood")
    func sendRequest() throws {
        let request = try ApiV1.decodeRequest(.send, body: Array(Self.send.utf8))
        #expect(
            request.credentials
                == ApiV1.Credentials(account: "ABC123", password: "7c4a8d09ca3762af61e59520943dc264"))
        let part = Submission.Part(
            recipients: [Recipient("13500009831"), Recipient("13600000014")], content: "【签名】你好",
            customID: Self.firstID, accessExtension: "10")
        #expect(request.content == .success(.send(Submission(parts: [part], idempotencyKey: Self.firstID))))
    }

    @Test("the four paths, and no others")
    func paths() {
        let paths = ["/api/v1/send", "/api/v1/report", "/api/v1/mo", "/api/v1/queryBalance"]
        #expect(ApiV1.Operation.allCases.map(\.path) == paths)
        for operation in ApiV1.Operation.allCases { #expect(ApiV1.Operation(path: operation.path) == operation) }
        for path in ["", "/", "/api/v1/", "/api/v1/Send", "/api/v1/send/", "/api/v2/send", "send"] {
            #expect(ApiV1.Operation(path: path) == nil)
        }
    }

    @Test("the answer to a send")
    func sendAnswer() throws {
        let body = ApiV1.encodeAnswer(.accepted(Acceptance(firstID: MessageID(sequence: 5), customID: Self.firstID)))
        #expect(text(body) == #"{"code":"00","data":{"taskId":"\#(Self.firstID)"},"message":"成功"}"#)
        let answer = try body.withUnsafeBytes { try ApiV1.SendAnswer(decoding: $0) }
        #expect(answer == ApiV1.SendAnswer(code: "00", taskID: Self.firstID, message: "成功"))
        #expect(answer.isAccepted)
    }

    @Test("a list of reports, where success is DELIVER")
    func reportList() throws {
        let reports = [
            Self.report(Self.firstID, "13500009831", .delivered),
            Self.report(Self.secondID, "13600000014", .blacklisted),
        ]
        #expect(text(ApiV1.encodeAnswer(.reports(reports))) == Self.reports)
        let answer = try Array(Self.reports.utf8).withUnsafeBytes { try ApiV1.ReportsAnswer(decoding: $0) }
        #expect(answer.isSuccess)
        #expect(answer.reports.map(\.customID) == [Self.firstID, Self.secondID])
        #expect(answer.reports.map(\.status) == [.delivered, .blacklisted])
        #expect(answer.reports.map(\.mobile) == ["13500009831", "13600000014"])
        #expect(answer.reports.map(\.reportedAt) == [Self.pushed, Self.pushed])
    }

    @Test("a list of replies, where the extension is a number")
    func replyList() throws {
        let replies = [Self.reply("13800001234", "10"), Self.reply("13900001234", "10")]
        #expect(text(ApiV1.encodeAnswer(.replies(replies))) == Self.replies)
        let answer = try Array(Self.replies.utf8).withUnsafeBytes { try ApiV1.RepliesAnswer(decoding: $0) }
        #expect(answer.isSuccess)
        #expect(answer.replies.map(\.mobile) == ["13800001234", "13900001234"])
        #expect(answer.replies.map(\.content) == ["端午节快乐", "端午节快乐"])
        #expect(answer.replies.map(\.accessExtension) == ["10", "10"])
        #expect(answer.replies.map(\.receivedAt) == [Self.pushed, Self.pushed])
    }

    @Test(
        "an extension as a number: without zeros in front, and 0 for none",
        arguments: [
            ("10", "10"), ("", "0"), ("0006", "6"), ("0", "0"), ("12345678901234567890", "12345678901234567890"),
        ])
    func numberOfExtension(digits: String, number: String) {
        let body = text(ApiV1.encodeAnswer(.replies([Self.reply("13800001234", digits)])))
        #expect(body.contains(#""extNo":\#(number)}"#))
    }

    @Test("empty lists are lists")
    func emptyLists() throws {
        #expect(text(ApiV1.encodeAnswer(.reports([]))) == #"{"code":"00","data":[],"message":"成功"}"#)
        #expect(text(ApiV1.encodeAnswer(.replies([]))) == #"{"code":"00","data":[],"message":"成功"}"#)
    }

    @Test(
        "the balance: segments, or yuan without needless zeros",
        arguments: [
            (ChargeUnit.count, 200_000, Account.Payment.prepaid, #"200000,"payment":0,"paymentName":"预付""#),
            (.money, 200_000_000_000, .postpaid, #"200000,"payment":1,"paymentName":"后付""#),
            (.money, 12_345_600, .prepaid, #"12.3456,"payment":0,"paymentName":"预付""#),
            (.money, -29_000, .postpaid, #"-0.029,"payment":1,"paymentName":"后付""#),
            (.money, 0, .prepaid, #"0,"payment":0,"paymentName":"预付""#),
        ])
    func balance(unit: ChargeUnit, amount: Int64, payment: Account.Payment, expected: String) throws {
        let body = ApiV1.encodeAnswer(.balance(ApiV1.Balance(unit: unit, amount: amount, payment: payment)))
        #expect(text(body) == #"{"code":"00","data":{"balance":\#(expected)},"message":"成功"}"#)
        let answer = try body.withUnsafeBytes { try ApiV1.BalanceAnswer(decoding: $0) }
        #expect(answer.payment == payment)
        #expect(unit.amount(answer.balance) == amount)
    }

    @Test("the push of a report, where success is DELIVRD")
    func pushedReport() throws {
        let body = ApiV1.encodePush(report: Self.report("t1", "13500009831", .delivered))
        #expect(
            text(body)
                == #"{"sendId":"t1","mobile":"13500009831","times":"2019-04-12 17:57:08","status":"DELIVRD"}"#)
        let push = try body.withUnsafeBytes { try ApiV1.decodePush($0) }
        #expect(push.replies.isEmpty)
        #expect(push.reports.map(\.customID) == ["t1"])
        #expect(push.reports.map(\.status) == [.delivered])
    }

    @Test("the push of a reply, where the extension is a text")
    func pushedReply() throws {
        let body = ApiV1.encodePush(reply: Self.reply("13900001234", "0010"))
        #expect(
            text(body)
                == #"{"mobile":"13900001234","content":"端午节快乐","times":"2019-04-12 17:57:08","extNo":"0010"}"#)
        let push = try body.withUnsafeBytes { try ApiV1.decodePush($0) }
        #expect(push.reports.isEmpty)
        #expect(push.replies.map(\.accessExtension) == ["0010"])
    }

    @Test("both spellings of success are understood in both places")
    func spellings() throws {
        for word in ["DELIVER", "DELIVRD", "delivrd"] {
            let list = #"{"code":0,"data":[{"sendId":"t","status":"\#(word)"}]}"#
            let answer = try Array(list.utf8).withUnsafeBytes { try ApiV1.ReportsAnswer(decoding: $0) }
            #expect(answer.isSuccess)
            #expect(answer.reports.map(\.status) == [.delivered])
            let push = try Array(#"[{"sendId":"t","status":"\#(word)"}]"#.utf8)
                .withUnsafeBytes { try ApiV1.decodePush($0) }
            #expect(push.reports.map(\.status) == [.delivered])
        }
    }

    @Test("answers to a push")
    func pushAnswers() {
        #expect(text(ApiV1.encodePushAnswer()) == #"{"code":"00","message":"成功"}"#)
        #expect(text(ApiV1.encodePushAnswer(.malformedJSON)) == #"{"code":"01","message":"参数错误"}"#)
    }

    @Test("answers as the document prints them, white space and all")
    func printedAnswers() throws {
        let send = "{\n  \"code\": \"00\",\n  \"data\": {\n    \"taskId\": \"\"\n  },\n  \"message\": \"成功\"\n}"
        #expect(
            try Array(send.utf8).withUnsafeBytes { try ApiV1.SendAnswer(decoding: $0) }
                == ApiV1.SendAnswer(code: "00", taskID: "", message: "成功"))
        let balance = """
            {
              "code": "00",
              "data": {
                "balance": 200000,
                "payment": 0,
                "paymentName": "预付"
              },
              "message": "成功"
            }
            """
        let answer = try Array(balance.utf8).withUnsafeBytes { try ApiV1.BalanceAnswer(decoding: $0) }
        #expect(ChargeUnit.count.amount(answer.balance) == 200_000)
        #expect(answer.payment == .prepaid)
        let spread = { (list: String) in list.replacing(",", with: ",\n    ").replacing("\":", with: "\": ") }
        let reports = try Array(spread(Self.reports).utf8).withUnsafeBytes { try ApiV1.ReportsAnswer(decoding: $0) }
        #expect(reports.reports.map(\.status) == [.delivered, .blacklisted])
        #expect(reports.reports.map(\.reportedAt) == [Self.pushed, Self.pushed])
        let replies = try Array(spread(Self.replies).utf8).withUnsafeBytes { try ApiV1.RepliesAnswer(decoding: $0) }
        #expect(replies.replies.map(\.accessExtension) == ["10", "10"])
    }

    @Test("pushes as the document prints them, white space and all")
    func printedPushes() throws {
        let report = """
            {
              "sendId":      "t1",
              "mobile":      "13500009831",
              "times":       "2019-04-12 17:57:08",
              "status":      "DELIVRD"
            }
            """
        let first = try Array(report.utf8).withUnsafeBytes { try ApiV1.decodePush($0) }
        #expect(first.reports.map(\.customID) == ["t1"])
        #expect(first.reports.map(\.reportedAt) == [Self.pushed])
        let reply = """
            {
              "mobile":      "139",
              "content":     "收到",

            "times":  "2019-04-12 17:57:08",
            "extNo":   ""
            }
            """
        let second = try Array(reply.utf8).withUnsafeBytes { try ApiV1.decodePush($0) }
        #expect(second.replies.map(\.mobile) == ["139"])
        #expect(second.replies.map(\.content) == ["收到"])
    }
}
