public import Messaging

extension ApiV1 {
    /// What we ask of a carrier of this family.
    public enum Call: Hashable, Sendable {
        /// One content to at most 3000 recipients; the part's custom id is the taskId.
        case send(Submission.Part)
        case fetchReports
        case fetchReplies
        case balance

        /// The operation that the call is sent to.
        public var operation: Operation {
            switch self {
            case .send: .send
            case .fetchReports: .fetchReports
            case .fetchReplies: .fetchReplies
            case .balance: .balance
            }
        }
    }

    /// The request for `call`, for this account and interface password.
    public static func encodeCall(_ call: Call, account: String, password: String) -> EncodedRequest {
        var capacity = 128
        if case .send(let part) = call { capacity += 160 + part.recipients.count * 14 + part.content.utf8.count * 3 }
        var writer = FormWriter(capacity: capacity)
        writer.text("account", account)
        writer.text("pwd", digest(password: password))
        if case .send(let part) = call {
            if !part.customID.isEmpty { writer.text("taskId", part.customID) }
            writer.recipients("mobiles", part.recipients)
            writer.text("content", part.content)
            if !part.accessExtension.isEmpty { writer.text("extNo", part.accessExtension) }
        }
        return EncodedRequest(
            path: call.operation.path, contentType: requestContentType, body: writer.finished())
    }
}
