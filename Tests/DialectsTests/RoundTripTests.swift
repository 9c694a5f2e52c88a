import Dialects
import Messaging
import Testing

/// What we write, we read: both directions of the dialect in one codec.
struct RoundTripTests {
    private static let texts = [
        "hello", "a+b = 100% & more; \"quoted\" \\ <tag>", "验证码：6666", "line\r\n\tnext", "笑😀", "數誠乗",
        "%b2%e2 is no sequence of ours", "€uro", String(repeating: "字", count: 1000),
    ]

    /// In a form, a text that looks percent-encoded cannot be told from one that was encoded twice.
    private static func texts(_ format: OperatorV2.BodyFormat) -> [String] {
        format == .form ? texts.filter { !$0.contains("%b2") } : texts
    }

    private func part(_ content: String, _ recipients: [Recipient]) -> Submission.Part {
        Submission.Part(
            recipients: recipients, content: content, customID: "m1-2_3", customData: "d", accessExtension: "12",
            serviceType: "T1")
    }

    /// The request that a carrier of this family makes of our call.
    private func received(
        _ call: OperatorV2.Call, _ format: OperatorV2.BodyFormat, login: OperatorV2.Login = Seed002.login
    ) throws -> OperatorV2.Request {
        let encoded = OperatorV2.encodeCall(call, login: login, at: Seed002.now, format: format)
        let endpoint = try #require(OperatorV2.Endpoint(path: encoded.path))
        #expect(try OperatorV2.BodyFormat(contentType: encoded.contentType) == format)
        #expect(endpoint.operation == call.operation)
        return try OperatorV2.decodeRequest(endpoint, format: format, body: encoded.body)
    }

    @Test("single and batch sends, in every format, whatever the text", arguments: OperatorV2.BodyFormat.allCases)
    func sends(format: OperatorV2.BodyFormat) throws {
        for content in Self.texts(format) {
            let one = part(content, Seed002.recipients(0))
            let single = try received(.singleSend(one), format)
            #expect(single.content == .success(.send(Submission(parts: [one]))))
            #expect(single.credentials == Seed002.credentials)
            let many = part(content, Seed002.recipients(0, 1, 2) + [Recipient("0085256412345")])
            #expect(try received(.batchSend(many), format).content == .success(.send(Submission(parts: [many]))))
        }
    }

    @Test("multi sends", arguments: OperatorV2.BodyFormat.allCases)
    func multi(format: OperatorV2.BodyFormat) throws {
        let parts = Self.texts(format).enumerated().map { part($1, Seed002.recipients($0 % 4)) }
        #expect(try received(.multiSend(parts), format).content == .success(.send(Submission(parts: parts))))
    }

    @Test("a text that GBK cannot hold goes to the later name, in UTF-8")
    func charsetOfTheCall() {
        func path(_ texts: String...) -> String {
            let parts = texts.map { part($0, Seed002.recipients(0)) }
            let call: OperatorV2.Call = parts.count == 1 ? .singleSend(parts[0]) : .multiSend(parts)
            return OperatorV2.encodeCall(call, login: Seed002.login, at: Seed002.now).path
        }
        #expect(path("验证码") == "/sms/v2/std/single_send")
        #expect(path("笑😀") == "/sms/v2/std/send_single")
        #expect(path("验证码", "验证") == "/sms/v2/std/multi_send")
        #expect(path("验证码", "笑😀") == "/sms/v2/std/send_multi")
    }

    @Test("fetches and the balance", arguments: OperatorV2.BodyFormat.allCases)
    func fetches(format: OperatorV2.BodyFormat) throws {
        #expect(try received(.fetchReplies(limit: 17), format).content == .success(.fetch(limit: 17)))
        #expect(try received(.fetchReports(limit: 500), format).content == .success(.fetch(limit: 500)))
        #expect(try received(.balance, format).content == .success(.balance))
    }

