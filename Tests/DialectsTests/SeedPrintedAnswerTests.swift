import Dialects
import Messaging
import Testing

/// A carrier's answers exactly as seed 002 prints them, prolog without quotes, indentation and all (numbers in full).
struct SeedPrintedAnswerTests {
    private static let content =
        "%e9%aa%8c%e8%af%81%e7%a0%81%ef%bc%9a6666%ef%bc%8c%e6%89%93%e6%ad%bb%e9%83%bd%e4%b8%8d%e8%a6%81%e5%91%8a"
        + "%e8%af%89%e5%88%ab%e4%ba%ba%e5%93%a6%ef%bc%81"

    private static let replies = [
        CarrierReply(
            carrierID: Int64(bitPattern: 9_223_372_045_854_775_808), mobile: "13800138000",
            accessNumber: "1000457890006", content: "验证码：6666，打死都不要告诉别人哦！", receivedAt: Samples.reportedAt),
        CarrierReply(
            carrierID: Int64(bitPattern: 9_223_372_045_854_895_809), mobile: "13100131000",
            accessNumber: "1000357890006", content: "验证码：6666，打死都不要告诉别人哦！",
            receivedAt: Samples.reportedAt.adding(milliseconds: 51_000)),
    ]

    private static let reports = [(9_223_372_045_854_775_808, 1), (9_223_372_045_854_875_809, 2)]
        .map { (id: UInt64, segment: Int) in
            CarrierReport(
                customID: "b3d0a2783d31b21b8573", carrierID: Int64(bitPattern: id), segmentNumber: segment,
                segmentTotal: 2, mobile: "13800138000", status: .delivered, detail: "success",
                reportedAt: Samples.reportedAt)
        }

    private func read<Answer>(_ body: String, _ decode: (UnsafeRawBufferPointer) throws -> Answer) rethrows -> Answer {
        try Array(body.utf8).withUnsafeBytes { try decode($0) }
    }

