import Messaging
import Testing

@testable import Dialects

/// What is kept of a carrier's reports and replies, in every dialect.
struct CarrierBoundTests {
    /// Reads one reply and one report with these values, quoted as JSON strings are.
    struct Reader: CustomTestStringConvertible {
        var testDescription: String
        /// Content, number, extension or access number.
        var reply: @Sendable (String, String, String) throws -> [CarrierReply]
        /// Custom id or call's name, number, status.
        var report: @Sendable (String, String, String) throws -> [CarrierReport]
    }

    private static func read<T>(_ body: String, _ decode: (UnsafeRawBufferPointer) throws -> T) throws -> T {
        try Array(body.utf8).withUnsafeBytes { try decode($0) }
    }

    static let readers = [
        Reader(
            testDescription: "000",
            reply: { content, mobile, number in
                try read(
                    #"{"error":"0","callbox":[{"mobile":"\#(mobile)","content":"\#(content)","extno":"\#(number)"}]}"#
                ) {
                    try Enterprise.RepliesAnswer(decoding: $0).replies
                }
            },
            report: { id, mobile, status in
                try read(
                    #"{"error":"0","returnsms":[{"mobile":"\#(mobile)","smsid":"\#(id)","errorcode":"\#(status)"}]}"#
                ) {
                    try Enterprise.ReportsAnswer(decoding: $0).reports
                }
            }),
        Reader(
            testDescription: "001",
            reply: { content, mobile, number in
                try read(
                    #"{"code":"00","data":[{"mobile":"\#(mobile)","content":"\#(content)","extNo":"\#(number)"}]}"#
                ) {
                    try ApiV1.RepliesAnswer(decoding: $0).replies
                }
            },
            report: { id, mobile, status in
                try read(#"{"code":"00","data":[{"sendId":"\#(id)","mobile":"\#(mobile)","status":"\#(status)"}]}"#) {
                    try ApiV1.ReportsAnswer(decoding: $0).reports
                }
            }),
        Reader(
            testDescription: "001 push",
            reply: { content, mobile, number in
                try read(#"{"mobile":"\#(mobile)","content":"\#(content)","extNo":"\#(number)"}"#) {
                    try ApiV1.decodePush($0).replies
                }
            },
            report: { id, mobile, status in
                try read(#"{"sendId":"\#(id)","mobile":"\#(mobile)","status":"\#(status)"}"#) {
                    try ApiV1.decodePush($0).reports
                }
            }),
        Reader(
            testDescription: "002",
            reply: { content, mobile, number in
                try read(#"{"result":0,"mos":[{"mobile":"\#(mobile)","content":"\#(content)","spno":"\#(number)"}]}"#) {
                    try OperatorV2.RepliesAnswer(decoding: $0).replies
                }
            },
            report: { id, mobile, status in
                try read(#"{"result":0,"rpts":[{"custid":"\#(id)","mobile":"\#(mobile)","errcode":"\#(status)"}]}"#) {
                    try OperatorV2.ReportsAnswer(decoding: $0).reports
                }
            }),
        Reader(
            testDescription: "003",
            reply: { content, mobile, number in
                try read(#"[{"mobile":"\#(mobile)","content":"\#(content)","spNumber":"\#(number)"}]"#) {
                    try Guodu.decodePush($0).replies
                }
            },
            report: { id, mobile, status in
                try read(#"[{"msgId":"\#(id)","mobile":"\#(mobile)","status":"\#(status)"}]"#) {
                    try Guodu.decodePush($0).reports
                }
            }),
        Reader(
            testDescription: "004",
            reply: { content, mobile, number in
                let entry = #"{"callMdn":"\#(number)","content":"\#(content)","userNumber":"\#(mobile)"}"#
                return try read(#"{"code":0,"data":{"apiSmsReplyBoList":[\#(entry)],"maxId":"1"}}"#) {
                    try Yixintong.RepliesAnswer(decoding: $0).replies
                }
            },
            report: { id, mobile, status in
                try read(
                    #"{"code":0,"data":[{"serialNumber":"\#(id)","userNumber":"\#(mobile)","result":"\#(status)"}]}"#
                ) {
                    try Yixintong.ReportsAnswer(decoding: $0).reports
                }
            }),
    ]

    @Test(arguments: readers)
    func `fields without end are cut off`(reader: Reader) throws {
        let long = String(repeating: "7", count: 100_000)
        let reply = try #require(try reader.reply(String(repeating: "字", count: 100_000), long, long).first)
        // Whole characters: 1365 of three bytes are the most below 4096.
        #expect(reply.content == String(repeating: "字", count: 1365))
        #expect(reply.mobile.utf8.count == 32)
        #expect((reply.accessNumber + (reply.accessExtension ?? "")).utf8.count == 32)
        let report = try #require(try reader.report(long, long, "MK:" + long).first)
        #expect((report.customID + (report.carrierKey ?? "")).utf8.count == 64)
        #expect(report.mobile.utf8.count == 32)
        #expect(report.status.code.utf8.count <= 32 && report.status.isFinal && !report.status.isDelivered)
        #expect(report.detail.utf8.count <= 256)
        let usual = try #require(try reader.reply(String(repeating: "a", count: 4096), "13800138000", "1069").first)
        #expect(usual.content.utf8.count == 4096)
    }

