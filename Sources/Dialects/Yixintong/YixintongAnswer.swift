public import Messaging

extension Yixintong {
    /// What an operation that was carried out returns.
    public enum Answer: Hashable, Sendable {
        /// `invalid`: numbers that nothing can be sent to, as they were written; the others are accepted.
        case accepted(Acceptance, invalid: [String] = [])
        /// One entry a message.
        case reports([CustomerReport])
        /// In any order: `maxId` is the highest of their ids.
        case replies([CustomerReply])
        case confirmed

        var operation: Operation {
            switch self {
            case .accepted: .send
            case .reports: .fetchReports
            case .replies: .fetchReplies
            case .confirmed: .confirmReplies
            }
        }

        private var isEmpty: Bool {
            switch self {
            case .accepted, .confirmed: false
            case .reports(let reports): reports.isEmpty
            case .replies(let replies): replies.isEmpty
            }
        }

        /// - Parameter saysNoData: whether the account wants code 38 for an empty list.
        func code(saysNoData: Bool) -> ResultCode { isEmpty && saysNoData ? .noData : .success }
    }

    /// The body of a successful answer, its keys in the order of each operation's sample.
    ///
    /// `succ`, and `failList` in the data of a send, are not in the document; users of the family's older library read
    /// them. `failList` names the invalid numbers, with commas between them.
    /// - Parameter saysNoData: whether an empty list is answered with code 38 instead of 0.
    public static func encodeAnswer(_ answer: Answer, saysNoData: Bool = false) -> [UInt8] {
        let code = answer.code(saysNoData: saysNoData)
        // The samples of the three fetches spell it so.
        let message = code == .success && answer.operation != .send ? "ok" : code.message
        return body(answer.operation, code, message, data(of: answer))
    }

    /// The body that says why `operation` was not carried out.
    public static func encodeFailure(_ rejection: Rejection, of operation: Operation) -> [UInt8] {
        body(operation, resultCode(for: rejection), message(for: rejection), emptyData(of: operation))
    }

    /// As `encodeFailure(_:of:)`, for any code.
    public static func encodeFailure(code: ResultCode, of operation: Operation) -> [UInt8] {
        body(operation, code, code.message, emptyData(of: operation))
    }

    // MARK: Pieces

    private static func body(
        _ operation: Operation, _ code: ResultCode, _ message: String, _ data: [UInt8]
    ) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(data.count + 160)
        func appendCode() {
            output.append("\"code\":")
            output.append(integer: Int64(code.rawValue))
        }
        func appendData() {
            output.append("\"data\":")
            output.append(contentsOf: data)
        }
        output.append("{")
        switch operation {
        case .send, .fetchReports:
            appendData()
            output.append(",")
            appendCode()
        case .fetchReplies:
            appendCode()
            output.append(",")
            appendData()
        case .confirmReplies:
            appendCode()
        }
        output.append(",\"msg\":\"")
        var escaped = JSONWriter(capacity: message.utf8.count)
        escaped.escaped(message)
        output.append(contentsOf: escaped.output)
        let isSuccess = code == .success
        output.append(isSuccess ? "\",\"ok\":true,\"succ\":true}" : "\",\"ok\":false,\"succ\":false}")
        return output
    }

    private static func data(of answer: Answer) -> [UInt8] {
        switch answer {
        case .accepted(let acceptance, let invalid): data(of: acceptance, invalid: invalid)
        case .reports(let reports): data(of: reports)
        case .replies(let replies): data(of: replies)
        case .confirmed: []
        }
    }

    /// A list that is empty is one in failure, too: clients ask it for its length before they look at the code.
    private static func emptyData(of operation: Operation) -> [UInt8] {
        switch operation {
        case .send: Array("null".utf8)
        case .fetchReports: data(of: [CustomerReport]())
        case .fetchReplies: data(of: [CustomerReply]())
        case .confirmReplies: []
        }
    }

    private static func data(of acceptance: Acceptance, invalid: [String]) -> [UInt8] {
        var writer = JSONWriter(capacity: 80 + invalid.count * 16)
        writer.open("data")
        writer.begin("taskId", isText: true)
        writer.output.append(integer: acceptance.firstID.rawValue)
        writer.end("taskId", isText: true)
        writer.begin("succ", isText: false)
        writer.output.append("true")
        writer.end("succ", isText: false)
        writer.text("failList", invalid.joined(separator: ","))
        writer.close("data")
        return writer.finished()
    }

    private static func data(of reports: [CustomerReport]) -> [UInt8] {
        var writer = JSONWriter(capacity: 16 + reports.count * 96)
        writer.openBracket()
        for report in reports {
            writer.openItem("report")
            writer.text("serialNumber", serialNumber(of: report))
            writer.text("userNumber", report.mobile)
            writer.number("result", report.status.isDelivered ? 0 : 1)
            writer.closeItem("report")
        }
        writer.closeBracket()
        return writer.finished()
    }

    /// The customer's own; where it gave none, the taskId that it was answered with, as 20 digits.
    private static func serialNumber(of report: CustomerReport) -> String {
        guard report.customID.utf8.count == serialDigitsStrict,
            report.customID == Submission.madeCustomID(first: report.requestID)
        else { return report.customID }
        let digits = String(report.requestID.rawValue)
        return String(repeating: "0", count: max(0, serialDigitsStrict - digits.utf8.count)) + digits
    }

    /// `maxId` is the last entry's id, which confirms all of them; 0 when there is none.
    private static func data(of replies: [CustomerReply]) -> [UInt8] {
        var writer = JSONWriter(capacity: 64 + replies.count * 240)
        writer.open("data")
        writer.openList("apiSmsReplyBoList")
        for reply in replies {
            writer.openItem("reply")
            writer.text("callMdn", reply.accessNumber)
            writer.text("content", reply.content)
            writer.time("replyTime", reply.receivedAt)
            writer.text("userNumber", reply.mobile)
            writer.closeItem("reply")
        }
        writer.closeList("apiSmsReplyBoList")
        writer.begin("maxId", isText: true)
        writer.output.append(integer: replies.map(\.id.rawValue).max() ?? 0)
        writer.end("maxId", isText: true)
        writer.close("data")
        return writer.finished()
    }
}