    @Test("the three ways to log in", arguments: OperatorV2.BodyFormat.allCases)
    func logins(format: OperatorV2.BodyFormat) throws {
        #expect(
            try received(.balance, format, login: .plain(userID: "J10003", password: "p+w%1&x=")).credentials
                == OperatorV2.Credentials(userID: "J10003", password: "p+w%1&x="))
        #expect(
            try received(.balance, format, login: .apiKey("abade5589e2798f82f006bbc36d269ce")).credentials
                == OperatorV2.Credentials(apiKey: "abade5589e2798f82f006bbc36d269ce"))
    }

    @Test("reports that we give out are reports to us", arguments: OperatorV2.BodyFormat.allCases)
    func reports(format: OperatorV2.BodyFormat) throws {
        var failed = Samples.report(9, 2)
        failed.status = DeliveryStatus("MK:0001")
        failed.mobile = "13<&>\"\\8"
        failed.customData = ""
        let reports = [Samples.report(1, 1), failed]
        let body = OperatorV2.encodeAnswer(.reports(reports), format: format)
        let answer = try body.withUnsafeBytes { try OperatorV2.ReportsAnswer(decoding: $0) }
        #expect(answer == OperatorV2.ReportsAnswer(result: 0, reports: reports.map(Self.asCarrier)))
    }

    @Test("replies that we give out are replies to us", arguments: OperatorV2.BodyFormat.allCases)
    func replies(format: OperatorV2.BodyFormat) throws {
        let replies = Self.texts.map { content in
            var reply = Samples.reply
            reply.content = content
            return reply
        }
        let body = OperatorV2.encodeAnswer(.replies(replies), format: format)
        let answer = try body.withUnsafeBytes { try OperatorV2.RepliesAnswer(decoding: $0) }
        #expect(answer == OperatorV2.RepliesAnswer(result: 0, replies: replies.map(Self.asCarrier)))
    }

    @Test("sends and balances that we answer are answers to us", arguments: OperatorV2.BodyFormat.allCases)
    func answers(format: OperatorV2.BodyFormat) throws {
        let accepted = OperatorV2.encodeAnswer(
            .accepted(Acceptance(firstID: MessageID(rawValue: 17_179_869_184), customID: "c")), format: format)
        #expect(
            try accepted.withUnsafeBytes { try OperatorV2.SendAnswer(decoding: $0) }
                == OperatorV2.SendAnswer(result: 0, firstID: 17_179_869_184, customID: "c"))
        let failed = OperatorV2.encodeFailure(.numberInvalid, of: .batchSend, format: format)
        #expect(
            try failed.withUnsafeBytes { try OperatorV2.SendAnswer(decoding: $0) }
                == OperatorV2.SendAnswer(result: -100_012, firstID: 0, customID: ""))
        let balance = OperatorV2.encodeAnswer(
            .balance(OperatorV2.Balance(unit: .money, amount: -29_000)), format: format)
        #expect(
            try balance.withUnsafeBytes { try OperatorV2.BalanceAnswer(decoding: $0) }
                == OperatorV2.BalanceAnswer(
                    result: 0, chargeType: 1, balance: 0, money: Money(microYuan: -29_000)))
    }

    @Test("pushes, in every format", arguments: OperatorV2.PushFormat.allCases)
    func pushes(format: OperatorV2.PushFormat) throws {
        func received(_ push: OperatorV2.Push) throws -> OperatorV2.ReceivedPush {
            let body = OperatorV2.encodePush(
                push, sequence: 1004, login: Seed002.login, at: Seed002.now, format: format)
            let bodyFormat = try OperatorV2.BodyFormat(contentType: format.contentType)
            return try body.withUnsafeBytes { try OperatorV2.decodePush(format: bodyFormat, body: $0) }
        }
        let reports = [Samples.report(1, 1), Samples.report(2, 2)]
        #expect(
            try received(.reports(reports))
                == OperatorV2.ReceivedPush(
                    credentials: Seed002.credentials, sequence: "1004",
                    content: .reports(reports.map(Self.asCarrier))))
        let replies = Self.texts.map { content in
            var reply = Samples.reply
            reply.content = content
            return reply
        }
        #expect(try received(.replies(replies)).content == .replies(replies.map(Self.asCarrier)))
        #expect(try received(.replies([])).content == .replies([]))
    }

    @Test("a push as printed is the sample of §2.8.5, without its stray blank")
    func printedPush() {
        let body = OperatorV2.encodePush(
            .reports([Samples.report(1, 1)]), sequence: 1004, login: Seed002.login, at: Seed002.now,
            format: .printedForm)
        #expect(
            text(body)
                == Seed002.identityForm + #"&cmd=RPT_REQ&seqid=1004&rpts=[{"msgid":1,"#
                + #""custid":"b3d0a2783d31b21b8573","pknum":1,"pktotal":2,"mobile":"13800138000","#
                + #""spno":"1000457890006","exno":"0006","stime":"2016-08-04 17:38:55","#
                + #""rtime":"2016-08-04 17:38:59","status":0,"errcode":"DELIVRD","errdesc":"success","#
                + #""exdata":"exdata0002"}]"#)
    }

    static func asCarrier(_ report: CustomerReport) -> CarrierReport {
        CarrierReport(
            customID: report.customID, carrierID: report.id.rawValue, segmentNumber: report.segmentNumber,
            segmentTotal: report.segmentTotal, mobile: report.mobile, status: report.status,
            detail: report.status.isDelivered ? "success" : "fail", reportedAt: report.reportedAt)
    }

    static func asCarrier(_ reply: CustomerReply) -> CarrierReply {
        CarrierReply(
            carrierID: reply.id.rawValue, mobile: reply.mobile, accessNumber: reply.accessNumber,
            content: reply.content, receivedAt: reply.receivedAt)
    }
}
