import Messaging
import Testing

@testable import Dialects

/// Every sample answer of seed 002: ours are the same bytes, and a carrier's are understood.
///
/// Repairs: the samples' white space between tokens is left out of ours; their XML prolog lacks its quotes; their
/// msgid 9223372036854775808 and its like are beyond 2⁶³, so ours have others of as many digits.
struct SeedAnswerTests {
    private let accepted = OperatorV2.Answer.accepted(
        Acceptance(firstID: MessageID(rawValue: 9_223_372_036_854_775_807), customID: "b3d0a2783d31b21b8573"))

    private func json(_ answer: OperatorV2.Answer) -> String { text(OperatorV2.encodeAnswer(answer, format: .json)) }
    private func xml(_ answer: OperatorV2.Answer) -> String { text(OperatorV2.encodeAnswer(answer, format: .xml)) }

    private func sendAnswer(_ body: String) throws -> OperatorV2.SendAnswer {
        try Array(body.utf8).withUnsafeBytes { try OperatorV2.SendAnswer(decoding: $0) }
    }

    @Test("a send that was accepted, §2.1.8, §2.2.8, §2.3.8")
    func sendAccepted() {
        #expect(json(accepted) == #"{"result":0,"msgid":9223372036854775807,"custid":"b3d0a2783d31b21b8573"}"#)
        #expect(
            xml(accepted)
                == compactedXML(
                    """
                    <?xml version=1.0 encoding=utf-8?>
                    <mtrsp>
                        <result>0</result>
                    <msgid>9223372036854775807</msgid>
                    <custid>b3d0a2783d31b21b8573</custid>
                    </mtrsp>
                    """))
        #expect(
            OperatorV2.encodeAnswer(accepted, format: .form) == OperatorV2.encodeAnswer(accepted, format: .json))
    }

    @Test(
        "operations that failed, §2.1.9, §2.4.9, §2.5.9, §2.6.9",
        arguments: [
            (
                [OperatorV2.Operation.singleSend, .batchSend, .multiSend], #"{"result":-100999,"msgid":0,"custid":""}"#,
                "<mtrsp><result>-100999</result><msgid>0</msgid><custid></custid></mtrsp>"
            ),
            (
                [.fetchReplies], #"{"result":-100999,"mos":""}"#,
                "<morsp><result>-100999</result><mos></mos></morsp>"
            ),
            (
                [.fetchReports], #"{"result":-100999,"rpts":""}"#,
                "<rptrsp><result>-100999</result><rpts></rpts></rptrsp>"
            ),
            (
                [.balance], #"{"result":-100999,"chargetype":0,"balance":0,"money":"0.000000"}"#,
                "<feersp><result>-100999</result><chargetype>0</chargetype><balance>0</balance>"
                    + "<money>0.000000</money></feersp>"
            ),
        ])
    func failures(operations: [OperatorV2.Operation], json: String, xml: String) {
        for operation in operations {
            #expect(text(OperatorV2.encodeFailure(.storageFailed, of: operation, format: .json)) == json)
            #expect(text(OperatorV2.encodeFailure(code: -100_999, of: operation, format: .form)) == json)
            let prolog = #"<?xml version="1.0" encoding="utf-8"?>"#
            #expect(text(OperatorV2.encodeFailure(.storageFailed, of: operation, format: .xml)) == prolog + xml)
        }
    }

    @Test("a balance, §2.6.8")
    func balance() {
        let byCount = OperatorV2.Answer.balance(OperatorV2.Balance(unit: .count, amount: 99_885_514))
        #expect(json(byCount) == #"{"result":0,"chargetype":0,"balance":99885514,"money":"0.000000"}"#)
        #expect(
            xml(byCount).hasSuffix(
                "<feersp><result>0</result><chargetype>0</chargetype><balance>99885514</balance>"
                    + "<money>0.000000</money></feersp>"))
        let byMoney = OperatorV2.Answer.balance(OperatorV2.Balance(unit: .money, amount: 12_345_600))
        #expect(json(byMoney) == #"{"result":0,"chargetype":1,"balance":0,"money":"12.345600"}"#)
    }

    @Test("empty lists are lists in success")
    func emptyLists() {
        #expect(json(.reports([])) == #"{"result":0,"rpts":[]}"#)
        #expect(json(.replies([])) == #"{"result":0,"mos":[]}"#)
        #expect(xml(.replies([])).hasSuffix("<morsp><result>0</result><mos></mos></morsp>"))
    }

    @Test("reports, §2.5.8")
    func reports() {
        let entry =
            #"{"msgid":9223372036854775801,"custid":"b3d0a2783d31b21b8573","pknum":1,"pktotal":2,"#
            + #""mobile":"13800138000","spno":"1000457890006","exno":"0006","stime":"2016-08-04 17:38:55","#
            + #""rtime":"2016-08-04 17:38:59","status":0,"errcode":"DELIVRD","errdesc":"success","#
            + #""exdata":"exdata0002"}"#
        let other = entry.split(separator: "5801").joined(separator: "5802").split(separator: #""pknum":1"#)
            .joined(separator: #""pknum":2"#)
        let (first, second) = (
            Samples.report(9_223_372_036_854_775_801, 1), Samples.report(9_223_372_036_854_775_802, 2)
        )
        #expect(json(.reports([first, second])) == #"{"result":0,"rpts":[\#(entry),\#(other)]}"#)
        #expect(
            xml(.reports([first]))
                == #"<?xml version="1.0" encoding="utf-8"?><rptrsp><result>0</result><rpts><rpt>"#
                + "<msgid>9223372036854775801</msgid><custid>b3d0a2783d31b21b8573</custid><pknum>1</pknum>"
                + "<pktotal>2</pktotal><mobile>13800138000</mobile><spno>1000457890006</spno><exno>0006</exno>"
                + "<stime>2016-08-04 17:38:55</stime><rtime>2016-08-04 17:38:59</rtime><status>0</status>"
                + "<errcode>DELIVRD</errcode><errdesc>success</errdesc><exdata>exdata0002</exdata></rpt></rpts>"
                + "</rptrsp>"
        )
    }

    @Test("a report of a failure")
    func failureReport() {
        var report = Samples.report(1, 1)
        report.status = DeliveryStatus("MK:0001")
        #expect(json(.reports([report])).contains(#""status":1,"errcode":"MK:0001","errdesc":"fail""#))
    }

    @Test("replies, §2.4.8")
    func replies() {
        let reply = Samples.reply
        let content =
            "%e9%aa%8c%e8%af%81%e7%a0%81%ef%bc%9a6666%ef%bc%8c%e6%89%93%e6%ad%bb%e9%83%bd%e4%b8%8d%e8%a6%81%e5%91%8a"
            + "%e8%af%89%e5%88%ab%e4%ba%ba%e5%93%a6%ef%bc%81"
        #expect(
            json(.replies([reply]))
                == #"{"result":0,"mos":[{"msgid":9223372036854775800,"mobile":"13800138000","#
                + #""spno":"1000457890006","exno":"0006","rtime":"2016-08-04 17:38:59","content":"\#(content)"}]}"#)
        #expect(
            xml(.replies([reply])).hasSuffix(
                "<morsp><result>0</result><mos><mo><msgid>9223372036854775800</msgid><mobile>13800138000</mobile>"
                    + "<spno>1000457890006</spno><exno>0006</exno><rtime>2016-08-04 17:38:59</rtime>"
                    + "<content>\(content)</content></mo></mos></morsp>"))
    }

    @Test("a carrier's answer to a send, as printed; its msgid wraps as in Java")
    func carrierSend() throws {
        let expected = OperatorV2.SendAnswer(result: 0, firstID: .min, customID: "b3d0a2783d31b21b8573")
        #expect(
            try sendAnswer("{\n\"result\":0,\n\"msgid\":9223372036854775808,\n\"custid\":\"b3d0a2783d31b21b8573\"\n}")
                == expected)
        // §2.3.8 prints it without quotes.
        #expect(
            try sendAnswer("{\n\"result\":0,\n\"msgid\":9223372036854775808,\n\"custid\":b3d0a2783d31b21b8573\n}")
                == expected)
        #expect(
            try sendAnswer(
                """
                <?xml version=1.0 encoding=utf-8?>
                <mtrsp>
                    <result>0</result>
                <msgid>9223372036854775808</msgid>
                <custid>b3d0a2783d31b21b8573</custid>
                </mtrsp>
                """) == expected)
        #expect(
            try sendAnswer(#"{"result":"-100012","msgid":"0","custid":"","desc":{"a":[1,{}]}}"#)
                == OperatorV2.SendAnswer(result: -100_012, firstID: 0, customID: ""))
    }

    @Test("a carrier's answer without a result is none", arguments: ["{}", "<a></a>", "", "OK", #"{"result":"x"}"#])
    func noResult(body: String) {
        #expect(throws: Rejection.self) { try sendAnswer(body) }
    }
}

enum Samples {
    static let reportedAt = Timestamp(milliseconds: 1_470_303_539_000)

    static func report(_ id: Int64, _ segment: Int) -> CustomerReport {
        CustomerReport(
            id: MessageID(rawValue: id), customID: "b3d0a2783d31b21b8573", segmentNumber: segment, segmentTotal: 2,
            mobile: "13800138000", accessNumber: "1000457890006", accessExtension: "0006",
            submittedAt: reportedAt.adding(milliseconds: -4000), reportedAt: reportedAt, status: .delivered,
            customData: "exdata0002")
    }

    static let reply = CustomerReply(
        id: MessageID(rawValue: 9_223_372_036_854_775_800), mobile: "13800138000", accessNumber: "1000457890006",
        accessExtension: "0006", receivedAt: reportedAt, content: "验证码：6666，打死都不要告诉别人哦！")
}
