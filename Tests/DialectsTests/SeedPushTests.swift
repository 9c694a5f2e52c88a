import Dialects
import Messaging
import Testing

/// The pushes of seed 002, §2.7.5 and §2.8.5, byte for byte: as they are printed, and as they leave.
///
/// Repairs: masked numbers are full ones; msgids are below 2⁶³, of as many digits; contents are percent-encoded UTF-8,
/// as table 7-2 has it, where the sample is in GBK; the stray blank and line break of §2.8.5 are left out.
struct SeedPushTests {
    private static let replies = [
        CustomerReply(
            id: MessageID(rawValue: 9_223_372_036_854_775_800), mobile: "13800138000", accessNumber: "1000457890006",
            accessExtension: "0006", receivedAt: Samples.reportedAt, content: Seed002.content),
        CustomerReply(
            id: MessageID(rawValue: 9_223_372_036_854_775_801), mobile: "13100131000", accessNumber: "1000357890006",
            accessExtension: "0006", receivedAt: Samples.reportedAt.adding(milliseconds: 51_000),
            content: Seed002.content),
    ]

    private static let mos =
        #"[{"msgid":9223372036854775800,"mobile":"13800138000","spno":"1000457890006","exno":"0006","#
        + #""rtime":"2016-08-04 17:38:59","content":"%e6%b5%8b%e8%af%95%e7%9f%ad%e4%bf%a1"},"#
        + #"{"msgid":9223372036854775801,"mobile":"13100131000","spno":"1000357890006","exno":"0006","#
        + #""rtime":"2016-08-04 17:39:50","content":"%e6%b5%8b%e8%af%95%e7%9f%ad%e4%bf%a1"}]"#

    private static let reports = [
        Samples.report(9_223_372_036_854_775_800, 1), Samples.report(9_223_372_036_854_775_801, 2),
    ]

    private static let rpts = "[" + rpt("9223372036854775800", "1") + "," + rpt("9223372036854775801", "2") + "]"

    private static func rpt(_ id: String, _ segment: String) -> String {
        #"{"msgid":\#(id),"custid":"b3d0a2783d31b21b8573","pknum":\#(segment),"pktotal":2,"#
            + #""mobile":"13800138000","spno":"1000457890006","exno":"0006","stime":"2016-08-04 17:38:55","#
            + #""rtime":"2016-08-04 17:38:59","status":0,"errcode":"DELIVRD","errdesc":"success","#
            + #""exdata":"exdata0002"}"#
    }

    private static let samples: [(OperatorV2.Push, head: String, name: String, sequence: Int64, list: String)] = [
        (.replies(replies), "&cmd=MO_REQ&seqid=1003&mos=", "mos", 1003, mos),
        (.reports(reports), "&cmd=RPT_REQ&seqid=1004&rpts=", "rpts", 1004, rpts),
    ]

    /// What the media type of a form wants of a value, by rules of its own: no `PercentCoding`.
    private static func formValue(_ text: String) -> String {
        let kept = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~".utf8)
        return text.utf8.map { byte in
            if kept.contains(byte) { return String(Unicode.Scalar(byte)) }
            return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    private func body(_ push: OperatorV2.Push, _ sequence: Int64, _ format: OperatorV2.PushFormat) -> String {
        text(
            OperatorV2.encodePush(
                push, sequence: sequence, login: Seed002.login, at: Seed002.now, format: format))
    }

    @Test("as printed")
    func printed() {
        for sample in Self.samples {
            #expect(
                body(sample.0, sample.sequence, .printedForm) == Seed002.identityForm + sample.head + sample.list)
        }
    }

    @Test("as a form, where the list is encoded like any other value")
    func form() {
        for sample in Self.samples {
            #expect(
                body(sample.0, sample.sequence, .form)
                    == Seed002.identityForm + sample.head + Self.formValue(sample.list))
        }
    }

    @Test("as JSON, where the list is a list")
    func json() {
        for sample in Self.samples {
            let command = sample.0.command.rawValue
            #expect(
                body(sample.0, sample.sequence, .json)
                    == Seed002.identityJSON.dropLast()
                    + #","cmd":"\#(command)","seqid":\#(sample.sequence),"\#(sample.name)":\#(sample.list)}"#)
        }
    }
}
