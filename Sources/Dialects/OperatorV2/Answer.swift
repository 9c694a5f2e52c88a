public import Messaging

extension OperatorV2 {
    /// What an operation that was carried out returns.
    public enum Answer: Hashable, Sendable {
        /// `msgid` is the first id, `custid` the custom id.
        case accepted(Acceptance)
        /// One entry a segment.
        case reports([CustomerReport])
        case replies([CustomerReply])
        case balance(Balance)
    }

    /// What is left: segments or micro-yuan, as the account is charged.
    public struct Balance: Hashable, Sendable {
        /// What `amount` counts.
        public var unit: ChargeUnit
        /// Segments or micro-yuan, as `unit` says; may be negative.
        public var amount: Int64

        /// - Parameter amount: segments or micro-yuan, as `unit` says.
        public init(unit: ChargeUnit, amount: Int64) {
            self.unit = unit
            self.amount = amount
        }
    }

    /// The body of a successful answer to a request in `format`.
    public static func encodeAnswer(_ answer: Answer, format: BodyFormat) -> [UInt8] {
        switch format {
        case .json, .form: write(answer, JSONWriter(capacity: capacity(for: answer)))
        case .xml: write(answer, XMLWriter(capacity: capacity(for: answer) * 2))
        }
    }

    /// The body that says why `operation` was not carried out, to a request in `format`.
    public static func encodeFailure(
        _ rejection: Rejection, of operation: Operation, format: BodyFormat
    ) -> [UInt8] {
        encodeFailure(code: resultCode(for: rejection), of: operation, format: format)
    }

    /// As `encodeFailure(_:of:format:)`, for any `result`.
    public static func encodeFailure(code: Int, of operation: Operation, format: BodyFormat) -> [UInt8] {
        switch format {
        case .json, .form: writeFailure(code, operation, JSONWriter(capacity: 96))
        case .xml: writeFailure(code, operation, XMLWriter(capacity: 192))
        }
    }

    private static func capacity(for answer: Answer) -> Int {
        switch answer {
        case .accepted, .balance: 128
        case .reports(let reports): 32 + reports.count * 340
        case .replies(let replies): 32 + replies.count * 340
        }
    }

    private static func write<Writer: RecordWriter>(_ answer: Answer, _ empty: Writer) -> [UInt8] {
        var writer = empty
        switch answer {
        case .accepted(let acceptance):
            writer.open("mtrsp")
            writer.number("result", 0)
            // Never the last key, and no blank after the colon: a widespread client rewrites it by a pattern.
            writer.number("msgid", acceptance.firstID.rawValue)
            writer.text("custid", acceptance.customID)
            writer.close("mtrsp")
        case .reports(let reports):
            writer.open("rptrsp")
            writer.number("result", 0)
            write(reports, to: &writer)
            writer.close("rptrsp")
        case .replies(let replies):
            writer.open("morsp")
            writer.number("result", 0)
            write(replies, to: &writer)
            writer.close("morsp")
        case .balance(let balance):
            writer.open("feersp")
            writer.number("result", 0)
            let isMoney = balance.unit == .money
            writer.number("chargetype", isMoney ? 1 : 0)
            writer.number("balance", isMoney ? 0 : balance.amount)
            writer.text("money", Money(microYuan: isMoney ? balance.amount : 0).description)
            writer.close("feersp")
        }
        return writer.finished()
    }

    private static func writeFailure<Writer: RecordWriter>(
        _ code: Int, _ operation: Operation, _ empty: Writer
    ) -> [UInt8] {
        var writer = empty
        let root: StaticString =
            switch operation {
            case .singleSend, .batchSend, .multiSend: "mtrsp"
            case .fetchReplies: "morsp"
            case .fetchReports: "rptrsp"
            case .balance: "feersp"
            }
        writer.open(root)
        writer.number("result", Int64(code))
        switch operation {
        case .singleSend, .batchSend, .multiSend:
            writer.number("msgid", 0)
            writer.text("custid", "")
        case .fetchReplies:
            writer.text("mos", "")
        case .fetchReports:
            writer.text("rpts", "")
        case .balance:
            writer.number("chargetype", 0)
            writer.number("balance", 0)
            writer.text("money", Money.zero.description)
        }
        writer.close(root)
        return writer.finished()
    }

    /// `rpts` in the key order of the document.
    static func write<Writer: RecordWriter>(_ reports: [CustomerReport], to writer: inout Writer) {
        writer.openList("rpts")
        for report in reports {
            writer.openItem("rpt")
            writer.number("msgid", report.id.rawValue)
            writer.text("custid", report.customID)
            writer.number("pknum", Int64(report.segmentNumber))
            writer.number("pktotal", Int64(report.segmentTotal))
            writer.text("mobile", report.mobile)
            writer.text("spno", report.accessNumber)
            writer.text("exno", report.accessExtension)
            writer.time("stime", report.submittedAt)
            writer.time("rtime", report.reportedAt)
            let isDelivered = report.status.isDelivered
            writer.number("status", isDelivered ? 0 : 1)
            writer.text("errcode", report.status.code)
            writer.text("errdesc", isDelivered ? "success" : "fail")
            writer.text("exdata", report.customData)
            writer.closeItem("rpt")
        }
        writer.closeList("rpts")
    }

    /// `mos` in the key order of the document; contents are percent-encoded UTF-8.
    /// - Parameter namesAnswered: whether `msgid` is that of the message that a reply answers, where one is known.
    static func write<Writer: RecordWriter>(
        _ replies: [CustomerReply], namesAnswered: Bool = false, to writer: inout Writer
    ) {
        writer.openList("mos")
        for reply in replies {
            writer.openItem("mo")
            let id = namesAnswered ? reply.answered ?? reply.id : reply.id
            writer.number("msgid", id.rawValue)
            writer.text("mobile", reply.mobile)
            writer.text("spno", reply.accessNumber)
            writer.text("exno", reply.accessExtension)
            writer.time("rtime", reply.receivedAt)
            writer.percentEncoded("content", Array(reply.content.utf8))
            writer.closeItem("mo")
        }
        writer.closeList("mos")
    }
}
