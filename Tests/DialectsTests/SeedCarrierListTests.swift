import Dialects
import Messaging
import Testing

/// A carrier's reports and replies, polled and pushed, as seed 002 prints them (numbers in full).
struct SeedCarrierListTests {
    static let reports = """
        [
        {
        "msgid":9223372045854775808,
        "custid":"b3d0a2783d31b21b8573",
        "pknum":1,
        "pktotal":2,
        "mobile":"13800138000",
        "spno":"1000457890006",
        "exno":"0006",
        "stime":"2016-08-04 17:38:55",
        "rtime":"2016-08-04 17:38:59",
        "status":0,
        "errcode":"DELIVRD",
        "errdesc":"success",
        "exdata":"exdata0002"
        },
        {
        "msgid":9223372045854875809,
        "custid":"b3d0a2783d31b21b8573",
        "pknum":2,
        "pktotal":2,
        "mobile":"13800138000",
        "spno":"1000457890006",
        "exno":"0006",
        "stime":"2016-08-04 17:38:55",
        "rtime":"2016-08-04 17:38:59",
        "status":0, "errcode":"DELIVRD",
        "errdesc":"success",
        "exdata":"exdata0002"
        }
        ]
        """
    static let replies = """
        [{"msgid":9223372045854775808,"mobile":"13800138000","spno":"1000457890006","exno":"0006",\
        "rtime":"2016-08-04 17:38:59","content":"%b2%e2%ca%d4%b6%cc%d0%c5"},{"msgid":9223372045854895809,\
        "mobile":"13100131000","spno":"1000357890006","exno":"0006","rtime":"2016-08-04 17:39:50",\
        "content":"%e6%b5%8b%e8%af%95%e7%9f%ad%e4%bf%a1"}]
        """

    private let expectedReports = [
        (9_223_372_045_854_775_808, 1), (9_223_372_045_854_875_809, 2),
    ].map { (id: UInt64, segment: Int) in
        CarrierReport(
            customID: "b3d0a2783d31b21b8573", carrierID: Int64(bitPattern: id), segmentNumber: segment,
            segmentTotal: 2, mobile: "13800138000", status: .delivered, detail: "success",
            reportedAt: Samples.reportedAt)
    }

    private let expectedReplies = [
        CarrierReply(
            carrierID: Int64(bitPattern: 9_223_372_045_854_775_808), mobile: "13800138000",
            accessNumber: "1000457890006", content: Seed002.content, receivedAt: Samples.reportedAt),
        CarrierReply(
            carrierID: Int64(bitPattern: 9_223_372_045_854_895_809), mobile: "13100131000",
            accessNumber: "1000357890006", content: Seed002.content,
            receivedAt: Samples.reportedAt.adding(milliseconds: 51_000)),
    ]

    private func reports(_ body: String) throws -> OperatorV2.ReportsAnswer {
        try Array(body.utf8).withUnsafeBytes { try OperatorV2.ReportsAnswer(decoding: $0) }
    }

    private func push(_ format: OperatorV2.BodyFormat, _ body: String) throws -> OperatorV2.ReceivedPush {
        try Array(body.utf8).withUnsafeBytes { try OperatorV2.decodePush(format: format, body: $0) }
    }

    @Test("reports that were polled, §2.5.8")
    func polledReports() throws {
        let answer = try reports("{\n\"result\":0,\n\"rpts\": \(Self.reports)\n}")
        #expect(answer == OperatorV2.ReportsAnswer(result: 0, reports: expectedReports))
        let xml = text(
            OperatorV2.encodeAnswer(
                .reports([Samples.report(7, 1)]), format: .xml))
        #expect(try reports(xml).reports.map(\.carrierID) == [7])
    }

    @Test("replies that were polled, §2.4.8; contents in UTF-8 or GBK")
    func polledReplies() throws {
        let body = "{\"result\":0,\"mos\":\(Self.replies)}"
        let answer = try Array(body.utf8).withUnsafeBytes { try OperatorV2.RepliesAnswer(decoding: $0) }
        #expect(answer == OperatorV2.RepliesAnswer(result: 0, replies: expectedReplies))
    }

    @Test("empty and failed lists", arguments: ["\"\"", "[]", "null", "\"[]\""])
    func empty(list: String) throws {
        #expect(try reports("{\"result\":-100999,\"rpts\":\(list)}").reports.isEmpty)
    }

