public import Messaging

extension ApiV1 {
    /// What an operation that was carried out returns.
    public enum Answer: Hashable, Sendable {
        /// Its custom id is the `taskId`.
        case accepted(Acceptance)
        /// One entry a message.
        case reports([CustomerReport])
        /// At most 2000.
        case replies([CustomerReply])
        case balance(Balance)
    }

    /// What is left, and how the account pays.
    public struct Balance: Hashable, Sendable {
        /// What `amount` counts.
        public var unit: ChargeUnit
        /// Segments, or micro-yuan.
        public var amount: Int64
        /// `payment` of the answer: prepaid is 0, postpaid 1.
        public var payment: Account.Payment

        /// - Parameter amount: segments or micro-yuan, as `unit` says.
        public init(unit: ChargeUnit, amount: Int64, payment: Account.Payment) {
            self.unit = unit
            self.amount = amount
            self.payment = payment
        }
    }

    /// The body of a successful answer.
    public static func encodeAnswer(_ answer: Answer) -> [UInt8] {
        var writer = JSONWriter(capacity: capacity(for: answer))
        writer.open("")
        writer.text("code", success)
        switch answer {
        case .accepted(let acceptance):
            writer.openObject("data")
            writer.text("taskId", acceptance.customID)
            writer.close("")
        case .reports(let reports):
            writer.openList("data")
            for report in reports { write(report, to: &writer) }
            writer.closeList("data")
        case .replies(let replies):
            writer.openList("data")
            for reply in replies { write(reply, to: &writer) }
            writer.closeList("data")
        case .balance(let balance):
            writer.openObject("data")
            writer.literal("balance", text(of: balance))
            let isPostpaid = balance.payment == .postpaid
            writer.number("payment", isPostpaid ? 1 : 0)
            writer.text("paymentName", isPostpaid ? "后付" : "预付")
            writer.close("")
        }
        writer.text("message", words(for: success))
        writer.close("")
        return writer.finished()
    }

    /// The body that says why an operation was not carried out.
    public static func encodeFailure(_ rejection: Rejection) -> [UInt8] {
        encodeFailure(code: resultCode(for: rejection))
    }

    /// As `encodeFailure(_:)`, for any `code`.
    public static func encodeFailure(code: String) -> [UInt8] {
        var writer = JSONWriter(capacity: 64)
        writer.open("")
        writer.text("code", code)
        writer.literal("data", "null")
        writer.text("message", words(for: code))
        writer.close("")
        return writer.finished()
    }

    private static func capacity(for answer: Answer) -> Int {
        switch answer {
        case .accepted, .balance: 128
        case .reports(let reports): 48 + reports.count * 180
        case .replies(let replies): 48 + replies.count * 240
        }
    }

    private static func write(_ report: CustomerReport, to writer: inout JSONWriter) {
        writer.openItem("")
        writer.text("sendId", report.customID)
        // Not DELIVRD: clients compare literally, and the document spells it so here.
        writer.text("status", report.status.isDelivered ? "DELIVER" : report.status.code)
        writer.time("times", report.reportedAt)
        writer.text("mobile", report.mobile)
        writer.text("extNo", report.accessExtension)
        writer.closeItem("")
    }

    private static func write(_ reply: CustomerReply, to writer: inout JSONWriter) {
        writer.openItem("")
        writer.text("mobile", reply.mobile)
        writer.text("content", reply.content)
        writer.time("times", reply.receivedAt)
        writer.literal("extNo", number(ofDigits: reply.accessExtension))
        writer.closeItem("")
    }

    /// A JSON number has no zeros in front; nothing at all is 0.
    private static func number(ofDigits digits: String) -> String {
        let isNumber = digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
        let significant = digits.drop { $0 == "0" }
        return isNumber && !significant.isEmpty ? String(significant) : "0"
    }

    /// Whole segments, or yuan without the zeros at the end.
    private static func text(of balance: Balance) -> String {
        guard balance.unit == .money else { return String(balance.amount) }
        var text = Money(microYuan: balance.amount).description[...]
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text == "-0" ? "0" : String(text)
    }
}
