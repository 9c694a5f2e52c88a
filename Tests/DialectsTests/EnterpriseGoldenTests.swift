import Dialects
import Messaging
import Testing

/// The very bytes of dialect 000, in both directions.
struct EnterpriseGoldenTests {
    private let acceptance = Acceptance(firstID: MessageID(rawValue: 17), customID: "order-7")

    @Test("there are seven paths, and each finds its operation")
    func paths() {
        let paths = Enterprise.Endpoint.all.map(\.path)
        #expect(
            paths == [
                "/oauth2/token", "/oauth2/sms/send", "/oauth2/sms/report", "/oauth2/sms/mo", "/json/sms/send",
                "/json/sms/report", "/json/sms/mo",
            ])
        for endpoint in Enterprise.Endpoint.all { #expect(Enterprise.Endpoint(path: endpoint.path) == endpoint) }
        for path in ["", "/", "/json/token", "/oauth2/token/", "/JSON/sms/send"] {
            #expect(Enterprise.Endpoint(path: path) == nil)
        }
    }

    @Test("calls of ours, in token mode")
    func signedCalls() {
        let token = Enterprise.encodeCall(.token, login: Seed000.clientLogin, at: Seed000.now)
        #expect(token.path == "/oauth2/token")
        #expect(text(token.body) == Seed000.tokenBody)
        #expect(token.headers.isEmpty)
        let send = Enterprise.encodeCall(
            .send(Seed000.part, at: Seed000.sendTime), login: Seed000.signedLogin, at: Seed000.now)
        #expect(send.path == "/oauth2/sms/send")
        #expect(send.contentType == "application/json")
        #expect(text(send.body) == Seed000.sendBody)
        #expect(
            send.headers.map { "\($0.name): \($0.value)" } == [
                "Authorization: " + Seed000.token, "signature: " + Seed000.signature, "timeStamp: 1470223220000",
                "account: J10003",
            ])
        let replies = Enterprise.encodeCall(.fetchReplies(limit: 200), login: Seed000.signedLogin, at: Seed000.now)
        #expect(replies.path == "/oauth2/sms/mo")
        #expect(text(replies.body) == Seed000.fetchBody)
    }

    @Test("calls of ours, in plain mode")
    func plainCalls() {
        let send = Enterprise.encodeCall(
            .send(Seed000.part, at: Seed000.sendTime), login: Seed000.plainLogin, at: Seed000.now)
        #expect(send.path == "/json/sms/send")
        #expect(text(send.body) == Seed000.sendBody)
        #expect(
            send.headers.map { "\($0.name): \($0.value)" } == [
                "userid: 1001", "account: J10003", "password: " + Seed000.digest,
            ])
        let bare = Submission.Part(recipients: [Recipient("13800138000")], content: "a\"b")
        let short = Enterprise.encodeCall(.send(bare), login: Seed000.plainLogin, at: Seed000.now)
        #expect(text(short.body) == #"{"mobile":"13800138000","content":"a\"b"}"#)
        let reports = Enterprise.encodeCall(.fetchReports(limit: 200), login: Seed000.plainLogin, at: Seed000.now)
        #expect(reports.path == "/json/sms/report")
        #expect(text(reports.body) == Seed000.fetchBody)
    }

    @Test("a token, and none")
    func tokenAnswers() throws {
        let body = Enterprise.encodeAnswer(.token("abc", seconds: 7200))
        #expect(text(body) == #"{"status":"0","access_token":"abc","expires_in":"7200"}"#)
        #expect(try decodedToken(text(body)) == Enterprise.TokenAnswer(token: "abc", seconds: 7200))
        let failure = Enterprise.encodeFailure(.credentialsWrong, of: .token)
        #expect(text(failure) == #"{"status":"1","error":"invalid_client"}"#)
        #expect(try decodedToken(text(failure)).error == "invalid_client")
        #expect(try decodedToken(#"{"access_token":"x","expires_in":60,"scope":[]}"#).seconds == 60)
        #expect(try decodedToken(#"{"status":"1"}"#).error == "status 1")
    }

    private func decodedToken(_ body: String) throws -> Enterprise.TokenAnswer {
        try Array(body.utf8).withUnsafeBytes { try Enterprise.TokenAnswer(decoding: $0) }
    }

    @Test("a send that was accepted")
    func accepted() throws {
        var submission = Submission(parts: [Seed000.part])
        submission.parts[0].recipients = [Recipient("13800138000"), Recipient("12345")]
        let plain = Enterprise.encodeAnswer(.accepted(acceptance, of: submission, remaining: 9999))
        #expect(
            text(plain)
                == #"{"code":"0","taskID":"17","messages":[{"message":"提交成功","mobile":"13800138000","#
                + #""returnstatus":"Success","smsid":"order-7"},{"message":"号码无效","mobile":"12345","#
                + #""returnstatus":"Faild","smsid":"order-7"}],"remainpoint":"9999"}"#)
        let answer = try decodedSend(text(plain))
        #expect(answer.code == "0")
        #expect(answer.taskID == "17")
        #expect(answer.remaining == 9999)
        #expect(answer.entries.map(\.isAccepted) == [true, false])
        let signed = Enterprise.encodeAnswer(.accepted(acceptance, of: Submission(parts: []), remaining: nil))
        #expect(text(signed) == #"{"code":"0","taskID":"17","messages":[]}"#)
    }

    @Test("a send that failed names each number where they are known")
    func refused() throws {
        let known = Enterprise.encodeFailure(
            .insufficientBalance, of: .send, named: Enterprise.Named(Submission(parts: [Seed000.part])))
        let entry = #"{"message":"余额不足","mobile":"13800138000","returnstatus":"Faild","smsid":"order-7"}"#
        let second = #"{"message":"余额不足","mobile":"13900139000","returnstatus":"Faild","smsid":"order-7"}"#
        #expect(text(known) == #"{"code":"5","taskID":"","messages":[\#(entry),\#(second)]}"#)
        #expect(try decodedSend(text(known)).code == "5")
        let unknown = Enterprise.encodeFailure(.malformedJSON, of: .send)
        #expect(
            text(unknown) == #"{"code":"4","taskID":"","messages":[{"message":"参数错误: JSON","mobile":"","#
                + #""returnstatus":"Faild","smsid":""}]}"#)
    }

    @Test("a carrier's answer to a send is read, however it is typed")
    func foreignSend() throws {
        let list = #"[{\"mobile\":\"13800138000\",\"returnstatus\":\"success\",\"smsid\":7}]"#
        let answer = try decodedSend(#"{"code":0,"taskID":9,"messages":"\#(list)","x":{}}"#)
        #expect(answer.code == "0")
        #expect(answer.taskID == "9")
        #expect(
            answer.entries == [
                Enterprise.SendAnswer.Entry(words: "", mobile: "13800138000", isAccepted: true, customID: "7")
            ])
        for body in ["", "{}", "[]", #"{"taskID":"1"}"#, "<html>", #"{"code":""}"#] {
            #expect(throws: Rejection.malformedJSON) { try decodedSend(body) }
        }
    }

    private func decodedSend(_ body: String) throws -> Enterprise.SendAnswer {
        try Array(body.utf8).withUnsafeBytes { try Enterprise.SendAnswer(decoding: $0) }
    }

    @Test("reports")
    func reports() throws {
        var failed = Samples.report(18, 1)
        failed.status = DeliveryStatus("MK:0001")
        let body = Enterprise.encodeAnswer(.reports([Samples.report(17, 1), failed]))
        let tail = #""extno":"0006","smsid":"b3d0a2783d31b21b8573"}"#
        #expect(
            text(body)
                == #"{"error":"0","remark":"成功","returnsms":[{"mobile":"13800138000","taskid":"17","status":"10","#
                + #""receivetime":"2016-08-04 17:38:59","errorcode":"DELIVRD",\#(tail),"#
                + #"{"mobile":"13800138000","taskid":"18","status":"20","#
                + #""receivetime":"2016-08-04 17:38:59","errorcode":"MK:0001",\#(tail)]}"#)
        #expect(
            text(Enterprise.encodeAnswer(.reports([]))) == #"{"error":"0","remark":"成功","returnsms":[]}"#)
        #expect(
            text(Enterprise.encodeFailure(Enterprise.tokenRejection, of: .fetchReports))
                == #"{"error":"10","remark":"令牌缺失、过期或错误","returnsms":[]}"#)
    }

    @Test("replies")
    func replies() throws {
        var reply = Samples.reply
        reply.content = "好的 \"T\""
        let body = Enterprise.encodeAnswer(.replies([reply]))
        #expect(
            text(body)
                == #"{"error":"0","remark":"成功","callbox":[{"mobile":"\#(reply.mobile)","#
                + #""taskid":"\#(reply.id.rawValue)","content":"好的 \"T\"","#
                + #""receivetime":"\#(reply.receivedAt.chinaText)","extno":"\#(reply.accessExtension)"}]}"#)
        #expect(
            text(Enterprise.encodeFailure(.accountDisabled, of: .fetchReplies))
                == #"{"error":"3","remark":"账号已停用或IP未授权","callbox":[]}"#)
    }

    @Test(
        "status decides, errorcode says how",
        arguments: [
            ("\"10\"", "\"\"", "DELIVRD"), ("10", "\"0\"", "DELIVRD"), ("20", "\"MK:0001\"", "MK:0001"),
            ("\"20\"", "\"\"", "UNDELIV"), ("20", "\"DELIVRD\"", "UNDELIV"), ("20", "\"ACCEPTD\"", "UNDELIV"),
            ("\"\"", "\"DELIVRD\"", "DELIVRD"), ("null", "null", ""), ("\"0\"", "\"ACCEPTD\"", "ACCEPTD"),
        ])
    func statuses(status: String, code: String, expected: String) throws {
        let body = #"{"error":"0","returnsms":[{"mobile":"13800138000","status":\#(status),"errorcode":\#(code)}]}"#
        let answer = try Array(body.utf8).withUnsafeBytes { try Enterprise.ReportsAnswer(decoding: $0) }
        #expect(answer.reports.map(\.status.code) == [expected])
    }

    @Test("lists that are missing, empty, or a text of their own")
    func lists() throws {
        func reports(_ body: String) throws -> Enterprise.ReportsAnswer {
            try Array(body.utf8).withUnsafeBytes { try Enterprise.ReportsAnswer(decoding: $0) }
        }
        #expect(try reports(#"{"error":"10","remark":"x"}"#).error == "10")
        #expect(try reports(#"{"error":0,"returnsms":""}"#).reports.isEmpty)
        #expect(try reports(#"{"returnsms":null}"#).error == "0")
        #expect(try reports(#"{"error":"0","returnsms":"[{\"status\":\"10\"}]"}"#).reports.count == 1)
        for body in ["{}", "", "[]", #"{"error":"0","returnsms":[1]}"#, #"{"error":"0"}x"#] {
            #expect(throws: Rejection.malformedJSON) { try reports(body) }
        }
    }
}