    @Test(arguments: readers)
    func `NUL and half a pair do not make a reply unreadable`(reader: Reader) throws {
        let texts = [
            (#"a\u0000b"#, "a\u{FFFD}b"), (#"a\ud83d"#, "a\u{FFFD}"), (#"\ude00b"#, "\u{FFFD}b"),
            (#"\ud83dx\ud83d\ude00"#, "\u{FFFD}x😀"), (#"\ud83d\u0041"#, "\u{FFFD}A"), (#"a\ufffeb"#, "a\u{FFFE}b"),
        ]
        for (written, expected) in texts {
            #expect(try reader.reply(written, "13800138000", "1069").first?.content == expected, "\(written)")
        }
    }

    @Test(arguments: readers)
    func `a report that says nothing of its message says so`(reader: Reader) throws {
        let report = try #require(try reader.report("m7", "13800138000", "").first)
        #expect(report.status == .missing)
        #expect(!report.status.isFinal && !report.status.isDelivered)
        #expect((report.customID + (report.carrierKey ?? "")) == "m7")
    }

    @Test func `a status that is not there at all`() throws {
        let push = try Self.read(#"[{"msgId":"8","mobile":"1"},{"msgId":"9","mobile":"2","status":0}]"#) {
            try Guodu.decodePush($0)
        }
        #expect(push.reports.map(\.status) == [.missing, .delivered])
        let other = try Self.read(#"{"sendId":"8","mobile":"1"}"#) { try ApiV1.decodePush($0) }
        #expect(other.reports.map(\.status) == [.missing])
        let none = try Self.read(#"{"code":0,"data":[{"serialNumber":"8","userNumber":"1"}]}"#) {
            try Yixintong.ReportsAnswer(decoding: $0)
        }
        #expect(none.reports.map(\.status) == [.missing])
    }

    @Test func `a body has no more than 20,000 entries`() throws {
        func list(_ count: Int) -> String { "[" + (0..<count).map { _ in "{}" }.joined(separator: ",") + "]" }
        let most = try Self.read(#"{"result":0,"rpts":\#(list(20_000))}"#) {
            try OperatorV2.ReportsAnswer(decoding: $0)
        }
        #expect(most.reports.count == 20_000)
        let tooMany = Rejection.parameterInvalid("more than 20000 entries")
        let over = list(20_001)
        #expect(throws: tooMany) {
            try Self.read(#"{"result":0,"mos":\#(over)}"#) { try OperatorV2.RepliesAnswer(decoding: $0) }
        }
        #expect(throws: tooMany) {
            try Self.read(#"{"error":"0","returnsms":\#(over)}"#) { try Enterprise.ReportsAnswer(decoding: $0) }
        }
        #expect(throws: tooMany) {
            try Self.read(#"{"code":"00","data":\#(over)}"#) { try ApiV1.ReportsAnswer(decoding: $0) }
        }
        #expect(throws: tooMany) {
            try Self.read(#"{"code":0,"data":\#(over)}"#) { try Yixintong.ReportsAnswer(decoding: $0) }
        }
        #expect(throws: tooMany) {
            try Self.read(#"{"code":0,"data":{"apiSmsReplyBoList":\#(over)}}"#) {
                try Yixintong.RepliesAnswer(decoding: $0)
            }
        }
        let pushed = over.replacing("{}", with: #"{"sendId":"1","msgId":"1"}"#)
        #expect(throws: tooMany) { try Self.read(pushed) { try ApiV1.decodePush($0) } }
        #expect(throws: tooMany) { try Self.read(pushed) { try Guodu.decodePush($0) } }
    }

    @Test func `in XML from a carrier, references that name no character are replaced`() throws {
        let body =
            "<r><result>0</result><mos><mo><mobile>1</mobile><spno>2</spno>"
            + "<content>a&#xD83D;&#0;b</content></mo></mos></r>"
        let answer = try Self.read(body) { try OperatorV2.RepliesAnswer(decoding: $0) }
        #expect(answer.replies.map(\.content) == ["a\u{FFFD}\u{FFFD}b"])
    }

    @Test func `what XML cannot hold is replaced in answers, and they parse`() throws {
        for (text, kept) in [
            ("a\u{0}b", "a\u{FFFD}b"), ("\u{1}\u{B}\u{1F}", "\u{FFFD}\u{FFFD}\u{FFFD}"),
            ("\u{FFFE}x\u{FFFF}", "\u{FFFD}x\u{FFFD}"),
            ("\u{FFFD}\u{FFBE}\u{FFBF}！", "\u{FFFD}\u{FFBE}\u{FFBF}！"), ("\t\n\r<&>\"😀é", "\t\n\r<&>\"😀é"),
            ("\u{EFFF}\u{10FFFF}", "\u{EFFF}\u{10FFFF}"),
        ] {
            var writer = XMLWriter(capacity: 64)
            writer.open("r")
            writer.text("t", text)
            writer.close("r")
            let parsed = try writer.finished().withUnsafeBytes { raw throws(Rejection) -> String? in
                var reader = XMLReader(WireBytes(raw))
                try reader.enterRecord()
                guard try reader.nextName() != nil else { return nil }
                return try reader.value().withBytes { $0.string }
            }
            #expect(parsed == kept, "\(text.unicodeScalars.map(\.value))")
        }
    }
}