    @Test("replies, §2.4.8: XML")
    func repliesXML() throws {
        let body = """
            <?xml version=1.0 encoding=utf-8?>
            <morsp>
            <result>0</result>
            <mos>
            <mo>
                <msgid>9223372045854775808</msgid>
            <mobile>13800138000</mobile>
            <spno>1000457890006</spno>
            <exno>0006</exno>
            <rtime>2016-08-04 17:38:59</rtime>
            <content>\(Self.content)</content>
            </mo>
            <mo>
                <msgid>9223372045854895809</msgid>
            <mobile>13100131000</mobile>
            <spno>1000357890006</spno>
            <exno>0006</exno>
            <rtime>2016-08-04 17:39:50</rtime>
            <content>\(Self.content)</content>
            </mo>
            </mos>
            </morsp>

            """
        #expect(
            try read(body, OperatorV2.RepliesAnswer.init(decoding:))
                == OperatorV2.RepliesAnswer(result: 0, replies: Self.replies))
    }

    @Test("replies, §2.4.8: JSON")
    func repliesJSON() throws {
        let body = """
            {
            "result":0,
            "mos": [
            {
            "msgid":9223372045854775808,
            "mobile":"13800138000",
            "spno":"1000457890006",
            "exno":"0006",
            "rtime":"2016-08-04 17:38:59",
            "content":"\(Self.content)"
            },
            {
            "msgid":9223372045854895809,
            "mobile":"13100131000",
            "spno":"1000357890006",
            "exno":"0006",
            "rtime":"2016-08-04 17:39:50",
            "content":"\(Self.content)"
            }
            ]
            }
            """
        #expect(
            try read(body, OperatorV2.RepliesAnswer.init(decoding:))
                == OperatorV2.RepliesAnswer(result: 0, replies: Self.replies))
    }

    @Test("reports, §2.5.8: XML")
    func reportsXML() throws {
        func rpt(_ id: String, _ segment: String, _ end: String) -> String {
            """
                <msgid>\(id)</msgid>
            <custid>b3d0a2783d31b21b8573</custid>
            <pknum>\(segment)</pknum>
            <pktotal>2</pktotal>
            <mobile>13800138000</mobile>
            <spno>1000457890006</spno>
            <exno>0006</exno>
            <stime>2016-08-04 17:38:55</stime>
            <rtime>2016-08-04 17:38:59</rtime>
            <status>0</status>
            <errcode>DELIVRD</errcode>
            <errdesc>success</errdesc>
            <exdata>exdata0002</exdata>
            \(end)
            """
        }
        let body = """
            <?xml version=1.0 encoding=utf-8?>
            <rptrsp>
            <result>0</result>
            <rpts>
              <rpt>
            \(rpt("9223372045854775808", "1", "</rpt>"))
            <rpt>
            \(rpt("9223372045854875809", "2", "     </rpt>"))
            </rpts>
            </rptrsp>
            """
        #expect(
            try read(body, OperatorV2.ReportsAnswer.init(decoding:))
                == OperatorV2.ReportsAnswer(result: 0, reports: Self.reports))
    }

    @Test(
        "failures of sends, §2.1.9, §2.2.9, §2.3.9",
        arguments: [
            "{\n\"result\":-100999,\n\"msgid\":0,\n\"custid\":\"\"\n}",
            """
            <?xml version=1.0 encoding=utf-8?>
            <mtrsp>
                <result>-100999</result>
            <msgid>0</msgid>
            <custid></custid>
            </mtrsp>
            """,
        ])
    func sendFailures(body: String) throws {
        #expect(
            try read(body, OperatorV2.SendAnswer.init(decoding:))
                == OperatorV2.SendAnswer(result: -100_999, firstID: 0, customID: ""))
    }

    @Test("failures of fetches, §2.4.9, §2.5.9")
    func fetchFailures() throws {
        for body in [
            "{\n\"result\":-100999,\n\"mos\":\"\"\n}",
            """
            <?xml version=1.0 encoding=utf-8?>
            <morsp>
            <result>-100999</result>
            <mos></mos>
            </morsp>
            """,
        ] {
            #expect(
                try read(body, OperatorV2.RepliesAnswer.init(decoding:))
                    == OperatorV2.RepliesAnswer(result: -100_999, replies: []))
        }
        for body in [
            "{\n\"result\":-100999,\n\"rpts\":\"\"\n}",
            """
            <?xml version=1.0 encoding=utf-8?>
            <rptrsp>
               <result>-100999</result>
               <rpts></rpts>
            </rptrsp>
            """,
        ] {
            #expect(
                try read(body, OperatorV2.ReportsAnswer.init(decoding:))
                    == OperatorV2.ReportsAnswer(result: -100_999, reports: []))
        }
    }

    @Test("balances, §2.6.8, and none, §2.6.9")
    func balances() throws {
        func json(_ result: Int, _ balance: Int) -> String {
            "{\n\"result\":\(result),\n\"chargetype\":0,\n\"balance\":\(balance),\n\"money\":\"0.000000\"\n}"
        }
        func xml(_ result: Int, _ balance: Int) -> String {
            """
            <?xml version=1.0 encoding=utf-8?>
            <feersp>
            <result>\(result)</result>
            <chargetype>0</chargetype>
            <balance>\(balance)</balance>
            <money>0.000000</money>
            </feersp>
            """
        }
        for (result, balance) in [(0, 99_885_514), (-100_999, 0)] {
            for body in [json(result, balance), xml(result, balance)] {
                #expect(
                    try read(body, OperatorV2.BalanceAnswer.init(decoding:))
                        == OperatorV2.BalanceAnswer(
                            result: result, chargeType: 0, balance: Int64(balance), money: .zero))
            }
        }
        let byMoney = #"{"result":0,"chargetype":1,"balance":0,"money":"12.345600"}"#
        #expect(
            try read(byMoney, OperatorV2.BalanceAnswer.init(decoding:))
                == OperatorV2.BalanceAnswer(
                    result: 0, chargeType: 1, balance: 0, money: Money(microYuan: 12_345_600)))
    }
}
