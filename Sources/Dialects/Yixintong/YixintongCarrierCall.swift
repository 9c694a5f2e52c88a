import Messaging

extension Yixintong {
    /// The credentials with which we call a carrier.
    public struct Login: Hashable, Sendable {
        /// `x-sp-code`.
        public var spCode: String
        /// `x-app-key`.
        public var appKey: String
        /// Never sent: it goes into `x-sign` only.
        public var appSecret: String

        /// - Parameter appSecret: the plain secret.
        public init(spCode: String, appKey: String, appSecret: String) {
            self.spCode = spCode
            self.appKey = appKey
            self.appSecret = appSecret
        }
    }

    /// What we ask of a carrier of this family.
    public enum Call: Hashable, Sendable {
        /// One content to at most 1000 recipients; its custom id is the serialNumber.
        case send(Send)
        case fetchReports
        case fetchReplies
        /// With the maxId that the query returned, verbatim.
        case confirmReplies(maxID: String)

        /// The operation that the call is sent to.
        public var operation: Operation {
            switch self {
            case .send: .send
            case .fetchReports: .fetchReports
            case .fetchReplies: .fetchReplies
            case .confirmReplies: .confirmReplies
            }
        }
    }

    /// The signed request for `call`.
    /// - Parameter requestID: one that was never used before (`RequestID.text(at:number:)`).
    public static func encodeCall(
        _ call: Call, login: Login, requestID: String, encoding: SignatureEncoding = .java
    ) -> EncodedRequest {
        let parameters = parameters(of: call)
        var writer = JSONWriter(capacity: 64 + parameters.reduce(0) { $0 + $1.value.utf8.count + 32 })
        writer.open("request")
        for (name, value) in parameters { writer.text(name, value) }
        writer.close("request")
        var credentials = Credentials(spCode: login.spCode, appKey: login.appKey, requestID: requestID)
        credentials.signature = Signature.make(
            credentials, parameters: parameters.map { Parameter("\($0.name)", $0.value) },
            appSecret: login.appSecret, encoding: encoding)
        return EncodedRequest(
            path: call.operation.path, contentType: contentType, headers: headers(of: credentials),
            body: writer.finished())
    }

    private static func headers(of credentials: Credentials) -> [EncodedRequest.Field] {
        [
            EncodedRequest.Field(HeaderName.spCode, credentials.spCode),
            EncodedRequest.Field(HeaderName.appKey, credentials.appKey),
            EncodedRequest.Field(HeaderName.requestID, credentials.requestID),
            EncodedRequest.Field(HeaderName.signature, credentials.signature),
        ]
    }

    /// In the document's order.
    private static func parameters(of call: Call) -> [(name: StaticString, value: String)] {
        switch call {
        case .send(let send):
            var list: [(name: StaticString, value: String)] = [
                ("type", "1"),
                ("userNumber", send.part.recipients.map(\.text).joined(separator: ",")),
                ("templateId", send.templateID.isEmpty ? "0" : send.templateID),
                ("messageContent", send.part.content),
            ]
            if !send.serialNumber.isEmpty { list.append(("serialNumber", send.serialNumber)) }
            if !send.part.accessExtension.isEmpty { list.append(("extendAccessNum", send.part.accessExtension)) }
            return list
        case .fetchReports, .fetchReplies: return []
        case .confirmReplies(let maxID): return [("maxId", maxID)]
        }
    }
}
