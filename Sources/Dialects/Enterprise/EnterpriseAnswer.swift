public import Messaging

extension Enterprise {
    /// What an operation that was carried out returns.
    public enum Answer: Hashable, Sendable {
        /// `seconds` is how long it is good for.
        case token(String, seconds: Int)
        /// `remaining`: segments that can still be sent; nil in token mode, whose answer has none.
        case accepted(Acceptance, of: Submission, remaining: Int64?)
        /// One entry a message.
        case reports([CustomerReport])
        case replies([CustomerReply])
    }

    /// The body of a successful answer.
    public static func encodeAnswer(_ answer: Answer) -> [UInt8] {
        var writer = JSONWriter(capacity: capacity(for: answer))
        writer.open("")
        switch answer {
        case .token(let token, let seconds):
            writer.text("status", "0")
            writer.text("access_token", token)
            writer.text("expires_in", String(seconds))
        case .accepted(let acceptance, let submission, let remaining):
            writer.text("code", String(ResultCode.success.rawValue))
            writer.text("taskID", String(acceptance.firstID.rawValue))
            writer.openList("messages")
            for recipient in submission.parts.lazy.flatMap(\.recipients) {
                switch recipient {
                case .number: write("提交成功", recipient, isAccepted: true, acceptance.customID, to: &writer)
                // It gets its failure report all the same.
                case .invalid: write("号码无效", recipient, isAccepted: false, acceptance.customID, to: &writer)
                }
            }
            writer.closeList("messages")
            if let remaining { writer.text("remainpoint", String(remaining)) }
        case .reports(let reports):
            writeHead(.success, ResultCode.success.text, to: &writer)
            writer.openList("returnsms")
            for report in reports { write(report, to: &writer) }
            writer.closeList("returnsms")
        case .replies(let replies):
            writeHead(.success, ResultCode.success.text, to: &writer)
            writer.openList("callbox")
            for reply in replies { write(reply, to: &writer) }
            writer.closeList("callbox")
        }
        writer.close("")
        return writer.output
    }

    /// The body that says why `operation` was not carried out.
    /// - Parameter named: the numbers of a send; each gets an entry.
    public static func encodeFailure(
        _ rejection: Rejection, of operation: Operation, named: Named = Named()
    ) -> [UInt8] {
        if operation == .token { return encodeTokenFailure(tokenError(for: rejection)) }
        return encodeFailure(
            code: String(resultCode(for: rejection).rawValue), words: words(for: rejection), of: operation,
            named: named)
    }

    /// As `encodeFailure(_:of:named:)`, for any code and words; those of a token request are its error's name.
    public static func encodeFailure(
        code: String, words: String, of operation: Operation, named: Named = Named()
    ) -> [UInt8] {
        var writer = JSONWriter(capacity: 128 + named.recipients.count * 96)
        switch operation {
        case .token: return encodeTokenFailure(words)
        case .send:
            writer.open("")
            writer.text("code", code)
            writer.text("taskID", "")
            writer.openList("messages")
            for recipient in named.recipients.isEmpty ? [.invalid("")] : named.recipients {
                write(words, recipient, isAccepted: false, named.customID, to: &writer)
            }
            writer.closeList("messages")
        case .fetchReports, .fetchReplies:
            writer.open("")
            writer.text("error", code)
            writer.text("remark", words)
            let list: StaticString = operation == .fetchReports ? "returnsms" : "callbox"
            writer.openList(list)
            writer.closeList(list)
        }
        writer.close("")
        return writer.output
    }

    private static func encodeTokenFailure(_ error: String) -> [UInt8] {
        var writer = JSONWriter(capacity: 64)
        writer.open("")
        writer.text("status", "1")
        writer.text("error", error)
        writer.close("")
        return writer.output
    }

    private static func capacity(for answer: Answer) -> Int {
        switch answer {
        case .token: 160
        case .accepted(_, let submission, _): 96 + submission.recipientCount * 128
        case .reports(let reports): 64 + reports.count * 220
        case .replies(let replies): 64 + replies.count * 320
        }
    }

    private static func writeHead(_ code: ResultCode, _ remark: String, to writer: inout JSONWriter) {
        writer.text("error", String(code.rawValue))
        writer.text("remark", remark)
    }

    /// An entry of `messages`, in the key order of the document. `Faild` is the document's spelling.
    private static func write(
        _ words: String, _ recipient: Recipient, isAccepted: Bool, _ customID: String, to writer: inout JSONWriter
    ) {
        writer.openItem("")
        writer.text("message", words)
        writer.text("mobile", recipient.text)
        writer.text("returnstatus", isAccepted ? "Success" : "Faild")
        writer.text("smsid", customID)
        writer.closeItem("")
    }

    /// An entry of `returnsms`, in the key order of the document.
    private static func write(_ report: CustomerReport, to writer: inout JSONWriter) {
        writer.openItem("")
        writer.text("mobile", report.mobile)
        writer.text("taskid", String(report.requestID.rawValue))
        writer.text("status", report.status.isDelivered ? "10" : "20")
        writer.time("receivetime", report.reportedAt)
        writer.text("errorcode", report.status.code)
        writer.text("extno", report.accessExtension)
        writer.text("smsid", report.customID)
        writer.closeItem("")
    }

    /// An entry of `callbox`, in the key order of the document. A reply answers no batch: `taskid` is its own id.
    private static func write(_ reply: CustomerReply, to writer: inout JSONWriter) {
        writer.openItem("")
        writer.text("mobile", reply.mobile)
        writer.text("taskid", String(reply.id.rawValue))
        writer.text("content", reply.content)
        writer.time("receivetime", reply.receivedAt)
        writer.text("extno", reply.accessExtension)
        writer.closeItem("")
    }
}