    @Test("a list may be a JSON text of its own")
    func listAsText() throws {
        let quoted = Self.reports.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"")
        #expect(try reports("{\"result\":0,\"rpts\":\"\(quoted)\"}").reports == expectedReports)
    }

    @Test("status decides, tables 5-3 and 8-2; an error code says how it failed, and stands for a missing status")
    func statuses() throws {
        func status(_ fields: String) throws -> DeliveryStatus? {
            try reports("{\"result\":0,\"rpts\":[{\(fields)}]}").reports.first?.status
        }
        #expect(try status(#""status":1,"errcode":"MK:0001""#) == DeliveryStatus("MK:0001"))
        #expect(try status(#""status":0,"errcode":"""#) == .delivered)
        #expect(try status(#""status":"0""#) == .delivered)
        #expect(try status(#""status":2,"errcode":null"#) == .undeliverable)
        #expect(try status(#""status":1,"errcode":"DELIVRD""#) == .undeliverable)
        #expect(try status(#""status":1,"errcode":"ACCEPTD""#) == .undeliverable)
        #expect(try status(#""status":0,"errcode":"MK:0001""#) == .delivered)
        #expect(try status(#""errcode":"UNKNOWN","status":0"#) == .delivered)
        #expect(try status(#""status":0,"errcode":"000""#) == .delivered)
        #expect(try status(#""status":0,"errcode":"ACCEPTD""#) == .accepted)
        #expect(try status(#""status":"0","errcode":"ENROUTE""#) == DeliveryStatus("ENROUTE"))
        #expect(try status(#""errcode":"DELIVRD""#) == .delivered)
        #expect(try status(#""status":"","errcode":"MK:0001""#) == DeliveryStatus("MK:0001"))
        #expect(try status(#""mobile":"13800138000""#) == .missing)
        #expect(try status(#""status":"","errcode":"""#) == .missing)
    }

    @Test("reports that were pushed, §2.8.5: as printed, percent-encoded, and as a JSON body")
    func pushedReports() throws {
        let joined = Self.reports.split(separator: "\n").joined()
        let expected = OperatorV2.ReceivedPush(
            credentials: Seed002.credentials, sequence: "1004", content: .reports(expectedReports))
        let head = Seed002.identityForm + "&cmd=RPT_REQ&seqid=1004&rpts="
        #expect(try push(.form, head + joined) == expected)
        let encoded = joined.utf8.map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return byte == 0x20 ? "+" : (digits.count == 1 ? "%0" : "%") + digits
        }.joined()
        #expect(try push(.form, head + encoded) == expected)
        let json = Seed002.identityJSON.dropLast() + #","cmd":"RPT_REQ","seqid":"1004","rpts":\#(Self.reports)}"#
        #expect(try push(.json, String(json)) == expected)
    }

    @Test("replies that were pushed, §2.7.5: contents there are GBK")
    func pushedReplies() throws {
        let body = Seed002.identityForm + "&cmd=MO_REQ&seqid=1003&mos=" + Self.replies
        #expect(
            try push(.form, body)
                == OperatorV2.ReceivedPush(
                    credentials: Seed002.credentials, sequence: "1003", content: .replies(expectedReplies)))
    }

    @Test("a push that does not say what it is")
    func unclearPush() {
        let identity = Seed002.identityForm
        let failures: [(String, Rejection)] = [
            (identity, .parameterMissing("cmd")),
            (identity + "&cmd=XX", .parameterInvalid("cmd")),
            (identity + "&cmd=RPT_REQ", .parameterMissing("rpts")),
            (identity + "&cmd=MO_REQ&rpts=[]", .parameterMissing("mos")),
            (identity + "&cmd=MO_REQ&mos=[{]", .malformedJSON),
            ("", .malformedForm),
        ]
        for (body, expected) in failures {
            #expect(throws: expected) { try push(.form, body) }
        }
    }

    @Test("answers to a push, §2.7.6, §2.7.7, §2.8.6, §2.8.7")
    func pushAnswers() throws {
        #expect(
            text(OperatorV2.encodePushAnswer(.replies, sequence: "1003", result: 0))
                == #"{"cmd":"MO_RESP","seqid":1003,"result":0}"#)
        #expect(
            text(OperatorV2.encodePushAnswer(.reports, sequence: "a-7", result: -100_999))
                == #"{"cmd":"RPT_RESP","seqid":"a-7","result":-100999}"#)
        for body in [
            "{\n\"cmd\":\"RPT_RESP\",\n\"seqid\":1004,\n\"result\": -100999\n}",
            #"{"seqId":"1004","result":"-100999","cmd":"x"}"#,
        ] {
            let answer = try Array(body.utf8).withUnsafeBytes { try OperatorV2.PushAnswer(decoding: $0) }
            #expect(answer == OperatorV2.PushAnswer(sequence: "1004", result: -100_999))
        }
        for body in ["", "0", "{}", #"{"result":null}"#, "<html>"] {
            #expect(throws: Rejection.malformedJSON) {
                try Array(body.utf8).withUnsafeBytes { try OperatorV2.PushAnswer(decoding: $0) }
            }
        }
    }
}
